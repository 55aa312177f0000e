import sys
import traceback

import pytest

import mecapy
from mecapy import MecaPy, run_local


def test_a_failure_is_the_same_as_on_the_server(client: MecaPy) -> None:
    for code, inputs in (
        ("def calculate(x: float):\n    return 1 / x\n", {"x": 0}),
        ("def calculate(x: float):\n    return y\n", {"x": 0}),
        ("import nowhere\ndef calculate(): return 1\n", {}),
        ("def calculate(x: float:\n    return 1\n", {}),
        ("def compute(): return 1\n", {}),
        ("def calculate(): return object()\n", {}),
    ):
        task = client.tasks.create("Same", code)
        with pytest.raises(mecapy.ExecutionError) as there:
            task.execute(inputs)
        with pytest.raises(mecapy.ExecutionError) as here:
            task.run_local(inputs)
        known = ("kind", "message", "line", "traceback")
        assert [getattr(here.value, name) for name in known] == [getattr(there.value, name) for name in known]
        assert here.value.run_id is None


def test_the_calculations_own_exception_is_the_cause() -> None:
    with pytest.raises(mecapy.ExecutionError) as failed:
        run_local("def calculate(x):\n    return 1 / x['y']\n", {"y": 0})
    cause = failed.value.__cause__
    assert isinstance(cause, ZeroDivisionError)
    assert traceback.extract_tb(cause.__traceback__)[-1].line == "return 1 / x['y']"


def test_inputs_are_brought_to_their_annotations() -> None:
    code = "import numpy as np\ndef calculate(a: np.ndarray, n: int = 2): return float((a * n).sum())"
    assert run_local(code, {"a": [1, 2]}) == 6.0
    with pytest.raises(mecapy.ExecutionError, match=r"n is 2\.5, which is not a whole number") as refused:
        run_local(code, {"a": [1], "n": 2.5})
    assert refused.value.kind == "invalid_inputs"


def test_what_is_printed_and_shown_goes_to_this_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    run_local("import mecapy\ndef calculate():\n    print('hello')\n    mecapy.progress(0.5, 'half')\n")
    said = capsys.readouterr()
    assert said.out == "hello\n"
    assert " 50 %  half\n" in said.err
    assert "calculate returned nothing" in said.err


def test_figures_of_the_caller_stay_out_of_the_result_and_open() -> None:
    pyplot = pytest.importorskip("matplotlib.pyplot")
    mine = pyplot.figure()
    code = "import matplotlib.pyplot as plt\ndef calculate():\n    plt.plot([1, 2])\n    return {}\n"
    result = run_local(code)
    assert len(result["figures"]) == 1
    assert mine.axes == []
    assert pyplot.get_fignums() == [mine.number]
    pyplot.close(mine)


def test_nothing_is_left_behind() -> None:
    limit = sys.getrecursionlimit()
    run_local("import sys\nsys.setrecursionlimit(500)\ndef calculate(): return 1")
    assert sys.getrecursionlimit() == limit
    assert "calculation" not in sys.modules


def test_ctrl_c_is_the_callers() -> None:
    with pytest.raises(KeyboardInterrupt):
        run_local("def calculate():\n    raise KeyboardInterrupt\n")
