"""How far a calculation is: told to the run where there is one, drawn in the terminal otherwise."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from typing import TextIO

Sink = Callable[[float, str], None]

_BAR_WIDTH = 30


def progress(fraction: float, message: str = "") -> None:
    """Say how far the calculation is.

    `fraction` goes from 0 to 1; what lies outside is taken as the nearer end, and a NaN as 0, so that a
    rounding error never ends a run. `message` is a few words on what is being done now.

    Raises `TypeError` when `fraction` is not a number.

    >>> mecapy.progress(0.4, "meshing")
    """
    try:
        value = float(fraction)
    except (TypeError, ValueError):
        kind = type(fraction).__name__
        raise TypeError(f"progress takes a fraction from 0 to 1, not a {kind}: progress(0.4)") from None
    value = 0.0 if math.isnan(value) else min(max(value, 0.0), 1.0)
    _sink(value, str(message))


def set_sink(sink: Sink | None) -> None:
    """Send progress to `sink` from now on; `None` brings the terminal back."""
    global _sink  # noqa: PLW0603
    _sink = _TerminalProgress() if sink is None else sink


class _TerminalProgress:
    """A bar that is redrawn in place on a terminal, and one line per change in a file or pipe."""

    def __init__(self) -> None:
        self._last_line = ""
        self._drawn = 0

    def __call__(self, fraction: float, message: str) -> None:
        stream = sys.stderr
        if stream is None:
            return
        line = f"{round(fraction * 100):3d} %  {message}".rstrip()
        if stream.isatty():
            self._draw(stream, fraction, line)
        elif line != self._last_line:
            print(line, file=stream, flush=True)
        self._last_line = line

    def _draw(self, stream: TextIO, fraction: float, line: str) -> None:
        full = int(fraction * _BAR_WIDTH)
        text = f"{'█' * full}{'░' * (_BAR_WIDTH - full)} {line}"
        end = "\n" if fraction >= 1.0 else ""
        stream.write("\r" + text.ljust(self._drawn) + end)
        stream.flush()
        self._drawn = 0 if end else len(text)


_sink: Sink = _TerminalProgress()
