"""What a person sees in the terminal: a run while it happens, and its result."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from types import TracebackType
from typing import Any, TextIO

from .._chart import Chart
from .._events import AttemptEvent, FinishedEvent, LogEvent, ProgressEvent, RequeuedEvent, RunEvent
from .._figure import Figure
from .._progress import _TerminalProgress
from .._quantity import Q
from .._table import Table


class Watcher:
    """Writes what a run prints as it comes, and how far it is to standard error."""

    def __init__(self, log: TextIO) -> None:
        self._log = log
        self._bar = _TerminalProgress()
        self._has_bar = False
        self._shown = False

    def __enter__(self) -> Watcher:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._end_bar()

    def take(self, event: RunEvent) -> None:
        """Show one event."""
        if isinstance(event, LogEvent):
            self._end_bar()
            self._log.write(event.text)
            self._log.flush()
            self._shown = True
        elif isinstance(event, ProgressEvent):
            self._bar(event.fraction, event.message)
            self._has_bar = event.fraction < 1.0 and sys.stderr.isatty()
        elif isinstance(event, RequeuedEvent):
            self._say(f"The attempt was lost ({event.reason}); the run waits again.")
        elif isinstance(event, AttemptEvent) and self._shown:
            self._say("A new attempt begins; what was printed so far belongs to the one before.")
        elif isinstance(event, FinishedEvent):
            self._end_bar()

    def _say(self, text: str) -> None:
        self._end_bar()
        print(text, file=sys.stderr)

    def _end_bar(self) -> None:
        if self._has_bar:
            sys.stderr.write("\n")
            sys.stderr.flush()
        self._has_bar = False


def print_result(result: Any) -> None:
    """Print a decoded result for a person: one name and value a line, tables below their name."""
    print("\n".join(_lines(result, "")))


def _lines(value: Any, name: str) -> list[str]:
    if isinstance(value, Mapping):
        width = max((len(str(key)) for key in value), default=0)
        lines = []
        for key, inner in value.items():
            label = f"{name}{str(key).ljust(width)}"
            shown = _one(inner)
            if shown is None:
                lines += [f"{name}{key}:", *("  " + line for line in _lines(inner, ""))]
            else:
                lines.append(f"{label}  {shown}")
        return lines
    if isinstance(value, Table):
        return str(value).splitlines()
    shown = _one(value)
    return [repr(value) if shown is None else shown]


def _one(value: Any) -> str | None:
    """Give a value as one line, or `None` when it takes several."""
    if isinstance(value, Mapping | Table):
        return None
    if isinstance(value, Figure):
        return f"figure {value.title!r}, {value.format.upper()}; it is on the run's page"
    if isinstance(value, Chart):
        return repr(value)
    if isinstance(value, str | Q):
        return str(value)
    text = repr(value)
    return text if "\n" not in text else " ".join(text.split())
