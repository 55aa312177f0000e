#!/usr/bin/env python3
"""Measures a worker: what a run costs at its HTTP face, beside a fresh interpreter in the same session.

    bench/worker.py [--binary target/release/mecapy-worker] [--python .venv/worker/bin/python] [--quick]

Needs Python 3.11, and wrk for the rates, which scripts/setup bench installs. Prints one table, and JSON with --json.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import http.client
import json
import os
import pathlib
import socket
import statistics
import subprocess
import tempfile
import time

TOKEN = "token of the measurement"
SLOTS = 8
RUNS_EACH = 500
GONE_WITHIN_S = 10
DRAWINGS = 100  # each takes many times as long as any other run
SCRIPT = pathlib.Path(__file__).resolve().parent / "worker.lua"
RUNS = {
    "trivial": "def calculate(force: float = 1000, section: float = 10):\n    return {'stress': force / section}\n",
    "numpy": (
        "import numpy as np\nfrom scipy.optimize import brentq\n"
        "def calculate(n: int = 200):\n"
        "    a = np.random.default_rng(1).random((n, n)) + n * np.eye(n)\n"
        "    x = np.linalg.solve(a, np.ones(n))\n"
        "    return {'norm': float(np.linalg.norm(x)), 'root': brentq(lambda t: t**3 - 2, 0, 2)}\n"
    ),
    "matplotlib": (
        "import numpy as np\nimport matplotlib.pyplot as plt\n"
        "def calculate():\n"
        "    x = np.linspace(0, 10, 200)\n    fig, ax = plt.subplots()\n    ax.plot(x, np.sin(x), label='sin')\n"
        "    ax.legend()\n    return {'figure': fig}\n"
    ),
}
IMPORTS = (
    "import numpy, scipy.fft, scipy.integrate, scipy.interpolate, scipy.linalg, scipy.optimize, scipy.signal, "
    "scipy.sparse.linalg, scipy.spatial, scipy.special, scipy.stats, pandas, matplotlib; "
    "matplotlib.use('Agg'); import matplotlib.pyplot"
)
FRESH = {"pass": "pass", "numpy": "import numpy", "the same imports": IMPORTS}


class Worker:
    """A worker as a child of this process."""

    def __init__(self, binary: str, python: str) -> None:
        began = time.perf_counter()
        self.process = subprocess.Popen(
            [binary],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={
                "PATH": os.environ["PATH"],
                "MECAPY_ADDR": "127.0.0.1:0",
                "MECAPY_LOG": "error",
                "MECAPY_WORKER_PYTHON": python,
                "MECAPY_WORKER_SLOTS": str(SLOTS),
                "MECAPY_WORKER_TOKEN_SHA256": hashlib.sha256(TOKEN.encode()).hexdigest(),
            },
        )
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline().rsplit(":", 1)[1])
        self.listening_s = time.perf_counter() - began
        client = Client(self)
        while not client.ready():
            time.sleep(0.002)
        self.ready_s = time.perf_counter() - began
        client.run(RUNS["trivial"])
        self.first_result_s = time.perf_counter() - began
        while not self.full():
            time.sleep(0.02)
        self.pool_full_s = time.perf_counter() - began

    def full(self) -> bool:
        return Client(self).settled()

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()


def request(code: str) -> str:
    return json.dumps({"run_id": "bench", "code": base64.b64encode(code.encode()).decode()})


class Client:
    """One kept connection."""

    def __init__(self, worker: Worker) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", worker.port, timeout=120)
        self.connection.connect()
        self.connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def run(self, code: str) -> dict:
        while True:
            self.connection.request(
                "POST",
                "/execute",
                request(code),
                {"Authorization": f"Bearer {TOKEN}", "Accept": "application/json"},
            )
            answer = self.connection.getresponse()
            finished = json.loads(answer.read())
            if answer.status != 503:
                break
            time.sleep(0.001)
        if finished.get("status") != "completed":
            raise RuntimeError(f"a run failed: {finished}")
        return finished

    def ready(self) -> bool:
        self.connection.request("GET", "/readyz")
        answer = self.connection.getresponse()
        answer.read()
        return answer.status == 200

    def settled(self) -> bool:
        """Whether the first zygote has made room for the complete one, and its pool is full."""
        self.connection.request("GET", "/metrics")
        page = self.connection.getresponse().read().decode()
        zygotes = next(line for line in page.splitlines() if line.startswith("mecapy_worker_zygotes_total "))
        return int(zygotes.split()[1]) > 1 and self.health()["ready"] >= SLOTS

    def health(self) -> dict:
        self.connection.request("GET", "/healthz")
        return json.loads(self.connection.getresponse().read())


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def timed(client: Client, code: str) -> float:
    began = time.perf_counter()
    client.run(code)
    return (time.perf_counter() - began) * 1000


def paced(worker: Worker, code: str, runs: int, per_s: float) -> list[float]:
    """One run after the other at a steady pace: what somebody who presses Run waits for."""
    client, taken = Client(worker), []
    begins = time.perf_counter()
    for n in range(runs):
        time.sleep(max(0.0, begins + n / per_s - time.perf_counter()))
        taken.append(timed(client, code))
    return taken


def loaded(worker: Worker, code: str, concurrency: int, seconds: float) -> dict[str, float]:
    """As fast as it goes, `concurrency` at a time, by wrk: times in ms, and runs per second. A failed run raises."""
    # Runs whose caller stopped in the middle hold their slots for a moment.
    while Client(worker).health()["running"]:
        time.sleep(0.01)
    with tempfile.NamedTemporaryFile("w", suffix=".json") as body:
        body.write(request(code))
        body.flush()
        output = subprocess.run(
            [
                *("wrk", "--threads", "1", "--connections", str(concurrency), "--timeout", "60s"),
                *("--duration", f"{max(1, round(seconds))}s", "--script", str(SCRIPT)),
                f"http://127.0.0.1:{worker.port}/execute",
            ],
            check=True,
            text=True,
            stdout=subprocess.PIPE,
            env={"PATH": os.environ["PATH"], "BENCH_BODY": body.name, "BENCH_TOKEN": TOKEN},
        ).stdout
    found: dict[str, float] = json.loads(output.strip().rpartition("\n")[2])
    if found["failed"]:
        raise RuntimeError(f"{found['failed']} of {found['runs']} runs failed")
    return found


def cancelled(worker: Worker) -> float:
    """Milliseconds from closing the connection of a busy run to the end of its process."""
    body = json.dumps({"code": base64.b64encode(b"def calculate():\n    print('on')\n    while True: pass").decode()})
    stream = socket.create_connection(("127.0.0.1", worker.port))
    head = f"POST /execute HTTP/1.1\r\nHost: w\r\nAuthorization: Bearer {TOKEN}\r\nAccept: application/x-ndjson\r\n"
    stream.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
    heard = b""
    while b'"on' not in heard:
        heard += stream.recv(65536)
    spent = {pid: cpu_ticks(pid) for pid in descendants(worker.process.pid)}
    time.sleep(0.3)
    busy = max(spent, key=lambda pid: cpu_ticks(pid) - spent[pid])
    stream.close()
    began = time.perf_counter()
    while os.path.exists(f"/proc/{busy}"):
        time.sleep(0.0005)
        if time.perf_counter() - began > GONE_WITHIN_S:
            raise RuntimeError(f"process {busy} lives on")
    return (time.perf_counter() - began) * 1000


def cpu_ticks(pid: int) -> int:
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()
    except OSError:
        return 0
    return int(fields[11]) + int(fields[12]) if not descendants(pid) else 0


def descendants(pid: int) -> list[int]:
    found: list[int] = []
    waiting = [pid]
    while waiting:
        for task in pathlib.Path(f"/proc/{waiting.pop()}/task").glob("*/children"):
            try:
                children = [int(child) for child in task.read_text().split()]
            except OSError:
                continue
            found += children
            waiting += children
    return found


def memory_mb(pids: list[int], field: str) -> float:
    total = 0
    for pid in pids:
        try:
            rollup = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith(field))
    return total / 1024


def fresh(python: str, code: str, times: int) -> float:
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        subprocess.run([python, "-c", code], check=True, env={"PATH": os.environ["PATH"]})
        taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken)


def main() -> None:
    root = pathlib.Path(__file__).resolve().parent.parent
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--binary", default=str(root / "target/release/mecapy-worker"))
    arguments.add_argument("--python", default=str(root / ".venv/worker/bin/python"))
    arguments.add_argument("--quick", action="store_true", help="a tenth of the runs")
    arguments.add_argument("--json", action="store_true")
    given = arguments.parse_args()
    os.chdir(root)
    share = 0.1 if given.quick else 1.0
    figures: dict[str, float] = {}

    for name, code in FRESH.items():
        figures[f"fresh python, {name}: ms"] = fresh(given.python, code, max(1, int(5 * share)))
    worker = Worker(given.binary, given.python)
    figures["start to listening: s"] = worker.listening_s
    figures["start to ready: s"] = worker.ready_s
    figures["start to first result: s"] = worker.first_result_s
    figures["start to full pool of complete processes: s"] = worker.pool_full_s
    tree = descendants(worker.process.pid)
    figures["memory, idle worker with its pool (PSS): MB"] = memory_mb([worker.process.pid, *tree], "Pss:")
    ready = [pid for pid in tree if not descendants(pid)]
    figures["memory, a ready process of its own: MB"] = memory_mb(ready, "Private_Dirty:") / max(1, len(ready))
    try:
        one = paced(worker, RUNS["trivial"], int(RUNS_EACH * share), 10)
        figures["trivial, paced 10/s, p50: ms"] = percentile(one, 0.5)
        figures["trivial, paced 10/s, p99: ms"] = percentile(one, 0.99)
        for name, code in RUNS.items():
            alone_ms = statistics.median(timed(Client(worker), code) for _ in range(5))
            for concurrency in (1, 2, 8):
                # Two processors do two at a time, so this is about the number of runs, or more.
                runs = DRAWINGS if name == "matplotlib" else RUNS_EACH
                seconds = runs * share * alone_ms / 1000 / min(2, concurrency)
                found = loaded(worker, code, concurrency, max(3, seconds))
                figures[f"{name}, {concurrency} at a time, p50: ms"] = found["p50_ms"]
                figures[f"{name}, {concurrency} at a time, p99: ms"] = found["p99_ms"]
                figures[f"{name}, {concurrency} at a time: runs/s"] = found["runs"] / found["seconds"]
        found = loaded(worker, RUNS["trivial"], SLOTS, 30 * share)
        figures["trivial, 8 at a time, sustained: runs"] = found["runs"]
        figures["trivial, 8 at a time, sustained: runs/s"] = found["runs"] / found["seconds"]
        closing = []
        for _ in range(5):
            while not worker.full():  # a process in the making works as hard as the run
                time.sleep(0.02)
            closing.append(cancelled(worker))
        figures["closing the connection to end of process, worst of 5: ms"] = max(closing)
    finally:
        worker.stop()
    ratio = figures["fresh python, the same imports: ms"] / figures["trivial, paced 10/s, p50: ms"]
    figures["fresh interpreter with the same imports / trivial run"] = ratio
    if given.json:
        print(json.dumps(figures, indent=2))
        return
    width = max(map(len, figures))
    for name, value in figures.items():
        print(f"{name:<{width}}  {value:10.2f}")


if __name__ == "__main__":
    main()
