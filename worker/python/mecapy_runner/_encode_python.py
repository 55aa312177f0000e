"""Python's own types in the result encoding, and matplotlib figures."""

from __future__ import annotations

import array
import collections
import datetime
import decimal
import fractions
import pathlib
import uuid
from collections.abc import Mapping, Sequence, Set, ValuesView
from dataclasses import fields, is_dataclass
from typing import Any

from . import _json_text as text
from ._encode import WRITERS, Encoder, Writer, register
from ._figures import figure_of

_LISTS: tuple[type, ...] = (list, tuple, range, collections.deque, array.array, ValuesView, type({}.values()))
_DOUBLE_EXPONENT = 307


def python_writer(value: Any) -> Writer | None:
    """Give the writer of one of Python's types, or of a figure."""
    if is_dataclass(value) and not isinstance(value, type):
        return _write_dataclass
    if isinstance(value, tuple) and isinstance(getattr(value, "_fields", None), tuple):
        return _write_named_tuple
    for kind, writer in _INSTANCES:
        if isinstance(value, kind):
            return writer
    return _write_figure if figure_of(value) is not None else None


def _write_dataclass(encoder: Encoder, value: Any) -> None:
    members = {one.name: getattr(value, one.name) for one in fields(value) if hasattr(value, one.name)}
    encoder.enter(value)
    encoder.write_mapping(members)
    encoder.leave(value)


def _write_named_tuple(encoder: Encoder, value: Any) -> None:
    encoder.enter(value)
    encoder.write_mapping(dict(zip(value._fields, value, strict=False)))
    encoder.leave(value)


def _write_mapping(encoder: Encoder, value: Mapping[Any, Any]) -> None:
    encoder.enter(value)
    encoder.write_mapping(value)
    encoder.leave(value)


def _write_list(encoder: Encoder, value: Sequence[Any]) -> None:
    encoder.enter(value)
    encoder.write_items(value)
    encoder.leave(value)


def _write_set(encoder: Encoder, value: Set[Any]) -> None:
    # Iteration order depends on the process; a result does not.
    try:
        ordered = sorted(value)
    except TypeError:
        ordered = sorted(value, key=lambda item: (type(item).__name__, repr(item)))
    encoder.enter(value)
    encoder.write_items(ordered)
    encoder.leave(value)


def _write_decimal(encoder: Encoder, value: decimal.Decimal) -> None:
    if value.is_nan():
        encoder.put_leaf(text.NAN)
    elif value.is_infinite():
        encoder.put_leaf(text.INFINITY if value > 0 else text.NEGATIVE_INFINITY)
    elif abs(value.adjusted()) > _DOUBLE_EXPONENT and value:
        encoder.put(text.string(str(value)))
    else:
        encoder.put(str(value))


def _write_fraction(encoder: Encoder, value: fractions.Fraction) -> None:
    if value.denominator == 1:
        _write_int(encoder, value.numerator)
        return
    try:
        encoder.put(text.real(float(value)))
    except OverflowError:
        encoder.put(text.string(str(value)))


def _write_float(encoder: Encoder, value: float) -> None:
    piece = text.real(value)
    if piece[0] == "{":
        encoder.put_leaf(piece)
    else:
        encoder.put(piece)


def _write_int(encoder: Encoder, value: int) -> None:
    encoder.reserve(text.digits(value))
    encoder.put(text.integer(value))


def _write_str(encoder: Encoder, value: str) -> None:
    encoder.reserve(str.__len__(value))
    encoder.put(text.string(value))


def _write_figure(encoder: Encoder, value: Any) -> None:
    encoder.write_members(encoder.figures.add(figure_of(value), encoder.path()).items())


_INSTANCES: list[tuple[Any, Writer]] = [
    (int, _write_int),
    (float, _write_float),
    (complex, lambda encoder, value: encoder.put_leaf(text.complex_number(value))),
    (str, _write_str),
    (datetime.date, lambda encoder, value: encoder.put_leaf(text.datetime(value.isoformat()))),
    (datetime.timedelta, lambda encoder, value: encoder.put_leaf(text.timedelta(value.total_seconds()))),
    (datetime.time, lambda encoder, value: encoder.put(text.string(value.isoformat()))),
    (decimal.Decimal, _write_decimal),
    (fractions.Fraction, _write_fraction),
    ((pathlib.PurePath, uuid.UUID), lambda encoder, value: encoder.put(text.string(str(value)))),
    (Mapping, _write_mapping),
    (Set, _write_set),
    (_LISTS, _write_list),
]

WRITERS.update(
    {
        type(None): lambda encoder, _: encoder.put("null"),
        bool: lambda encoder, value: encoder.put("true" if value else "false"),
        int: _write_int,
        float: _write_float,
        str: _write_str,
        list: _write_list,
        tuple: _write_list,
        dict: _write_mapping,
    }
)
register(python_writer)
