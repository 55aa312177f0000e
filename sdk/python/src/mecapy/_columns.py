"""Reading columns of values from lists, numpy arrays and pandas columns without importing either."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

Values = Iterable[Any]


def to_list(values: Values, what: str) -> list[Any]:
    """Give the values as a list of Python's own objects. Raises `TypeError` for what is no column."""
    if isinstance(values, str | bytes) or not isinstance(values, Iterable):
        raise TypeError(f"{what} takes a list of values, not {_named(values)}.")
    tolist = getattr(values, "tolist", None)
    listed = tolist() if callable(tolist) else list(values)
    if not isinstance(listed, list):
        raise TypeError(f"{what} takes a list of values, not one number.")
    return listed


def to_numbers(values: Values, what: str) -> list[float | None]:
    """Give the values as floats; `None`, NaN and infinities are gaps (`None`).

    Raises `TypeError` that names the position of what is not a number.
    """
    return [_to_number(value, what, at) for at, value in enumerate(to_list(values, what))]


def _to_number(value: Any, what: str, at: int) -> float | None:
    if type(value) is float:
        return value if math.isfinite(value) else None
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return None
    if isinstance(value, str | bytes):
        raise TypeError(f"{what}: value {at} is {_named(value)}, not a number.")
    try:
        number = float(value)
    except OverflowError:
        return None
    except (TypeError, ValueError):
        raise TypeError(f"{what}: value {at} is {_named(value)}, not a number.") from None
    return number if math.isfinite(number) else None


def _named(value: object) -> str:
    if isinstance(value, str):
        return f"the text {value[:40]!r}"
    kind = type(value).__name__
    return f"{'an' if kind[0].lower() in 'aeiou' else 'a'} {kind}"
