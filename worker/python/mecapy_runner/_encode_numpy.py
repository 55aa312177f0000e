"""numpy scalars and arrays in the result encoding."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from . import _json_text as text
from ._encode import Encoder, Writer, register
from ._encode_table import TableColumn, write_table

_CHUNK = 16_384
_PER_VALUE = 2  # the shortest value and its comma, bytes
_CALENDAR_UNITS = ("Y", "M", "W", "D")


def numpy_writer(value: Any) -> Writer | None:
    """Give the writer of a numpy scalar or array."""
    if isinstance(value, np.ndarray):
        return _write_array
    if isinstance(value, np.generic):
        return _write_scalar
    return None


def datetime_text(value: np.datetime64) -> str:
    """Write a date and time; NaT is null."""
    if np.isnat(value):
        return "null"
    unit = np.datetime_data(value.dtype)[0]
    if unit in _CALENDAR_UNITS:
        return text.datetime(str(value.astype("datetime64[D]")))
    return text.datetime(str(value.astype("datetime64[s]") if unit in ("h", "m") else value))


def timedelta_text(value: np.timedelta64) -> str:
    """Write a duration in seconds; NaT is null."""
    if np.isnat(value):
        return "null"
    return text.timedelta(float(value / np.timedelta64(1, "s")))


def _write_scalar(encoder: Encoder, value: np.generic) -> None:
    _write_flat_or_whole(encoder, np.asarray(value), scalar=True)


def _write_array(encoder: Encoder, value: np.ndarray) -> None:
    if isinstance(value, np.ma.MaskedArray):
        _write_masked(encoder, value)
    elif value.dtype.names is not None and value.ndim == 1:
        _write_structured(encoder, value)
    else:
        encoder.reserve(_PER_VALUE * value.size)
        encoder.check_depth(value.ndim + _leaf_levels(value))
        _write_flat_or_whole(encoder, np.asarray(value), scalar=value.ndim == 0)


def _write_flat_or_whole(encoder: Encoder, array: np.ndarray, *, scalar: bool) -> None:
    if array.dtype.kind == "O":
        _write_objects(encoder, array)
        return
    if array.dtype.names is not None:
        _write_record(encoder, array, scalar=scalar)
        return
    join = _join_of(array)
    if join is None:
        encoder.refuse(array if not scalar else array[()], _advice(array))
    if scalar:
        encoder.put(join(array.reshape(1)))
    else:
        _write_nested(encoder, array, join)


def _write_nested(encoder: Encoder, array: np.ndarray, join: Callable[[np.ndarray], str]) -> None:
    encoder.put("[")
    if array.ndim > 1:
        for at, row in enumerate(array):
            if at:
                encoder.put(",")
            _write_nested(encoder, row, join)
    else:
        for start in range(0, len(array), _CHUNK):
            if start:
                encoder.put(",")
            encoder.put(join(array[start : start + _CHUNK]))
    encoder.put("]")


def _join_of(array: np.ndarray) -> Callable[[np.ndarray], str] | None:
    """Choose how one run of values is written, by the kind of the array."""
    kind, dtype = array.dtype.kind, array.dtype
    if kind == "f":
        return lambda run: text.reals(run.astype(np.float64).tolist())
    if kind in "iu":
        return lambda run: text.small_integers(run.tolist())
    if kind == "b":
        return lambda run: text.booleans(run.tolist())
    if kind == "U":
        return lambda run: text.strings(run.tolist())
    if kind == "c":
        return lambda run: ",".join(map(text.complex_number, run.astype(np.complex128).tolist()))
    if kind == "M":
        return lambda run: ",".join(map(datetime_text, run))
    if kind == "m" and np.datetime_data(dtype)[0] not in ("Y", "M", "generic"):
        return lambda run: ",".join(map(timedelta_text, run))
    return None


def _write_objects(encoder: Encoder, array: np.ndarray) -> None:
    if array.ndim == 0:
        encoder.write(array.item())
    else:
        encoder.enter(array)
        encoder.write_items(array.tolist() if array.ndim == 1 else list(array))
        encoder.leave(array)


def _write_masked(encoder: Encoder, value: np.ma.MaskedArray) -> None:
    # `None` stands for a masked element; tolist gives it, but rounds nothing and keeps NaN.
    encoder.reserve(_PER_VALUE * value.size)
    if value.dtype.names is not None:
        encoder.refuse(value, "Return a dict with one masked array per field.")
    if value.ndim == 0:
        encoder.write(None if bool(np.ma.getmaskarray(value)) else value.data[()])
        return
    masked = np.ma.getmaskarray(value)
    cells: np.ndarray = np.asarray(value.data).astype(object)
    if value.dtype.kind in "Mm":
        cells = np.empty(value.shape, object)
        for at in np.ndindex(value.shape):
            cells[at] = value.data[at]
    cells[masked] = None
    _write_objects(encoder, cells)


def _write_structured(encoder: Encoder, value: np.ndarray) -> None:
    names = value.dtype.names or ()
    columns = [
        TableColumn(name, str(value.dtype[name]), None, partial(_write_field, value[name])) for name in names
    ]
    write_table(encoder, columns)


def _write_field(values: np.ndarray, encoder: Encoder) -> None:
    _write_array(encoder, values)


def _write_record(encoder: Encoder, array: np.ndarray, *, scalar: bool) -> None:
    if not scalar:
        encoder.refuse(array, "Return a one-dimensional structured array, or one array per field.")
    record = array[()]
    encoder.write_members((name, record[name]) for name in array.dtype.names or ())


def _leaf_levels(array: np.ndarray) -> int:
    """Count the levels below the lists: typed objects are one."""
    if array.dtype.kind == "f":
        return 0 if bool(np.isfinite(array).all()) else 1
    return 1 if array.dtype.kind in "cMm" else 0


def _advice(array: np.ndarray) -> str:
    if array.dtype.kind == "m":
        return "Months and years have no fixed length: convert to days."
    return "Return base64 text, or a list of numbers." if array.dtype.kind in "SV" else ""


register(numpy_writer)
