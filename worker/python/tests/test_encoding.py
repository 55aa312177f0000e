"""Golden values of the result encoding."""

from __future__ import annotations

import json

import pytest
from conftest import Run

SETUP = """
import array, collections, dataclasses, datetime, decimal, enum, fractions, math, pathlib, types, typing, uuid
import numpy as np
import pandas as pd
import mecapy

@dataclasses.dataclass
class Bolt:
    d: float
    grade: str = "8.8"

class Point(typing.NamedTuple):
    x: float
    y: float

class Colour(enum.Enum):
    RED = "red"

class Level(enum.IntEnum):
    HIGH = 3

class Mesh:
    pass

UTC = datetime.timezone.utc
"""

NAN = '{"$type":"number","value":"NaN"}'
INF = '{"$type":"number","value":"Infinity"}'
MINUS_INF = '{"$type":"number","value":"-Infinity"}'


def when(value: str) -> str:
    return f'{{"$type":"datetime","value":"{value}"}}'


def lasting(seconds: str) -> str:
    return f'{{"$type":"timedelta","seconds":{seconds}}}'


def table(columns: list[tuple[str, str, str | None]], data: str) -> str:
    heads = ",".join(
        f'{{"name":"{name}","dtype":"{dtype}","unit":{json.dumps(unit)}}}' for name, dtype, unit in columns
    )
    return f'{{"$type":"table","columns":[{heads}],"data":{data}}}'


PLAIN = [
    ("None", "null"),
    ("True", "true"),
    ("3", "3"),
    ("3.0", "3.0"),
    ("-0.0", "-0.0"),
    ("0.1", "0.1"),
    ("1e22", "1e+22"),
    ("5e-324", "5e-324"),
    ("1.7976931348623157e308", "1.7976931348623157e+308"),
    ("2**53 + 1", "9007199254740993"),
    ("-(10**40)", "-" + "1" + "0" * 40),
    ("10**5000", "1" + "0" * 5000),
    ('"é \\n \\"q\\" \\u2028"', '"é \\n \\"q\\" \u2028"'),
    ('"a\\0b"', '"a\\u0000b"'),
    ('"\\ud800 and \\ud83d\\ude00"', '"\ufffd and \U0001f600"'),
    ("[]", "[]"),
    ("{}", "{}"),
    ("(1, 2.5)", "[1,2.5]"),
    ("[1, [2, [3]]]", "[1,[2,[3]]]"),
    ('{"a": {"b": [True, None]}}', '{"a":{"b":[true,null]}}'),
    ("range(3)", "[0,1,2]"),
    ("[1, 10**400, True]", f"[1,{10**400},true]"),
    ("[10**400]", f"[{10**400}]"),
    ("collections.deque([1, 2])", "[1,2]"),
    ("array.array('d', [1, 2])", "[1.0,2.0]"),
    ("{'b': 1, 'a': 2}.keys()", '["a","b"]'),
    ("{'b': 1, 'a': 2}.values()", "[1,2]"),
    ("{3, 1, 2}", "[1,2,3]"),
    ("{'b', 1}", '[1,"b"]'),
    ("frozenset()", "[]"),
    ("collections.Counter('aab')", '{"a":2,"b":1}'),
    ("types.MappingProxyType({'a': 1})", '{"a":1}'),
]

TYPED = [
    ("math.nan", NAN),
    ("math.inf", INF),
    ("-math.inf", MINUS_INF),
    ("[1.0, math.nan]", f"[1.0,{NAN}]"),
    ("1 + 2j", '{"$type":"complex","re":1.0,"im":2.0}'),
    ("complex(math.nan, 0)", f'{{"$type":"complex","re":{NAN},"im":0.0}}'),
    ("datetime.datetime(2026, 11, 24, 9, 41)", when("2026-11-24T09:41:00")),
    ("datetime.datetime(2026, 11, 24, 9, 41, tzinfo=UTC)", when("2026-11-24T09:41:00+00:00")),
    ("datetime.date(2026, 11, 24)", when("2026-11-24")),
    ("datetime.time(9, 41)", '"09:41:00"'),
    ("datetime.timedelta(hours=1, microseconds=1)", lasting("3600.000001")),
    ("decimal.Decimal('0.1000')", "0.1000"),
    ("decimal.Decimal('1E+30')", "1E+30"),
    ("decimal.Decimal('NaN')", NAN),
    ("decimal.Decimal('-Infinity')", MINUS_INF),
    ("decimal.Decimal('1E+400')", '"1E+400"'),
    ("fractions.Fraction(1, 4)", "0.25"),
    ("fractions.Fraction(10**30)", "1" + "0" * 30),
    ("fractions.Fraction(10**400, 3)", f'"{10**400}/3"'),
    ("pathlib.Path('/tmp/x')", '"/tmp/x"'),
    ("uuid.UUID(int=1)", '"00000000-0000-0000-0000-000000000001"'),
    ("Bolt(12.0)", '{"d":12.0,"grade":"8.8"}'),
    ("Point(1, 2)", '{"x":1,"y":2}'),
    ("Colour.RED", '"red"'),
    ("Level.HIGH", "3"),
    ("{Colour.RED: 1, 2: 3, 1.5: 4, True: 5, None: 6}", '{"red":1,"2":3,"1.5":4,"true":5,"null":6}'),
    ("{datetime.date(2026, 1, 2): 1, np.int64(7): 2}", '{"2026-01-02":1,"7":2}'),
    ('{"$type": 1, "$$type": 2, "type": 3, "$other": 4}', '{"$$type":1,"$$$type":2,"type":3,"$other":4}'),
]

NUMPY = [
    ("np.float64(1.5)", "1.5"),
    ("np.float32(0.1)", "0.10000000149011612"),
    ("np.float64('nan')", NAN),
    ("np.int8(-3)", "-3"),
    ("np.uint64(2**64 - 1)", "18446744073709551615"),
    ("np.bool_(True)", "true"),
    ("np.str_('é')", '"é"'),
    ("np.complex64(1j)", '{"$type":"complex","re":0.0,"im":1.0}'),
    ("np.longdouble(0.5)", "0.5"),
    ("np.array(3.5)", "3.5"),
    ("np.array([1.5, np.nan, -np.inf])", f"[1.5,{NAN},{MINUS_INF}]"),
    ("np.arange(6).reshape(2, 3)", "[[0,1,2],[3,4,5]]"),
    ("np.arange(8).reshape(2, 2, 2)[:, ::-1]", "[[[2,3],[0,1]],[[6,7],[4,5]]]"),
    ("np.array([])", "[]"),
    ("np.empty((0, 3))", "[]"),
    ("np.empty((2, 0))", "[[],[]]"),
    ("np.array([True, False])", "[true,false]"),
    ("np.array(['a', 'é'])", '["a","é"]'),
    ("np.array([1j])", '[{"$type":"complex","re":0.0,"im":1.0}]'),
    ("np.array([1, 'a', None, [2]], dtype=object)", '[1,"a",null,[2]]'),
    ("np.array([[1, None], [2, 'b']], dtype=object)", '[[1,null],[2,"b"]]'),
    ("np.matrix([[1, 2]])", "[[1,2]]"),
    ("np.array([1, 2], dtype='>i4')", "[1,2]"),
    ("np.datetime64('2026-11-24')", when("2026-11-24")),
    ("np.datetime64('2026-11')", when("2026-11-01")),
    ("np.datetime64('2026-11-24T09:41')", when("2026-11-24T09:41:00")),
    ("np.datetime64('2026-11-24T09:41:00.123456789')", when("2026-11-24T09:41:00.123456789")),
    ("np.datetime64('NaT')", "null"),
    ("np.timedelta64(90, 'm')", lasting("5400.0")),
    ("np.array(['2026-01-01', 'NaT'], dtype='datetime64[D]')", f"[{when('2026-01-01')},null]"),
    ("np.ma.masked", "null"),
    ("np.ma.array([1.5, 2.5, np.nan], mask=[0, 1, 0])", f"[1.5,null,{NAN}]"),
    ("np.ma.array([[1, 2], [3, 4]], mask=[[0, 1], [0, 0]])", "[[1,null],[3,4]]"),
    (
        "np.array([(1, 2.5), (3, 4.5)], dtype=[('n', 'i4'), ('x', 'f8')])",
        table([("n", "int32", None), ("x", "float64", None)], "[[1,3],[2.5,4.5]]"),
    ),
    ("np.array([(1, 2.5)], dtype=[('n', 'i4'), ('x', 'f8')])[0]", '{"n":1,"x":2.5}'),
    ("[np.float64(1), np.float64(2)]", "[1.0,2.0]"),
]

PANDAS = [
    ("pd.NA", "null"),
    ("pd.NaT", "null"),
    ("pd.Timestamp('2026-11-24 09:41', tz='Europe/Paris')", when("2026-11-24T09:41:00+01:00")),
    ("pd.Timedelta(minutes=1.5)", lasting("90.0")),
    ("pd.Period('2026-11')", '"2026-11"'),
    ("pd.Interval(0, 1)", '"(0, 1]"'),
    ("pd.Index([1, 2])", "[1,2]"),
    (
        "pd.date_range('2026-01-01', periods=2)",
        f"[{when('2026-01-01T00:00:00')},{when('2026-01-02T00:00:00')}]",
    ),
    ("pd.Categorical(['b', 'a', None])", '["b","a",null]'),
    (
        "pd.DataFrame({'a': [1, 2], 'b': [1.5, np.nan], 'c': ['x', None]})",
        table(
            [("a", "int64", None), ("b", "float64", None), ("c", "str", None)],
            '[[1,2],[1.5,null],["x",null]]',
        ),
    ),
    ("pd.DataFrame()", table([], "[]")),
    ("pd.DataFrame({'a': []}, dtype=float)", table([("a", "float64", None)], "[[]]")),
    (
        "pd.DataFrame({'a': [1]}, index=pd.Index(['k'], name='key'))",
        table([("key", "str", None), ("a", "int64", None)], '[["k"],[1]]'),
    ),
    (
        "pd.DataFrame({'a': [1]}, index=[5])",
        table([("index", "int64", None), ("a", "int64", None)], "[[5],[1]]"),
    ),
    (
        "pd.DataFrame([[1, 2]], columns=['a', 'a'])",
        table([("a", "int64", None), ("a", "int64", None)], "[[1],[2]]"),
    ),
    (
        "pd.DataFrame({('u', 'x'): [1]}, index=pd.MultiIndex.from_tuples([('k', 1)], names=['p', None]))",
        table([("p", "str", None), ("index 1", "int64", None), ("u · x", "int64", None)], '[["k"],[1],[1]]'),
    ),
    ("pd.DataFrame({'a': pd.array([1, None], dtype='Int64')})", table([("a", "Int64", None)], "[[1,null]]")),
    (
        "pd.DataFrame({'t': pd.to_datetime(['2026-01-01', None]).as_unit('ns')})",
        table([("t", "datetime64[ns]", None)], f"[[{when('2026-01-01T00:00:00')},null]]"),
    ),
    ("pd.DataFrame({'c': pd.Categorical(['b', 'a'])})", table([("c", "category", None)], '[["b","a"]]')),
    ("pd.DataFrame({'x': [np.inf]})", table([("x", "float64", None)], f"[[{INF}]]")),
    (
        "pd.DataFrame({'o': [Bolt(1.0), [1]]})",
        table([("o", "object", None)], '[[{"d":1.0,"grade":"8.8"},[1]]]'),
    ),
    ("pd.Series([1.5, 2.5])", table([("value", "float64", None)], "[[1.5,2.5]]")),
    (
        "pd.Series([True], index=['k'], name='ok')",
        table([("index", "str", None), ("ok", "bool", None)], '[["k"],[true]]'),
    ),
]

AUTHORED = [
    ('mecapy.Q(12.5, "kN")', '{"$type":"quantity","value":12.5,"unit":"kN"}'),
    (
        'mecapy.Q(np.float64(2), "", headline=True)',
        '{"$type":"quantity","value":2.0,"unit":"","headline":true}',
    ),
    ('mecapy.Q(np.array([1.0, 2.0]), "mm")', '{"$type":"quantity","value":[1.0,2.0],"unit":"mm"}'),
    (
        'mecapy.Table({"load": [10, 20], "name": ["a", None]}, units={"load": "kN"})',
        table([("load", "int64", "kN"), ("name", "str", None)], '[[10,20],["a",null]]'),
    ),
    ('mecapy.Table({"x": np.array([1.0, np.nan])})', table([("x", "float64", None)], f"[[1.0,{NAN}]]")),
    (
        'mecapy.Chart("T", x=np.array([0, 1]), x_label="t", x_unit="s", y_scale="log")'
        '.line([1, np.nan], "a").band([0, 1], [2, 3])',
        '{"$type":"chart","title":"T","x":{"label":"t","unit":"s","scale":"linear","values":[0.0,1.0]},'
        '"y":{"label":"","unit":null,"scale":"log"},"series":[{"label":"a","kind":"line","values":[1.0,null]},'
        '{"label":"","kind":"band","values":[[0.0,2.0],[1.0,3.0]]}]}',
    ),
    (
        'mecapy.Chart(x=["M8", "M10"]).bar([1, 2])',
        '{"$type":"chart","title":"","x":{"label":"","unit":null,"scale":"linear","values":["M8","M10"]},'
        '"y":{"label":"","unit":null,"scale":"linear"},"series":[{"label":"","kind":"bar","values":[1.0,2.0]}]}',
    ),
]


@pytest.mark.parametrize(("expression", "expected"), PLAIN + TYPED + NUMPY + PANDAS + AUTHORED)
def test_writes(run: Run, expression: str, expected: str) -> None:
    outcome = run(f"{SETUP}\ndef calculate():\n    return {expression}")
    assert outcome.kind == "result", outcome.payload
    assert outcome.payload == expected


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        (
            '{"mesh": Mesh()}',
            'result["mesh"] is a Mesh, which cannot be stored. Return numbers, lists or a table.',
        ),
        ("[[0], [1, Mesh()]]", "result[1][1] is a Mesh, which"),
        ("Mesh()", "result is a Mesh, which"),
        ("{'a': Bolt(Mesh())}", 'result["a"]["d"] is a Mesh, which'),
        ("Bolt", "result is a type, which cannot be stored. Return the values it gives"),
        (
            'b"x"',
            "result is a bytes object, which cannot be stored. Return base64 text, or a list of numbers.",
        ),
        ("(x for x in [1])", "result is a generator, which cannot be stored. Return list(…) of it."),
        ("lambda: 1", "result is a function, which cannot be stored. Return the values it gives"),
        ("np.array([b'x'])", "result is an array of |S1, which cannot be stored. Return base64"),
        ("np.timedelta64(5, 'M')", "Months and years have no fixed length"),
        ("scipy.sparse.eye(3).tocsr()", "which cannot be stored. Return its toarray()"),
        ("np.array([Mesh()])", "result[0] is a Mesh, which"),
        ("pd.DataFrame({'a': [1, Mesh()]})", 'result["a"][1] is a Mesh, which'),
        ("mecapy.Table({'a': [Mesh()]})", 'result["a"][0] is a Mesh, which'),
        ("{(1, 2): 3}", "result has the key (1, 2), a tuple. Use texts or numbers as keys."),
        (
            '{1: "a", "1": "b"}',
            'result has two keys that are both written "1". Use keys that differ as texts.',
        ),
        ("Ellipsis", "result is an ellipsis, which"),
    ],
)
def test_refuses_with_the_key_path(run: Run, expression: str, message: str) -> None:
    error = run(f"{SETUP}\ndef calculate():\n    return {expression}").error
    assert error["kind"] == "unserialisable"
    assert message in error["message"]


def test_refuses_what_contains_itself(run: Run) -> None:
    error = run("def calculate():\n    a = {'x': [1]}\n    a['x'].append(a)\n    return a").error
    assert error["kind"] == "unserialisable"
    assert error["message"].startswith('result["x"][1] contains itself')


def test_the_same_value_twice_is_no_circle(run: Run) -> None:
    assert run("def calculate():\n    a = [1]\n    return {'x': a, 'y': a}").result == {"x": [1], "y": [1]}


@pytest.mark.parametrize(("levels", "kind"), [(64, "result"), (65, "error"), (100_000, "error")])
def test_nests_64_levels(run: Run, levels: int, kind: str) -> None:
    outcome = run(f"def calculate():\n    v = []\n    for _ in range({levels - 1}): v = [v]\n    return v")
    assert outcome.kind == kind
    if kind == "error":
        assert outcome.error["kind"] == "unserialisable"
        assert "more than 64 levels deep" in outcome.error["message"]


@pytest.mark.parametrize(
    "expression",
    [
        "'x' * 2000",
        "['x' * 500] * 4",
        "list(range(1000))",
        "numpy.zeros(10**9, numpy.int8)",
        "numpy.zeros((30_000, 30_000), bool)",
        "10**100_000",
        "1 << 200_000_000",
        "pandas.DataFrame({'a': range(1000)})",
        "{'deep': {'a' * 900: 1, 'b' * 900: 2}}",
        "[[0] * 100] * 10**6",
        "['é' * 600]",
    ],
)
def test_refuses_what_is_too_large(run: Run, expression: str) -> None:
    error = run(f"def calculate():\n    return {expression}", output_bytes=1000).error
    assert error["kind"] == "result_too_large"
    assert error["message"].startswith("The result is larger than 1000 bytes, the limit, reached in result")


def test_the_limit_counts_bytes_and_is_exact(run: Run) -> None:
    code = "def calculate():\n    return 'é' * 49"
    assert run(code, output_bytes=100).kind == "result"
    assert run(code, output_bytes=99).error["kind"] == "result_too_large"


def test_long_lists_are_written_whole(run: Run) -> None:
    code = (
        "def calculate():\n    n = 50_000\n    a = numpy.arange(n)\n"
        "    return [list(range(n)), a, a / 2, pandas.Series(a), [*range(n - 1), 'x']]"
    )
    ints, array, halves, series, mixed = run(code).result
    assert ints == array == series["data"][0] == list(range(50_000))
    assert halves == [n / 2 for n in range(50_000)]
    assert mixed == [*range(49_999), "x"]


def test_units_of_a_frame_come_from_its_attributes(run: Run) -> None:
    code = "def calculate():\n    f = pandas.DataFrame({'a': [1]})\n    f.attrs['units'] = {'a': 'kN'}\n    return f"
    assert run(code).result["columns"] == [{"name": "a", "dtype": "int64", "unit": "kN"}]


def test_scipy_results_are_objects(run: Run) -> None:
    code = "def calculate():\n    return scipy.optimize.root_scalar(lambda x: x**2 - 2, bracket=(0, 2))"
    assert run(code).result["root"] == pytest.approx(2**0.5)
