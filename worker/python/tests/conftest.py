"""Runs calculations as the worker does: one forked process each, its messages and its output read back."""

from __future__ import annotations

import importlib
import json
import os
import struct
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import pytest

import mecapy_runner


@dataclass
class Outcome:
    kind: str = ""
    payload: str = ""
    notes: list[str] = field(default_factory=list)
    progress: list[tuple[float, str]] = field(default_factory=list)
    figures: list[tuple[int, str, bytes]] = field(default_factory=list)
    stdout: str = ""
    stderr: str = ""
    messages: list[str] = field(default_factory=list)

    @property
    def result(self) -> Any:
        assert self.kind == "result", self.payload
        return json.loads(self.payload)

    @property
    def error(self) -> dict[str, Any]:
        assert self.kind == "error", self.payload
        error: dict[str, Any] = json.loads(self.payload)
        assert set(error) == {"kind", "message", "line", "traceback"}
        return error

    def take(self, kind: str, payload: bytes) -> None:
        self.messages.append(kind)
        if kind == "log":
            self.notes.append(json.loads(payload)["text"])
        elif kind == "progress":
            said = json.loads(payload)
            self.progress.append((said["fraction"], said["message"]))
        elif kind == "figure":
            index, png = struct.unpack(">IB", payload[:5])
            self.figures.append((index, "png" if png else "svg", payload[5:]))
        else:
            assert self.kind == "", "a run ends once"
            self.kind, self.payload = kind, payload.decode()


FILTERS_OF_PRELOAD: list[Any] = []


class Run(Protocol):
    def __call__(
        self, code: str, inputs: Any = None, *, before: Callable[[], None] = ..., **limits: Any
    ) -> Outcome: ...


@pytest.fixture(scope="session", autouse=True)
def preloaded() -> None:
    before = list(warnings.filters)
    mecapy_runner.preload()
    FILTERS_OF_PRELOAD.extend(one for one in warnings.filters if one not in before)


@pytest.fixture
def run() -> Run:
    return run_in_fork


def nothing() -> None:
    pass


def use_filters_of_python() -> None:
    """Undo what pytest does with warnings, which a run does not have."""
    importlib.reload(warnings)
    warnings.resetwarnings()
    for category in (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning):
        warnings.simplefilter("ignore", category)
    warnings.filters[:0] = FILTERS_OF_PRELOAD  # type: ignore[index]


def run_in_fork(
    code: str, inputs: Any = None, *, before: Callable[[], None] = nothing, **limits: Any
) -> Outcome:
    """Runs the code; `before` is called in the process first. Inputs that are text are sent as they are."""
    text = inputs if isinstance(inputs, str) else json.dumps(inputs or {})
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, tempfile.TemporaryFile() as said:
        child = os.fork()
        if child == 0:
            os.dup2(out.fileno(), 1)
            os.dup2(err.fileno(), 2)

            def emit(kind: str, payload: bytes) -> None:
                os.write(said.fileno(), struct.pack(">10sI", kind.encode(), len(payload)) + payload)

            try:
                use_filters_of_python()
                before()
                mecapy_runner.prewarm()
                mecapy_runner.run(code, text, limits=limits, emit=emit)
            finally:
                os._exit(0)
        os.waitpid(child, 0)
        outcome = Outcome()
        said.seek(0)
        while header := said.read(14):
            kind, length = struct.unpack(">10sI", header)
            outcome.take(kind.rstrip(b"\0").decode(), said.read(length))
        for file, name in ((out, "stdout"), (err, "stderr")):
            file.seek(0)
            setattr(outcome, name, file.read().decode())
        return outcome
