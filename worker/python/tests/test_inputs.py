"""How the inputs reach `calculate`, and what is said when they do not fit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from conftest import Run

from mecapy_runner._failure import Failure
from mecapy_runner._files import place_files

SETUP = """
import dataclasses, datetime, decimal, enum, fractions, numbers, pathlib, typing
from typing import *
import numpy as np
import numpy.typing as npt
import pandas as pd

@dataclasses.dataclass
class Bolt:
    d: float
    grade: Literal["8.8", "10.9"] = "8.8"
    def __post_init__(self):
        if self.d <= 0: raise ValueError("d must be above 0")

@dataclasses.dataclass
class Joint:
    bolt: Bolt
    loads: list[float] = dataclasses.field(default_factory=list)

@dataclasses.dataclass
class Started:
    d: float
    seed: dataclasses.InitVar[float]
    made: int = dataclasses.field(init=False, repr=False)
    _: dataclasses.KW_ONLY
    def __post_init__(self, seed):
        self.d += seed

class Section(TypedDict):
    width: float
    height: NotRequired[float]

class Point(NamedTuple):
    x: float
    y: float = 0.0

class Material(enum.Enum):
    STEEL = "steel"
    BRASS = "brass"

Length = NewType("Length", float)
"""


def show(run: Run, annotation: str, value: Any) -> Any:
    code = f"{SETUP}\ndef calculate(v: {annotation}, other=0):\n    return [type(v).__name__, repr(v)]"
    return run(code, {"v": value})


@pytest.mark.parametrize(
    ("signature", "style"),
    [
        ("inputs", "dict"),
        ("inputs: dict", "dict"),
        ("inputs: float", "dict"),
        ("inputs, /", "dict"),
        ("*, inputs", "dict"),
        ("data", "dict"),
        ("data: dict[str, float]", "dict"),
        ("data: 'Mapping[str, Any]'", "dict"),
        ("data: typing.Dict", "dict"),
        ("force: float", "names"),
        ("force: float = 1", "names"),
        ("inputs={}", "names"),
        ("force, section", "names"),
        ("**rest", "names"),
    ],
)
def test_the_signature_decides_the_style(run: Run, signature: str, style: str) -> None:
    name = signature.replace("*", "").strip(", /").split(":")[0].split("=")[0].split(",")[0].strip()
    code = f"{SETUP}\ndef calculate({signature}):\n    return {name}"
    given = {"force": 2, "section": 1} if "section" in signature else {name: 2}
    result = run(code, given).result
    expected = given if style == "dict" or signature == "**rest" else given[name]
    assert result == expected


def test_a_group_as_the_whole_inputs(run: Run) -> None:
    code = f"{SETUP}\ndef calculate(inputs: Bolt):\n    return inputs.d"
    assert run(code, {"d": 12}).result == 12.0
    for kind, shown in (("Point", "Point(x=1.0, y=0.0)"), ("'Section'", None), ("Section", None)):
        code = f"{SETUP}\ndef calculate(inputs: {kind}):\n    return repr(inputs)"
        given = {"x": 1} if shown else {"width": 1}
        assert run(code, given).result == (shown or "{'width': 1.0}")


@pytest.mark.parametrize(
    ("annotation", "value", "kind", "shown"),
    [
        ("float", 3, "float", "3.0"),
        ("float", 3.5, "float", "3.5"),
        ("'float'", 3, "float", "3.0"),
        ("int", 3, "int", "3"),
        ("int", 1000.0, "int", "1000"),
        ("int", 2**80, "int", str(2**80)),
        ("bool", True, "bool", "True"),
        ("str", "4", "str", "'4'"),
        ("complex", 2, "complex", "(2+0j)"),
        ("complex", {"$type": "complex", "re": 1, "im": 2}, "complex", "(1+2j)"),
        ("np.float64", 2, "float64", "np.float64(2.0)"),
        ("np.float32", 2, "float32", "np.float32(2.0)"),
        ("np.int64", 2.0, "int64", "np.int64(2)"),
        ("numbers.Real", 2.5, "float", "2.5"),
        ("numbers.Integral", 2.0, "int", "2"),
        ("Started", {"d": 1, "seed": 2}, "Started", "Started(d=3.0)"),
        ("Annotated[float, 'kN']", 3, "float", "3.0"),
        ("Annotated[Optional[float], 'kN']", None, "NoneType", "None"),
        ("Length", 3, "float", "3.0"),
        ("Optional[float]", 3, "float", "3.0"),
        ("float | None", None, "NoneType", "None"),
        ("int | float", 3, "int", "3"),
        ("float | str", "a", "str", "'a'"),
        ("Literal['a', 2]", 2, "int", "2"),
        ("Literal[1.5]", 1.5, "float", "1.5"),
        ("Any", {"a": 1}, "dict", "{'a': 1}"),
        ("list[float]", [1, 2.5], "list", "[1.0, 2.5]"),
        ("list[float]", [1, 2**60], "list", f"[1.0, {float(2**60)}]"),
        ("list[str]", ["a", "b"], "list", "['a', 'b']"),
        ("List[int]", [1.0], "list", "[1]"),
        ("Sequence[float]", [1], "list", "[1.0]"),
        ("list", [1, "a"], "list", "[1, 'a']"),
        ("list[list[float]]", [[1], [2]], "list", "[[1.0], [2.0]]"),
        ("tuple[float, int]", [1, 2], "tuple", "(1.0, 2)"),
        ("tuple[float, ...]", [1, 2], "tuple", "(1.0, 2.0)"),
        ("tuple", [1], "tuple", "(1,)"),
        ("set[int]", [1, 1], "set", "{1}"),
        ("dict[str, float]", {"a": 1}, "dict", "{'a': 1.0}"),
        ("dict[int, float]", {"3": 1}, "dict", "{3: 1.0}"),
        ("np.ndarray", [1, 2], "ndarray", "array([1., 2.])"),
        ("npt.NDArray[np.float64]", [[1], [2]], "ndarray", "array([[1.],\n       [2.]])"),
        ("npt.NDArray[np.int64]", [1, 2.0], "ndarray", "array([1, 2])"),
        ("np.ndarray", [], "ndarray", "array([], dtype=float64)"),
        ("Bolt", {"d": 12}, "Bolt", "Bolt(d=12.0, grade='8.8')"),
        (
            "Joint",
            {"bolt": {"d": 1}, "loads": [1]},
            "Joint",
            "Joint(bolt=Bolt(d=1.0, grade='8.8'), loads=[1.0])",
        ),
        ("list[Bolt]", [{"d": 1}], "list", "[Bolt(d=1.0, grade='8.8')]"),
        ("Section", {"width": 1}, "dict", "{'width': 1.0}"),
        ("Point", {"x": 1}, "Point", "Point(x=1.0, y=0.0)"),
        ("Point", [1, 2], "Point", "Point(x=1.0, y=2.0)"),
        ("Material", "steel", "Material", "<Material.STEEL: 'steel'>"),
        ("Material", "BRASS", "Material", "<Material.BRASS: 'brass'>"),
        ("datetime.date", "2026-11-24", "date", "datetime.date(2026, 11, 24)"),
        ("datetime.datetime", "2026-11-24T09:41", "datetime", "datetime.datetime(2026, 11, 24, 9, 41)"),
        ("pathlib.Path", "/tmp/x", "PosixPath", "PosixPath('/tmp/x')"),
        ("decimal.Decimal", 0.1, "Decimal", "Decimal('0.1')"),
        ("fractions.Fraction", "1/3", "Fraction", "Fraction(1, 3)"),
        ("Unknown", 5, "int", "5"),
        ("Callable", 5, "int", "5"),
    ],
)
def test_brings_a_value_to_its_annotation(
    run: Run, annotation: str, value: Any, kind: str, shown: str
) -> None:
    annotation = f"'{annotation}'" if annotation == "Unknown" else annotation
    assert show(run, annotation, value).result == [kind, shown]


@pytest.mark.parametrize(
    ("annotation", "value", "message"),
    [
        ("float", "4o", 'v is "4o", which is not a number. Write digits, for example 40 or 4e1.'),
        ("float", True, "v is true, which is not a number. Write digits, for example 40 or 4e1."),
        ("float", None, "v is null, which is not a number. Write digits, for example 40 or 4e1."),
        ("float", [1], "v is a list, which is not a number. Write digits, for example 40 or 4e1."),
        ("float", 10**400, "which is not a number that fits. Write a number below 1.8e308."),
        ("int", 2.5, "v is 2.5, which is not a whole number. Write digits without a point, for example 4."),
        ("bool", 1, "v is 1, which is not true or false. Write true or false."),
        ("str", 4, 'v is 4, which is not a text. Write it in quotes, for example "steel".'),
        (
            "Optional[int]",
            "x",
            'v is "x", which is not a whole number. Write digits without a point, for example 4.',
        ),
        ("Literal['a', 'b']", "c", 'v is "c", which is not one of the choices. Write one of "a", "b".'),
        ("Literal[1]", True, "v is true, which is not one of the choices. Write 1."),
        ("list[float]", 3, "v is 3, which is not a list. Write values in brackets, for example [1, 2, 3]."),
        ("list[float]", [1, 10**400], "v[1] is 1"),
        ("list[int]", [1, True], "v[1] is true, which is not a whole number."),
        ("list[float]", [1, "x"], 'v[1] is "x", which is not a number.'),
        ("tuple[float, float]", [1], "v is a list, which is not a list of 2 values. It has 1."),
        ("np.ndarray", [1, None], "v[1] is null, which is not a number."),
        ("np.ndarray", [[1], [1, 2]], "v is a list, which is not an array. Write rows of equal length"),
        ("npt.NDArray[np.int64]", [1.5], "which is not an array of whole numbers."),
        ("dict[str, float]", {"a": "x"}, 'v.a is "x", which is not a number.'),
        ("Bolt", {}, "v.d is missing in the inputs. Give a value."),
        ("Bolt", {"d": 1, "k": 2}, "v has no field k. Its fields are d, grade."),
        ("Bolt", {"d": "x"}, 'v.d is "x", which is not a number.'),
        ("Bolt", {"d": -1}, "v was refused by its class: d must be above 0"),
        (
            "Bolt",
            3,
            'v is 3, which is not an object. Write names and values in braces, for example {"d": 12}.',
        ),
        ("Joint", {"bolt": {"d": 1, "grade": "x"}}, 'v.bolt.grade is "x", which is not one of the choices.'),
        ("Section", {"height": 1}, "v.width is missing in the inputs."),
        ("Material", "wood", 'v is "wood", which is not one of the choices. Write one of "steel", "brass".'),
        ("datetime.date", "soon", 'v is "soon", which is not a date. Write for example "2026-11-24".'),
        ("decimal.Decimal", "x", 'v is "x", which is not a number.'),
        ("pd.DataFrame", 3, "v is 3, which is not a table."),
    ],
)
def test_refuses_in_words(run: Run, annotation: str, value: Any, message: str) -> None:
    error = show(run, annotation, value).error
    assert error["kind"] == "invalid_inputs"
    assert message in error["message"]
    assert error["line"] is None
    assert error["traceback"] is None


def test_frames_come_from_columns_rows_and_tables(run: Run) -> None:
    code = f"{SETUP}\ndef calculate(v: pd.DataFrame):\n    return v.to_dict('list')"
    table = {"$type": "table", "columns": [{"name": "a"}], "data": [[1, 2]]}
    for given in ({"a": [1, 2]}, [{"a": 1}, {"a": 2}], table):
        assert run(code, {"v": given}).result == {"a": [1, 2]}


def test_defaults_are_used_as_the_author_wrote_them(run: Run) -> None:
    code = "def calculate(a: float = 1000, b=None, *, c: int = 3):\n    return [a, b, c]"
    assert run(code).payload == "[1000,null,3]"
    assert run(code, {"a": 5, "b": "x", "c": 4}).payload == '[5.0,"x",4]'


def test_null_is_taken_where_it_is_the_default(run: Run) -> None:
    assert run("def calculate(a: float = None):\n    return a", {"a": None}).result is None


def test_positional_only_parameters(run: Run) -> None:
    code = "def calculate(a: float, b: float = 2, /, c: float = 3):\n    return [a, b, c]"
    assert run(code, {"a": 1, "c": 5}).result == [1.0, 2, 5.0]


def test_annotations_of_the_future(run: Run) -> None:
    code = (
        "from __future__ import annotations\nfrom dataclasses import dataclass\n"
        "@dataclass\nclass Bolt:\n    d: float\n"
        "def calculate(bolt: Bolt):\n    return bolt.d"
    )
    assert run(code, {"bolt": {"d": 1}}).payload == "1.0"


@pytest.mark.parametrize(
    ("signature", "inputs", "message"),
    [
        (
            "force, section",
            {"force": 1},
            "section is missing in the inputs. Give a value, or write a default",
        ),
        ("a, b, c", {}, "a, b and c are missing in the inputs."),
        ("force=1, section=2", {"forze": 1}, "calculate has no parameter forze. Did you mean force?"),
        ("a=1, b=2", {"xyz": 1}, "calculate has no parameter xyz. Its parameters are a, b."),
        ("", {"a": 1}, "calculate has no parameter a. It takes no inputs."),
        ("inputs", "[1]", "The inputs are a list, not an object."),
        ("inputs", "3", "The inputs are 3, not an object."),
        ("inputs", "{", "The inputs are not valid JSON:"),
        ("inputs", '{"a": NaN}', "The inputs contain NaN, which JSON does not have. Write null."),
        ("inputs", '{"a":' * 65 + "1" + "}" * 65, "The inputs are nested more than 64 levels deep."),
        (
            "inputs",
            '{"a":' + "[" * 100_000 + "]" * 100_000 + "}",
            "The inputs are nested more than 64 levels deep.",
        ),
        ("inputs", '{"a":' + "1" * 5000 + "}", "An integer in the inputs has too many digits."),
    ],
)
def test_inputs_that_do_not_fit(run: Run, signature: str, inputs: Any, message: str) -> None:
    error = run(f"def calculate({signature}):\n    return 1", inputs).error
    assert error["kind"] == "invalid_inputs"
    assert message in error["message"]


def test_integers_stay_exact(run: Run) -> None:
    assert run("def calculate(inputs):\n    return inputs", f'{{"n": {2**70}}}').payload == f'{{"n":{2**70}}}'


def test_no_inputs_are_no_error(run: Run) -> None:
    assert run("def calculate(inputs):\n    return inputs", "").result == {}


def test_calculate_may_be_any_callable(run: Run) -> None:
    for code in (
        "calculate = lambda inputs: 1",
        "import functools\ndef f(a, b): return a\ncalculate = functools.partial(f, b=2)",
        "class C:\n    def __call__(self, a: float = 1): return int(a)\ncalculate = C()",
        "import functools\ndef deco(f):\n    @functools.wraps(f)\n    def inner(**k): return f(**k)\n    return inner\n"
        "@deco\ndef calculate(a: int = 1): return a",
        "async def calculate(a=1):\n    import asyncio\n    await asyncio.sleep(0)\n    return a",
    ):
        assert run(code, {"a": 1}).result == 1, code


def test_files_get_paths_wherever_they_stand(tmp_path: Path) -> None:
    folder = str(tmp_path / "inputs")
    file = {"$type": "file", "name": "a.csv", "sha256": "1"}
    other = {"$type": "file", "name": "a.csv", "sha256": "2"}
    inputs: dict[str, Any] = {"one": dict(file), "deep": {"list": [dict(file), dict(other), 3]}}
    place_files(inputs, {"1": b"x", "2": b"y"}, folder)
    first, second = f"{folder}/1/a.csv", f"{folder}/2/a.csv"
    assert inputs == {"one": first, "deep": {"list": [first, second, 3]}}
    assert Path(first).read_bytes() + Path(second).read_bytes() == b"xy"

    again: dict[str, Any] = {"one": dict(file)}
    place_files(again, {"1": b"z"}, folder)
    assert Path(again["one"]).read_bytes() == b"z"
    assert Path(first).read_bytes() == b"x"


def test_a_file_that_did_not_come_is_said(tmp_path: Path) -> None:
    inputs = {"one": {"$type": "file", "name": "a.csv", "sha256": "1"}}
    with pytest.raises(Failure, match=r"a\.csv did not come with the inputs"):
        place_files(inputs, {}, str(tmp_path / "inputs"))
