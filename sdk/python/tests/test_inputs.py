"""What goes in: Python values as the JSON of inputs."""

import dataclasses
import datetime
import decimal
import enum
import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mecapy
from mecapy import MecaPy, Q, Table
from mecapy._encode import inputs_json


class Grade(enum.Enum):
    HIGH = "10.9"


@dataclasses.dataclass
class Bolt:
    d: float
    grade: Grade


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (2**70, 2**70),
        (np.float32(0.5), 0.5),
        (np.int64(3), 3),
        (np.bool_(True), True),
        (np.arange(4.0).reshape(2, 2), [[0.0, 1.0], [2.0, 3.0]]),
        (pd.Series([1, 2]), [1, 2]),
        (pd.DataFrame({"load": [1.5, 2.0], "n": [1, 2]}), {"load": [1.5, 2.0], "n": [1, 2]}),
        (Table({"load": [1.5]}), {"load": [1.5]}),
        ((1, 2), [1, 2]),
        ({3, 1}, [1, 3]),
        (range(3), [0, 1, 2]),
        (datetime.date(2026, 11, 24), "2026-11-24"),
        (datetime.datetime(2026, 11, 24, 9, 41), "2026-11-24T09:41:00"),
        (decimal.Decimal("0.1"), 0.1),
        (1 - 2j, {"$type": "complex", "re": 1.0, "im": -2.0}),
        (Bolt(12.0, Grade.HIGH), {"d": 12.0, "grade": "10.9"}),
        ({"deep": {1: [None, True, "é"]}}, {"deep": {"1": [None, True, "é"]}}),
    ],
)
def test_values_are_written_as_json(value: Any, written: Any) -> None:
    assert json.loads(inputs_json({"x": value})) == {"x": written}


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ([1], "Inputs are a dict of names and values, not list"),
        ({"x": float("nan")}, r"inputs\['x'\] is nan, which JSON does not have"),
        ({"x": np.array([1.0, np.inf])}, r"inputs\['x'\]\[1\] is inf"),
        ({"x": {"y": object()}}, r"inputs\['x'\]\['y'\] is a object"),
        ({"x": Q(3, "kN")}, r"inputs\['x'\] is the quantity Q\(3, 'kN'\)\. Inputs are plain numbers"),
        ({(1, 2): 1}, r"a dict with the key \(1, 2\)"),
    ],
)
def test_what_json_cannot_say_is_refused_with_its_place(inputs: Any, words: str) -> None:
    with pytest.raises(mecapy.ValidationError, match=words) as refused:
        inputs_json(inputs)
    assert refused.value.status is None


def test_what_is_written_is_what_the_calculation_reads(client: MecaPy) -> None:
    code = (
        "import datetime, numpy as np, pandas as pd\n"
        "def calculate(a: np.ndarray, f: pd.DataFrame, d: datetime.date, z: complex):\n"
        "    return [float(a.sum()), float(f['load'].sum()), d.year, z]\n"
    )
    inputs = {
        "a": np.ones((2, 2)),
        "f": pd.DataFrame({"load": [1.0, 2.0]}),
        "d": datetime.date(2026, 1, 1),
        "z": 1j,
    }
    task = client.tasks.create("Reads", code)
    assert task.execute(inputs) == [4.0, 3.0, 2026, 1j]
    assert task.run_local(inputs) == [4.0, 3.0, 2026, 1j]
