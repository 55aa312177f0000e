"""What a run finds around it and what it says while it goes on."""

from __future__ import annotations

import os

import numpy as np
import pytest
from conftest import Run

import mecapy_runner


def test_the_exported_members() -> None:
    public = {name for name in vars(mecapy_runner) if not name.startswith("_")}
    known = {"CalculationError", "preload", "prewarm", "run", "run_here", "settle"}
    assert public - {"zygote"} == set(mecapy_runner.__all__) == known


def test_numpy_scipy_and_pandas_are_bound_by_name_and_nothing_else(run: Run) -> None:
    code = "names = sorted(n for n in globals() if not n.startswith('__') and n != 'names')\ndef calculate():\n    return names"
    assert run(code).result == ["numpy", "pandas", "scipy"]
    assert run(
        "def calculate():\n    return scipy.optimize.brentq(lambda x: x - 1, 0, 3)"
    ).result == pytest.approx(1)


def test_printed_text_arrives_unbuffered_and_in_order(run: Run) -> None:
    code = "import os, sys\ndef calculate():\n    print('é', end='')\n    print('\\ud800', file=sys.stderr)\n    os._exit(1)"
    outcome = run(code)
    assert outcome.stdout == "é"
    assert outcome.stderr == "\\ud800\n"
    assert outcome.kind == ""


def test_warnings_show_the_authors_line(run: Run) -> None:
    outcome = run("def calculate():\n    return numpy.array([1.0]) / 0")
    assert outcome.stderr.startswith("calculation.py:2: RuntimeWarning: divide by zero")
    assert "return numpy.array([1.0]) / 0" in outcome.stderr


def test_the_environment_is_empty(run: Run) -> None:
    os.environ["MECAPY_TEST_SECRET"] = "secret"
    code = "import os, sys\ndef calculate():\n    return [dict(os.environ), os.getcwd(), sys.argv]"
    environment, folder, arguments = run(code).result
    assert set(environment) - {"MPLCONFIGDIR"} == {"HOME", "LANG", "MPLBACKEND", "TZ"}
    assert os.path.realpath(folder) == os.path.realpath("/tmp")
    assert arguments == ["calculation.py"]


def test_local_time_is_utc_and_every_zone_is_known(run: Run) -> None:
    code = (
        "import datetime, time, zoneinfo\ndef calculate():\n"
        "    summer = datetime.datetime(2026, 7, 1, tzinfo=zoneinfo.ZoneInfo('Europe/Paris'))\n"
        "    return [time.timezone, time.tzname[0], summer.utcoffset()]"
    )
    elsewhere = run(code, before=lambda: os.environ.update(TZ="America/New_York"))
    assert elsewhere.result == [0, "UTC", {"$type": "timedelta", "seconds": 7200.0}]


def test_random_numbers_differ_between_runs_forked_from_one_state(run: Run) -> None:
    code = (
        "import random\ndef calculate():\n"
        "    return [random.random(), numpy.random.rand(), numpy.random.default_rng().random(),"
        " scipy.stats.norm.rvs(), scipy.stats.uniform.rvs()]"
    )
    first, second = run(code).result, run(code).result
    assert all(a != b for a, b in zip(first, second, strict=True))


def test_without_a_fresh_seed_the_numbers_would_repeat() -> None:
    drawn = []
    for _ in range(2):
        reading, writing = os.pipe()
        if os.fork() == 0:
            os.write(writing, np.random.rand().hex().encode())
            os._exit(0)
        os.wait()
        drawn.append(os.read(reading, 100))
    assert drawn[0] == drawn[1]


def test_one_run_changes_nothing_for_the_next(run: Run) -> None:
    run("def calculate():\n    numpy.pi = 3; numpy.seterr(all='raise'); pandas.DataFrame = None")
    assert (
        run(
            "def calculate():\n    numpy.array([1.0]) / 0\n    return [numpy.pi, pandas.DataFrame({'a': [1]})]"
        ).kind
        == "result"
    )


def test_progress_is_told(run: Run) -> None:
    outcome = run(
        "import mecapy\ndef calculate():\n    mecapy.progress(0.4, 'meshing')\n    mecapy.progress(2)\n    return 1"
    )
    assert outcome.progress == [(0.4, "meshing"), (1.0, "")]
    assert outcome.messages == ["progress", "progress", "result"]


def test_a_flood_of_progress_is_thinned_and_its_end_kept(run: Run) -> None:
    code = (
        "import mecapy\ndef calculate():\n    for i in range(20001): mecapy.progress(i / 20000, 'x' * 10000)"
    )
    outcome = run(code)
    assert 50 <= len(outcome.progress) < 500
    assert outcome.progress[-1][0] == 1.0
    assert all(len(message) == 500 for _, message in outcome.progress)


def test_a_flood_of_ends_is_thinned_too(run: Run) -> None:
    code = "import mecapy\ndef calculate():\n    for i in range(20000): mecapy.progress(1)"
    assert len(run(code).progress) < 500


def test_progress_from_threads_and_after_the_end(run: Run) -> None:
    code = (
        "import mecapy, threading, time\n"
        "def loop():\n    while True: mecapy.progress(0.1)\n"
        "def calculate():\n    for _ in range(4): threading.Thread(target=loop, daemon=True).start()\n    time.sleep(0.05)\n    return 1"
    )
    outcome = run(code)
    assert outcome.result == 1
    assert outcome.messages[-1] == "result"


def test_returning_nothing_is_noted(run: Run) -> None:
    outcome = run("def calculate():\n    pass")
    assert outcome.result is None
    assert outcome.notes == ["calculate returned nothing. Write return and the values to keep.\n"]


def test_classes_of_the_calculation_can_be_pickled(run: Run) -> None:
    code = "import pickle\nclass A: pass\ndef calculate():\n    return type(pickle.loads(pickle.dumps(A()))).__name__"
    assert run(code).result == "A"


def test_the_main_block_does_not_run(run: Run) -> None:
    assert (
        run("if __name__ == '__main__':\n    1 / 0\ndef calculate():\n    return __name__").result
        == "calculation"
    )


def test_the_runner_can_be_called_by_hand(tmp_path: object) -> None:
    import subprocess
    import sys
    from pathlib import Path

    folder = Path(str(tmp_path))
    (folder / "calc.py").write_text(
        "import matplotlib.pyplot as plt\ndef calculate(force: float):\n    plt.plot([1, 2])\n    return {'f': force}"
    )
    runner = Path(mecapy_runner.__file__).parent.parent
    call = [
        sys.executable,
        "-m",
        "mecapy_runner",
        str(folder / "calc.py"),
        "--figures",
        str(folder / "figures"),
    ]
    environment = {"PYTHONPATH": str(runner), "MPLCONFIGDIR": str(folder), "MPLBACKEND": "Agg"}
    done = subprocess.run(
        [*call, "--inputs", '{"force": 2}'], capture_output=True, text=True, check=False, env=environment
    )
    assert done.returncode == 0, done.stderr
    assert '"f": 2.0' in done.stdout
    assert (folder / "figures" / "figure-0.svg").read_bytes().startswith(b"<?xml")
    failed = subprocess.run(call, capture_output=True, text=True, check=False, env=environment)
    assert failed.returncode == 1
    assert "force is missing in the inputs." in failed.stderr
