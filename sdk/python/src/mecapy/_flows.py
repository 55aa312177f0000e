"""Operations of several steps: run to the end, wait, read a result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ._calls import Calls
from ._decode import DrawChart, decode, missing_figures
from ._errors import NotCompletedError
from ._exchange import Deadline, Flow, Follow
from ._problems import execution_error
from ._records import Limits, RunRecord
from ._story import Story

# Long enough for most runs, short enough for every proxy.
_HOLD_S = 30.0
_ABSENT = object()


@dataclass(frozen=True)
class Ended:
    """A run that has ended, and its result as parsed JSON where the answer brought it along."""

    run: RunRecord
    encoded: Any = _ABSENT


def run_to_end(
    calls: Calls,
    task_id: str,
    inputs: Mapping[str, Any] | None,
    *,
    version: int | None = None,
    limits: Limits | None = None,
    timeout: float | None = None,
) -> Flow[Ended]:
    """Start a run and follow it to its end. Raises `TimeoutError` when that takes longer."""
    deadline = Deadline(timeout)
    run = yield from calls.start(
        task_id, inputs, version=version, limits=limits, wait_s=deadline.left(_HOLD_S)
    )
    if not run.is_final:
        return Ended((yield from wait(calls, run, deadline)))
    document = dict(run.document)
    encoded = document.pop("result", _ABSENT)
    return Ended(replace(run, document=document), encoded)


def wait(calls: Calls, run: RunRecord, deadline: Deadline) -> Flow[RunRecord]:
    """Follow a run to its end, on the server's stream of its events."""
    if run.is_final:
        return run
    yield Follow(Story(run.id, deadline))
    return (yield from calls.get_run(run.id))


def result(calls: Calls, ended: Ended, draw_chart: DrawChart | None) -> Flow[Any]:
    """Give the decoded result of a run that has ended. Raises `ExecutionError` when there is none."""
    encoded = yield from encoded_result(calls, ended)
    figures = {}
    for number in set(missing_figures(encoded)):
        figures[number] = yield from calls.figure(ended.run.id, number)
    return decode(encoded, figures, draw_chart)


def encoded_result(calls: Calls, ended: Ended) -> Flow[Any]:
    """Give the result of a run that has ended as parsed JSON. Raises `ExecutionError` when there is none."""
    run = ended.run
    if run.status != "completed":
        raise execution_error(run.id, run.status, run.document.get("error"))
    if ended.encoded is _ABSENT:
        return (yield from calls.encoded_result(run.id))
    return ended.encoded


def result_of(calls: Calls, run_id: str, draw_chart: DrawChart | None) -> Flow[Any]:
    """Give the decoded result of a run as it stands. Raises `NotCompletedError` while there is none."""
    run = yield from calls.get_run(run_id)
    if not run.is_final:
        raise NotCompletedError(
            f"The run is {run.status}, so it has no result yet. Wait for its end: run.wait().",
            code="not_completed",
        )
    return (yield from result(calls, Ended(run), draw_chart))
