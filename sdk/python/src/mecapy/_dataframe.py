"""A result as a pandas DataFrame."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ._modules import imported, needed
from ._quantity import Q
from ._table import Table

if TYPE_CHECKING:
    import pandas as pd


def dataframe(result: Any, key: str | None = None) -> pd.DataFrame:
    """Give a table as it is, columns of equal length side by side, or single values as one row.

    In a dict the only table counts; without one its lists, when they are equally long; else its single
    values. Raises `KeyError` for an unknown key, `ValueError` when there is nothing of the kind.
    """
    pandas = needed("pandas", "run.dataframe()")
    if key is not None:
        if not isinstance(result, Mapping) or key not in result:
            raise KeyError(key)
        result = {key: result[key]} if _is_column(result[key]) else result[key]
    if isinstance(result, Table):
        return result.dataframe()
    if isinstance(result, Mapping):
        return _of_mapping(result, pandas)
    if isinstance(result, list) and result and all(isinstance(row, Mapping) for row in result):
        return pandas.DataFrame([_plain_row(row) for row in result])
    if _is_column(result) or getattr(result, "ndim", 0) == 2:  # noqa: PLR2004
        return pandas.DataFrame(result)
    raise ValueError(
        f"The result is a {type(result).__name__}, which is no table. Return a Table, or a dict of lists."
    )


def _of_mapping(result: Mapping[str, Any], pandas: Any) -> pd.DataFrame:
    tables = [value for value in result.values() if isinstance(value, Table)]
    if len(tables) == 1:
        return tables[0].dataframe()
    if tables:
        names = ", ".join(repr(name) for name, value in result.items() if isinstance(value, Table))
        raise ValueError(
            f"The result has several tables. Name the one you mean, run.dataframe(key): {names}."
        )
    columns = {
        name: _without_unit(value) for name, value in result.items() if _is_column(_without_unit(value))
    }
    if columns:
        lengths = {name: len(column) for name, column in columns.items()}
        if len(set(lengths.values())) > 1:
            listed = ", ".join(f"{name!r} {length}" for name, length in lengths.items())
            raise ValueError(
                f"The lists of the result differ in length: {listed}. Name one, run.dataframe(key)."
            )
        frame = pandas.DataFrame(columns)
    else:
        row = _plain_row(result)
        if not row:
            raise ValueError("The result has neither tables nor lists nor single values.")
        frame = pandas.DataFrame([row])
    units = {name: value.unit for name, value in result.items() if isinstance(value, Q) and value.unit}
    frame.attrs["units"] = {name: unit for name, unit in units.items() if name in frame.columns}
    return frame


def _plain_row(row: Mapping[str, Any]) -> dict[str, Any]:
    plain = {name: _without_unit(value) for name, value in row.items()}
    return {name: value for name, value in plain.items() if is_single(value)}


def is_single(value: Any) -> bool:
    """Tell whether a decoded value stands in one cell."""
    composed = (
        isinstance(value, list | Mapping | Table) or hasattr(value, "_repr_svg_") or hasattr(value, "ndim")
    )
    return not composed


def _is_column(value: Any) -> bool:
    numpy = imported("numpy")
    if numpy is not None and isinstance(value, numpy.ndarray):
        return bool(value.ndim == 1)
    return isinstance(value, list) and all(is_single(_without_unit(item)) for item in value)


def _without_unit(value: Any) -> Any:
    return value.value if isinstance(value, Q) else value
