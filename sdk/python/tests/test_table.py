import datetime
from typing import Any

import pytest

from mecapy import Column, Table


def test_holds_columns_with_their_kinds_and_units() -> None:
    table = Table(
        {
            "load": [10, 20],
            "stress": [12.5, None],
            "ok": (True, False),
            "name": ["a", "b"],
            "day": [datetime.date(2026, 1, 1), None],
            "mixed": [1, "a"],
            "empty": [None, None],
        },
        units={"load": "kN"},
    )
    assert table.columns[0] == Column("load", "int64", "kN", [10, 20])
    assert [one.dtype for one in table.columns] == [
        "int64", "float64", "bool", "str", "datetime", "object", "object",
    ]  # fmt: skip
    assert len(table) == 2
    assert table["stress"] == [12.5, None]
    with pytest.raises(KeyError):
        table["nothing"]


def test_is_readable() -> None:
    table = Table({"load": range(7), "stress": [n / 3 for n in range(7)]}, units={"load": "kN"})
    assert repr(table) == "Table(7 rows: load [kN], stress)"
    assert repr(Table({"a": [1]})) == "Table(1 row: a)"
    assert str(table).splitlines() == [
        "load [kN]    stress",
        "        0         0",
        "        1  0.333333",
        "        2  0.666667",
        "        3         1",
        "        4   1.33333",
        "… 2 more rows",
    ]
    assert str(Table({})) == ""


def test_is_made_from_rows() -> None:
    table = Table.from_rows([{"a": 1, "b": 2}, {"a": 3, "c": "x"}], units={"a": "mm"})
    assert [(one.name, one.values) for one in table.columns] == [
        ("a", [1, 3]), ("b", [2, None]), ("c", [None, "x"]),
    ]  # fmt: skip
    assert table.columns[0].unit == "mm"
    assert len(Table.from_rows([])) == 0


def test_takes_numpy_columns_and_frames() -> None:
    np, pd = pytest.importorskip("numpy"), pytest.importorskip("pandas")
    table = Table({"x": np.linspace(0, 1, 3), "n": np.arange(3), "s": pd.Series(list("abc"))})
    assert [(one.dtype, one.values) for one in table.columns] == [
        ("float64", [0.0, 0.5, 1.0]), ("int64", [0, 1, 2]), ("str", ["a", "b", "c"]),
    ]  # fmt: skip
    assert Table(pd.DataFrame({"a": [1, 2]}), units={"a": "kN"})["a"] == [1, 2]


@pytest.mark.parametrize(
    ("wrong", "error", "words"),
    [
        (lambda: Table({"a": [1], "b": [1, 2]}), ValueError, "column 'b' has 2 values, but column 'a' has 1"),
        (lambda: Table({"a": 3}), TypeError, "column 'a' takes a list of values, not an int."),
        (lambda: Table({"a": "xy"}), TypeError, "column 'a' takes a list of values, not the text 'xy'."),
        (lambda: Table([1, 2]), TypeError, "Table takes a dict of columns"),  # type: ignore[arg-type]
        (lambda: Table({"a": [1]}, units={"b": "mm"}), ValueError, "units names 'b', which is no column"),
    ],
)
def test_refuses_in_words(wrong: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        wrong()
