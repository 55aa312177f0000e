"""Brings one input, as JSON gives it, to what an annotation asks for, or says what to write instead.

An annotation that asks for nothing we know leaves the value as it is.
"""

from __future__ import annotations

import collections
import collections.abc
import dataclasses
import datetime
import decimal
import enum
import fractions
import inspect
import json
import math
import numbers
import pathlib
import types
import typing
from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np
import pandas as pd

from ._failure import Failure

Coercer = Callable[[Any, str], Any]

_SHOWN = 60
_WRAPPERS = (typing.Required, typing.NotRequired, typing.Final, typing.ClassVar)
_LISTS = (
    list,
    collections.abc.Sequence,
    collections.abc.MutableSequence,
    collections.abc.Iterable,
    collections.abc.Collection,
)
_SETS = (set, frozenset, collections.abc.Set, collections.abc.MutableSet)
_DICTIONARIES = (dict, collections.abc.Mapping, collections.abc.MutableMapping)


def coerce(value: Any, hint: Any, path: str) -> Any:
    """Give the value as the annotation asks for it. Raises `invalid_inputs` that names `path`."""
    hint = _bare(hint)
    if hint is None or hint is Any or hint is inspect.Parameter.empty or hint is object:
        return value
    if hint is type(None):
        return value if value is None else refuse(path, value, "nothing", "Write null.")
    if isinstance(hint, typing.TypeVar):
        return coerce(value, hint.__bound__, path)
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Literal:
        return _literal(value, arguments, path)
    if origin is typing.Union or origin is types.UnionType:
        return _union(value, arguments, path)
    kind = origin or hint
    scalar = _SCALARS.get(kind) if isinstance(kind, type) else None
    if scalar is not None:
        return scalar(value, path)
    if kind is np.ndarray:
        return _array(value, arguments, path)
    if isinstance(kind, type):
        return _of_class(value, kind, arguments, path)
    return value


def described(value: Any) -> str:
    """Name a JSON value the way its author would: `"4o"`, a list, null."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    shown = json.dumps(value, ensure_ascii=False, default=repr)
    return shown if len(shown) <= _SHOWN else shown[:_SHOWN] + "…"


def refuse(path: str, value: Any, wanted: str, advice: str) -> NoReturn:
    """End the run, because this input is not what its annotation asks for."""
    raise Failure("invalid_inputs", f"{path} is {described(value)}, which is not {wanted}. {advice}")


def _bare(hint: Any) -> Any:
    """Take off what says nothing about the value: Annotated, NewType, type aliases, Required, Final."""
    while True:
        origin = typing.get_origin(hint)
        if origin is typing.Annotated or origin in _WRAPPERS:
            hint = typing.get_args(hint)[0]
        elif isinstance(hint, typing.NewType):
            hint = hint.__supertype__
        elif isinstance(hint, dataclasses.InitVar):
            hint = hint.type
        elif type(hint).__name__ == "TypeAliasType":
            hint = hint.__value__
        else:
            return hint


def _float(value: Any, path: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        refuse(path, value, "a number", "Write digits, for example 40 or 4e1.")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if math.isinf(number):
        refuse(path, value, "a number that fits", "Write a number below 1.8e308.")
    return number


def _int(value: Any, path: str) -> int:
    whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    if isinstance(value, bool) or not whole:
        refuse(path, value, "a whole number", "Write digits without a point, for example 4.")
    return int(value)


def _bool(value: Any, path: str) -> bool:
    if not isinstance(value, bool):
        refuse(path, value, "true or false", "Write true or false.")
    return value


def _str(value: Any, path: str) -> str:
    if not isinstance(value, str):
        refuse(path, value, "a text", 'Write it in quotes, for example "steel".')
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
            refuse(path, value, wanted, f"Write for example {example}.")

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
            refuse(path, value, "a number", "Write digits, for example 40 or 4e1.")

    return coercer


def _literal(value: Any, options: tuple[Any, ...], path: str) -> Any:
    for option in options:
        same_kind = isinstance(value, bool) == isinstance(option, bool)
        if same_kind and value == option:
            return option
    listed = ", ".join(described(option) for option in options)
    refuse(path, value, "one of the choices", f"Write {'one of ' if len(options) > 1 else ''}{listed}.")


def _union(value: Any, options: tuple[Any, ...], path: str) -> Any:
    if value is None and type(None) in options:
        return None
    kinds = [option for option in options if option is not type(None)]
    # The arm that the value is already: `int | float` keeps 2 an int, `float | str` keeps "2" a text.
    for option in kinds:
        if type(value) is _bare(option):
            return value
    first: Failure | None = None
    for option in kinds:
        try:
            return coerce(value, option, path)
        except Failure as failure:
            first = first or failure
    if first is None:
        refuse(path, value, "nothing", "Write null.")
    raise first


def _list(value: Any, path: str) -> list[Any]:
    if not isinstance(value, list):
        refuse(path, value, "a list", "Write values in brackets, for example [1, 2, 3].")
    return value


def _items(value: Any, hint: Any, path: str) -> list[Any]:
    listed = _list(value, path)
    if _bare(hint) is float and set(map(type, listed)) == {float}:
        return listed
    return [coerce(item, hint, f"{path}[{at}]") for at, item in enumerate(listed)]


def _array(value: Any, arguments: tuple[Any, ...], path: str) -> np.ndarray:
    """Make an array of floats, unless the annotation names another type: JSON's 1 and 1.0 mean the same."""
    wanted = typing.get_args(arguments[-1])[0] if arguments and typing.get_args(arguments[-1]) else np.float64
    dtype = wanted if isinstance(wanted, type) and wanted is not np.generic else np.float64
    _check_numbers(_list(value, path), path)
    try:
        exact: np.ndarray = np.array(value)
        array: np.ndarray = exact.astype(dtype)
    except (ValueError, TypeError, OverflowError):
        refuse(path, value, "an array", "Write rows of equal length, for example [[1, 2], [3, 4]].")
    if array.dtype.kind in "iu" and exact.size and not np.array_equal(array, exact):
        refuse(path, value, "an array of whole numbers", "Write digits without a point.")
    return array


def _check_numbers(values: list[Any], path: str) -> None:
    kinds = set(map(type, values))
    if kinds <= {int, float}:
        return
    for at, item in enumerate(values):
        if isinstance(item, list):
            _check_numbers(item, f"{path}[{at}]")
        elif isinstance(item, bool) or not isinstance(item, int | float):
            refuse(f"{path}[{at}]", item, "a number", "Write digits, for example 40 or 4e1.")


def _of_class(value: Any, kind: type, arguments: tuple[Any, ...], path: str) -> Any:
    if typing.is_typeddict(kind):
        return _typed_dict(value, kind, path)
    if dataclasses.is_dataclass(kind):
        return _group(value, kind, path)
    if issubclass(kind, np.integer):
        return kind(_int(value, path))
    if issubclass(kind, np.floating):
        return kind(_float(value, path))
    if issubclass(kind, tuple):
        return _tuple(value, kind, arguments, path)
    if issubclass(kind, enum.Enum):
        return _enum(value, kind, path)
    if kind in _LISTS or kind is collections.deque:
        items = _items(value, arguments[0] if arguments else Any, path)
        return collections.deque(items) if kind is collections.deque else items
    if kind in _SETS:
        return (frozenset if kind is frozenset else set)(
            _items(value, arguments[0] if arguments else Any, path)
        )
    if kind in _DICTIONARIES:
        return _dictionary(value, arguments, path)
    if kind is pd.DataFrame or kind is pd.Series:
        return _frame(value, kind, path)
    return value


def _object(value: Any, path: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        refuse(path, value, "an object", 'Write names and values in braces, for example {"d": 12}.')
    return value


def _dictionary(value: Any, arguments: tuple[Any, ...], path: str) -> dict[Any, Any]:
    members = _object(value, path)
    if not arguments:
        return members
    read_key: Callable[[Any], Any] = {int: int, float: float}.get(_bare(arguments[0]), str)
    try:
        keys = {key: read_key(key) for key in members}
    except ValueError:
        refuse(path, next(iter(members)), "a number, as its keys are", "Write digits in quotes as keys.")
    return {keys[key]: coerce(item, arguments[1], f"{path}.{key}") for key, item in members.items()}


def _typed_dict(value: Any, kind: Any, path: str) -> dict[str, Any]:
    hints = typing.get_type_hints(kind, include_extras=True)
    return _members(value, hints, kind.__required_keys__, path)


def _group(value: Any, kind: Any, path: str) -> Any:
    hints = typing.get_type_hints(kind, include_extras=True)
    # What its class is called with: inherited fields and InitVar count, fields with init=False do not.
    parameters = inspect.signature(kind).parameters
    required = {name for name, one in parameters.items() if one.default is one.empty}
    members = _members(value, {name: hints.get(name) for name in parameters}, required, path)
    return _made(lambda: kind(**members), path)


def _tuple(value: Any, kind: Any, arguments: tuple[Any, ...], path: str) -> Any:
    names = getattr(kind, "_fields", None)
    if names is not None and isinstance(value, dict):
        hints = typing.get_type_hints(kind, include_extras=True)
        required = set(names) - set(kind._field_defaults)
        members = _members(value, {name: hints.get(name) for name in names}, required, path)
        return _made(lambda: kind(**members), path)
    listed = _list(value, path)
    if names is not None:
        hints = typing.get_type_hints(kind, include_extras=True)
        arguments = tuple(hints.get(name) for name in names)
    if not arguments:
        return tuple(listed)
    if len(arguments) == 2 and arguments[1] is Ellipsis:  # noqa: PLR2004
        return tuple(_items(value, arguments[0], path))
    if len(listed) != len(arguments):
        refuse(path, value, f"a list of {len(arguments)} values", f"It has {len(listed)}.")
    made = [
        coerce(item, hint, f"{path}[{at}]")
        for at, (item, hint) in enumerate(zip(listed, arguments, strict=True))
    ]
    return kind(*made) if names is not None else tuple(made)


def _members(
    value: Any, hints: typing.Mapping[str, Any], required: typing.AbstractSet[str], path: str
) -> dict[str, Any]:
    members = _object(value, path)
    for name in members:
        if name not in hints:
            raise Failure("invalid_inputs", f"{path} has no field {name}. Its fields are {', '.join(hints)}.")
    missing = [name for name in hints if name in required and name not in members]
    if missing:
        raise Failure("invalid_inputs", f"{path}.{missing[0]} is missing in the inputs. Give a value.")
    return {name: coerce(item, hints[name], f"{path}.{name}") for name, item in members.items()}


def _made(make: Callable[[], Any], path: str) -> Any:
    """Make an object whose class may check its own values."""
    try:
        return make()
    except (TypeError, ValueError) as problem:
        raise Failure("invalid_inputs", f"{path} was refused by its class: {problem}") from problem


def _enum(value: Any, kind: type[enum.Enum], path: str) -> enum.Enum:
    for member in kind:
        if isinstance(value, bool) == isinstance(member.value, bool) and member.value == value:
            return member
    if isinstance(value, str) and value in kind.__members__:
        return kind[value]
    listed = ", ".join(described(member.value) for member in kind)
    refuse(path, value, "one of the choices", f"Write one of {listed}.")


def _frame(value: Any, kind: Any, path: str) -> Any:
    """Make a frame from columns by name, from one object per row, or from a table of the result encoding."""
    data = value
    if isinstance(value, dict) and value.get("$type") == "table":
        names = [column.get("name") for column in value.get("columns", [])]
        data = dict(zip(names, value.get("data", []), strict=False))
    if not isinstance(data, list | dict):
        refuse(path, value, "a table", 'Write columns, for example {"load": [10, 20]}.')
    return _made(lambda: kind(data), path)


_SCALARS: dict[Any, Coercer] = {
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
