import json

import pytest
from support.proxy import Proxy
from support.server import Server

import mecapy
from mecapy import FinishedEvent, LogEvent, MecaPy, ProgressEvent
from mecapy._exchange import Answer
from mecapy._story import Story

TELLS = """
import mecapy, time
def calculate(steps: int = 20):
    for step in range(steps):
        print('step', step, flush=True)
        mecapy.progress((step + 1) / steps, f'{step}')
        time.sleep(0.02)
    return steps
"""


def test_the_whole_story_is_told(client: MecaPy) -> None:
    run = client.tasks.create("Tells", TELLS).execute_async()
    events = list(run.stream())
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert events[0].name == "queued"
    assert [type(event) for event in events[1:3]] == [mecapy.AttemptEvent, mecapy.StartedEvent]
    logs = [event for event in events if isinstance(event, LogEvent)]
    assert {event.stream for event in logs} == {"stdout"}
    assert "".join(event.text for event in logs) == "".join(f"step {step}\n" for step in range(20))
    fractions = [event.fraction for event in events if isinstance(event, ProgressEvent)]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    last = events[-1]
    assert isinstance(last, FinishedEvent)
    assert (last.status, last.error) == ("completed", None)
    assert events[0].at <= last.at
    # Told again to whoever asks later.
    assert list(run.stream()) == events


def test_a_stream_that_is_cut_goes_on_where_it_was(proxy: Proxy, client: MecaPy) -> None:
    run = client.tasks.create("Cut", TELLS).execute_async()
    whole = list(run.stream())
    proxy.cut_once(lambda request, answer: "/events" in request and b"step 3" in answer)
    with MecaPy(url=proxy.url) as through:
        again = through.tasks.create("Cut", TELLS).execute_async()
        events = list(again.stream())
    assert proxy.cuts == 1
    resumed = [headers["last-event-id"] for headers in proxy.headers if "last-event-id" in headers]
    assert len(resumed) == 1
    assert int(resumed[0]) >= 1
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    printed = [one.text for one in events if isinstance(one, LogEvent)]
    assert "".join(printed) == "".join(one.text for one in whole if isinstance(one, LogEvent))


def test_waiting_survives_a_cut(proxy: Proxy) -> None:
    with MecaPy(url=proxy.url) as client:
        run = client.tasks.create("Cut", TELLS).execute_async()
        proxy.cut_once(lambda request, answer: "/events" in request and b"step 2" in answer)
        assert run.wait(60).status == "completed"
    assert proxy.cuts == 1


def test_a_stream_that_is_left_early_is_closed(server: Server) -> None:
    with MecaPy(url=server.url) as client:
        run = client.tasks.create("Left", TELLS).execute_async()
        for event in run.stream():
            if isinstance(event, LogEvent):
                break
        assert run.wait(60).status == "completed"


def test_no_such_run(client: MecaPy) -> None:
    with pytest.raises(mecapy.NotFoundError):
        list(mecapy.Run(client._driver, mecapy._records.RunRecord("0" * 8, "", "queued")).stream())


def event(seq: int, name: str = "queued", **more: object) -> bytes:
    said = {"seq": seq, "attempt": 0, "at": "2026-11-24T09:41:00.5Z", "event": name, **more}
    return f"id: {seq}\ndata: {json.dumps(said)}\n\n".encode()


def test_events_may_arrive_in_any_pieces() -> None:
    text = b": hello\n\n" + event(1) + event(2, "log", stream="stdout", text="é\n") + event(3, "what_is_new")
    for size in (1, 2, 7, len(text)):
        story = Story("run")
        pieces = [text[at : at + size] for at in range(0, len(text), size)]
        found = [one for piece in pieces for one in story.feed(piece)]
        assert [(one.seq, one.name) for one in found] == [(1, "queued"), (2, "log"), (3, "what_is_new")]
        assert story.request().headers["Last-Event-ID"] == "3"


def test_what_was_told_before_is_not_told_again() -> None:
    story = Story("run")
    assert len(list(story.feed(event(1) + event(2)))) == 2
    assert [one.seq for one in story.feed(event(2) + event(3))] == [3]


def test_a_stream_that_breaks_again_and_again_is_given_up() -> None:
    story = Story("run")
    pauses = [story.cut(None) for _ in range(4)]
    assert pauses == sorted(pauses)
    with pytest.raises(mecapy.ConnectionError, match="again and again"):
        story.cut(None)


def test_a_refusal_is_final_but_a_pause_is_not() -> None:
    assert not Story("run").opened(Answer(503, {}, b""))
    with pytest.raises(mecapy.NotFoundError):
        Story("run").opened(Answer(404, {}, b'{"detail": "There is no such run.", "code": "not_found"}'))
