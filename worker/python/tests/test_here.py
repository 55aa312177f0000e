"""A run in the caller's own process."""

import json
import os
import sys

import pytest

import mecapy_runner


def test_the_result_is_that_of_a_worker_and_nothing_is_left_behind() -> None:
    def state() -> tuple[object, ...]:
        return dict(os.environ), os.getcwd(), sys.getrecursionlimit(), sys.modules.get("calculation")

    before = state()
    code = (
        "import sys\nsys.setrecursionlimit(300)\ndef calculate(force: float):\n    return {'x': force / 2}\n"
    )
    encoded = mecapy_runner.run_here(code, '{"force": 3}', note=pytest.fail)
    assert json.loads(encoded) == {"x": 1.5}
    assert state() == before


def test_notes_are_told() -> None:
    notes: list[str] = []
    assert mecapy_runner.run_here("def calculate(): pass", "{}", note=notes.append) == b"null"
    assert notes == ["calculate returned nothing. Write return and the values to keep.\n"]


@pytest.mark.parametrize(
    ("code", "kind", "line", "cause"),
    [
        ("def calculate():\n    return 1 / 0\n", "python", 2, ZeroDivisionError),
        ("def calculate(:\n", "syntax", 1, SyntaxError),
    ],
)
def test_a_failure_has_the_words_of_a_worker_and_its_cause(
    code: str, kind: str, line: int, cause: type[Exception]
) -> None:
    with pytest.raises(mecapy_runner.CalculationError) as failed:
        mecapy_runner.run_here(code, "{}", note=pytest.fail)
    error = failed.value
    assert (error.kind, error.line, type(error.__cause__)) == (kind, line, cause)
    assert str(error) == error.message
    assert error.traceback


def test_a_figure_of_the_caller_stays_open() -> None:
    pyplot = pytest.importorskip("matplotlib.pyplot")
    mine = pyplot.figure()
    code = "import matplotlib.pyplot as plt\ndef calculate():\n    plt.plot([1, 2])\n    return {}\n"
    result = json.loads(mecapy_runner.run_here(code, "{}", note=pytest.fail))
    assert result["figures"][0]["data"]
    assert pyplot.get_fignums() == [mine.number]
    pyplot.close(mine)
