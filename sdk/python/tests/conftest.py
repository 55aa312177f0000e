"""One server for all tests that do not ask for one of their own; nothing of the caller's own settings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.proxy import Proxy
from support.server import Server, running_server

from mecapy import MecaPy


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    # The receiver of the documentation's webhook is on this machine.
    with running_server({"MECAPY_WEBHOOK_PRIVATE": "1"}) as started:
        yield started


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own, and no settings of whoever runs the tests."""
    for name in ("MECAPY_URL", "MECAPY_TOKEN", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def client(server: Server) -> Iterator[MecaPy]:
    with MecaPy(url=server.url) as opened:
        yield opened


@pytest.fixture
def proxy(server: Server) -> Iterator[Proxy]:
    """A connection to the server that tests can cut."""
    with Proxy(server.url) as between:
        yield between
