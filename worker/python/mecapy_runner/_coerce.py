"""Brings one input, as JSON gives it, to what an annotation asks for, or says what to write instead.

An annotation that asks for nothing we know leaves the value as it is.
"""

from __future__ import annotations

import collections
import collections.abc
import dataclasses
import enum
import inspect
import sys
import types
import typing
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from ._coerce_arrays import to_array, to_frame
from ._coerce_scalars import SCALARS, described, refusal
from ._failure import Failure

_LARGEST = sys.float_info.max
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
        if value is None:
            return None
        raise refusal(path, value, "nothing", "Write null.")
    if isinstance(hint, typing.TypeVar):
        return coerce(value, hint.__bound__, path)
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Literal:
        return _literal(value, arguments, path)
    if origin is typing.Union or origin is types.UnionType:
        return _union(value, arguments, path)
    kind = origin or hint
    scalar = SCALARS.get(kind) if isinstance(kind, type) else None
    if scalar is not None:
        return scalar(value, path)
    if kind is np.ndarray:
        return to_array(value, arguments, path)
    if isinstance(kind, type):
        return _of_class(value, kind, arguments, path)
    return value


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


def _literal(value: Any, options: tuple[Any, ...], path: str) -> Any:
    for option in options:
        same_kind = isinstance(value, bool) == isinstance(option, bool)
        if same_kind and value == option:
            return option
    listed = ", ".join(described(option) for option in options)
    raise refusal(
        path, value, "one of the choices", f"Write {'one of ' if len(options) > 1 else ''}{listed}."
    )


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
        raise refusal(path, value, "nothing", "Write null.")
    raise first


def _list(value: Any, path: str) -> list[Any]:
    if not isinstance(value, list):
        raise refusal(path, value, "a list", "Write values in brackets, for example [1, 2, 3].")
    return value


def _items(value: Any, hint: Any, path: str) -> list[Any]:
    listed = _list(value, path)
    bare, kinds = _bare(hint), set(map(type, listed))
    if bare is float and kinds <= {int, float} and all(-_LARGEST <= item <= _LARGEST for item in listed):
        return list(map(float, listed))
    if bare in (int, str, bool) and kinds == {bare}:
        return listed
    return [coerce(item, hint, f"{path}[{at}]") for at, item in enumerate(listed)]


def _of_class(value: Any, kind: type, arguments: tuple[Any, ...], path: str) -> Any:
    if typing.is_typeddict(kind):
        return _typed_dict(value, kind, path)
    if dataclasses.is_dataclass(kind):
        return _group(value, kind, path)
    if issubclass(kind, np.integer):
        return kind(SCALARS[int](value, path))
    if issubclass(kind, np.floating):
        return kind(SCALARS[float](value, path))
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
        return to_frame(value, kind, path)
    return value


def _object(value: Any, path: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise refusal(path, value, "an object", 'Write names and values in braces, for example {"d": 12}.')
    return value


def _dictionary(value: Any, arguments: tuple[Any, ...], path: str) -> dict[Any, Any]:
    members = _object(value, path)
    if not arguments:
        return members
    read_key: Callable[[Any], Any] = {int: int, float: float}.get(_bare(arguments[0]), str)
    try:
        keys = {key: read_key(key) for key in members}
    except ValueError:
        raise refusal(
            path, next(iter(members)), "a number, as its keys are", "Write digits in quotes as keys."
        ) from None
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
        raise refusal(path, value, f"a list of {len(arguments)} values", f"It has {len(listed)}.")
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
    raise refusal(path, value, "one of the choices", f"Write one of {listed}.")
