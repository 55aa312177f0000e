"""A chart as data: MecaPy draws it on the page, in shared pages and in exports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from ._columns import Values, to_list, to_numbers

Scale: TypeAlias = Literal["linear", "log"]
Kind: TypeAlias = Literal["line", "scatter", "bar", "band"]
Numbers: TypeAlias = "Sequence[float | None]"
Band: TypeAlias = "Sequence[tuple[float, float] | None]"


@dataclass(frozen=True)
class Axis:
    """The y axis: its `label`, its `unit` or `None`, its `scale`, "linear" or "log"."""

    label: str = ""
    unit: str | None = None
    scale: Scale = "linear"


@dataclass(frozen=True)
class XAxis(Axis):
    """The x axis with the `values` that all series share: n numbers (`None` is a gap), or n names."""

    values: Numbers | Sequence[str] = field(default_factory=list)


@dataclass(frozen=True)
class Series:
    """One curve, point cloud, row of bars or band.

    `label` names it, `kind` is "line", "scatter", "bar" or "band". `values` are n as the x axis has them:
    numbers, of a band pairs (low, high); `None` is a gap.
    """

    label: str
    kind: Kind
    values: Numbers | Band


class Chart:
    """A plot of one or more series over one x axis.

    `x` holds n numbers, or n names for bars. `line`, `scatter` and `bar` take n values each, `band` n low and
    n high values; each returns the chart, so that calls can be chained. `None`, NaN and infinities are gaps.
    Units are texts such as "mm"; scales are "linear" or "log".

    >>> chart = mecapy.Chart("Deflection", x=[0, 1, 2], x_label="Position", x_unit="m", y_unit="mm")
    >>> chart.line([0, 1.2, 0], "steel").band([0, 1.0, 0], [0, 1.4, 0], "tolerance")
    Chart('Deflection', 3 points: line 'steel', band 'tolerance')

    Raises `ValueError` for series of another length and unknown scales, `TypeError` for values that are
    not numbers.
    """

    def __init__(
        self,
        title: str = "",
        *,
        x: Values,
        x_label: str = "",
        x_unit: str | None = None,
        x_scale: Scale = "linear",
        y_label: str = "",
        y_unit: str | None = None,
        y_scale: Scale = "linear",
    ) -> None:
        if not isinstance(title, str):
            raise TypeError("Chart takes its title first and its x values by name: Chart('Title', x=[…]).")
        self.title = title
        self.x = XAxis(str(x_label), _unit(x_unit), _scale(x_scale, "x_scale"), _x_values(x))
        self.y = Axis(str(y_label), _unit(y_unit), _scale(y_scale, "y_scale"))
        self.series: list[Series] = []

    def line(self, values: Values, label: str = "") -> Chart:
        """Add a curve through the values."""
        return self._add("line", values, label)

    def scatter(self, values: Values, label: str = "") -> Chart:
        """Add points that are not connected."""
        return self._add("scatter", values, label)

    def bar(self, values: Values, label: str = "") -> Chart:
        """Add a row of bars from zero."""
        return self._add("bar", values, label)

    def band(self, low: Values, high: Values, label: str = "") -> Chart:
        """Add the area between a low and a high value at each x."""
        lows, highs = to_numbers(low, "band(low)"), to_numbers(high, "band(high)")
        self._check_length("band(low)", len(lows))
        self._check_length("band(high)", len(highs))
        pairs: Band = [
            None if below is None or above is None else (below, above)
            for below, above in zip(lows, highs, strict=True)
        ]
        self.series.append(Series(str(label), "band", pairs))
        return self

    def _add(self, kind: Kind, values: Values, label: str) -> Chart:
        numbers = to_numbers(values, kind)
        self._check_length(kind, len(numbers))
        self.series.append(Series(str(label), kind, numbers))
        return self

    def _check_length(self, what: str, length: int) -> None:
        expected = len(self.x.values)
        if length != expected:
            raise ValueError(f"{what} has {length} values, but x has {expected}. Give one value for each x.")

    def __repr__(self) -> str:
        listed = ", ".join(f"{one.kind} {one.label!r}" for one in self.series) or "no series"
        return f"Chart({self.title!r}, {len(self.x.values)} points: {listed})"


def _x_values(x: Values) -> Numbers | Sequence[str]:
    listed = to_list(x, "x")
    names = [value for value in listed if isinstance(value, str)]
    if names and len(names) == len(listed):
        return [str(name) for name in names]
    return to_numbers(listed, "x")


def _scale(scale: Scale, name: str) -> Scale:
    if scale not in ("linear", "log"):
        raise ValueError(f'{name} is {scale!r}. Write "linear" or "log".')
    return scale


def _unit(unit: str | None) -> str | None:
    return None if unit is None else str(unit)
