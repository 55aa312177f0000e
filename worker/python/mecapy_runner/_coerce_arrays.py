"""Arrays and tables: lists of numbers as numpy arrays, columns and rows as pandas frames."""

from __future__ import annotations

import typing
from typing import Any

import numpy as np
import pandas as pd

from ._coerce_scalars import refusal
from ._failure import Failure


def to_array(value: Any, arguments: tuple[Any, ...], path: str) -> np.ndarray:
    """Make an array of floats, unless the annotation names another type: JSON's 1 and 1.0 mean the same."""
    wanted = typing.get_args(arguments[-1])[0] if arguments and typing.get_args(arguments[-1]) else np.float64
    dtype = wanted if isinstance(wanted, type) and wanted is not np.generic else np.float64
    if not isinstance(value, list):
        raise refusal(path, value, "a list", "Write values in brackets, for example [1, 2, 3].")
    _check_numbers(value, path)
    try:
        exact: np.ndarray = np.array(value)
        array: np.ndarray = exact.astype(dtype)
    except (ValueError, TypeError, OverflowError):
        raise refusal(
            path, value, "an array", "Write rows of equal length, for example [[1, 2], [3, 4]]."
        ) from None
    if array.dtype.kind in "iu" and exact.size and not np.array_equal(array, exact):
        raise refusal(path, value, "an array of whole numbers", "Write digits without a point.")
    return array


def _check_numbers(values: list[Any], path: str) -> None:
    kinds = set(map(type, values))
    if kinds <= {int, float}:
        return
    for at, item in enumerate(values):
        if isinstance(item, list):
            _check_numbers(item, f"{path}[{at}]")
        elif isinstance(item, bool) or not isinstance(item, int | float):
            raise refusal(f"{path}[{at}]", item, "a number", "Write digits, for example 40 or 4e1.")


def to_frame(value: Any, kind: type[pd.DataFrame | pd.Series], path: str) -> Any:
    """Make a frame from columns by name, from one object per row, or from a table of the result encoding."""
    data = value
    if isinstance(value, dict) and value.get("$type") == "table":
        names = [column.get("name") for column in value.get("columns", [])]
        data = dict(zip(names, value.get("data", []), strict=False))
    if not isinstance(data, list | dict):
        raise refusal(path, value, "a table", 'Write columns, for example {"load": [10, 20]}.')
    try:
        return kind(data)
    except (TypeError, ValueError) as problem:
        raise Failure("invalid_inputs", f"{path} is no table: {problem}") from problem
