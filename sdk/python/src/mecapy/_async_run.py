"""A run in the asyncio client."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from . import _flows as flows
from ._dataframe import dataframe
from ._events import RunEvent
from ._exchange import Deadline
from ._fields import RunFields
from ._html import pairs_html
from ._records import RunRecord, Share
from ._story import Story

if TYPE_CHECKING:
    import pandas as pd

    from ._transport import AsyncDriver

_NOT_READ = object()


class AsyncRun(RunFields):
    """One execution of one version of a task with one set of inputs; `Run` for asyncio.

    What a property of `Run` asks the server for is a coroutine here. Every method can raise
    `ConnectionError`, `AuthenticationError` and `NotFoundError`.
    """

    def __init__(self, driver: AsyncDriver, record: RunRecord) -> None:
        super().__init__(record)
        self._driver = driver
        self._result: Any = _NOT_READ

    async def status(self) -> str:
        """Give `queued`, `running`, `completed`, `failed` or `cancelled`, as it is now."""
        if not self._record.is_final:
            await self.refresh()
        return self._record.status

    async def result(self) -> Any:
        """Give the decoded result.

        Raises `NotCompletedError` while the run goes on, `ExecutionError` when it failed or was cancelled.
        """
        if self._result is _NOT_READ:
            self._result = await self._driver.run(flows.result_of(self._driver.calls, self.id, None))
        return self._result

    async def refresh(self) -> AsyncRun:
        """Read the run anew and give it."""
        self._record = await self._driver.run(self._driver.calls.get_run(self.id))
        return self

    async def wait(self, timeout: float | None = None) -> AsyncRun:
        """Wait for the end, whatever it is, and give the run.

        Raises `TimeoutError` after `timeout` seconds; the run goes on.
        """
        self._record = await self._driver.run(flows.wait(self._driver.calls, self._record, Deadline(timeout)))
        return self

    def stream(self) -> AsyncIterator[RunEvent]:
        """Give the events of the run as they happen, from its first to its last.

        Read them with `async for event in run.stream()`. What was before the call is given too. Where the
        connection is cut, it is opened again after the last event that arrived. Raises `ConnectionError` when
        that fails again and again.
        """
        return self._driver.events(Story(self.id))

    async def logs(self) -> str:
        """Give what the latest attempt has printed so far."""
        return await self._driver.run(self._driver.calls.logs(self.id))

    async def cancel(self) -> AsyncRun:
        """Stop the run and give it. Raises `ConflictError` when it has ended already."""
        self._record = await self._driver.run(self._driver.calls.cancel_run(self.id))
        return self

    async def share(self, expires_in_s: int | None = None) -> Share:
        """Make a read-only link to the run for whoever has it.

        It works for `expires_in_s` seconds, or without end for `None`.
        """
        return await self._driver.run(self._driver.calls.share(self.id, expires_in_s))

    async def shares(self) -> list[Share]:
        """Give the links to the run that are open; their addresses are not known any more."""
        return await self._driver.run(self._driver.calls.shares(self.id))

    async def unshare(self, share: Share | str) -> None:
        """Close a link: the share itself, or its id."""
        await self._driver.run(self._driver.calls.unshare(share if isinstance(share, str) else share.id))

    async def dataframe(self, key: str | None = None) -> pd.DataFrame:
        """Give the result as a pandas DataFrame.

        That is its table, its columns of equal length, or its single values as one row. Arguments and errors
        are those of `Run.dataframe`.
        """
        return dataframe(await self.result(), key)

    async def chart_svg(self, place: int = 0) -> str:
        """Give the drawing of a chart of the result, an SVG document.

        `place` counts the charts from 0, in the order of the result. Raises `NotFoundError` when there is
        none.
        """
        return await self._driver.run(self._driver.calls.chart_svg(self.id, place))

    def _repr_html_(self) -> str:
        return pairs_html([("Run", self.task_name or self.id), ("Status", self._record.status)])

    def _keep(self, result: Any) -> Any:
        self._result = result
        return result
