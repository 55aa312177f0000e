"""The asyncio client."""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Any

from ._async_run import AsyncRun
from ._async_task import AsyncTask
from ._batch import OnError, map_async
from ._calls import Calls
from ._credentials import find_place
from ._records import Token, Usage, User
from ._retries import DEFAULT_RETRIES, Retries
from ._transport import AsyncDriver


class AsyncMecaPy:
    """A client of a MecaPy server for asyncio: `MecaPy` with coroutines.

    Arguments, defaults and errors are those of `MecaPy`. Every method can raise `ConnectionError` and
    `AuthenticationError`. `await client.close()` or an `async with` block ends
    its connections.
    """

    def __init__(
        self, token: str | None = None, url: str | None = None, *, retries: int = DEFAULT_RETRIES
    ) -> None:
        self._place = find_place(url, token)
        self._driver = AsyncDriver(self._place, Calls(Retries(retries)))
        self.tasks = AsyncTasks(self._driver)
        """The tasks of the user."""
        self.runs = AsyncRuns(self._driver)
        """The runs of the user."""
        self.tokens = AsyncTokens(self._driver)
        """The tokens of the user, for programs."""

    @property
    def url(self) -> str:
        """The server's address."""
        return self._place.url

    async def me(self) -> User:
        """Ask whom the server takes this client for. Raises `AuthenticationError` for a wrong token."""
        return await self._driver.run(self._driver.calls.me())

    async def usage(self) -> Usage:
        """Ask what the user has used today and this month, and which limits apply."""
        return await self._driver.run(self._driver.calls.usage())

    async def map(
        self,
        task: AsyncTask | str,
        inputs: Iterable[Mapping[str, Any]],
        *,
        concurrency: int = 16,
        on_error: OnError = "raise",
        progress: bool | None = None,
        version: int | None = None,
    ) -> list[Any]:
        """Run a task, or the one with that id, once for each of many inputs; give the results in their order.

        Arguments and errors are those of `MecaPy.map`.
        """
        return await map_async(
            self._driver,
            self._driver.calls,
            task if isinstance(task, str) else task.id,
            inputs,
            concurrency=concurrency,
            on_error=on_error,
            progress=progress,
            version=version,
        )

    async def close(self) -> None:
        """Close the connections. The client is not usable any more."""
        await self._driver.close()

    async def __aenter__(self) -> AsyncMecaPy:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"AsyncMecaPy(url={self.url!r})"


class AsyncTasks:
    """`client.tasks`: make, find, change and delete tasks.

    Every method can raise `ConnectionError` and `AuthenticationError`.
    """

    def __init__(self, driver: AsyncDriver) -> None:
        self._driver = driver

    async def create(
        self, name: str, code: str, inputs: Mapping[str, Any] | None = None, description: str = ""
    ) -> AsyncTask:
        """Make a task and give it. Arguments and errors are those of `Tasks.create`."""
        record = await self._driver.run(self._driver.calls.create_task(name, code, inputs, description))
        return AsyncTask(self._driver, record)

    async def get(self, task_id: str) -> AsyncTask:
        """Give the task with that id. Raises `NotFoundError`."""
        return AsyncTask(self._driver, await self._driver.run(self._driver.calls.get_task(task_id)))

    async def list(
        self, q: str | None = None, *, state: str | None = None, limit: int | None = 50
    ) -> builtins.list[AsyncTask]:
        """Give tasks, the newest first, at most `limit` of them. Arguments are those of `Tasks.list`."""
        records = await self._driver.run(self._driver.calls.list_tasks(q, state, limit))
        return [AsyncTask(self._driver, record) for record in records]

    async def update(
        self,
        task: AsyncTask | str,
        *,
        name: str | None = None,
        code: str | None = None,
        inputs: Mapping[str, Any] | None = None,
        description: str | None = None,
    ) -> AsyncTask:
        """Change a task, or the one with that id, and give it.

        Arguments and errors are those of `Tasks.update`.
        """
        known = await self.get(task) if isinstance(task, str) else task
        return await known.update(name=name, code=code, inputs=inputs, description=description)

    async def delete(self, task: AsyncTask | str) -> None:
        """Delete a task, or the one with that id: its runs are cancelled, its links closed."""
        await self._driver.run(self._driver.calls.delete_task(task if isinstance(task, str) else task.id))


class AsyncRuns:
    """`client.runs`: find and stop runs.

    Every method can raise `ConnectionError` and `AuthenticationError`.
    """

    def __init__(self, driver: AsyncDriver) -> None:
        self._driver = driver

    async def get(self, run_id: str) -> AsyncRun:
        """Give the run with that id. Raises `NotFoundError`."""
        return AsyncRun(self._driver, await self._driver.run(self._driver.calls.get_run(run_id)))

    async def list(
        self,
        task: AsyncTask | str | None = None,
        *,
        state: str | None = None,
        q: str | None = None,
        limit: int | None = 50,
    ) -> builtins.list[AsyncRun]:
        """Give runs, the newest first, at most `limit` of them. Arguments are those of `Runs.list`."""
        task_id = task if task is None or isinstance(task, str) else task.id
        records = await self._driver.run(self._driver.calls.list_runs(task_id, state, q, limit))
        return [AsyncRun(self._driver, record) for record in records]

    async def cancel(self, run: AsyncRun | str) -> AsyncRun:
        """Stop a run, or the one with that id, and give it.

        Raises `ConflictError` when it has ended already.
        """
        run_id = run if isinstance(run, str) else run.id
        return AsyncRun(self._driver, await self._driver.run(self._driver.calls.cancel_run(run_id)))


class AsyncTokens:
    """`client.tokens`: make, list and revoke tokens for programs.

    Every method can raise `ConnectionError` and `AuthenticationError`.
    """

    def __init__(self, driver: AsyncDriver) -> None:
        self._driver = driver

    async def create(self, name: str, scope: str, expires_in_s: int | None = None) -> Token:
        """Make a token; its `secret` is given this once.

        Arguments and errors are those of `Tokens.create`.
        """
        return await self._driver.run(self._driver.calls.create_token(name, scope, expires_in_s))

    async def list(self) -> builtins.list[Token]:
        """Give the tokens that are not revoked, the newest first, without their secrets."""
        return await self._driver.run(self._driver.calls.list_tokens())

    async def revoke(self, token: Token | str) -> None:
        """Revoke a token, or the one with that id, at once. Raises `NotFoundError`."""
        token_id = token if isinstance(token, str) else token.id
        await self._driver.run(self._driver.calls.revoke_token(token_id))
