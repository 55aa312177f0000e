"""Running a calculation in the caller's own Python, with the runner that the workers use."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
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
    import mecapy_runner

    text = inputs_json({} if inputs is None else inputs)
    try:
        encoded = mecapy_runner.run_here(code, text, note=sys.stderr.write)
    except mecapy_runner.CalculationError as error:
        raise execution_error(None, "failed", vars(error)) from error.__cause__
    return decode(json.loads(encoded))
