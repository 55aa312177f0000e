"""What a run says to the worker, one message at a time."""

from __future__ import annotations

import json
import struct
import threading
import time
from collections.abc import Callable

from ._json_text import whole
from ._limits import MAX_NOTE_CHARS, PROGRESS_BURST, PROGRESS_PER_S

Emit = Callable[[str, bytes], object]

_FORMATS = {"svg": 0, "png": 1}


class Messages:
    """Writes the messages of one run; after the result or the error it writes nothing more."""

    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self._lock = threading.Lock()
        self._ended = False
        self._reached_end = False
        self._tokens = float(PROGRESS_BURST)
        self._filled_at = time.monotonic()

    def note(self, text: str) -> None:
        """Say something of our own in the run's log."""
        body = {"stream": "system", "text": text[:MAX_NOTE_CHARS] + "\n"}
        self._send("log", json.dumps(body, ensure_ascii=False).encode("utf-8", "replace"))

    def progress(self, fraction: float, message: str) -> None:
        """Say how far the run is; what comes faster than anybody can read is dropped."""
        now = time.monotonic()
        with self._lock:
            refill = (now - self._filled_at) * PROGRESS_PER_S
            self._tokens = min(self._tokens + refill, float(PROGRESS_BURST))
            self._filled_at = now
            first_end = fraction >= 1.0 and not self._reached_end
            if self._tokens < 1.0 and not first_end:
                return
            self._tokens -= 1.0
            self._reached_end = self._reached_end or first_end
        body = {"fraction": fraction, "message": whole(message[:MAX_NOTE_CHARS])}
        self._send("progress", json.dumps(body, ensure_ascii=False).encode())

    def figure(self, index: int, format: str, data: bytes) -> None:
        """Hand over the file of a figure."""
        self._send("figure", struct.pack(">IB", index, _FORMATS[format]) + data)

    def end(self, kind: str, payload: bytes) -> None:
        """Say how the run ended: `result` or `error`."""
        self._send(kind, payload, last=True)

    def _send(self, kind: str, payload: bytes, *, last: bool = False) -> None:
        with self._lock:
            if self._ended:
                return
            self._ended = last
            self._emit(kind, payload)
