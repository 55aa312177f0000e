"""A door to the server that tests can slam: it passes bytes on, and cuts connections when told to."""

from __future__ import annotations

import contextlib
import functools
import socket
import threading
from collections.abc import Callable
from types import TracebackType
from urllib.parse import urlsplit


class Proxy:
    """Listens on a port of its own and passes everything on to a server.

    `requests` are the first lines of all requests, `headers` their headers, `cuts` how often it cut.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._target = (parts.hostname or "", parts.port or 0)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.requests: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.cuts = 0
        self._cut_when: Callable[[str, bytes], bool] | None = None
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Proxy:
        self._start(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        # Wakes the thread that accepts, which `close` alone does not.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for one in self._open:
                with contextlib.suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)

    def cut_once(self, when: Callable[[str, bytes], bool]) -> None:
        """Cut the connection once, when that is true of a request's first line and its answer so far."""
        self._cut_when = when

    def _accept(self) -> None:
        while True:
            try:
                inner, _ = self._listener.accept()
            except OSError:
                return
            outer = socket.create_connection(self._target)
            with self._lock:
                self._open |= {inner, outer}
            said = [""]
            self._start(functools.partial(self._upwards, inner, outer, said))
            self._start(functools.partial(self._downwards, inner, outer, said))

    def _upwards(self, inner: socket.socket, outer: socket.socket, said: list[str]) -> None:
        with contextlib.suppress(OSError):
            while piece := inner.recv(65536):
                head = piece.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
                if head[0].endswith("HTTP/1.1"):
                    said[0] = head[0]
                    self.requests.append(head[0])
                    named = (line.partition(": ") for line in head[1:])
                    self.headers.append({name.lower(): value for name, _, value in named})
                outer.sendall(piece)
        self._close(inner, outer)

    def _downwards(self, inner: socket.socket, outer: socket.socket, said: list[str]) -> None:
        answer = b""
        with contextlib.suppress(OSError):
            while piece := outer.recv(65536):
                answer += piece
                with self._lock:
                    cut = self._cut_when is not None and self._cut_when(said[0], answer)
                    if cut:
                        self._cut_when = None
                        self.cuts += 1
                if cut:
                    break
                inner.sendall(piece)
        self._close(inner, outer)

    def _close(self, *ends: socket.socket) -> None:
        for one in ends:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
            with self._lock:
                self._open.discard(one)

    def _start(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, daemon=True)
        self._threads.append(thread)
        thread.start()
