import math
from typing import Any

import pytest

from mecapy import Axis, Chart, Series, XAxis


def test_holds_what_will_be_drawn() -> None:
    chart = Chart(
        "Deflection",
        x=[0, 1, 2],
        x_label="Position",
        x_unit="m",
        y_label="Deflection",
        y_unit="mm",
        y_scale="log",
    )
    assert chart.line([1, 2, 3], "steel") is chart
    chart.scatter([1, None, 3], label="measured").bar([1, 2, 3]).band([0, 1, 2], [2, 3, 4], "tolerance")
    assert chart.title == "Deflection"
    assert chart.x == XAxis("Position", "m", "linear", [0.0, 1.0, 2.0])
    assert chart.y == Axis("Deflection", "mm", "log")
    assert chart.series == [
        Series("steel", "line", [1.0, 2.0, 3.0]),
        Series("measured", "scatter", [1.0, None, 3.0]),
        Series("", "bar", [1.0, 2.0, 3.0]),
        Series("tolerance", "band", [(0.0, 2.0), (1.0, 3.0), (2.0, 4.0)]),
    ]
    assert repr(chart) == (
        "Chart('Deflection', 3 points: line 'steel', scatter 'measured', bar '', band 'tolerance')"
    )
    assert repr(Chart(x=[])) == "Chart('', 0 points: no series)"


def test_takes_names_on_the_x_axis() -> None:
    assert Chart(x=["M8", "M10"]).bar([1, 2]).x.values == ["M8", "M10"]


def test_what_cannot_be_drawn_is_a_gap() -> None:
    chart = Chart(x=[1, math.nan, 3, 4]).line([math.inf, None, -math.inf, 10**400])
    assert chart.x.values == [1.0, None, 3.0, 4.0]
    assert chart.series[0].values == [None, None, None, None]
    assert Chart(x=[1]).band([math.nan], [1]).series[0].values == [None]


def test_takes_numpy_and_pandas_columns() -> None:
    np, pd = pytest.importorskip("numpy"), pytest.importorskip("pandas")
    chart = Chart(x=np.arange(3)).line(pd.Series([1.0, None, 3.0])).line(np.array([1, 2, 3], dtype="f4"))
    assert chart.x.values == [0.0, 1.0, 2.0]
    assert [one.values for one in chart.series] == [[1.0, None, 3.0], [1.0, 2.0, 3.0]]
    missing = pd.Series([1, None, 3], dtype="Int64")
    assert Chart(x=[1, 2, 3]).line(missing).series[0].values == [1.0, None, 3.0]


@pytest.mark.parametrize(
    ("wrong", "error", "words"),
    [
        (lambda c: c.line([1]), ValueError, "line has 1 values, but x has 2. Give one value for each x."),
        (lambda c: c.band([1, 2], [1]), ValueError, r"band\(high\) has 1 values, but x has 2"),
        (lambda c: c.line([1, "x"]), TypeError, "line: value 1 is the text 'x', not a number."),
        (lambda c: c.line([1, [2]]), TypeError, "line: value 1 is a list, not a number."),
        (lambda c: c.line([1, 1j]), TypeError, "line: value 1 is a complex, not a number."),
        (lambda c: c.line(3), TypeError, "line takes a list of values, not an int."),
        (lambda c: c.line("ab"), TypeError, "line takes a list of values, not the text 'ab'."),
        (lambda c: Chart(x=["a", 1]), TypeError, "x: value 0 is the text 'a', not a number."),
        (
            lambda c: Chart(x=[1], x_scale="logarithmic"),  # type: ignore[arg-type]
            ValueError,
            "x_scale is 'logarithmic'. Write \"linear\"",
        ),
        (lambda c: Chart([1, 2], x=[1]), TypeError, "Chart takes its title first"),  # type: ignore[arg-type]
    ],
)
def test_refuses_in_words(wrong: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        wrong(Chart(x=[1, 2]))
