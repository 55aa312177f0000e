"""Named columns of equal length, each with its unit."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from ._columns import Values, to_list
from ._html import table_html
from ._modules import needed

if TYPE_CHECKING:
    import pandas as pd

_SHOWN_ROWS = 5


class Columns(Protocol):
    """What names columns: a dict of lists, or a pandas DataFrame."""

    def items(self) -> Iterable[tuple[Any, Any]]:
        """Give each column's name and its values."""
        ...


@dataclass(frozen=True)
class Column:
    """One column: its `name`, its `unit` or `None`, and its n `values`.

    `dtype` is their kind: "float64", "int64", "bool", "str", "datetime" or "object"; in a result as pandas
    names it.
    """

    name: str
    dtype: str
    unit: str | None
    values: list[Any]


class Table:
    """A table of named columns of equal length.

    `columns` maps each name to n values (lists, numpy arrays, pandas columns, or a whole DataFrame);
    `units` maps some of the names to their units.

    >>> mecapy.Table({"load": [10, 20], "stress": [12.5, 25.0]}, units={"load": "kN", "stress": "MPa"})
    Table(2 rows: load [kN], stress [MPa])

    Raises `ValueError` when the columns differ in length or a unit names no column, `TypeError` for values
    that are no column.
    """

    def __init__(self, columns: Columns, units: Mapping[str, str] | None = None) -> None:
        if not callable(getattr(columns, "items", None)):
            raise TypeError("Table takes a dict of columns: Table({'load': [10, 20]}).")
        units = {str(name): str(unit) for name, unit in (units or {}).items()}
        self.columns = [_column(str(name), values, units) for name, values in columns.items()]
        self._check_lengths()
        unknown = sorted(units.keys() - {column.name for column in self.columns})
        if unknown:
            raise ValueError(f"units names {unknown[0]!r}, which is no column of the table.")

    @classmethod
    def from_rows(cls, rows: Iterable[Mapping[str, Any]], units: Mapping[str, str] | None = None) -> Table:
        """Make a table from one dict per row; a key that a row lacks is an empty cell (`None`)."""
        listed = list(rows)
        names = list(dict.fromkeys(name for row in listed for name in row))
        return cls({name: [row.get(name) for row in listed] for name in names}, units)

    @classmethod
    def of_columns(cls, columns: Iterable[Column]) -> Table:
        """Make a table of columns as they are; names may repeat. Raises `ValueError` for unequal lengths."""
        table = cls({})
        table.columns = list(columns)
        table._check_lengths()
        return table

    def dataframe(self) -> pd.DataFrame:
        """Give the table as a pandas DataFrame with a row for each row; `attrs["units"]` has the units.

        Raises `ImportError` where pandas is not installed.
        """
        pandas = needed("pandas", "A DataFrame")
        columns = {place: column.values for place, column in enumerate(self.columns)}
        frame = pandas.DataFrame(columns)
        frame.columns = [column.name for column in self.columns]
        frame.attrs["units"] = {one.name: one.unit for one in self.columns if one.unit}
        return frame

    def __len__(self) -> int:
        return len(self.columns[0].values) if self.columns else 0

    def __getitem__(self, name: str) -> list[Any]:
        for column in self.columns:
            if column.name == name:
                return column.values
        raise KeyError(name)

    def __repr__(self) -> str:
        rows = "1 row" if len(self) == 1 else f"{len(self)} rows"
        return f"Table({rows}: {', '.join(self._headings())})"

    def __str__(self) -> str:
        shown = [[_cell(value) for value in column.values[:_SHOWN_ROWS]] for column in self.columns]
        headings = self._headings()
        widths = [max(map(len, [heading, *cells])) for heading, cells in zip(headings, shown, strict=True)]
        lines = [headings, *map(list, zip(*shown, strict=True))]
        text = [
            "  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)) for line in lines
        ]
        if len(self) > _SHOWN_ROWS:
            text.append(f"… {len(self) - _SHOWN_ROWS} more rows")
        return "\n".join(text)

    def _repr_html_(self) -> str:
        return table_html(self._headings(), [column.values for column in self.columns])

    def _headings(self) -> list[str]:
        return [f"{one.name} [{one.unit}]" if one.unit else one.name for one in self.columns]

    def _check_lengths(self) -> None:
        for column in self.columns[1:]:
            first = self.columns[0]
            if len(column.values) != len(first.values):
                raise ValueError(
                    f"column {column.name!r} has {len(column.values)} values, "
                    f"but column {first.name!r} has {len(first.values)}. Give columns of equal length."
                )


def _column(name: str, values: Values, units: Mapping[str, str]) -> Column:
    listed = to_list(values, f"column {name!r}")
    return Column(name, _dtype(listed), units.get(name), listed)


def _dtype(values: list[Any]) -> str:
    kinds = {type(value) for value in values if value is not None}
    if not kinds:
        return "object"
    if kinds == {bool}:
        return "bool"
    if kinds == {int}:
        return "int64"
    if kinds <= {int, float}:
        return "float64"
    if all(issubclass(kind, str) for kind in kinds):
        return "str"
    if all(issubclass(kind, datetime.date) for kind in kinds):
        return "datetime"
    return "object"


def _cell(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)
