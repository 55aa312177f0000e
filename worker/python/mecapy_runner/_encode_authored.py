"""What the `mecapy` package builds, in the result encoding: quantities, charts and tables."""

from __future__ import annotations

from functools import partial
from typing import Any

import mecapy

from ._encode import Encoder, Writer, register
from ._encode_table import TableColumn, write_table


def authored_writer(value: Any) -> Writer | None:
    """Give the writer of an object of the `mecapy` package."""
    for kind, writer in _WRITERS:
        if isinstance(value, kind):
            return writer
    return None


def _write_quantity(encoder: Encoder, quantity: mecapy.Q) -> None:
    members = {"$type": "quantity", "value": quantity.value, "unit": quantity.unit}
    if quantity.headline:
        members["headline"] = True
    encoder.write_members(members.items())


def _write_chart(encoder: Encoder, chart: mecapy.Chart) -> None:
    x, y = chart.x, chart.y
    encoder.write_members(
        [
            ("$type", "chart"),
            ("title", chart.title),
            ("x", _Members({"label": x.label, "unit": x.unit, "scale": x.scale, "values": x.values})),
            ("y", _Members({"label": y.label, "unit": y.unit, "scale": y.scale})),
            ("series", [_series(one) for one in chart.series]),
        ]
    )


def _series(series: mecapy.Series) -> _Members:
    return _Members({"label": series.label, "kind": series.kind, "values": series.values})


def _write_table(encoder: Encoder, table: mecapy.Table) -> None:
    columns = [
        TableColumn(one.name, one.dtype, one.unit, partial(_write_values, one.values))
        for one in table.columns
    ]
    encoder.enter(table)
    write_table(encoder, columns)
    encoder.leave(table)


def _write_values(values: list[Any], encoder: Encoder) -> None:
    encoder.write_items(values)


class _Members(dict[str, Any]):
    """An object of ours inside a chart."""


def _write_own_members(encoder: Encoder, members: _Members) -> None:
    encoder.write_members(members.items())


_WRITERS: list[tuple[type, Writer]] = [
    (mecapy.Q, _write_quantity),
    (mecapy.Chart, _write_chart),
    (mecapy.Table, _write_table),
    (_Members, _write_own_members),
]
register(authored_writer)
