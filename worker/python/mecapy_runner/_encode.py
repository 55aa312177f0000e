"""The result encoding: a value as the JSON text that pages, exports and the SDK read.

What JSON can say is written plainly; the rest is an object with `"$type"`. Decisions beyond that:

- Arrays are nested lists; masked elements are null; structured arrays are tables; float16 and float32 are
  written as the double they equal, wider floats are rounded to double.
- In pandas, NaN, NA and NaT are null, because there they mean a missing value; elsewhere NaN stays NaN.
- Dataclasses, named tuples and mappings are objects, enumerations their value, sets sorted lists; Decimal is
  an exact number (a text beyond the range of doubles), Fraction the nearest double; times of day, paths,
  UUIDs, periods and intervals are texts.
- Keys are texts, numbers, booleans, null, dates or enumerations, written as JSON writes them; two keys that
  are written the same are an error, since one value would be lost.
- A lone surrogate becomes U+FFFD.

Architecture invariant: text is counted as it is written, so a result that is too large is refused before it
fills the memory, and every refusal names the key path.
"""

from __future__ import annotations

import datetime
import enum
import types
from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from contextlib import contextmanager
from itertools import islice
from typing import Any, NoReturn

import numpy as np

from . import _json_text as text
from ._failure import Failure, a
from ._figures import FigureStore
from ._limits import MAX_DEPTH

Writer = Callable[["Encoder", Any], None]
Extension = Callable[[Any], "Writer | None"]

HIDDEN = object()
WRITERS: dict[type, Writer] = {}
"""The writers of the commonest types, found without asking an extension."""

_CHUNK = 16_384
_SHORTEST = 2  # a digit and its comma, bytes
_SHORT_MB = 1024 * 1024
_SHOWN_KEY = 80
_EXTENSIONS: list[Extension] = []
_QUICK_LISTS: dict[type, Callable[[list[Any]], str | None]] = {
    int: text.integers,
    float: text.reals,
    np.float64: text.reals,
    bool: text.booleans,
    str: text.strings,
}


class Encoder:
    """Writes one result. `figures` takes the figures found in it."""

    def __init__(self, output_bytes: int, figures: FigureStore) -> None:
        self.figures = figures
        self._limit = output_bytes
        self._size = 0
        self._parts: list[str] = []
        self._path: list[object] = []
        self._open: set[int] = set()

    def text(self) -> str:
        """Give the JSON text written so far."""
        return "".join(self._parts)

    def put(self, piece: str) -> None:
        """Append JSON text."""
        self._size += len(piece) if piece.isascii() else len(piece.encode())
        if self._size > self._limit:
            self._too_large()
        self._parts.append(piece)

    def put_leaf(self, piece: str) -> None:
        """Append a typed object that has no parts."""
        self.check_depth(1)
        self.put(piece)

    def write(self, value: Any) -> None:
        """Append any value."""
        writer = WRITERS.get(type(value))
        if writer is None:
            writer = _writer_for(value)
            if writer is None:
                self.refuse(value)
        writer(self, value)

    def write_at(self, key: object, value: Any) -> None:
        """Append a part of the value that is being written."""
        self._path.append(key)
        self.write(value)
        self._path.pop()

    @contextmanager
    def at(self, key: object) -> Iterator[None]:
        """Be one level deeper meanwhile; `HIDDEN` is a level that the key path does not show."""
        self._path.append(key)
        yield
        self._path.pop()

    def write_items(self, values: Iterable[Any]) -> None:
        """Append a list."""
        self.check_depth(1)
        if isinstance(values, Sized):
            self.reserve(_SHORTEST * len(values))
        iterator = iter(values)
        start, comma = 0, ""
        self.put("[")
        while chunk := list(islice(iterator, _CHUNK)):
            self.reserve(_SHORTEST * len(chunk))
            if comma:
                self.put(comma)
            self._write_chunk(chunk, start)
            start, comma = start + len(chunk), ","
        self.put("]")

    def write_members(self, members: Iterable[tuple[str, Any]]) -> None:
        """Append an object whose keys are its own, not a user's."""
        self.check_depth(1)
        separator = "{"
        for key, value in members:
            self.put(f"{separator}{text.string(key)}:")
            self.write_at(key, value)
            separator = ","
        self.put("}" if separator == "," else "{}")

    def write_mapping(self, value: Mapping[Any, Any]) -> None:
        """Append an object whose keys a user chose."""
        self.check_depth(1)
        seen: set[str] = set()
        separator = "{"
        for key, item in value.items():
            name = key if type(key) is str else self._key(key)
            if name in seen:
                raise Failure(
                    "unserialisable",
                    f"{self.path()} has two keys that are both written {text.string(name)}. "
                    "Use keys that differ as texts.",
                )
            seen.add(name)
            if name[:1] == "$" and name.lstrip("$") == "type":
                name = "$" + name
            self.put(f"{separator}{text.string(name)}:")
            self.write_at(key, item)
            separator = ","
        self.put("}" if separator == "," else "{}")

    def append_member(self, key: str, value: Any) -> None:
        """Add a member to the object that was written last, and that nothing follows."""
        empty = self._parts.pop() == "{}"
        self.put("{" if empty else ",")
        self.put(f"{text.string(key)}:")
        self.write_at(key, value)
        self.put("}")

    def enter(self, value: object) -> None:
        """Begin a container, refusing one that contains itself; `leave` ends it."""
        if id(value) in self._open:
            raise Failure(
                "unserialisable",
                f"{self.path()} contains itself, so it has no end. Return a copy without the loop.",
            )
        self._open.add(id(value))

    def leave(self, value: object) -> None:
        """End a container that `enter` began."""
        self._open.discard(id(value))

    def check_depth(self, levels: int) -> None:
        """Refuse to open so many levels here."""
        if len(self._path) + levels > MAX_DEPTH:
            raise Failure(
                "unserialisable",
                f"The result is nested more than {MAX_DEPTH} levels deep, at {self._short_path()}. "
                "Return flatter values.",
            )

    def reserve(self, size: int) -> None:
        """Refuse now what will need at least so many more bytes."""
        if self._size + size > self._limit:
            self._too_large()

    def path(self) -> str:
        """Give the key path of the value that is being written: `result["loads"][3]`."""
        return "result" + "".join(f"[{_key_text(key)}]" for key in self._path if key is not HIDDEN)

    def refuse(self, value: Any, advice: str = "") -> NoReturn:
        """End the run, because this value cannot be encoded."""
        raise Failure(
            "unserialisable",
            f"{self.path()} is {a(_kind(value))}, which cannot be stored. {advice or _advice(value)}",
        )

    def _write_chunk(self, chunk: list[Any], start: int) -> None:
        kinds = set(map(type, chunk))
        if len(kinds) == 1:
            quick = _QUICK_LISTS.get(kinds.pop())
            written = quick(chunk) if quick is not None and len(self._path) < MAX_DEPTH - 1 else None
            if written is not None:
                self.put(written)
                return
        for at, value in enumerate(chunk, start):
            if at != start:
                self.put(",")
            self.write_at(at, value)

    def _short_path(self) -> str:
        path = self.path()
        return path if len(path) <= _SHOWN_KEY else path[:_SHOWN_KEY] + "…"

    def _key(self, key: object) -> str:
        if isinstance(key, enum.Enum):
            key = key.value
        if isinstance(key, np.generic):
            key = key.item()
        if isinstance(key, str):
            return str.__str__(key)
        if key is None or isinstance(key, bool):
            return {None: "null", True: "true", False: "false"}[key]
        if isinstance(key, int):
            return text.integer(key)
        if isinstance(key, float):
            return float.__repr__(key)
        if isinstance(key, datetime.date | datetime.time):
            return key.isoformat()
        raise Failure(
            "unserialisable",
            f"{self.path()} has the key {_key_text(key)}, {a(_kind(key))}. Use texts or numbers as keys.",
        )

    def _too_large(self) -> NoReturn:
        limit = self._limit
        shown = f"{limit / _SHORT_MB:g} MB" if limit >= _SHORT_MB else f"{limit} bytes"
        raise Failure(
            "result_too_large",
            f"The result is larger than {shown}, the limit, reached in {self._short_path()}. "
            "Return fewer points, or a summary.",
        )


def register(extension: Extension) -> None:
    """Let another module of this package write further types: it gives a writer for a value, or None."""
    _EXTENSIONS.append(extension)


def _writer_for(value: Any) -> Writer | None:
    if isinstance(value, enum.Enum):
        return _write_enum
    for extension in _EXTENSIONS:
        writer = extension(value)
        if writer is not None:
            return writer
    return None


def _write_enum(encoder: Encoder, value: enum.Enum) -> None:
    encoder.write(value.value)


def _kind(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"array of {value.dtype}"
    return "bytes object" if isinstance(value, bytes) else type(value).__name__


def _key_text(key: object) -> str:
    if isinstance(key, int) and not isinstance(key, bool):
        return str(int(key))
    if isinstance(key, str):
        return text.string(key if len(key) <= _SHOWN_KEY else key[:_SHOWN_KEY] + "…")
    return repr(key)[:_SHOWN_KEY]


def _advice(value: Any) -> str:
    if isinstance(value, bytes | bytearray | memoryview | np.bytes_):
        return "Return base64 text, or a list of numbers."
    if isinstance(value, types.GeneratorType | map | filter | zip | enumerate | reversed):
        return "Return list(…) of it."
    if callable(value):
        return "Return the values it gives, for example a list."
    if hasattr(value, "toarray"):
        return "Return its toarray(), or a list of its entries."
    return "Return numbers, lists or a table."
