"""PostgreSQL and Redis on ports of their own, from the system's packages, ended with the test."""

import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

STARTS_WITHIN = 60
#: PostgreSQL refuses to run as root.
NOBODY = 65534 if os.geteuid() == 0 else None


@contextmanager
def postgres() -> Iterator[str]:
    """An empty database; its address."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if NOBODY is not None:
            os.chown(folder, NOBODY, NOBODY)
        with running_cluster(folder / "data") as url:
            yield url


@contextmanager
def running_cluster(folder: Path) -> Iterator[str]:
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1]
    cluster = ["--auth=trust", "--username=mecapy", "--encoding=UTF8", "--no-sync", "--pgdata", str(folder)]
    subprocess.run(
        [programs / "initdb", *cluster], check=True, stdout=subprocess.DEVNULL, user=NOBODY, group=NOBODY, cwd="/"
    )
    port = free_port()
    settings = {"port": port, "listen_addresses": "127.0.0.1", "unix_socket_directories": "", "fsync": "off"}
    options = [f"--{name}={value}" for name, value in settings.items()]
    with running([str(programs / "postgres"), "-D", str(folder), *options], port):
        yield f"postgres://mecapy@127.0.0.1:{port}/postgres"


@contextmanager
def redis() -> Iterator[str]:
    port = free_port()
    with running(["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", ""], port):
        yield f"redis://127.0.0.1:{port}"


@contextmanager
def running(program: list[str], port: int) -> Iterator[None]:
    """A program, once it listens."""
    process = subprocess.Popen(
        program, user=NOBODY, group=NOBODY, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        until = time.monotonic() + STARTS_WITHIN
        while not listens(port):
            assert process.poll() is None and time.monotonic() < until, f"{program[0]} does not start"
            time.sleep(0.02)
        yield
    finally:
        process.kill()
        process.wait()


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
