"""From the result encoding to Python values.

| encoded | in Python |
|---|---|
| JSON | numbers, texts, booleans, `None`, lists, dicts |
| long list of numbers, `array` | numpy array where numpy is installed, otherwise a list |
| `number` | `nan`, `inf`, `-inf` |
| `complex`, `timedelta` | `complex`, `datetime.timedelta` |
| `datetime` | `datetime.datetime`, or `datetime.date` where there is no time of day |
| `quantity`, `chart`, `table` | `Q`, `Chart`, `Table` |
| `figure` | `Figure` |

An object of another `$type`, or one whose parts do not fit, stays the dict that it also is.
"""

from __future__ import annotations

import base64
import datetime as dt
import struct
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ._arrays import unpacked, with_arrays
from ._chart import Chart, Series
from ._figure import Figure
from ._quantity import Q
from ._table import Column, Table
from ._timestamps import parse_date_or_moment

TYPE = "$type"
_MISFIT = (KeyError, TypeError, ValueError, AttributeError, OverflowError, struct.error)

DrawChart = Callable[[int], str]


def decode(
    value: Any, figures: Mapping[int, bytes] | None = None, draw_chart: DrawChart | None = None
) -> Any:
    """Give the value that parsed JSON stands for.

    `figures` has the bytes of figures that are not in the text, by their number; `draw_chart` gives the SVG
    of the n-th chart of the result.
    """
    return _Decoder(figures or {}, draw_chart).value(value)


def missing_figures(value: Any) -> Iterator[int]:
    """Give the numbers of the figures whose bytes are not in the text."""
    if isinstance(value, dict):
        if value.get(TYPE) == "figure" and "data" not in value and isinstance(value.get("index"), int):
            yield value["index"]
        for inner in value.values():
            yield from missing_figures(inner)
    elif isinstance(value, list):
        # A long list of plain numbers has nothing to find.
        for inner in value:
            if isinstance(inner, dict | list):
                yield from missing_figures(inner)


class _Decoder:
    def __init__(self, figures: Mapping[int, bytes], draw_chart: DrawChart | None) -> None:
        self._figures = figures
        self._draw_chart = draw_chart
        self._charts = 0

    def value(self, value: Any) -> Any:
        if type(value) is list:
            return with_arrays(self._list(value))
        return self._object(value) if type(value) is dict else value

    def _list(self, items: list[Any]) -> list[Any]:
        if not any(type(item) in (dict, list) for item in items):
            return items
        return [
            self._list(item) if type(item) is list else self._object(item) if type(item) is dict else item
            for item in items
        ]

    def _object(self, entries: dict[str, Any]) -> Any:
        read = _READERS.get(entries[TYPE]) if isinstance(entries.get(TYPE), str) else None
        if read is not None:
            try:
                return read(self, entries)
            except _MISFIT:
                pass
        return {_unescaped(key): self.value(inner) for key, inner in entries.items()}

    def number(self, entries: dict[str, Any]) -> float:
        return {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}[entries["value"]]

    def complex(self, entries: dict[str, Any]) -> complex:
        return complex(self.value(entries["re"]), self.value(entries["im"]))

    def datetime(self, entries: dict[str, Any]) -> dt.date:
        return parse_date_or_moment(entries["value"])

    def timedelta(self, entries: dict[str, Any]) -> dt.timedelta:
        return dt.timedelta(seconds=self.value(entries["seconds"]))

    def quantity(self, entries: dict[str, Any]) -> Q:
        return Q(self.value(entries["value"]), entries["unit"], headline=entries.get("headline") is True)

    def array(self, entries: dict[str, Any]) -> Any:
        return unpacked(entries["shape"], entries["dtype"], entries["data"])

    def table(self, entries: dict[str, Any]) -> Table:
        columns = [
            Column(
                str(one["name"]), one.get("dtype") or "object", one.get("unit") or None, self._cells(cells)
            )
            for one, cells in zip(entries["columns"], entries["data"], strict=True)
        ]
        return Table.of_columns(columns)

    def _cells(self, cells: Any) -> list[Any]:
        if type(cells) is dict:
            cells = self._object(cells)
        return self._list(cells) if type(cells) is list else cells.tolist()

    def chart(self, entries: dict[str, Any]) -> Chart:
        x, y = entries["x"], entries.get("y") or {}
        chart = _DrawnChart(
            entries.get("title") or "",
            x=self._cells(x["values"]),
            x_label=x.get("label") or "",
            x_unit=x.get("unit"),
            x_scale=x.get("scale") or "linear",
            y_label=y.get("label") or "",
            y_unit=y.get("unit"),
            y_scale=y.get("scale") or "linear",
        )
        for one in entries["series"]:
            kind: Any = one.get("kind") or "line"
            values = self._cells(one["values"])
            if kind == "band":
                values = [pair if pair is None else (pair[0], pair[1]) for pair in values]
            chart.series.append(Series(one.get("label") or "", kind, values))
        chart.draw, chart.place = self._draw_chart, self._charts
        self._charts += 1
        return chart

    def figure(self, entries: dict[str, Any]) -> Figure:
        inside = entries.get("data")
        data = self._figures[entries["index"]] if inside is None else base64.b64decode(inside)
        width, height = float(entries["width"]), float(entries["height"])
        return Figure(entries["format"], data, width, height, entries.get("title") or "")


class _DrawnChart(Chart):
    """A chart that MecaPy draws: Jupyter shows it."""

    draw: DrawChart | None = None
    place = 0

    def _repr_svg_(self) -> str | None:
        return None if self.draw is None else self.draw(self.place)

    def __getstate__(self) -> dict[str, Any]:
        # The way to its server is not part of a chart that is kept.
        return {name: value for name, value in vars(self).items() if name != "draw"}


_READERS: dict[str, Callable[[_Decoder, dict[str, Any]], Any]] = {
    "number": _Decoder.number,
    "complex": _Decoder.complex,
    "datetime": _Decoder.datetime,
    "timedelta": _Decoder.timedelta,
    "quantity": _Decoder.quantity,
    "array": _Decoder.array,
    "table": _Decoder.table,
    "chart": _Decoder.chart,
    "figure": _Decoder.figure,
}


def _unescaped(key: str) -> str:
    escaped = key.startswith("$$") and key.lstrip("$") == "type"
    return key[1:] if escaped else key
