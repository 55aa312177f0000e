import asyncio
import itertools
import threading

import pytest
from support.server import Server, running_server

import mecapy
from mecapy import MecaPy

DIVIDE = "def calculate(a: float, b: float = 2): return a / b"
ENDLESS = "def calculate():\n    while True:\n        pass\n"


def test_results_come_in_the_order_of_their_inputs(client: MecaPy) -> None:
    task = client.tasks.create("Many", DIVIDE)
    results = client.map(task, ({"a": n} for n in range(40)), concurrency=8)
    assert results == [n / 2 for n in range(40)]
    assert client.map(task.id, []) == []
    assert len(task.runs(limit=None)) == 40


def test_no_more_than_wanted_are_under_way(client: MecaPy) -> None:
    code = "import time\ndef calculate(n: int):\n    time.sleep(0.05)\n    return time.time()\n"
    task = client.tasks.create("One by one", code)
    ended = client.map(task, [{"n": n} for n in range(5)], concurrency=1)
    assert ended == sorted(ended)
    assert all(later - sooner > 0.05 for sooner, later in itertools.pairwise(ended))


def test_the_first_failure_stops_and_names_its_case(client: MecaPy) -> None:
    task = client.tasks.create("Fails", DIVIDE)
    with pytest.raises(mecapy.ExecutionError, match="Inputs 3: ZeroDivisionError") as failed:
        client.map(task, [{"a": 1, "b": 0 if n == 3 else 1} for n in range(200)], concurrency=2)
    assert failed.value.case == 3
    assert len(task.runs(limit=None)) < 20


def test_failures_can_be_kept(client: MecaPy) -> None:
    task = client.tasks.create("Kept", DIVIDE)
    good, zero, wrong = client.map(task, [{"a": 1}, {"a": 1, "b": 0}, {"a": "x"}], on_error="keep")
    assert good == 0.5
    assert (zero.kind, zero.case) == ("python", 1)
    assert (wrong.kind, wrong.case) == ("invalid_inputs", 2)
    with pytest.raises(mecapy.NotFoundError):
        client.map("0" * 8, [{"a": 1}], on_error="keep")
    with pytest.raises(mecapy.ValidationError, match="concurrency is at least 1"):
        client.map(task, [{"a": 1}], concurrency=0)


def test_progress_is_shown_when_asked_for(client: MecaPy, capsys: pytest.CaptureFixture[str]) -> None:
    task = client.tasks.create("Shown", DIVIDE)
    client.map(task, [{"a": 1}] * 3)
    assert capsys.readouterr().err == ""
    client.map(task, [{"a": 1}] * 3, progress=True)
    assert "3/3" in capsys.readouterr().err


def test_a_map_works_inside_a_running_loop(client: MecaPy) -> None:
    """As in a notebook."""
    task = client.tasks.create("Loop", DIVIDE)

    async def cell() -> list[object]:
        return client.map(task, [{"a": 4}])

    assert asyncio.run(cell()) == [2.0]


@pytest.fixture(scope="module")
def full_server() -> object:
    """A server whose queue is as full as it may be, and one run that keeps it so."""
    with running_server({"MECAPY_WORKER_SLOTS": "1"}) as server:
        yield server


def test_a_full_queue_is_waited_for_as_long_as_the_server_says(full_server: Server) -> None:
    with MecaPy(url=full_server.url, retries=0) as client:
        task = client.tasks.create("Full", ENDLESS)
        first = task.execute_async()
        started = next(event for event in first.stream() if event.name == "started")
        assert started.attempt == 1
        waiting = [task.execute_async() for _ in range(1000)]
        with pytest.raises(mecapy.RateLimited) as refused:
            task.execute_async()
        assert (refused.value.code, refused.value.retry_after) == ("queue_full", 5.0)

        quick = client.tasks.create("Quick", DIVIDE)
        mapped: list[object] = []
        mapper = threading.Thread(target=lambda: mapped.extend(client.map(quick, [{"a": 6}])))
        mapper.start()
        for run in (*waiting, first):
            run.cancel()
        mapper.join(60)
        assert mapped == [3.0]
