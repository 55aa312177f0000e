"""A task in the asyncio client."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from . import _flows as flows
from ._async_run import AsyncRun
from ._errors import NotCompletedError, TimeoutError
from ._fields import TaskFields
from ._local import run_local
from ._records import Limits, TaskRecord, Version
from ._task import SHORT_RUN_S

if TYPE_CHECKING:
    from ._transport import AsyncDriver


class AsyncTask(TaskFields):
    """A named calculation: code and saved inputs, in immutable versions; `Task` for asyncio.

    What a property of `Task` asks the server for is a coroutine here. Every method can raise
    `ConnectionError`, `AuthenticationError` and `NotFoundError`.
    """

    def __init__(self, driver: AsyncDriver, record: TaskRecord) -> None:
        super().__init__(record)
        self._driver = driver
        self._run: AsyncRun | None = None
        self._started_at = 0.0

    async def execute(
        self,
        inputs: Mapping[str, Any] | None = None,
        timeout: float | None = None,
        *,
        version: int | None = None,
        limits: Limits | None = None,
    ) -> Any:
        """Run the task, wait for its end, and give the decoded result.

        Arguments and errors are those of `Task.execute`.
        """
        calls = self._driver.calls
        try:
            ended = await self._driver.run(
                flows.run_to_end(calls, self.id, inputs, version=version, limits=limits, timeout=timeout)
            )
        except TimeoutError as error:
            if error.run_id is not None:
                self._run = AsyncRun(self._driver, await self._driver.run(calls.get_run(error.run_id)))
            raise
        run = self._run = AsyncRun(self._driver, ended.run)
        return run._keep(await self._driver.run(flows.result(calls, ended, None)))

    async def execute_async(
        self,
        inputs: Mapping[str, Any] | None = None,
        *,
        version: int | None = None,
        limits: Limits | None = None,
    ) -> AsyncRun:
        """Start a run and give it at once. Arguments and errors are those of `Task.execute_async`."""
        started = self._driver.calls.start(self.id, inputs, version=version, limits=limits)
        self._run = AsyncRun(self._driver, await self._driver.run(started))
        self._started_at = time.monotonic()
        return self._run

    async def status(self) -> str:
        """Give where the run stands now, as `Task.status` does."""
        run = self._run
        if run is None:
            latest = await self._driver.run(self._driver.calls.latest_run(self.id))
            return "created" if latest is None else latest.status
        left = SHORT_RUN_S - (time.monotonic() - self._started_at)
        if left > 0:
            try:
                await run.wait(left)
            except TimeoutError:
                await run.refresh()
        return await run.status()

    async def result(self) -> Any:
        """Give the decoded result of the run.

        Raises `NotCompletedError` while there is none, `ExecutionError` when the run failed or was cancelled.
        """
        if self._run is not None:
            return await self._run.result()
        latest = await self._driver.run(self._driver.calls.latest_run(self.id))
        if latest is None:
            raise NotCompletedError("The task has not run yet, so it has no result. Execute it first.")
        return await AsyncRun(self._driver, latest).result()

    async def run_local(self, inputs: Mapping[str, Any] | None = None) -> Any:
        """Run the task's code in this Python, in a thread, and give the result as `execute` gives it.

        See `mecapy.run_local` for what differs and what it raises.
        """
        if self.code is None:
            await self.refresh()
        return await asyncio.to_thread(run_local, self.code or "", self.inputs if inputs is None else inputs)

    async def refresh(self) -> AsyncTask:
        """Read the task anew and give it."""
        self._record = await self._driver.run(self._driver.calls.get_task(self.id))
        return self

    async def update(
        self,
        *,
        name: str | None = None,
        code: str | None = None,
        inputs: Mapping[str, Any] | None = None,
        description: str | None = None,
    ) -> AsyncTask:
        """Change its `name`, `code`, `inputs` or `description` and give the task.

        Changed code or inputs become its next version.

        Raises `ConflictError` when somebody saved a newer version than this object knows, `ValidationError`
        when a value does not fit.
        """
        changed = self._driver.calls.update_task(
            self._record, inputs, name=name, code=code, description=description
        )
        self._record = await self._driver.run(changed)
        return self

    async def delete(self) -> None:
        """Delete the task: its runs are cancelled, its links closed."""
        await self._driver.run(self._driver.calls.delete_task(self.id))

    async def get_version(self, number: int) -> Version:
        """Give the version of that number, from 1. Raises `NotFoundError` when there is no such version."""
        return await self._driver.run(self._driver.calls.get_version(self.id, number))

    async def runs(self, *, limit: int | None = 50) -> list[AsyncRun]:
        """Give the task's runs, the newest first, at most `limit` of them; all for `None`."""
        records = await self._driver.run(self._driver.calls.list_runs(self.id, None, None, limit))
        return [AsyncRun(self._driver, record) for record in records]
