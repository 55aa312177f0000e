"""Long lists of numbers as numpy arrays.

A list counts as an array from `ARRAY_FROM` numbers on, all of them floats or all of them 64-bit integers,
nested lists when their rows are equally long: the rule by which the server packs them for transport. It
depends on the value alone, so a result is the same however it travelled.
"""

from __future__ import annotations

import base64
import itertools
import math
import struct
from typing import Any

from ._modules import imported

ARRAY_FROM = 256
_INT64 = (-(2**63), 2**63 - 1)
_CODES = {
    "b1": "?", "i1": "b", "i2": "h", "i4": "i", "i8": "q", "u1": "B", "u2": "H", "u4": "I", "u8": "Q",
    "f4": "f", "f8": "d", "c8": "ff", "c16": "dd",
}  # fmt: skip


def with_arrays(items: list[Any]) -> Any:
    """Give a list as an array where it counts as one, otherwise with its inner lists so."""
    numpy = imported("numpy")
    return items if numpy is None else _packed_or_inner(items, numpy)


def unpacked(shape: list[int], dtype: str, data: str) -> Any:
    """Give a packed array: of numpy where it is installed, otherwise nested lists.

    Raises `ValueError`, `KeyError`, `TypeError` or `struct.error` when the parts do not fit together.
    """
    raw = base64.b64decode(data, validate=True)
    numpy = imported("numpy")
    if numpy is not None:
        # A copy: what came out of bytes could not be written to.
        return numpy.frombuffer(raw, numpy.dtype(dtype)).reshape(shape).copy()
    code = _CODES[dtype.lstrip("<|")]
    count = math.prod(shape)
    values = list(struct.unpack("<" + code * count, raw))
    if len(code) > 1:
        values = [complex(re, im) for re, im in zip(values[::2], values[1::2], strict=True)]
    return _nested(shape, iter(values))


def _packed_or_inner(items: list[Any], numpy: Any) -> Any:
    array = _packed(items, numpy)
    if array is not None:
        return array
    return [_packed_or_inner(item, numpy) if type(item) is list else item for item in items]


def _packed(items: list[Any], numpy: Any) -> Any:
    shape = [len(items)]
    first: Any = items
    while first and type(first[0]) is list:
        first = first[0]
        shape.append(len(first))
    if math.prod(shape) < ARRAY_FROM:
        return None
    flat = items
    for length in shape[1:]:
        if any(type(row) is not list or len(row) != length for row in flat):
            return None
        flat = list(itertools.chain.from_iterable(flat))
    kinds = set(map(type, flat))
    if kinds == {float}:
        return numpy.array(flat, numpy.float64).reshape(shape)
    if kinds == {int} and _INT64[0] <= min(flat) and max(flat) <= _INT64[1]:
        return numpy.array(flat, numpy.int64).reshape(shape)
    return None


def _nested(shape: list[int], values: Any) -> Any:
    if not shape:
        return next(values)
    return [_nested(shape[1:], values) for _ in range(shape[0])]
