"""Following a run by server-sent events, across connections that are cut."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ._errors import ConnectionError
from ._events import FinishedEvent, RunEvent, read_event
from ._exchange import Answer, Deadline, Request
from ._problems import FIRST_REFUSAL, problem
from ._retries import DEFAULT_RETRIES, backoff

# The server says at least a comment every 15 s.
_SILENCE_S = 45.0
# With a deadline in sight, how exactly it is kept.
_PRECISION_S = 1.0
_LOOK_UP_S = 10.0
_COME_BACK = (429, 502, 503, 504)


class Story:
    """What is known of one run's stream: where to begin it again, and whether it is at its end.

    A driver opens `request()`, tells `opened` how it was answered, gives `feed` every piece of the body, and
    calls `cut` when the body ended: until `ended`.
    """

    def __init__(self, run_id: str, deadline: Deadline | None = None) -> None:
        self.run_id = run_id
        self.ended = False
        self._deadline = deadline
        self._after = 0
        self._empty_streams = 0
        self._patience = _SILENCE_S
        self._parser = _Parser()

    def request(self) -> Request:
        """Give the request for the events that are not known yet. Raises `TimeoutError`."""
        if self._deadline is not None:
            self._deadline.check(self.run_id)
            self._patience = self._deadline.left(_LOOK_UP_S)
        self._parser = _Parser()
        headers = {"Accept": "text/event-stream", "Cache-Control": "no-store"}
        if self._after:
            headers["Last-Event-ID"] = str(self._after)
        return Request("GET", f"/api/runs/{self.run_id}/events", headers=headers)

    @property
    def patience_s(self) -> float:
        """How long a piece of the stream may take, seconds."""
        return self._patience

    def opened(self, answer: Answer) -> bool:
        """Take note of the head of the answer. Gives whether there is a stream; raises what is final."""
        if answer.status < FIRST_REFUSAL:
            return True
        if answer.status in _COME_BACK and self._empty_streams < DEFAULT_RETRIES:
            return False
        raise problem(answer)

    def feed(self, piece: bytes) -> Iterator[RunEvent]:
        """Take a piece of the stream and give the events that it completes."""
        for data in self._parser.feed(piece):
            event = read_event(json.loads(data))
            if event.seq <= self._after:
                continue
            self._after = event.seq
            self._empty_streams = 0
            self.ended = isinstance(event, FinishedEvent)
            yield event

    def wants_to_look_up(self) -> bool:
        """Tell whether the stream is to be opened anew so that the deadline is kept."""
        if self._deadline is None or self.ended:
            return False
        return self._deadline.left(self._patience) < self._patience - _PRECISION_S

    def cut(self, error: ConnectionError | None, *, silent: bool = False) -> float:
        """Take note that the stream broke off, or was silent for `patience_s`; give the seconds to wait.

        Raises when it broke off again and again without a new event in between.
        """
        if silent and self._deadline is not None:
            return 0.0
        self._empty_streams += 1
        if self._empty_streams > DEFAULT_RETRIES:
            raise error or ConnectionError(
                f"The server ends the stream of run {self.run_id} again and again. Try again later.",
                sent=True,
            )
        return backoff(self._empty_streams - 1)


class _Parser:
    """Server-sent events from pieces of a stream: gives the data of each event."""

    def __init__(self) -> None:
        self._rest = b""
        self._data: list[str] = []

    def feed(self, piece: bytes) -> Iterator[str]:
        lines = (self._rest + piece).split(b"\n")
        self._rest = lines.pop()
        for line in lines:
            text = line.rstrip(b"\r").decode()
            if text.startswith("data:"):
                self._data.append(text[5:].removeprefix(" "))
            elif not text and self._data:
                yield "\n".join(self._data)
                self._data = []
