"""The words between what the client does and how its bytes travel.

Every operation is a *flow*: a generator that yields steps (send this request, pause, follow this run) and is
given their outcomes. Flows do no input or output, so the same ones serve `MecaPy` and `AsyncMecaPy`: only the
two drivers in `_transport` know a socket, and a test can play the server by hand.
"""

from __future__ import annotations

import json
import time
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from ._errors import TimeoutError

if TYPE_CHECKING:
    from ._story import Story

JSON = "application/json"
TYPED_JSON = "application/vnd.mecapy.typed+json"
_ALWAYS_REPEATABLE = ("GET", "DELETE")

T = TypeVar("T")


@dataclass(frozen=True)
class Request:
    """One HTTP request. `hold_s` is how long the server may keep it before it answers, seconds."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    hold_s: float = 0.0

    @property
    def is_repeatable(self) -> bool:
        """Whether sending it twice does the same as sending it once."""
        return self.method in _ALWAYS_REPEATABLE or "Idempotency-Key" in self.headers


@dataclass(frozen=True)
class Answer:
    """What the server said; the names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """Parse the body."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Pause:
    """Do nothing for so many seconds."""

    seconds: float


@dataclass(frozen=True)
class Follow:
    """Read the events of a run to their end."""

    story: Story


Step: TypeAlias = "Request | Pause | Follow"
Flow: TypeAlias = Generator[Step, "Answer | None", T]


class Deadline:
    """The moment at which a caller wants to wait no longer; `None` seconds is never."""

    def __init__(self, seconds: float | None) -> None:
        self._seconds = seconds
        self._at = None if seconds is None else time.monotonic() + max(seconds, 0.0)

    def left(self, at_most: float) -> float:
        """Give the seconds that are left, at most so many."""
        return at_most if self._at is None else min(max(self._at - time.monotonic(), 0.0), at_most)

    def check(self, run_id: str | None) -> None:
        """Raise `TimeoutError` when the time is over."""
        if self._at is not None and time.monotonic() >= self._at:
            what = "The run" if run_id is None else f"Run {run_id}"
            raise TimeoutError(
                f"{what} did not end within {self._seconds:g} s and goes on. Wait longer with run.wait(), "
                "or stop it with run.cancel().",
                run_id=run_id,
            )
