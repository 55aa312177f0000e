"""What comes back: every kind of value, the same whichever way it travelled."""

import base64
import datetime
import json
import math
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from support.server import Server

import mecapy
from mecapy import Chart, Figure, MecaPy, Q, Table
from mecapy._arrays import ARRAY_FROM, unpacked, with_arrays
from mecapy._decode import decode

EVERYTHING = """
import datetime
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from mecapy import Chart, Q, Table

def calculate():
    figure, axes = plt.subplots()
    axes.plot([0, 1], [0, 1])
    axes.set_title("drawn")
    frame = pd.DataFrame({"load": [1.5, None], "at": pd.to_datetime(["2026-01-01", "2026-01-02"])})
    frame.attrs["units"] = {"load": "kN"}
    return {
        "plain": [1, 2.5, "text", True, None, {"deep": [[1, 2], [3]]}],
        "exact": 2**70,
        "nan": float("nan"), "inf": float("-inf"),
        "complex": 1 - 2j,
        "moment": datetime.datetime(2026, 11, 24, 9, 41, 0, 500, datetime.timezone.utc),
        "day": datetime.date(2026, 11, 24),
        "span": datetime.timedelta(minutes=1.5),
        "force": Q(12.5, "kN", headline=True),
        "frame": frame,
        "table": Table({"a": [1, 2], "b": ["x", "y"]}, units={"a": "mm"}),
        "first": Chart("First", x=[0, 1, 2], y_unit="mm").line([1, None, 3], "w").band([0, 0, 0], [1, 2, 3]),
        "second": [Chart("Second", x=["a", "b"]).bar([1, 2])],
        "short": np.arange(5.0), "long": np.linspace(0, 1, 1000), "counts": np.arange(300),
        "matrix": np.arange(900.0).reshape(30, 30),
        "mixed": [1, 2.5] * 200, "gaps": [0.5, float("nan")] * 200,
        "$type": "the author's own key",
        "drawn": figure,
    }
"""


@pytest.fixture(scope="module")
def everything(server: Server) -> Any:
    with MecaPy(url=server.url) as client:
        task = client.tasks.create("Everything", EVERYTHING)
        first = task.execute()
        again = task.result
        fetched = client.runs.get(task.runs()[0].id).result
        _ = first["first"]._repr_svg_()
        local = task.run_local()
    return {"execute": first, "task": again, "run": fetched, "local": local}


@pytest.mark.parametrize("way", ["execute", "task", "run", "local"])
def test_every_kind_of_value_comes_back(everything: Any, way: str) -> None:
    result = everything[way]
    assert result["plain"] == [1, 2.5, "text", True, None, {"deep": [[1, 2], [3]]}]
    assert result["exact"] == 2**70
    assert math.isnan(result["nan"])
    assert result["inf"] == -math.inf
    assert result["complex"] == 1 - 2j
    assert result["moment"] == datetime.datetime(2026, 11, 24, 9, 41, 0, 500, datetime.timezone.utc)
    assert type(result["day"]) is datetime.date
    assert result["span"] == datetime.timedelta(seconds=90)
    assert (result["force"], result["force"].headline) == (Q(12.5, "kN"), True)
    assert result["$type"] == "the author's own key"


@pytest.mark.parametrize("way", ["execute", "task", "run", "local"])
def test_long_lists_of_numbers_are_arrays(everything: Any, way: str) -> None:
    result = everything[way]
    assert result["short"] == [0.0, 1.0, 2.0, 3.0, 4.0]
    for name, dtype, shape in (
        ("long", "float64", (1000,)),
        ("counts", "int64", (300,)),
        ("matrix", "float64", (30, 30)),
        ("gaps", "float64", (400,)),
    ):
        assert (result[name].dtype, result[name].shape) == (dtype, shape), name
        assert result[name].flags.writeable
    np.testing.assert_array_equal(result["long"], np.linspace(0, 1, 1000))
    assert result["mixed"] == [1, 2.5] * 200


@pytest.mark.parametrize("way", ["execute", "task", "run", "local"])
def test_tables_charts_and_figures_come_back(everything: Any, way: str) -> None:
    result = everything[way]
    frame, table = result["frame"], result["table"]
    assert isinstance(frame, Table)
    assert [(one.name, one.unit) for one in frame.columns] == [("load", "kN"), ("at", None)]
    assert frame["load"] == [1.5, None]
    assert frame["at"][1] == datetime.datetime(2026, 1, 2)
    assert [(one.name, one.dtype, one.unit, one.values) for one in table.columns] == [
        ("a", "int64", "mm", [1, 2]),
        ("b", "str", None, ["x", "y"]),
    ]
    first = result["first"]
    assert isinstance(first, Chart)
    assert (first.title, first.x.values, first.y.unit) == ("First", [0.0, 1.0, 2.0], "mm")
    assert [(one.kind, one.label, one.values) for one in first.series] == [
        ("line", "w", [1.0, None, 3.0]),
        ("band", "", [(0.0, 1.0), (0.0, 2.0), (0.0, 3.0)]),
    ]
    assert result["second"][0].x.values == ["a", "b"]
    figure = result["drawn"]
    assert isinstance(figure, Figure)
    assert (figure.format, figure.title) == ("svg", "drawn")
    assert figure.data.startswith(b"<?xml")
    assert figure.width > 100


def test_a_result_can_be_kept(everything: Any) -> None:
    kept = pickle.loads(pickle.dumps(everything["execute"]))
    assert kept["force"] == Q(12.5, "kN")
    assert kept["first"].title == "First"


def test_notebooks_show_charts_and_figures(client: MecaPy, tmp_path: Path) -> None:
    task = client.tasks.create("Shown", EVERYTHING)
    result = task.execute()
    for name, title in (("first", "First"), ("second", "Second")):
        chart = result[name] if name == "first" else result[name][0]
        assert chart._repr_svg_().startswith("<svg")
        assert title in chart._repr_svg_()
    assert task.runs()[0].chart_svg(1) == result["second"][0]._repr_svg_()
    with pytest.raises(mecapy.NotFoundError):
        task.runs()[0].chart_svg(2)
    figure = result["drawn"]
    assert figure._repr_svg_().startswith("<?xml")
    assert figure._repr_png_() is None
    assert 'src="data:image/svg+xml;base64,' in figure._repr_html_()
    assert figure.save(tmp_path / "drawn").read_bytes() == figure.data
    with pytest.raises(ValueError, match=r"The figure is SVG\. Save it as .*drawn\.svg\."):
        figure.save(tmp_path / "drawn.png")


def test_notebooks_show_runs(client: MecaPy) -> None:
    code = "from mecapy import Q, Table\ndef calculate(x: float = 1):\n"
    task = client.tasks.create(
        "Shown", code + "    return {'<b>': Q(1 / x, 'MPa'), 't': Table({'a': [1.23456789]})}"
    )
    shown = task.execute_async().wait()._repr_html_()
    assert "&lt;b&gt;" in shown
    assert "1.0 MPa" in shown
    assert "1.23457" in shown
    assert "ZeroDivisionError" in task.execute_async({"x": 0}).wait()._repr_html_()


def test_a_result_as_a_frame(client: MecaPy) -> None:
    code = "import numpy as np, pandas as pd\nfrom mecapy import Q, Table\n"
    task = client.tasks.create("Frames", code + "def calculate(case: str):\n    return eval(case)\n")

    def frame(case: str, key: str | None = None) -> pd.DataFrame:
        return task.execute_async({"case": case}).wait().dataframe(key)

    table = "Table({'load': [1, 2]}, units={'load': 'kN'})"
    for case in (table, "{'n': 5, 't': " + table + "}"):
        assert frame(case)["load"].tolist() == [1, 2]
        assert frame(case).attrs["units"] == {"load": "kN"}
    columns = frame("{'x': np.arange(400.0), 'y': list(range(400)), 'n': 7}")
    assert (list(columns.columns), len(columns)) == (["x", "y"], 400)
    row = frame("{'stress': Q(5.0, 'MPa'), 'n': 7}")
    assert (row.to_dict("records"), row.attrs["units"]) == ([{"stress": 5.0, "n": 7}], {"stress": "MPa"})
    assert frame("[{'a': 1}, {'a': 2}]")["a"].tolist() == [1, 2]
    assert frame("{'a': [1, 2], 'b': [1]}", "b")["b"].tolist() == [1]
    with pytest.raises(ValueError, match="differ in length: 'a' 2, 'b' 1"):
        frame("{'a': [1, 2], 'b': [1]}")
    with pytest.raises(
        ValueError, match=r"several tables. Name the one you mean, run\.dataframe\(key\): 'a', 'b'"
    ):
        frame("{'a': " + table + ", 'b': " + table + "}")
    with pytest.raises(KeyError):
        frame("{'a': 1}", "b")
    with pytest.raises(ValueError, match="The result is a str"):
        frame("'text'")


def test_without_numpy_arrays_are_lists(client: MecaPy) -> None:
    task = client.tasks.create(
        "Arrays", "import numpy as np\ndef calculate(): return np.arange(300.0).reshape(2, 150)"
    )
    run = task.execute_async().wait()
    code = (
        "import sys\n"
        "sys.modules['numpy'] = sys.modules['pandas'] = None\n"
        "from mecapy import MecaPy\n"
        f"result = MecaPy(url={client.url!r}).runs.get({run.id!r}).result\n"
        "assert result == [[float(n) for n in range(150)], [float(n) for n in range(150, 300)]], result\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": "src", "HOME": "/nowhere"})


@pytest.mark.parametrize("dtype", ["|b1", "<i2", "<i8", "<u4", "<f4", "<f8", "<c16"])
def test_packed_arrays_are_the_same_with_and_without_numpy(
    dtype: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    array = np.arange(6).reshape(2, 3).astype(dtype)
    data = base64.b64encode(array.tobytes()).decode()
    packed = unpacked([2, 3], dtype, data)
    assert packed.dtype == array.dtype
    monkeypatch.setattr("mecapy._arrays.imported", lambda name: None)
    assert unpacked([2, 3], dtype, data) == array.tolist()


def test_lists_count_as_arrays_from_the_length_on_that_the_server_packs() -> None:
    assert isinstance(with_arrays([1.0] * ARRAY_FROM), np.ndarray)
    assert isinstance(with_arrays([1.0] * (ARRAY_FROM - 1)), list)
    for other in ([True] * 300, ["x"] * 300, [1, 2.0] * 300, [2**64] * 300, [[1.0] * 300, [1.0]]):
        value = with_arrays(list(other))
        assert isinstance(value, list), other
    assert isinstance(with_arrays([[1.0] * 300, [1.0]])[0], np.ndarray)


@pytest.mark.parametrize(
    "text",
    [
        '{"$type": "what comes later", "x": 1}',
        '{"$type": "quantity", "value": 1}',
        '{"$type": "array", "shape": [3], "dtype": "<f8", "data": "AAAA"}',
        '{"$type": "table", "columns": [], "data": [[1]]}',
        '{"$type": "figure", "format": "svg", "index": 7, "width": 1, "height": 1}',
        '{"$type": "datetime", "value": "yesterday"}',
    ],
)
def test_what_does_not_fit_stays_the_object_it_is(text: str) -> None:
    assert decode(json.loads(text)) == json.loads(text)
