"""The two drivers: they carry out the steps of a flow with httpx, blocking or with asyncio.

httpx and asyncio are imported when the first client that needs them is made, so that imports stay quick and
the half that calculations use needs nothing but Python.
"""

from __future__ import annotations

import ipaddress
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from ._calls import Calls
from ._errors import ConnectionError, MecaPyError
from ._events import RunEvent
from ._exchange import JSON, Answer, Flow, Follow, Pause, Request, Step
from ._version import __version__

if TYPE_CHECKING:
    import httpx

    from ._story import Story

T = TypeVar("T")

_CONNECT_S = 10.0
# On top of the time a request asks the server to hold it.
_ANSWER_S = 60.0


@dataclass(frozen=True)
class Place:
    """Where the server is, and what is shown to it."""

    url: str
    token: str | None = field(repr=False)

    def settings(self) -> dict[str, Any]:
        """Give the arguments of an httpx client."""
        headers = {"User-Agent": f"mecapy-python/{__version__}", "Accept": JSON}
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token}"
        # A proxy of the company is not the way to this machine.
        return {"base_url": self.url, "headers": headers, "trust_env": not _is_this_machine(self.url)}


class BlockingDriver:
    """Carries flows out, blocking. Threads may share it."""

    def __init__(self, place: Place, calls: Calls) -> None:
        import httpx

        self.calls = calls
        self._httpx = httpx
        self._place = place
        self._http = httpx.Client(**place.settings())

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def run(self, flow: Flow[T]) -> T:
        """Carry a flow out and give what it returns."""
        try:
            step = next(flow)
            while True:
                try:
                    outcome = self._perform(step)
                except MecaPyError as error:
                    step = flow.throw(error)
                else:
                    step = flow.send(outcome)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]

    def events(self, story: Story) -> Iterator[RunEvent]:
        """Read the events of a run to the end, over as many connections as it takes."""
        while not story.ended:
            request = story.request()
            error: ConnectionError | None = None
            silent = False
            try:
                with self._http.stream(**_arguments(self._httpx, request, story.patience_s)) as response:
                    if story.opened(_answer(response, b"" if response.is_success else response.read())):
                        for piece in response.iter_bytes():
                            yield from story.feed(piece)
                            if story.ended or story.wants_to_look_up():
                                break
            except self._httpx.TransportError as problem:
                silent = isinstance(problem, self._httpx.ReadTimeout)
                error = _connection_error(self._httpx, self._place, problem)
            if not story.ended and not (error is None and story.wants_to_look_up()):
                time.sleep(story.cut(error, silent=silent))

    def _perform(self, step: Step) -> Answer | None:
        if isinstance(step, Pause):
            time.sleep(step.seconds)
            return None
        if isinstance(step, Follow):
            for _ in self.events(step.story):
                pass
            return None
        try:
            response = self._http.request(**_arguments(self._httpx, step, step.hold_s + _ANSWER_S))
        except self._httpx.TransportError as problem:
            raise _connection_error(self._httpx, self._place, problem) from problem
        return _answer(response, response.content)


class AsyncDriver:
    """Carries flows out with asyncio."""

    def __init__(self, place: Place, calls: Calls) -> None:
        import asyncio

        import httpx

        self.calls = calls
        self._sleep = asyncio.sleep
        self._httpx = httpx
        self._place = place
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=100)
        self._http = httpx.AsyncClient(limits=limits, **place.settings())

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def run(self, flow: Flow[T]) -> T:
        """Carry a flow out and give what it returns."""
        try:
            step = next(flow)
            while True:
                try:
                    outcome = await self._perform(step)
                except MecaPyError as error:
                    step = flow.throw(error)
                else:
                    step = flow.send(outcome)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]

    async def events(self, story: Story) -> AsyncIterator[RunEvent]:
        """Read the events of a run to the end, over as many connections as it takes."""
        while not story.ended:
            request = story.request()
            error: ConnectionError | None = None
            silent = False
            try:
                stream = self._http.stream(**_arguments(self._httpx, request, story.patience_s))
                async with stream as response:
                    if story.opened(
                        _answer(response, b"" if response.is_success else await response.aread())
                    ):
                        async for piece in response.aiter_bytes():
                            for event in story.feed(piece):
                                yield event
                            if story.ended or story.wants_to_look_up():
                                break
            except self._httpx.TransportError as problem:
                silent = isinstance(problem, self._httpx.ReadTimeout)
                error = _connection_error(self._httpx, self._place, problem)
            if not story.ended and not (error is None and story.wants_to_look_up()):
                await self._sleep(story.cut(error, silent=silent))

    async def _perform(self, step: Step) -> Answer | None:
        if isinstance(step, Pause):
            await self._sleep(step.seconds)
            return None
        if isinstance(step, Follow):
            async for _ in self.events(step.story):
                pass
            return None
        try:
            response = await self._http.request(**_arguments(self._httpx, step, step.hold_s + _ANSWER_S))
        except self._httpx.TransportError as problem:
            raise _connection_error(self._httpx, self._place, problem) from problem
        return _answer(response, response.content)


def _arguments(httpx: Any, request: Request, patience_s: float) -> dict[str, Any]:
    headers = dict(request.headers)
    if request.body is not None:
        headers.setdefault("Content-Type", JSON)
    return {
        "method": request.method,
        "url": request.path,
        "params": request.query or None,
        "content": request.body,
        "headers": headers,
        "timeout": httpx.Timeout(patience_s, connect=_CONNECT_S, pool=None),
    }


def _answer(response: httpx.Response, body: bytes) -> Answer:
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Answer(response.status_code, headers, body)


def _connection_error(httpx: Any, place: Place, problem: httpx.TransportError) -> ConnectionError:
    if isinstance(problem, httpx.ConnectError | httpx.ConnectTimeout | httpx.ProxyError):
        return ConnectionError(
            f"No MecaPy server answers at {place.url}. Start one there, or name another: "
            "MecaPy(url=…) or MECAPY_URL."
        )
    if isinstance(problem, httpx.UnsupportedProtocol):
        return ConnectionError(f"{place.url} is no web address. Write http:// or https:// and the host.")
    what = str(problem) or type(problem).__name__
    return ConnectionError(f"The connection to {place.url} broke off: {what}. Try again.", sent=True)


def _is_this_machine(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
