"""Input files: their bytes into the run's own folder, their paths into its inputs.

An input file is `{"$type": "file", "name": …, "sha256": …}` in the inputs; its bytes come beside
them, by digest.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from typing import Any

from ._failure import Failure

FOLDER = "/tmp/inputs"
"""Each file has a folder of its own in it, so that two may have one name."""


def place_files(inputs: dict[str, Any], files: Mapping[str, bytes], folder: str = FOLDER) -> None:
    """Write each file that the inputs name, once, and put its path where it was named."""
    _Placing(files, folder).members(inputs)


class _Placing:
    def __init__(self, files: Mapping[str, bytes], folder: str) -> None:
        self._files = files
        self._wanted = folder
        self._folder = ""
        self._paths: dict[tuple[str, str], str] = {}

    def members(self, container: Any) -> None:
        places = container.items() if isinstance(container, dict) else enumerate(container)
        for place, value in list(places):
            if _is_file(value):
                container[place] = self._path(value)
            elif isinstance(value, dict | list):
                self.members(value)

    def _path(self, file: dict[str, Any]) -> str:
        digest, name = file["sha256"], file["name"]
        content = self._files.get(digest)
        if content is None:
            raise Failure(
                "invalid_inputs", f"The file {name} did not come with the inputs. Send it again as a file."
            )
        path = self._paths.get((digest, name))
        if path is None:
            own = os.path.join(self._own_folder(), str(len(self._paths) + 1))
            path = os.path.join(own, os.path.basename(name))
            os.makedirs(own)
            with open(path, "xb") as written:
                written.write(content)
            self._paths[digest, name] = path
        return path

    def _own_folder(self) -> str:
        """Make the folder; where runs share /tmp, another may have taken its name."""
        if not self._folder:
            try:
                os.mkdir(self._wanted, 0o700)
                self._folder = self._wanted
            except FileExistsError:
                self._folder = tempfile.mkdtemp(prefix="inputs-", dir=os.path.dirname(self._wanted))
        return self._folder


def _is_file(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and value.get("$type") == "file"
        and isinstance(value.get("name"), str)
        and isinstance(value.get("sha256"), str)
    )
