"""Inputs as the JSON that a run is given.

JSON's own values stay what they are. Besides: numpy numbers and arrays, pandas columns and frames (columns by
name), `Table`, tuples and sets (lists), dataclasses (objects), enumerations (their value), dates and moments
(texts), complex numbers. What has no place in JSON is refused with the key that leads to it.
"""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import enum
import json
import math
import os
from collections.abc import Iterable, Mapping
from typing import Any

from ._errors import ValidationError
from ._quantity import Q
from ._table import Table


def inputs_json(inputs: Any) -> bytes:
    """Give the inputs of a run as JSON text. Raises `ValidationError` that names what cannot be an input."""
    if not isinstance(inputs, Mapping):
        raise ValidationError(
            f"Inputs are a dict of names and values, not {type(inputs).__name__}: {{'force': 1000}}.",
            field="inputs",
        )
    return json.dumps(_plain(inputs, "inputs"), ensure_ascii=False, separators=(",", ":")).encode(
        "utf-8", "replace"
    )


def _plain(value: Any, path: str) -> Any:
    kind = type(value)
    if value is None or kind in (bool, int, str):
        return value
    if kind is float:
        if not math.isfinite(value):
            raise _refusal(path, f"{value}, which JSON does not have", "Give None, or leave it out.")
        return value
    if isinstance(value, Mapping):
        return {_key(key, path): _plain(item, f"{path}[{key!r}]") for key, item in value.items()}
    if isinstance(value, enum.Enum):
        return _plain(value.value, path)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, list | tuple):
        return _items(value, path)
    return _further(value, path)


def _further(value: Any, path: str) -> Any:
    if isinstance(value, Q):
        raise _refusal(
            path, f"the quantity {value!r}", "Inputs are plain numbers: give float(q) in the input's unit."
        )
    if isinstance(value, Table):
        return {column.name: _items(column.values, f"{path}[{column.name!r}]") for column in value.columns}
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, complex):
        return {"$type": "complex", "re": _plain(value.real, path), "im": _plain(value.imag, path)}
    if isinstance(value, decimal.Decimal | int | float):
        return _plain(int(value) if isinstance(value, int) else float(value), path)
    if isinstance(value, set | frozenset):
        return _items(sorted(value, key=lambda item: (type(item).__name__, repr(item))), path)
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {one.name: getattr(value, one.name) for one in dataclasses.fields(value)}
        return {name: _plain(item, f"{path}.{name}") for name, item in fields.items()}
    if hasattr(value, "columns") and callable(getattr(value, "items", None)):
        return {str(name): _plain(column, f"{path}[{name!r}]") for name, column in value.items()}
    tolist = getattr(value, "tolist", None)
    if callable(tolist):
        return _plain(tolist(), path)
    if isinstance(value, range) or (isinstance(value, Iterable) and type(value).__module__ == "array"):
        return _items(list(value), path)
    raise _refusal(path, f"a {type(value).__name__}", "Give numbers, texts, lists and dicts of them.")


def _items(values: Iterable[Any], path: str) -> list[Any]:
    listed = list(values)
    kinds = set(map(type, listed))
    if kinds <= {int, str, bool, type(None)} or (kinds <= {int, float} and all(map(math.isfinite, listed))):
        return listed
    return [_plain(item, f"{path}[{at}]") for at, item in enumerate(listed)]


def _key(key: Any, path: str) -> str:
    if isinstance(key, str):
        return str(key)
    if isinstance(key, bool) or not isinstance(key, int | float):
        raise _refusal(path, f"a dict with the key {key!r}", "Keys are texts.")
    return str(key)


def _refusal(path: str, what: str, advice: str) -> ValidationError:
    return ValidationError(f"{path} is {what}. {advice}", field=path)
