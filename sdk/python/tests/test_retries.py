"""What is sent again, and what never is."""

from collections.abc import Generator
from typing import Any

import pytest
from support.proxy import Proxy

import mecapy
from mecapy import MecaPy
from mecapy._calls import Calls
from mecapy._exchange import Answer, Pause, Request
from mecapy._retries import Retries

READ = Request("GET", "/api/me")
CHANGE = Request("PATCH", "/api/tasks/1")
START = Request("POST", "/api/tasks/1/execute", headers={"Idempotency-Key": "k"})
SHARE = Request("POST", "/api/runs/1/share")
GONE = mecapy.ConnectionError("gone")
LOST = mecapy.ConnectionError("lost", sent=True)
DONE = Answer(200, {}, b"{}")
BUSY = Answer(503, {}, b'{"detail": "The worker is not up."}')
FULL = Answer(429, {"retry-after": "5"}, b'{"detail": "1000 runs wait already.", "code": "queue_full"}')
BROKEN = Answer(500, {"x-request-id": "abc"}, b'{"detail": "A defect."}')


def played(retries: Retries, request: Request, *outcomes: Answer | Exception) -> tuple[Any, list[float]]:
    """Play the server; give how it ended and the pauses in between."""
    flow: Generator[Any, Any, Answer] = retries.send(request)
    pauses = []
    step = next(flow)
    for outcome in outcomes:
        assert step == request
        try:
            step = flow.throw(outcome) if isinstance(outcome, Exception) else flow.send(outcome)
            assert isinstance(step, Pause)
            pauses.append(step.seconds)
            step = flow.send(None)
        except StopIteration as end:
            return end.value, pauses
        except mecapy.MecaPyError as error:
            return error, pauses
    raise AssertionError("It goes on.")


@pytest.mark.parametrize("request_", [READ, START])
@pytest.mark.parametrize("trouble", [GONE, LOST, BUSY, FULL, Answer(502, {}, b"<html>")])
def test_what_can_be_repeated_is_repeated(request_: Request, trouble: Any) -> None:
    ended, pauses = played(Retries(), request_, trouble, trouble, DONE)
    assert ended == DONE
    assert len(pauses) == 2


@pytest.mark.parametrize("request_", [CHANGE, SHARE])
def test_what_may_have_been_done_is_not_done_twice(request_: Request) -> None:
    assert played(Retries(), request_, LOST)[0] is LOST
    assert isinstance(played(Retries(), request_, BUSY)[0], mecapy.UnavailableError)
    # What never arrived, or was refused before anything was done, was not done.
    assert played(Retries(), request_, GONE, FULL, DONE)[0] == DONE


def test_the_pause_is_the_servers_or_grows() -> None:
    assert played(Retries(), START, FULL, DONE)[1] == [5.0]
    pauses = played(Retries(8), READ, *[BUSY] * 8, DONE)[1]
    assert all(0.05 <= pause <= 5.0 for pause in pauses)
    assert sum(pauses[4:]) > sum(pauses[:4])


def test_it_ends_after_so_many() -> None:
    assert isinstance(played(Retries(2), READ, BUSY, BUSY, BUSY)[0], mecapy.UnavailableError)
    assert played(Retries(0), READ, GONE)[0] is GONE
    limited = played(Retries(1), START, FULL, FULL)[0]
    assert isinstance(limited, mecapy.RateLimited)
    assert (limited.retry_after, limited.code, limited.status) == (5.0, "queue_full", 429)


def test_many_runs_come_back_as_often_as_the_server_says() -> None:
    assert played(Retries(0, patient=True), START, *[FULL] * 50, DONE)[0] == DONE


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, b'{"detail": "no JSON"}', mecapy.ValidationError),
        (401, b"", mecapy.AuthenticationError),
        (403, b"{}", mecapy.PermissionDeniedError),
        (404, b"{}", mecapy.NotFoundError),
        (409, b'{"code": "conflict"}', mecapy.ConflictError),
        (409, b'{"code": "not_completed"}', mecapy.NotCompletedError),
        (413, b"{}", mecapy.TooLargeError),
        (418, b"[]", mecapy.APIError),
        (422, b'{"field": "x", "code": "invalid"}', mecapy.ValidationError),
        (422, b'{"code": "idempotency_mismatch"}', mecapy.ConflictError),
        (500, b"oops", mecapy.ServerError),
    ],
)
def test_every_refusal_has_its_exception(status: int, body: bytes, kind: type[mecapy.APIError]) -> None:
    error, pauses = played(Retries(), READ, Answer(status, {}, body))
    assert type(error) is kind
    assert error.status == status
    assert pauses == []


def test_a_defect_is_told_with_what_the_log_calls_it() -> None:
    error = played(Retries(), READ, BROKEN)[0]
    assert (error.request_id, error.detail) == ("abc", "A defect.")
    assert "mecapy login" in str(played(Retries(), READ, Answer(401, {}, b""))[0])


def test_a_run_whose_answer_was_lost_is_started_once(proxy: Proxy) -> None:
    with MecaPy(url=proxy.url) as client:
        task = client.tasks.create("Once", "def calculate(): return 'once'")
        proxy.cut_once(lambda request, answer: "/execute" in request)
        assert task.execute() == "once"
        assert proxy.cuts == 1
        assert len(task.runs()) == 1
    keys = [headers["idempotency-key"] for headers in proxy.headers if "idempotency-key" in headers]
    # Of the task, then twice of the run.
    assert len(keys) == 3
    assert keys[1] == keys[2] != keys[0]


def test_a_share_whose_answer_was_lost_is_not_made_twice(proxy: Proxy) -> None:
    with MecaPy(url=proxy.url) as client:
        run = client.tasks.create("Shared", "def calculate(): return 1").execute_async().wait()
        proxy.cut_once(lambda request, answer: "/share " in request)
        with pytest.raises(mecapy.ConnectionError, match="broke off") as lost:
            run.share()
        assert lost.value.sent
        assert len(run.shares()) == 1


def test_every_start_has_a_key_of_its_own() -> None:
    requests = [next(Calls().start("1", {})) for _ in range(2)]
    keys = {step.headers["Idempotency-Key"] for step in requests if isinstance(step, Request)}
    assert len(keys) == 2
