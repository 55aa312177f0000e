"""An exception as the error of a run: its kind, a sentence, the line in the author's code, and a traceback
that shows the author's frames and the libraries', never ours.
"""  # noqa: D205

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Iterator
from typing import Any

import mecapy

from . import _hints
from ._failure import Failure
from ._json_text import whole
from ._limits import MAX_MESSAGE_CHARS, MAX_TRACEBACK_CHARS, RECURSION_LIMIT, Limits
from ._source import FILE_NAME

_LAST_RESORT = (
    b'{"kind":"python","message":"The calculation ended with an error that cannot be described.",'
    b'"line":null,"traceback":null}'
)


class SourceError(Exception):
    """The code could not be compiled; `__cause__` is what `compile` raised."""


def error_payload(error: BaseException, limits: Limits) -> bytes:
    """Describe why a run ended. Raises nothing, whatever the exception's own methods do."""
    try:
        sys.setrecursionlimit(RECURSION_LIMIT)
        return _payload(*_describe(error, limits))
    except BaseException:
        try:
            return _payload("python", f"{type(error).__name__}: the error cannot be described.", None, None)
        except BaseException:
            return _LAST_RESORT


def _describe(error: BaseException, limits: Limits) -> tuple[str, str, int | None, str | None]:
    if isinstance(error, Failure):
        return error.kind, error.message, None, None
    if isinstance(error, SourceError):
        return _describe_source_error(error.__cause__ or error)
    if isinstance(error, MemoryError):
        # What the frames hold is needed for nothing now, and describing the error takes memory.
        traceback.clear_frames(error.__traceback__)
    summary = traceback.TracebackException.from_exception(error, compact=True)
    line = _line(summary)
    _clean(summary)
    kind, message = _kind_and_message(error, summary, limits)
    shown = "".join(summary.format()).rstrip()
    # Before 3.12 the suggestion is not part of what Python formats.
    last = shown.rpartition("\n")[2]
    return (
        kind,
        message,
        line,
        shown[: len(shown) - len(last)] + (message if message.startswith(last + ". Did you") else last),
    )


def _kind_and_message(
    error: BaseException, summary: traceback.TracebackException, limits: Limits
) -> tuple[str, str]:
    if _hints.is_out_of_memory(error):
        detail = _text(error)
        cause = f": {detail.rstrip('.')}" if detail else ""
        return (
            "out_of_memory",
            f"Used more than {limits.memory_mb} MB{cause}. Work on fewer points at a time.",
        )
    if isinstance(error, SystemExit):
        return (
            "python",
            "The calculation ended itself with sys.exit and gave no result. Return a value instead.",
        )
    if isinstance(error, KeyboardInterrupt):
        return "python", "KeyboardInterrupt: the calculation interrupted itself and gave no result."
    words = "".join(summary.format_exception_only()).strip()
    missing = _hints.missing_package(error)
    if missing is not None:
        return "missing_package", missing
    if _hints.is_network(error):
        return "network", f"{_hints.NETWORK} ({words})"
    hint = _hints.hint(error)
    return "python", _joined(words, hint)


def _describe_source_error(error: BaseException) -> tuple[str, str, int | None, str | None]:
    if isinstance(error, SyntaxError) and error.filename == FILE_NAME:
        line = error.lineno or None
        where = f"Line {line}: " if line else ""
        shown = "".join(traceback.format_exception_only(type(error), error)).rstrip()
        return "syntax", f"{where}{_sentence(error.msg)} Correct the line and run again.", line, shown
    if isinstance(error, RecursionError | MemoryError):
        return "syntax", "The code is nested too deeply to be compiled. Split the expression.", None, None
    return "syntax", f"The code cannot be compiled: {_sentence(_text(error))}", None, None


def _line(summary: traceback.TracebackException) -> int | None:
    """Give the innermost line of the author's code that led here."""
    lines = [frame.lineno for frame in summary.stack if frame.filename == FILE_NAME]
    return lines[-1] if lines else None


def _clean(summary: traceback.TracebackException) -> None:
    for one in _chain(summary):
        kept = [frame for frame in one.stack if not frame.filename.startswith(_OURS)]
        for frame in kept:
            frame.filename = _shown_file(frame.filename)
        one.stack[:] = kept


def _chain(summary: traceback.TracebackException) -> Iterator[traceback.TracebackException]:
    waiting: list[Any] = [summary]
    seen: set[int] = set()
    while waiting:
        one = waiting.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [one.__cause__, one.__context__, *(getattr(one, "exceptions", None) or ())]


def _shown_file(name: str) -> str:
    """Name a library's file from its package on, so that a traceback tells nothing of the machine."""
    for folder in _LIBRARIES:
        if name.startswith(folder):
            return name[len(folder) :]
    return name


def _payload(kind: str, message: str, line: int | None, shown: str | None) -> bytes:
    error = {
        "kind": kind,
        "message": _storable(_cut_end(message, MAX_MESSAGE_CHARS)),
        "line": line,
        "traceback": None if shown is None else _storable(_cut_middle(shown, MAX_TRACEBACK_CHARS)),
    }
    return json.dumps(error, ensure_ascii=False).encode()


def _storable(text: str) -> str:
    # Databases keep neither lone surrogates nor NUL in a text.
    return whole(text).replace("\0", "␀")


def _cut_end(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _cut_middle(text: str, longest: int) -> str:
    if len(text) <= longest:
        return text
    half = longest // 2
    return f"{text[:half]}\n  …\n{text[-half:]}"


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except BaseException:
        return ""


def _sentence(words: str | None) -> str:
    words = (words or "invalid syntax").strip()
    return words[:1].upper() + words[1:] + ("" if words.endswith((".", "?", "!")) else ".")


def _joined(words: str, hint: str) -> str:
    if not hint:
        return words
    return f"{words} {hint}" if words.endswith((".", "?", "!")) else f"{words}. {hint}"


def _folders() -> list[str]:
    standard = os.path.dirname(os.__file__)
    places = {*filter(None, sys.path), standard, os.path.realpath(standard)}
    return sorted((place + os.sep for place in places), key=len, reverse=True)


_LIBRARIES = _folders()
_OURS = (
    os.path.dirname(os.path.abspath(__file__)) + os.sep,
    os.path.dirname(os.path.abspath(mecapy.__file__)) + os.sep,
)
