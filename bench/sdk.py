#!/usr/bin/env python3
"""Measures the SDK against a server of its own: one calculation, many calculations, and the import.

    .venv/dev/bin/python bench/sdk.py [--json]

Uses the release build unless END2END_SERVER and MECAPY_WORKER_BIN name another one.
"""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
SDK = ROOT / "sdk" / "python"
RELEASE = ROOT / os.environ.get("CARGO_TARGET_DIR", "target") / "release"
sys.path[:0] = [str(SDK / "src"), str(SDK / "tests")]
for name, place in {
    "END2END_SERVER": RELEASE / "mecapy-server",
    "MECAPY_WORKER_BIN": RELEASE / "mecapy-worker",
    "MECAPY_WORKER_PYTHON": ROOT / ".venv/worker/bin/python",
    "MECAPY_SITE_DIR": ROOT / "target/site",
}.items():
    os.environ.setdefault(name, str(place))

from mecapy import MecaPy, Task  # noqa: E402
from support.server import running_server  # noqa: E402

STRESS = "def calculate(force: float = 1000, section: float = 10):\n    return {'stress': force / section}\n"
CALLS = 200
WARM_UP = 10
CASES = 1000
IMPORTS = 11


def main() -> None:
    """Measure, and print one line a figure or JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args()
    slots = str(os.cpu_count() or 2)
    with running_server({"MECAPY_WORKER_SLOTS": slots}) as server, MecaPy(url=server.url) as client:
        task = client.tasks.create("Stress", STRESS)
        times = executed(task)
        figures = [
            ("task.execute(), p50", statistics.median(times), "ms", "≤ 25"),
            ("task.execute(), p95", statistics.quantiles(times, n=20)[-1], "ms", ""),
            (f"client.map of {CASES} inputs", mapped(client, task), "results/s", "≥ 60"),
        ]
    figures.append(("import mecapy, median", imported("import mecapy"), "ms", "≤ 150"))
    figures.append(("from mecapy import MecaPy, median", imported("from mecapy import MecaPy"), "ms", ""))
    if options.json:
        print(json.dumps({name: {"value": round(value, 2), "unit": unit} for name, value, unit, _ in figures}))
        return
    for name, value, unit, target in figures:
        print(f"{name:58} {value:9.1f} {unit:9} {target}".rstrip())


def executed(task: Task) -> list[float]:
    """Give how long each of many calls took, milliseconds."""
    times = []
    for number in range(CALLS + WARM_UP):
        began = time.perf_counter()
        result = task.execute({"force": number, "section": 8})
        times.append(1000 * (time.perf_counter() - began))
        if result != {"stress": number / 8}:
            raise SystemExit(f"A run gave {result}.")
    return times[WARM_UP:]


def mapped(client: MecaPy, task: Task) -> float:
    """Give how many results came in a second."""
    began = time.perf_counter()
    results = client.map(task, [{"force": number, "section": 8} for number in range(CASES)], progress=False)
    took = time.perf_counter() - began
    if results != [{"stress": number / 8} for number in range(CASES)]:
        raise SystemExit("The results do not fit their inputs.")
    return CASES / took


def imported(statement: str) -> float:
    """Give how long an import takes in a fresh interpreter, milliseconds."""
    code = f"import time; t = time.perf_counter(); {statement}; print(1000 * (time.perf_counter() - t))"
    command = [sys.executable, "-c", code]
    environment = {**os.environ, "PYTHONPATH": str(SDK / "src")}
    return statistics.median(
        float(subprocess.run(command, env=environment, capture_output=True, check=True).stdout) for _ in range(IMPORTS)
    )


if __name__ == "__main__":
    main()
