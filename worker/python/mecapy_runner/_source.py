"""The author's code as a module named `calculation`, shown in tracebacks as calculation.py."""

from __future__ import annotations

import linecache
import sys
import types
from collections.abc import Callable
from typing import Any

import numpy
import pandas
import scipy

from ._failure import Failure, a

FILE_NAME = "calculation.py"
MODULE_NAME = "calculation"

_BOUND_BY_NAME = {"numpy": numpy, "scipy": scipy, "pandas": pandas}


def compile_source(code: str) -> types.CodeType:
    """Compile the code, and let tracebacks show its lines. Raises what `compile` raises."""
    # No modification time: linecache then keeps the lines although no such file exists.
    linecache.cache[FILE_NAME] = (len(code), None, code.splitlines(keepends=True), FILE_NAME)
    return compile(code, FILE_NAME, "exec", dont_inherit=True)


def execute_source(compiled: types.CodeType) -> types.ModuleType:
    """Run the module's own statements, with numpy, scipy and pandas bound by name."""
    module = types.ModuleType(MODULE_NAME)
    module.__dict__.update(_BOUND_BY_NAME, __file__=FILE_NAME)
    # Dataclasses, pickle and annotations written as text look their module up here.
    sys.modules[MODULE_NAME] = module
    exec(compiled, module.__dict__)
    return module


def find_calculate(module: types.ModuleType) -> Callable[..., Any]:
    """Give the function that the run calls."""
    found = module.__dict__.get("calculate")
    if found is None:
        raise Failure(
            "missing_calculate",
            "No function called calculate. Add one: its parameters become the inputs.",
        )
    if not callable(found):
        raise Failure(
            "missing_calculate",
            f"calculate is {a(type(found).__name__)}, not a function. "
            "Write def calculate(…): its parameters become the inputs.",
        )
    return found  # type: ignore[no-any-return]
