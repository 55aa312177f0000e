"""A task in the blocking client."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from . import _flows as flows
from ._errors import NotCompletedError, TimeoutError
from ._fields import TaskFields
from ._local import run_local
from ._records import Limits, TaskRecord, Version
from ._run import Run

if TYPE_CHECKING:
    from ._transport import BlockingDriver

SHORT_RUN_S = 2.0
"""How long `task.status` lets a run that was only just started end before it answers, seconds."""


class Task(TaskFields):
    """A named calculation: code and saved inputs, in immutable versions.

    `status` and `result` speak of the run that this object started last; of the task's latest run when it
    started none. Every method can raise `ConnectionError`, `AuthenticationError` and `NotFoundError`.
    """

    def __init__(self, driver: BlockingDriver, record: TaskRecord) -> None:
        super().__init__(record)
        self._driver = driver
        self._run: Run | None = None
        self._started_at = 0.0

    def execute(
        self,
        inputs: Mapping[str, Any] | None = None,
        timeout: float | None = None,
        *,
        version: int | None = None,
        limits: Limits | None = None,
    ) -> Any:
        """Run the task, wait for its end, and give the decoded result.

        `inputs` are names and values, in the units the calculation asks for; without them the saved inputs
        are used. A `pathlib.Path` or a file opened in binary mode is sent along, and the calculation gets the
        path under which it finds it. `version` is the one to run, otherwise the newest. `limits` are those of
        the run, `timeout` is how long to wait, seconds: after it the run goes on.

        Raises `ValidationError` when the inputs do not fit, `ExecutionError` when the calculation fails,
        `TimeoutError` after `timeout`, `RateLimited` when too many runs wait.
        """
        calls = self._driver.calls
        try:
            ended = self._driver.run(
                flows.run_to_end(calls, self.id, inputs, version=version, limits=limits, timeout=timeout)
            )
        except TimeoutError as error:
            if error.run_id is not None:
                self._run = Run(self._driver, self._driver.run(calls.get_run(error.run_id)))
            raise
        run = self._run = Run(self._driver, ended.run)
        return run._keep(self._driver.run(flows.result(calls, ended, run.chart_svg)))

    def execute_async(
        self,
        inputs: Mapping[str, Any] | None = None,
        *,
        version: int | None = None,
        limits: Limits | None = None,
    ) -> Run:
        """Start a run and give it at once.

        `inputs`, `version`, `limits` and the errors are those of `execute`.         `run.wait()`,
        `run.stream()` and `run.result` follow it. This is no coroutine; see `AsyncMecaPy` for those.
        """
        started = self._driver.calls.start(self.id, inputs, version=version, limits=limits)
        self._run = Run(self._driver, self._driver.run(started))
        self._started_at = time.monotonic()
        return self._run

    @property
    def status(self) -> str:
        """`queued`, `running`, `completed`, `failed` or `cancelled`, as it is now; `created` before any run.

        A run that was started less than 2 s ago is given until then to end, so that the line after
        `execute_async()` sees a short calculation completed; a longer one is reported as it is.
        """
        run = self._run
        if run is None:
            latest = self._driver.run(self._driver.calls.latest_run(self.id))
            return "created" if latest is None else latest.status
        left = SHORT_RUN_S - (time.monotonic() - self._started_at)
        if left > 0:
            try:
                run.wait(left)
            except TimeoutError:
                return run.refresh()._record.status
        return run.status

    @property
    def result(self) -> Any:
        """The decoded result of the run.

        Raises `NotCompletedError` while there is none, `ExecutionError` when the run failed or was cancelled.
        """
        if self._run is not None:
            return self._run.result
        latest = self._driver.run(self._driver.calls.latest_run(self.id))
        if latest is None:
            raise NotCompletedError("The task has not run yet, so it has no result. Execute it first.")
        return Run(self._driver, latest).result

    def run_local(self, inputs: Mapping[str, Any] | None = None) -> Any:
        """Run the task's code in this Python, and give the result as `execute` gives it.

        See `mecapy.run_local` for what differs and what it raises.
        """
        if self.code is None:
            self.refresh()
        return run_local(self.code or "", self.inputs if inputs is None else inputs)

    def refresh(self) -> Task:
        """Read the task anew and give it."""
        self._record = self._driver.run(self._driver.calls.get_task(self.id))
        return self

    def update(
        self,
        *,
        name: str | None = None,
        code: str | None = None,
        inputs: Mapping[str, Any] | None = None,
        description: str | None = None,
    ) -> Task:
        """Change its `name`, `code`, `inputs` or `description` and give the task.

        Changed code or inputs become its next version.

        Raises `ConflictError` when somebody saved a newer version than this object knows, `ValidationError`
        when a value does not fit.
        """
        changed = self._driver.calls.update_task(
            self._record, inputs, name=name, code=code, description=description
        )
        self._record = self._driver.run(changed)
        return self

    def delete(self) -> None:
        """Delete the task: its runs are cancelled, its links closed."""
        self._driver.run(self._driver.calls.delete_task(self.id))

    def get_version(self, number: int) -> Version:
        """Give the version of that number, from 1. Raises `NotFoundError` when there is no such version."""
        return self._driver.run(self._driver.calls.get_version(self.id, number))

    def runs(self, *, limit: int | None = 50) -> list[Run]:
        """Give the task's runs, the newest first, at most `limit` of them; all for `None`."""
        records = self._driver.run(self._driver.calls.list_runs(self.id, None, None, limit))
        return [Run(self._driver, record) for record in records]
