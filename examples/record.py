"""Runs the examples through the worker's runner and records their results: `record.py [NAME...]`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
NAMES = sorted(folder.parent.name for folder in HERE.glob("*/calculation.py"))


def described(name: str) -> dict[str, Any]:
    """Give what `example.json` says about an example."""
    return json.loads((HERE / name / "example.json").read_text(encoding="utf-8"))


def run(name: str) -> dict[str, Any]:
    """Run an example in a process of its own, as the worker does, and give its encoded result."""
    inputs = json.dumps(described(name).get("inputs", {}))
    code = HERE / name / "calculation.py"
    folders = [HERE.parent / "worker/python", HERE.parent / "sdk/python/src"]
    done = subprocess.run(
        [sys.executable, "-m", "mecapy_runner", str(code), "--inputs", inputs],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(map(str, folders))},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{name} did not complete:\n{done.stderr}")
    return json.loads(done.stdout)


def record(name: str) -> None:
    """Write the result of an example where the gallery finds it."""
    result = json.dumps(run(name), ensure_ascii=False, separators=(",", ":"))
    (HERE / name / "result.json").write_text(result + "\n", encoding="utf-8")


if __name__ == "__main__":
    for chosen in sys.argv[1:] or NAMES:
        record(chosen)
        print(chosen)
