"""The process of one run: no environment of the worker's, fresh random states, unbuffered streams."""

from __future__ import annotations

import io
import os
import random
import sys
import time

import numpy as np

from ._source import FILE_NAME

# The time zone is fixed, so that a result does not depend on where the worker stands.
_ENVIRONMENT = {"HOME": "/tmp", "LANG": "C.UTF-8", "MPLBACKEND": "Agg", "TZ": "UTC"}
# Where the fonts are listed already; without it a late import of matplotlib searches them again.
_KEPT = ("MPLCONFIGDIR",)
_FOLDER = "/tmp"

_fresh = False


def make_fresh() -> None:
    """Give this process an environment, a folder, random states and output streams of its own, once."""
    global _fresh  # noqa: PLW0603
    if _fresh:
        return
    _fresh = True
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    os.environ.clear()
    os.environ.update(_ENVIRONMENT | kept)
    time.tzset()
    os.chdir(_FOLDER)
    sys.argv = [FILE_NAME]
    random.seed()
    np.random.seed()
    # Nobody answers: `input()` ends at once with an EOFError, which is explained.
    sys.stdin = sys.__stdin__ = io.StringIO()  # type: ignore[assignment,misc]
    sys.stdout = sys.__stdout__ = _unbuffered(1)  # type: ignore[misc]
    sys.stderr = sys.__stderr__ = _unbuffered(2)  # type: ignore[misc]


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
