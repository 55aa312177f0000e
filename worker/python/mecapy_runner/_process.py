"""The process of one run: nothing of the worker's environment, fresh random numbers, streams that hide nothing."""

from __future__ import annotations

import io
import os
import random
import sys
import warnings

import numpy as np

from ._source import FILE_NAME

_ENVIRONMENT = {"HOME": "/tmp", "LANG": "C.UTF-8"}
_FOLDER = "/tmp"

_fresh = False


def make_fresh() -> None:
    """Give this process an environment, a folder, random states and output streams of its own, once."""
    global _fresh  # noqa: PLW0603
    if _fresh:
        return
    _fresh = True
    os.environ.clear()
    os.environ.update(_ENVIRONMENT)
    os.chdir(_FOLDER)
    sys.argv = [FILE_NAME]
    random.seed()
    np.random.seed()
    sys.stdout = sys.__stdout__ = _unbuffered(1)  # type: ignore[misc]
    sys.stderr = sys.__stderr__ = _unbuffered(2)  # type: ignore[misc]


def _forked() -> None:
    # A forked process shares the random states it was forked with, so it is not fresh any more.
    global _fresh  # noqa: PLW0603
    _fresh = False


os.register_at_fork(after_in_child=_forked)


def ignore_missing_window() -> None:
    """Let `plt.show()` pass without a warning: the figures are collected, no window is needed."""
    warnings.filterwarnings("ignore", "FigureCanvasAgg is non-interactive", UserWarning)


def _unbuffered(descriptor: int) -> io.TextIOWrapper:
    """Make a text stream that passes on at once: a run that is killed has lost nothing it printed."""
    raw = io.FileIO(descriptor, "w", closefd=False)
    return io.TextIOWrapper(
        raw,  # type: ignore[arg-type]  # CPython's own -u does the same
        encoding="utf-8",
        errors="backslashreplace",
        newline="\n",
        write_through=True,
    )
