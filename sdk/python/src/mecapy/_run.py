"""A run in the blocking client."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from . import _flows as flows
from ._dataframe import dataframe
from ._events import RunEvent
from ._exchange import Deadline
from ._fields import RunFields
from ._html import pairs_html, value_html
from ._records import RunRecord, Share
from ._story import Story

if TYPE_CHECKING:
    import pandas as pd

    from ._transport import BlockingDriver

_NOT_READ = object()


class Run(RunFields):
    """One execution of one version of a task with one set of inputs.

    `status` and `result` ask the server while the run goes on; a run that has ended does not change any more.
    Every method can raise `ConnectionError`, `AuthenticationError` and `NotFoundError`.
    """

    def __init__(self, driver: BlockingDriver, record: RunRecord) -> None:
        super().__init__(record)
        self._driver = driver
        self._result: Any = _NOT_READ

    @property
    def status(self) -> str:
        """`queued`, `running`, `completed`, `failed` or `cancelled`, as it is now."""
        return self.refresh()._record.status if not self._record.is_final else self._record.status

    @property
    def result(self) -> Any:
        """The decoded result.

        Raises `NotCompletedError` while the run goes on, `ExecutionError` when it failed or was cancelled.
        """
        if self._result is _NOT_READ:
            self._result = self._driver.run(flows.result_of(self._driver.calls, self.id, self.chart_svg))
        return self._result

    def refresh(self) -> Run:
        """Read the run anew and give it."""
        self._record = self._driver.run(self._driver.calls.get_run(self.id))
        return self

    def wait(self, timeout: float | None = None) -> Run:
        """Wait for the end, whatever it is, and give the run.

        Raises `TimeoutError` after `timeout` seconds; the run goes on.
        """
        self._record = self._driver.run(flows.wait(self._driver.calls, self._record, Deadline(timeout)))
        return self

    def stream(self) -> Iterator[RunEvent]:
        """Give the events of the run as they happen, from its first to its last.

        What was before the call is given too. Where the connection is cut, it is opened again after the last
        event that arrived. Raises `ConnectionError` when that fails again and again.
        """
        return self._driver.events(Story(self.id))

    def logs(self) -> str:
        """Give what the latest attempt has printed so far."""
        return self._driver.run(self._driver.calls.logs(self.id))

    def cancel(self) -> Run:
        """Stop the run and give it. Raises `ConflictError` when it has ended already."""
        self._record = self._driver.run(self._driver.calls.cancel_run(self.id))
        return self

    def share(self, expires_in_s: int | None = None) -> Share:
        """Make a read-only link to the run for whoever has it.

        It works for `expires_in_s` seconds, or without end for `None`.
        """
        return self._driver.run(self._driver.calls.share(self.id, expires_in_s))

    def shares(self) -> list[Share]:
        """Give the links to the run that are open; their addresses are not known any more."""
        return self._driver.run(self._driver.calls.shares(self.id))

    def unshare(self, share: Share | str) -> None:
        """Close a link: the share itself, or its id."""
        self._driver.run(self._driver.calls.unshare(share if isinstance(share, str) else share.id))

    def dataframe(self, key: str | None = None) -> pd.DataFrame:
        """Give the result as a pandas DataFrame.

        That is its table, its columns of equal length, or its single values as one row. `key` names the part
        of the result that is meant. Units are in `attrs["units"]`. Raises `ValueError` when there is nothing
        of the kind, `KeyError` for an unknown key, `ImportError` where pandas is not installed, and what
        `result` raises.
        """
        return dataframe(self.result, key)

    def chart_svg(self, place: int = 0) -> str:
        """Give the drawing of a chart of the result, an SVG document.

        `place` counts the charts from 0, in the order of the result. Raises `NotFoundError` when there is
        none.
        """
        return self._driver.run(self._driver.calls.chart_svg(self.id, place))

    def _repr_html_(self) -> str:
        status = self.status
        if status == "completed":
            return value_html(self.result)
        named = [("Run", self.task_name or self.id), ("Status", status)]
        return pairs_html([*named, ("Error", (self.error or {}).get("message"))] if self.error else named)

    def _keep(self, result: Any) -> Any:
        self._result = result
        return result
