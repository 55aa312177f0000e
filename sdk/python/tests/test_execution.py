import time

import pytest

import mecapy
from mecapy import MecaPy

ENDLESS = "def calculate():\n    print('begun', flush=True)\n    while True:\n        pass\n"


def test_execute_gives_the_result(client: MecaPy) -> None:
    task = client.tasks.create("Sum", "def calculate(a: int, b: int = 2): return a + b", {"a": 1})
    assert task.status == "created"
    with pytest.raises(mecapy.NotCompletedError, match="has not run yet"):
        task.result  # noqa: B018
    assert task.execute() == 3
    assert task.execute({"a": 40}) == 42
    assert (task.status, task.result) == ("completed", 42)
    # An object that started nothing speaks of the task's latest run.
    other = client.tasks.get(task.id)
    assert (other.status, other.result) == ("completed", 42)


def test_an_object_speaks_of_the_run_it_started(client: MecaPy) -> None:
    task = client.tasks.create("Mine", "def calculate(a: int): return a")
    assert task.execute({"a": 1}) == 1
    client.tasks.get(task.id).execute({"a": 2})
    assert task.result == 1


def test_an_older_version_can_be_run(client: MecaPy) -> None:
    task = client.tasks.create("Versions", "def calculate(): return 1")
    task.update(code="def calculate(): return 2")
    assert (task.execute(), task.execute(version=1)) == (2, 1)


def test_a_failure_says_where_and_why(client: MecaPy) -> None:
    task = client.tasks.create("Fails", "def calculate(x: float):\n    return 1 / x\n")
    with pytest.raises(mecapy.ExecutionError) as failed:
        task.execute({"x": 0})
    error = failed.value
    assert (error.kind, error.line, error.case) == ("python", 2, None)
    assert error.message == "ZeroDivisionError: float division by zero"
    assert error.traceback is not None
    assert "return 1 / x" in error.traceback
    assert str(error).startswith(error.message + " (line 2 of the calculation)\n\nTraceback")
    assert error.run_id == task.runs()[0].id
    assert task.status == "failed"
    with pytest.raises(mecapy.ExecutionError, match="ZeroDivisionError"):
        task.result  # noqa: B018


def test_inputs_that_do_not_fit_are_refused_before_a_run(client: MecaPy) -> None:
    task = client.tasks.create("Fits", "def calculate(x: float): return x")
    with pytest.raises(mecapy.ValidationError) as refused:
        task.execute({"x": "abc"})
    assert (refused.value.field, refused.value.status) == ("x", 422)
    assert task.runs() == []


def test_limits_end_a_run(client: MecaPy) -> None:
    task = client.tasks.create("Slow", ENDLESS)
    with pytest.raises(mecapy.ExecutionError) as failed:
        task.execute(limits={"wall_s": 1})
    assert failed.value.kind == "timeout"


def test_a_caller_that_waits_no_longer_leaves_the_run(client: MecaPy) -> None:
    task = client.tasks.create("Long", ENDLESS)
    began = time.monotonic()
    with pytest.raises(mecapy.TimeoutError, match="did not end within 1 s and goes on") as over:
        task.execute(timeout=1)
    assert 0.9 < time.monotonic() - began < 5
    assert over.value.run_id is not None
    assert isinstance(over.value, TimeoutError)
    run = client.runs.get(over.value.run_id)
    assert run.status == "running"
    with pytest.raises(mecapy.TimeoutError):
        run.wait(0.2)
    run.cancel()
    assert run.wait(30).status == "cancelled"
    assert task.status == "cancelled"


def test_a_cancelled_run_has_no_result(client: MecaPy) -> None:
    run = client.tasks.create("Stopped", ENDLESS).execute_async()
    with pytest.raises(mecapy.NotCompletedError, match="so it has no result yet"):
        run.result  # noqa: B018
    client.runs.cancel(run)
    with pytest.raises(mecapy.RunCancelledError) as cancelled:
        run.wait(30).result  # noqa: B018
    assert cancelled.value.kind == "cancelled"
    with pytest.raises(mecapy.ConflictError):
        run.cancel()


def test_status_does_not_wait_for_a_long_run(client: MecaPy) -> None:
    task = client.tasks.create("Runs", ENDLESS)
    run = task.execute_async()
    began = time.monotonic()
    assert task.status == "running"
    assert time.monotonic() - began < 8
    began = time.monotonic()
    assert task.status == "running"
    assert time.monotonic() - began < 1
    run.cancel()


def test_a_run_longer_than_one_request_waits_is_followed(
    client: MecaPy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mecapy._flows._HOLD_S", 0.2)
    code = "import time\ndef calculate():\n    time.sleep(1)\n    return 'done'\n"
    task = client.tasks.create("Second", code)
    assert task.execute(timeout=60) == "done"


def test_what_is_known_of_a_run(client: MecaPy) -> None:
    task = client.tasks.create("Known", "def calculate(a: int = 1):\n    print('hi')\n    return a\n")
    run = task.execute_async({"a": 5}).wait()
    assert (run.inputs, run.number, run.version, run.task_id) == ({"a": 5}, 1, 1, task.id)
    assert run.enqueued_at is not None
    assert run.started_at is not None
    assert run.finished_at is not None
    assert run.enqueued_at <= run.started_at <= run.finished_at
    assert 0 < (run.wall_ms or 0) < 60_000
    assert run.provenance is not None
    assert len(run.provenance["code_sha256"]) == 64
    assert run.logs() == "hi\n"


def test_a_run_is_shared_and_unshared(client: MecaPy) -> None:
    run = client.tasks.create("Shared", "def calculate(): return 1").execute_async().wait()
    share = run.share(expires_in_s=3600)
    assert "/r/" in share.url
    assert share.expires_at is not None
    assert [one.id for one in run.shares()] == [share.id]
    run.unshare(share)
    assert run.shares() == []
    assert run.share().expires_at is None


def test_nobody_at_home_is_said_in_words() -> None:
    client = MecaPy(url="http://127.0.0.1:9", retries=1)
    with client, pytest.raises(mecapy.ConnectionError, match="No MecaPy server answers at http") as gone:
        client.me()
    assert not gone.value.sent
    assert isinstance(gone.value, ConnectionError)
