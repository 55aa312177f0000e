"""Starting and stopping what stands in a tree, as its Dockerfile says (container.py does the confining)."""

import base64
import hashlib
import json
import re
import selectors
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

from conftest import ROOT
from dockerfile import Image

TOKEN = "a-token-of-the-tests"
WORKER_SETTINGS = {
    "MECAPY_ADDR": "127.0.0.1:0",
    "MECAPY_WORKER_TOKEN_SHA256": hashlib.sha256(TOKEN.encode()).hexdigest(),
    "MECAPY_WORKER_SLOTS": "2",
}
#: A debug build on a machine that builds something else meanwhile, seconds.
STARTS_WITHIN = 90
STOPS_WITHIN = 40

SERVER = Image.read(ROOT / "server/Dockerfile")
WORKER = Image.read(ROOT / "worker/Dockerfile")
PROFILE = ROOT / "deploy/seccomp/mecapy-worker.json"


@dataclass
class Container:
    url: str
    process: subprocess.Popen[str]

    def get(self, path: str) -> tuple[int, bytes]:
        return ask(urllib.request.Request(self.url + path))

    def post(self, path: str, body: object, **headers: str) -> tuple[int, Any]:
        data = json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, {"Content-Type": "application/json", **headers})
        status, answer = ask(request)
        return status, json.loads(answer)

    def first_process(self) -> int:
        """The number, on this machine, of the first process inside."""
        pid = self.process.pid
        return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])


def ask(request: urllib.request.Request) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def command(tree: Path, image: Image, program: list[str], settings: dict[str, str], *options: str) -> list[str]:
    """The command that starts a program in a tree with the image's user and environment."""
    pairs = [f"--env={name}={value}" for name, value in (image.environment | settings).items()]
    runner = [sys.executable, str(ROOT / "deploy/tests/container.py"), str(tree)]
    return [*runner, f"--user={image.user.split(':')[0]}", *pairs, *options, "--", *program]


@contextmanager
def started(tree: Path, image: Image, says: str, settings: dict[str, str], *options: str) -> Iterator[Container]:
    """The image's own program, once it said where it listens; ended in order afterwards."""
    program = [*image.entrypoint, *image.command]
    with subprocess.Popen(
        command(tree, image, program, settings, *options), stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            address = first_match(process, says)
            url = address if address.startswith("http") else f"http://{address}"
            yield Container(url, process)
            process.terminate()
            assert process.wait(STOPS_WITHIN) == 0
        finally:
            process.kill()


def first_match(process: subprocess.Popen[str], pattern: str) -> str:
    assert process.stdout is not None
    until = time.monotonic() + STARTS_WITHIN
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while selector.select(max(0.0, until - time.monotonic())):
            line = process.stdout.readline()
            if not line:
                raise AssertionError(f"it ended with {process.wait()} before it listened")
            if found := re.search(pattern, line):
                return found[1]
    raise AssertionError(f"it did not say {pattern} within {STARTS_WITHIN} s")


def worker(tree: Path, *options: str, **settings: str) -> Any:
    return started(tree, WORKER, r"^listening on (\S+)", WORKER_SETTINGS | settings, *options)


def server(tree: Path, *options: str, **settings: str) -> Any:
    return started(tree, SERVER, r"MecaPy is ready: (\S+)", settings, *options)


def execute(container: Container, code: str, inputs: dict[str, object]) -> tuple[int, Any]:
    """One run, as a dispatcher sends it and a caller of plain JSON reads it: again while the worker has no process."""
    body = {"run_id": "r1", "code": base64.b64encode(code.encode()).decode(), "inputs": inputs}
    headers = {"Authorization": f"Bearer {TOKEN}", "Accept": "application/json"}
    until = time.monotonic() + STARTS_WITHIN
    while True:
        status, answer = container.post("/execute", body, **headers)
        if status != HTTPStatus.SERVICE_UNAVAILABLE or time.monotonic() > until:
            return status, answer
        time.sleep(0.2)
