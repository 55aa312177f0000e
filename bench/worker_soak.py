#!/usr/bin/env python3
"""Ten thousand runs in a row must leave nothing behind: counts before and after, and compares.

    bench/worker_soak.py [--runs 10000] [--binary …] [--python …]

Every tenth run misbehaves: it crashes, is stopped, floods its output, or leaves threads and files. Ends with an error
when processes, mounts, files in the folders for temporary files, or descriptors of the worker have grown.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import sys
import threading
import time

from worker import RUNS, SLOTS, Client, Worker, descendants

BAD = [
    "import os\ndef calculate():\n    os._exit(3)",
    "import ctypes\ndef calculate():\n    ctypes.string_at(0)",
    "def calculate():\n    while True: print('x' * 100_000)",
    "import threading\ndef calculate():\n    threading.Thread(target=threading.Event().wait).start()\n    return 1",
    "import tempfile\ndef calculate():\n    tempfile.mkstemp()\n    return 1",
    "import os\ndef calculate():\n    os.write(4, b'\\xff' * 100)\n    return 1",
    "def calculate():\n    return bytearray(3_000_000_000)",
]


def counted(worker: Worker) -> dict[str, int]:
    pid = worker.process.pid
    return {
        "processes below the worker": len(descendants(pid)),
        "descriptors of the worker": len(os.listdir(f"/proc/{pid}/fd")),
        "mounts": len(pathlib.Path("/proc/self/mountinfo").read_text().splitlines()),
        "files in /tmp": len(os.listdir("/tmp")),
        "files in /var/tmp": len(os.listdir("/var/tmp")),
        "memory of the worker, MB": resident_mb(pid),
    }


def resident_mb(pid: int) -> int:
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) // 1024


def settled(worker: Worker) -> dict[str, int]:
    """Counts once the pool is full and a replaced zygote has gone."""
    deadline = time.monotonic() + 30
    best = counted(worker)
    while time.monotonic() < deadline:
        time.sleep(0.5)
        if worker.full():
            now = counted(worker)
            if now["processes below the worker"] <= SLOTS + 3 and now == best:
                return now
            best = now
    return best


def work(worker: Worker, numbers: list[int], problems: list[str]) -> None:
    client = Client(worker)
    for number in numbers:
        if number % 10:
            client.run(RUNS["trivial"])
            continue
        try:
            client.run(BAD[number // 10 % len(BAD)])
        except RuntimeError:
            pass
        except Exception as problem:
            problems.append(f"run {number}: {problem}")
            client = Client(worker)


def main() -> None:
    root = pathlib.Path(__file__).resolve().parent.parent
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--binary", default=str(root / "target/release/mecapy-worker"))
    arguments.add_argument("--python", default=str(root / ".venv/worker/bin/python"))
    arguments.add_argument("--runs", type=int, default=10_000)
    given = arguments.parse_args()
    os.chdir(root)
    worker = Worker(given.binary, given.python)
    try:
        work(worker, list(range(1, 200)), [])
        before = settled(worker)
        problems: list[str] = []
        began = time.monotonic()
        threads = [
            threading.Thread(target=work, args=(worker, list(range(n, given.runs, 4)), problems)) for n in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        took = time.monotonic() - began
        after = settled(worker)
        zygotes = Client(worker)
        zygotes.connection.request("GET", "/metrics")
        metrics = zygotes.connection.getresponse().read().decode()
    finally:
        worker.stop()
    started = next(line for line in metrics.splitlines() if line.startswith("mecapy_worker_zygotes_total"))
    print(f"{given.runs} runs in {took:.0f} s ({given.runs / took:.0f}/s), {started.split()[1]} zygotes")
    grown = []
    for name, count in after.items():
        print(f"{name:<30} {before[name]:6} before {count:6} after")
        allowed = before[name] + (20 if "memory" in name else 0)
        if count > allowed:
            grown.append(name)
    if problems or grown:
        sys.exit(f"left behind: {', '.join(grown) or 'nothing'}; problems: {problems[:3]}")


if __name__ == "__main__":
    main()
