"""One run, from the code and the inputs to exactly one result or one error."""

from __future__ import annotations

import asyncio
import inspect
import sys
from collections.abc import Mapping
from typing import Any

from mecapy._progress import set_sink

# Each registers the types it writes, in the order they are asked.
from . import (
    _encode_authored,  # noqa: F401
    _encode_numpy,  # noqa: F401
    _encode_pandas,  # noqa: F401
    _encode_python,  # noqa: F401
)
from ._encode import Encoder
from ._errors import SourceError, error_payload
from ._figures import FigureStore, open_figures
from ._files import place_files
from ._inputs import bind, read_inputs
from ._limits import MAX_FIGURES, RECURSION_LIMIT, Limits
from ._messages import Emit, Messages
from ._process import make_fresh
from ._source import compile_source, execute_source, find_calculate


def run(
    code: str,
    inputs_json: str | bytes,
    files: Mapping[str, bytes] | None = None,
    *,
    limits: Mapping[str, Any] | None = None,
    emit: Emit,
) -> None:
    """Run one calculation in this process, which is used for nothing else afterwards.

    `files` are the input files by their SHA-256, lower-case hexadecimal.

    `emit(kind, payload)` gets `log`, `progress` and `figure` messages, and last either `result` (the encoded
    result, JSON) or `error` (JSON with kind, message, line, traceback). Raises nothing that the calculation
    can cause.
    """
    make_fresh()
    execute(code, inputs_json, Limits.from_request(limits), Messages(emit), files)


def execute(
    code: str,
    inputs_json: str | bytes,
    limits: Limits,
    messages: Messages,
    files: Mapping[str, bytes] | None = None,
) -> None:
    """Run one calculation and say how it ended, leaving environment and streams as they are."""
    set_sink(messages.progress)
    try:
        kind, payload = "result", calculate(code, inputs_json, files or {}, limits, messages)
    except BaseException as error:
        # No function of ours may be called while the calculation's tracer could raise in it.
        try:
            sys.settrace(None)
            sys.setprofile(None)
        except BaseException:
            sys.setprofile(None)
        kind, payload = "error", error_payload(error, limits)
    messages.end(kind, payload)


def calculate(
    code: str, inputs_json: str | bytes, files: Mapping[str, bytes], limits: Limits, messages: Messages
) -> bytes:
    """Give the encoded result. Raises what the calculation raises."""
    try:
        compiled = compile_source(code)
    except Exception as error:
        raise SourceError from error
    function = find_calculate(execute_source(compiled))
    inputs = read_inputs(inputs_json)
    place_files(inputs, files)
    positional, keyword = bind(function, inputs)
    value = function(*positional, **keyword)
    if inspect.iscoroutine(value):
        value = asyncio.run(value)
    _restore_interpreter()
    return _encode(value, limits, messages)


def _encode(value: Any, limits: Limits, messages: Messages) -> bytes:
    figures = FigureStore(messages.figure, inline=limits.inline_figures)
    encoder = Encoder(limits.output_bytes, figures)
    pending = open_figures()
    if value is None and pending:
        value = {}
    encoder.write(value)
    pending = [figure for figure in pending if figure not in figures]
    if pending:
        _append_figures(encoder, value, pending, messages)
    elif value is None:
        messages.note("calculate returned nothing. Write return and the values to keep.")
    return encoder.text().encode()


def _append_figures(encoder: Encoder, value: Any, pending: list[Any], messages: Messages) -> None:
    """Add the figures that were drawn but not returned, where the result has a place for them."""
    if not isinstance(value, Mapping) or "figures" in value:
        messages.note(
            f"{_counted(len(pending))} drawn but not returned. Return a dictionary: it gets them as figures."
        )
        return
    room = MAX_FIGURES - len(encoder.figures)
    if len(pending) > room:
        messages.note(f"{_counted(len(pending) - room)} left out: a result holds {MAX_FIGURES}.")
    if room:
        encoder.append_member("figures", pending[:room])


def _counted(figures: int) -> str:
    return "1 figure was" if figures == 1 else f"{figures} figures were"


def _restore_interpreter() -> None:
    """Undo a lower limit that the calculation may have set: encoding needs a few levels more."""
    sys.setrecursionlimit(RECURSION_LIMIT)
