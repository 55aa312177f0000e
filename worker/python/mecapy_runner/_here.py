"""One run in the caller's own process, which goes on afterwards: no jail, no limits of time or memory."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Callable, Iterator
from typing import Any

from ._errors import SourceError, error_payload
from ._limits import Limits
from ._messages import Messages
from ._run import calculate
from ._source import MODULE_NAME


class CalculationError(Exception):
    """The calculation ended without a result; its own exception is the `__cause__`.

    `kind`, `message`, `line` and `traceback` are those of the worker's `error`.
    """

    def __init__(self, kind: str, message: str, line: int | None, traceback: str | None) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.line = line
        self.traceback = traceback


def run_here(code: str, inputs_json: str | bytes, *, note: Callable[[str], object]) -> bytes:
    """Run one calculation in this process, and give its encoded result, figures included, as JSON.

    Environment, streams, random states and the caller's open figures stay as they are; what the
    calculation prints and its progress go where the caller's go. `note` gets each note of ours.

    Raises `CalculationError`, and what is no `Exception`, such as `KeyboardInterrupt`, as it is.
    """
    limits = Limits(inline_figures=True)

    def emit(kind: str, payload: bytes) -> None:
        if kind == "log":
            note(json.loads(payload)["text"])

    with _own_module(), _own_figures():
        try:
            return calculate(code, inputs_json, {}, limits, Messages(emit))
        except Exception as error:
            described = json.loads(error_payload(error, limits))
            cause = error.__cause__ if isinstance(error, SourceError) else error
            raise CalculationError(**described) from cause


@contextlib.contextmanager
def _own_module() -> Iterator[None]:
    """Let the calculation be the module it is, and leave what was there under its name."""
    before = sys.modules.get(MODULE_NAME)
    limit = sys.getrecursionlimit()
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)
        if before is None:
            sys.modules.pop(MODULE_NAME, None)
        else:
            sys.modules[MODULE_NAME] = before


@contextlib.contextmanager
def _own_figures() -> Iterator[None]:
    """Keep the pyplot figures that the caller has open apart from those of the calculation."""
    manager: Any = sys.modules.get("matplotlib._pylab_helpers")
    before = dict(manager.Gcf.figs) if manager else {}
    if manager:
        manager.Gcf.figs.clear()
    try:
        yield
    finally:
        manager = sys.modules.get("matplotlib._pylab_helpers")
        if manager:
            manager.Gcf.destroy_all()
            manager.Gcf.figs.update(before)
