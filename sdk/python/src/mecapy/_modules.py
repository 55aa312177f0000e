"""Packages that are used where they are installed, and never needed."""

from __future__ import annotations

import functools
import importlib
from typing import Any


@functools.cache
def imported(name: str) -> Any:
    """Give a module, or `None` where it is not installed."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def needed(name: str, for_what: str) -> Any:
    """Give a module. Raises `ImportError` that says what to install."""
    module = imported(name)
    if module is None:
        raise ImportError(
            f"{for_what} needs {name}, which is not installed here: pip install {name}", name=name
        )
    return module
