"""Where things stand, and the images' file trees, made once by the scripts that the Dockerfiles call."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def binaries() -> Path:
    """The folder of the programs that the build left; named by scripts/test."""
    return Path(os.environ["MECAPY_WORKER_BIN"]).parent


@pytest.fixture(scope="session")
def environment() -> Path:
    """The virtual environment of the calculations."""
    return Path(os.environ.get("MECAPY_WORKER_PYTHON", ROOT / ".venv/worker/bin/python")).parents[1]


@pytest.fixture(scope="session")
def server_tree(tmp_path_factory: pytest.TempPathFactory, binaries: Path) -> Path:
    site = os.environ.get("MECAPY_SITE_DIR", str(ROOT / "target/site-dev"))
    return made(tmp_path_factory, "server", str(binaries), site)


@pytest.fixture(scope="session")
def worker_tree(tmp_path_factory: pytest.TempPathFactory, binaries: Path, environment: Path) -> Path:
    return made(tmp_path_factory, "worker", str(binaries), str(environment))


@pytest.fixture
def services(binaries: Path) -> Iterator[dict[str, str]]:
    """PostgreSQL, Redis and S3 on ports of their own: the settings by which a server finds them."""
    with subprocess.Popen(
        [binaries / "mecapy-testbed"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout and process.stdin
        # The services write what they do there too.
        lines = iter(process.stdout.readline, "ready\n")
        yield dict(found.groups() for line in lines if (found := re.fullmatch(r"([A-Z0-9_]+)=(.*)\n", line)))
        process.stdin.close()


def made(folders: pytest.TempPathFactory, name: str, *arguments: str) -> Path:
    tree = folders.mktemp("image") / name
    script = ROOT / "deploy/image-tree" / name
    subprocess.run([script, tree, *arguments], check=True, timeout=300)
    return tree


def tool(name: str) -> str:
    """A program of the environment that these tests run in."""
    return str(Path(sys.executable).with_name(name))
