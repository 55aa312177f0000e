"""A real server on a port and a data folder of its own, for the length of some tests."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[4]
PATIENCE_S = 60.0
_PROGRAMS = ("END2END_SERVER", "MECAPY_WORKER_BIN", "MECAPY_WORKER_PYTHON")
_FOLDERS = ("MECAPY_SITE_DIR",)


@dataclass(frozen=True)
class Server:
    """A running server: where it listens, and its data folder."""

    url: str
    data: Path
    pid: int


@contextmanager
def running_server(settings: Mapping[str, str] | None = None) -> Iterator[Server]:
    """Start a server, wait until it says that it is ready, and end it."""
    with tempfile.TemporaryDirectory(prefix="mecapy-sdk-") as folder:
        data = Path(folder)
        # Without the gallery and its first run.
        (data / "examples-made").touch()
        environment = {
            "PATH": os.environ["PATH"],
            "MECAPY_ADDR": "127.0.0.1:0",
            "MECAPY_DATA_DIR": folder,
            "MECAPY_WORKER_SLOTS": "2",
            "MECAPY_WORKER_PYTHONPATH": f"{ROOT}/worker/python:{ROOT}/sdk/python/src",
            "MECAPY_USER_NAME": "Ada",
            **{name: value for name, value in needed_from_outside().items() if name != "END2END_SERVER"},
            **(settings or {}),
        }
        log = (data / "server.log").open("wb")
        process = subprocess.Popen(
            [needed_from_outside()["END2END_SERVER"], "serve"],
            env=environment,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        try:
            _wait_until_ready(process, data / "server.log")
            url = f"http://127.0.0.1:{_listening_port(process.pid)}"
            _check_that_it_calculates(url, data / "server.log")
            yield Server(url, data, process.pid)
        finally:
            process.terminate()
            try:
                process.wait(PATIENCE_S)
            finally:
                process.kill()
                process.wait()
                if process.stdout is not None:
                    process.stdout.close()
                log.close()


def needed_from_outside() -> dict[str, str]:
    """Give the paths of what is tested. Raises where one is missing: these tests are never left out."""
    found = {}
    for name in (*_PROGRAMS, *_FOLDERS):
        value = os.environ.get(name, "")
        if not Path(value or "/nowhere").exists():
            raise RuntimeError(
                f"{name} is {value!r}. Build MecaPy, and set it to the path: see sdk/python/README.md."
            )
        found[name] = str(Path(value).absolute())
    return found


def _wait_until_ready(process: subprocess.Popen[str], log: Path) -> None:
    overdue = threading.Timer(PATIENCE_S, process.kill)
    overdue.start()
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("MecaPy is ready: "):
                break
        else:
            raise RuntimeError(f"The server did not start:\n{log.read_text(errors='replace')[-4000:]}")
    finally:
        overdue.cancel()
    # What it says later is read away, so that it never waits for us.
    threading.Thread(target=process.stdout.read, daemon=True).start()


def _check_that_it_calculates(url: str, log: Path) -> None:
    body = b'{"code": "def calculate(): return 1"}'
    request = urllib.request.Request(f"{url}/api/tasks/execute?wait=60", body, method="POST")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=PATIENCE_S + 10) as answer:
        run = json.load(answer)
    if run["status"] != "completed":
        raise RuntimeError(f"The worker does not calculate:\n{log.read_text(errors='replace')[-4000:]}")
    request = urllib.request.Request(f"{url}/api/tasks/{run['task_id']}", method="DELETE")
    opener.open(request, timeout=PATIENCE_S).close()


def _listening_port(pid: int) -> int:
    sockets = set()
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        found = re.fullmatch(r"socket:\[(\d+)]", _target(entry))
        if found:
            sockets.add(found[1])
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[3] == "0A" and fields[9] in sockets:
            return int(fields[1].split(":")[1], 16)
    raise RuntimeError("The server listens nowhere.")


def _target(entry: Path) -> str:
    try:
        return os.readlink(entry)
    except OSError:
        return ""


if __name__ == "__main__":
    with running_server() as started:
        print(started.url, flush=True)
        sys.stdin.read()
