"""Running a calculation in the caller's own Python, with the runner that the workers use."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from ._decode import decode
from ._encode import inputs_json
from ._modules import imported
from ._problems import execution_error

_PYTHON_NEEDED = (3, 11)
_PACKAGES = ("numpy", "scipy", "pandas")


def run_local(code: str, inputs: Mapping[str, Any] | None = None) -> Any:
    """Run a calculation in this Python, and give the result as `task.execute()` gives it.

    The code is compiled, its inputs are bound and its result is encoded by what the workers use, so a result
    differs only where the packages differ. Unlike there, breakpoints stop, printed text goes to this
    terminal, and there is no jail and no limit on time or memory: run only code that you trust.

    Python 3.11 or newer, numpy, scipy and pandas are needed, since every calculation can count on them; the
    extra `local` of this package installs them.

    Raises `ExecutionError` when the calculation fails, with the calculation's own exception as its
    `__cause__`, `ValidationError` when `inputs` cannot be written as JSON, and `ImportError` when a package
    is missing.

    >>> code = "def calculate(force, section): return {'stress': force / section}"
    >>> mecapy.run_local(code, {"force": 9, "section": 3})
    {'stress': 3.0}
    """
    if sys.version_info[:2] < _PYTHON_NEEDED:
        raise ImportError("A calculation runs in Python 3.11 or newer. Use one, or task.execute().")
    missing = [name for name in _PACKAGES if imported(name) is None]
    if missing:
        raise ImportError(
            f"A calculation can count on {', '.join(_PACKAGES)}. Install what is missing here: "
            f"pip install {' '.join(missing)}",
            name=missing[0],
        )
    from mecapy_runner import _errors as errors
    from mecapy_runner import _limits as runner_limits
    from mecapy_runner import _messages as messages
    from mecapy_runner import _run as runner

    text = inputs_json({} if inputs is None else inputs)
    limits = runner_limits.Limits(inline_figures=True)
    notes = messages.Messages(_show_note)
    with _own_module(), _own_figures():
        try:
            encoded = runner._calculate(code, text, {}, limits, notes)
        except Exception as error:
            described = json.loads(errors.error_payload(error, limits))
            cause = error.__cause__ if isinstance(error, errors.SourceError) else error
            raise execution_error(None, "failed", described) from cause
    return decode(json.loads(encoded))


def _show_note(kind: str, payload: bytes) -> None:
    if kind == "log":
        sys.stderr.write(json.loads(payload)["text"])


@contextlib.contextmanager
def _own_module() -> Iterator[None]:
    """Let the calculation be the module it is, and leave what was there under its name."""
    before = sys.modules.get("calculation")
    limit = sys.getrecursionlimit()
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)
        if before is None:
            sys.modules.pop("calculation", None)
        else:
            sys.modules["calculation"] = before


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
