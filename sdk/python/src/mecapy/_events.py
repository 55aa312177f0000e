"""The story of a run, one event after another."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ._timestamps import parse


@dataclass(frozen=True)
class RunEvent:
    """Something that happened to a run.

    `seq` counts from 1 without gaps, `attempt` is the try it belongs to (0 before the first), `at` the moment
    in UTC, `name` the kind of event. Kinds that a newer server adds arrive as plain `RunEvent`s: `queued` is
    one.
    """

    seq: int
    attempt: int
    at: datetime.datetime
    name: str


@dataclass(frozen=True)
class AttemptEvent(RunEvent):
    """An attempt begins. What was logged before belongs to a lost attempt."""


@dataclass(frozen=True)
class StartedEvent(RunEvent):
    """The calculation has a process: `python` is its version, `packages_hash` names its packages."""

    python: str
    packages_hash: str


@dataclass(frozen=True)
class LogEvent(RunEvent):
    """The calculation printed `text` to `stream`: `stdout`, `stderr`, or `system` for a word of MecaPy."""

    stream: str
    text: str


@dataclass(frozen=True)
class ProgressEvent(RunEvent):
    """The calculation is so far: `fraction` from 0 to 1, `message` what it does now."""

    fraction: float
    message: str


@dataclass(frozen=True)
class RequeuedEvent(RunEvent):
    """The attempt was lost through no fault of the calculation (`reason`), and the run waits again."""

    reason: str


@dataclass(frozen=True)
class FinishedEvent(RunEvent):
    """The last event: `status` is `completed`, `failed` or `cancelled`, `wall_ms` the run's time.

    `error` has `kind`, `message`, `line` and `traceback` of a failed run, otherwise it is `None`.
    """

    status: str
    error: Mapping[str, Any] | None
    wall_ms: float | None


def read_event(document: Mapping[str, Any]) -> RunEvent:
    """Make the event that a JSON object of the stream stands for."""
    name = str(document["event"])
    seq, attempt, at = int(document["seq"]), int(document["attempt"]), parse(document["at"])
    said = document.get
    if name == "attempt":
        return AttemptEvent(seq, attempt, at, name)
    if name == "started":
        return StartedEvent(seq, attempt, at, name, said("python", ""), said("packages_hash", ""))
    if name == "log":
        return LogEvent(seq, attempt, at, name, document["stream"], document["text"])
    if name == "progress":
        return ProgressEvent(seq, attempt, at, name, float(document["fraction"]), said("message", ""))
    if name == "requeued":
        return RequeuedEvent(seq, attempt, at, name, said("reason", ""))
    if name == "finished":
        return FinishedEvent(seq, attempt, at, name, document["status"], said("error"), said("wall_ms"))
    return RunEvent(seq, attempt, at, name)
