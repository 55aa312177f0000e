"""The JSON text of single values: numbers, strings, keys, and the typed objects that have no parts."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from json.encoder import encode_basestring as _quoted
from math import inf, isfinite
from typing import Any

NAN = '{"$type":"number","value":"NaN"}'
INFINITY = '{"$type":"number","value":"Infinity"}'
NEGATIVE_INFINITY = '{"$type":"number","value":"-Infinity"}'

# Python refuses to write longer integers unless told otherwise; results keep them exact.
_DIGITS_WITHOUT_LIMIT = 4_000
_BITS_PER_DIGIT = 3.3219
_BITS_WITHOUT_LIMIT = 1_000

_float_repr = float.__repr__
_int_repr = int.__repr__


def real(value: float) -> str:
    """Write a float: the shortest exact form, or the typed object for NaN and infinities."""
    if isfinite(value):
        return _float_repr(value)
    if value != value:  # noqa: PLR0124
        return NAN
    return INFINITY if value == inf else NEGATIVE_INFINITY


def integer(value: int) -> str:
    """Write an integer with all its digits."""
    if digits(value) < _DIGITS_WITHOUT_LIMIT:
        return _int_repr(value)
    limit = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(0)
    try:
        return _int_repr(value)
    finally:
        sys.set_int_max_str_digits(limit)


def digits(value: int) -> int:
    """Count the decimal digits, rounded down."""
    return int(int.bit_length(value) / _BITS_PER_DIGIT)


def string(value: str) -> str:
    """Write a string; a lone surrogate, which no UTF-8 can hold, becomes U+FFFD."""
    text: str = _quoted(value)
    return text if text.isascii() else whole(text)


def whole(text: str) -> str:
    """Join surrogate pairs and replace lone surrogates, so that the text can be written as UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def complex_number(value: complex) -> str:
    """Write a complex number."""
    return f'{{"$type":"complex","re":{real(value.real)},"im":{real(value.imag)}}}'


def datetime(iso: str) -> str:
    """Write a date or time that is given in ISO 8601."""
    return f'{{"$type":"datetime","value":{string(iso)}}}'


def timedelta(seconds: float) -> str:
    """Write a duration."""
    return f'{{"$type":"timedelta","seconds":{real(seconds)}}}'


def reals(values: Iterable[float]) -> str:
    """Write floats with commas between them."""
    listed = list(values)
    if all(map(isfinite, listed)):
        return ",".join(map(_float_repr, listed))
    return ",".join(map(real, listed))


def reals_or_null(values: Iterable[float]) -> str:
    """Write floats with commas between them, NaN as null: the missing values of a pandas column."""
    listed = list(values)
    if all(map(isfinite, listed)):
        return ",".join(map(_float_repr, listed))
    return ",".join(["null" if value != value else real(value) for value in listed])  # noqa: PLR0124


def integers(values: list[int]) -> str | None:
    """Write integers with commas between them; None when one is so long that its size must be asked first."""
    if max(map(int.bit_length, values)) > _BITS_WITHOUT_LIMIT:
        return None
    return small_integers(values)


def small_integers(values: Iterable[int]) -> str:
    """Write integers of few digits with commas between them."""
    return ",".join(map(_int_repr, values))


def strings(values: Iterable[str]) -> str:
    """Write strings with commas between them."""
    return ",".join(map(string, values))


def booleans(values: Iterable[Any]) -> str:
    """Write booleans with commas between them."""
    return ",".join(["true" if value else "false" for value in values])
