"""The process of one run: no environment of the worker's, fresh random states, unbuffered streams.

What is the same for every run is done once, before the fork: a forked process pays for each page it touches.
"""

from __future__ import annotations

import io
import os
import random
import sys
import time

import numpy as np

from ._source import FILE_NAME

# The time zone is fixed, so that a result does not depend on where the worker stands.
_ENVIRONMENT = {
    "HOME": "/tmp",
    "LANG": "C.UTF-8",
    "MPLBACKEND": "Agg",
    # For a late import of matplotlib; an early one remembers where the worker's list of fonts is.
    "MPLCONFIGDIR": "/tmp/matplotlib",
    "TZ": "UTC",
}
_FOLDER = "/tmp"
# Of the Mersenne Twister behind numpy's and Python's random functions.
_STATE_WORDS = 624

_settled = False
_fresh = False


def settle() -> None:
    """Give this process and all it forks an environment, a folder and output streams, the same for each."""
    global _settled  # noqa: PLW0603
    if _settled:
        return
    _settled = True
    os.environ.clear()
    os.environ.update(_ENVIRONMENT)
    time.tzset()
    os.chdir(_FOLDER)
    sys.argv = [FILE_NAME]
    # Nobody answers: `input()` ends at once with an EOFError, which is explained.
    sys.stdin = sys.__stdin__ = io.StringIO()  # type: ignore[assignment,misc]
    sys.stdout = sys.__stdout__ = _unbuffered(1)  # type: ignore[misc]
    sys.stderr = sys.__stderr__ = _unbuffered(2)  # type: ignore[misc]


def make_fresh() -> None:
    """Settle this process, and give it random states of its own, once."""
    global _fresh  # noqa: PLW0603
    if _fresh:
        return
    _fresh = True
    settle()
    random.seed()
    # What numpy's own seed() does, without the SeedSequence, which takes half of a run's page faults.
    words = np.frombuffer(os.urandom(4 * _STATE_WORDS), np.uint32)
    np.random.set_state(("MT19937", words, _STATE_WORDS, 0, 0.0))


def _forked() -> None:
    # A forked process shares the random states it was forked with, so it is not fresh any more.
    global _fresh  # noqa: PLW0603
    _fresh = False


os.register_at_fork(after_in_child=_forked)


def _unbuffered(descriptor: int) -> io.TextIOWrapper:
    """Make a text stream that passes on at once: a run that is killed has lost nothing it printed."""
    raw = io.FileIO(descriptor, "w", closefd=False)
    return io.TextIOWrapper(
        raw,  # CPython's own -u does the same
        encoding="utf-8",
        errors="backslashreplace",
        newline="\n",
        write_through=True,
    )
