"""pandas frames, series, indexes and scalars in the result encoding. A missing value is null."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.extensions import ExtensionArray

from . import _json_text as text
from ._encode import Encoder, Writer, register
from ._encode_table import TableColumn, write_table

_CHUNK = 16_384
_MISSING = (type(pd.NA), type(pd.NaT))


def pandas_writer(value: Any) -> Writer | None:
    """Give the writer of a pandas value."""
    kind = type(value)
    if kind in _MISSING:
        return lambda encoder, _: encoder.put("null")
    if isinstance(value, pd.Timedelta):
        return lambda encoder, one: encoder.put_leaf(text.timedelta(one.value / 1e9))
    if isinstance(value, pd.Period | pd.Interval):
        return lambda encoder, one: encoder.put(text.string(str(one)))
    for one, writer in _WRITERS:
        if isinstance(value, one):
            return writer
    return None


def _write_frame(encoder: Encoder, frame: pd.DataFrame) -> None:
    units = _units(frame)
    columns = _index_columns(frame.index)
    for position, name in enumerate(frame.columns):
        label = _label(name)
        values = frame.iloc[:, position]
        columns.append(TableColumn(label, str(values.dtype), units.get(label), partial(_write_cells, values)))
    encoder.enter(frame)
    write_table(encoder, columns)
    encoder.leave(frame)


def _write_series(encoder: Encoder, series: pd.Series) -> None:
    name = "value" if series.name is None else _label(series.name)
    column = TableColumn(name, str(series.dtype), _units(series).get(name), partial(_write_cells, series))
    encoder.enter(series)
    write_table(encoder, [*_index_columns(series.index), column])
    encoder.leave(series)


def _write_index(encoder: Encoder, index: pd.Index) -> None:
    if isinstance(index, pd.MultiIndex):
        write_table(encoder, _index_columns(index))
    else:
        _write_cells(index, encoder)


def _write_extension_array(encoder: Encoder, values: ExtensionArray) -> None:
    _write_cells(pd.Series(values), encoder)


def _index_columns(index: pd.Index) -> list[TableColumn]:
    """Give the index as ordinary columns, unless it only counts the rows."""
    if isinstance(index, pd.RangeIndex) and index.start == 0 and index.step == 1 and index.name is None:
        return []
    if not isinstance(index, pd.MultiIndex):
        name = "index" if index.name is None else _label(index.name)
        return [TableColumn(name, str(index.dtype), None, partial(_write_cells, index))]
    columns = []
    for level in range(index.nlevels):
        values = index.get_level_values(level)
        name = f"index {level}" if values.name is None else _label(values.name)
        columns.append(TableColumn(name, str(values.dtype), None, partial(_write_cells, values)))
    return columns


def _write_cells(values: pd.Series | pd.Index, encoder: Encoder) -> None:
    """Append the values as a list, chunk by chunk."""
    encoder.check_depth(1)
    encoder.reserve(2 * len(values))
    dtype = values.dtype
    plain = dtype.kind if isinstance(dtype, np.dtype) else ""
    encoder.put("[")
    for start in range(0, len(values), _CHUNK):
        if start:
            encoder.put(",")
        chunk = (
            values[start : start + _CHUNK]
            if isinstance(values, pd.Index)
            else values.iloc[start : start + _CHUNK]
        )
        if plain == "f":
            encoder.put(text.reals_or_null(chunk.to_numpy(np.float64).tolist()))
        elif plain in ("i", "u"):
            encoder.put(text.small_integers(chunk.tolist()))
        elif plain == "b":
            encoder.put(text.booleans(chunk.tolist()))
        else:
            _write_objects(encoder, chunk.tolist(), start)
    encoder.put("]")


def _write_objects(encoder: Encoder, cells: list[Any], start: int) -> None:
    for at, cell in enumerate(cells, start):
        if at != start:
            encoder.put(",")
        if isinstance(cell, float) and cell != cell:  # noqa: PLR0124
            encoder.put("null")
        else:
            encoder.write_at(at, cell)


def _units(values: pd.DataFrame | pd.Series) -> dict[str, str]:
    """Read the units an author left in `attrs["units"]`."""
    units = values.attrs.get("units")
    if not isinstance(units, Mapping):
        return {}
    return {_label(name): str(unit) for name, unit in units.items()}


def _label(name: Any) -> str:
    return " · ".join(map(str, name)) if isinstance(name, tuple) else str(name)


_WRITERS: list[tuple[type, Writer]] = [
    (pd.DataFrame, _write_frame),
    (pd.Series, _write_series),
    (pd.Index, _write_index),
    (ExtensionArray, _write_extension_array),
]
register(pandas_writer)
