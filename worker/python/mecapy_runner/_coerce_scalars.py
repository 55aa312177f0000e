"""Single values: numbers, texts, truth, dates. Also the words in which an input is refused."""

from __future__ import annotations

import datetime
import decimal
import fractions
import json
import math
import numbers
import pathlib
from collections.abc import Callable
from typing import Any

from ._failure import Failure

Coercer = Callable[[Any, str], Any]

_SHOWN = 60


def described(value: Any) -> str:
    """Name a JSON value the way its author would: `"4o"`, a list, null."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    shown = json.dumps(value, ensure_ascii=False, default=repr)
    return shown if len(shown) <= _SHOWN else shown[:_SHOWN] + "…"


def refusal(path: str, value: Any, wanted: str, advice: str) -> Failure:
    """Say that an input is not what its annotation asks for, and what to write."""
    return Failure("invalid_inputs", f"{path} is {described(value)}, which is not {wanted}. {advice}")


def _float(value: Any, path: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise refusal(path, value, "a number", "Write digits, for example 40 or 4e1.")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if math.isinf(number):
        raise refusal(path, value, "a number that fits", "Write a number below 1.8e308.")
    return number


def _int(value: Any, path: str) -> int:
    whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    if isinstance(value, bool) or not whole:
        raise refusal(path, value, "a whole number", "Write digits without a point, for example 4.")
    return int(value)


def _bool(value: Any, path: str) -> bool:
    if not isinstance(value, bool):
        raise refusal(path, value, "true or false", "Write true or false.")
    return value


def _str(value: Any, path: str) -> str:
    if not isinstance(value, str):
        raise refusal(path, value, "a text", 'Write it in quotes, for example "steel".')
    return value


def _complex(value: Any, path: str) -> complex:
    if isinstance(value, dict) and value.get("$type") == "complex":
        return complex(_float(value.get("re"), f"{path}.re"), _float(value.get("im"), f"{path}.im"))
    return complex(_float(value, path))


def _from_text(read: Callable[[str], Any], wanted: str, example: str) -> Coercer:
    def coercer(value: Any, path: str) -> Any:
        text = value.get("value") if isinstance(value, dict) and value.get("$type") == "datetime" else value
        try:
            return read(_str(text, path))
        except (ValueError, ArithmeticError):
            raise refusal(path, value, wanted, f"Write for example {example}.") from None

    return coercer


def _exact(make: Callable[[Any], Any]) -> Coercer:
    def coercer(value: Any, path: str) -> Any:
        try:
            # A float goes through its shortest text, so that 0.1 stays 0.1.
            return make(
                value
                if isinstance(value, str)
                else repr(_float(value, path))
                if isinstance(value, float)
                else _int(value, path)
            )
        except (ValueError, ArithmeticError):
            raise refusal(path, value, "a number", "Write digits, for example 40 or 4e1.") from None

    return coercer


SCALARS: dict[Any, Coercer] = {
    float: _float,
    int: _int,
    bool: _bool,
    str: _str,
    complex: _complex,
    numbers.Real: lambda value, path: value if isinstance(value, int) else _float(value, path),
    numbers.Integral: _int,
    datetime.date: _from_text(datetime.date.fromisoformat, "a date", '"2026-11-24"'),
    datetime.datetime: _from_text(
        datetime.datetime.fromisoformat, "a date and time", '"2026-11-24T09:41:00Z"'
    ),
    datetime.time: _from_text(datetime.time.fromisoformat, "a time", '"09:41"'),
    pathlib.Path: _from_text(pathlib.Path, "a path", '"/tmp/data"'),
    decimal.Decimal: _exact(decimal.Decimal),
    fractions.Fraction: _exact(fractions.Fraction),
}
