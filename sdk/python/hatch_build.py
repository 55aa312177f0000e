"""Puts the runner of the workers into the package, so that run_local does what they do."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

RUNNER = "mecapy_runner"


class RunnerHook(BuildHookInterface):
    """Takes the runner from the worker's sources, or from beside this file in a source distribution."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the runner's folder to what is built."""
        here = Path(self.root)
        for folder in (here.parents[1] / "worker" / "python" / RUNNER, here / RUNNER):
            if folder.is_dir():
                build_data["force_include"][str(folder)] = RUNNER
                if version == "editable":
                    build_data["force_include_editable"][str(folder)] = RUNNER
                return
        raise FileNotFoundError(f"The folder {RUNNER} is neither in worker/python nor beside hatch_build.py.")
