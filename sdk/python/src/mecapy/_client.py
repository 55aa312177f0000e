"""The blocking client."""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any

from ._calls import Calls
from ._credentials import find_place
from ._records import Token, Usage, User
from ._retries import DEFAULT_RETRIES, Retries
from ._run import Run
from ._task import Task
from ._transport import BlockingDriver

if TYPE_CHECKING:
    from ._batch import OnError


class MecaPy:
    """A client of a MecaPy server.

    `token` and `url` are taken from `MECAPY_TOKEN` and `MECAPY_URL` when they are left out, then from what
    `mecapy login` stored; the last resort is the server on this machine, http://127.0.0.1:7979, which needs
    no token. `retries` is how often a request that got no answer is sent again, where that is safe.

    The client keeps its connections open; `close()` or a `with` block ends them. Threads may share it.

    Raises `ValidationError` when the address is none. Nothing is sent before the first call. Every method can
    raise `ConnectionError` and `AuthenticationError`.
    """

    def __init__(
        self, token: str | None = None, url: str | None = None, *, retries: int = DEFAULT_RETRIES
    ) -> None:
        self._place = find_place(url, token)
        self._driver = BlockingDriver(self._place, Calls(Retries(retries)))
        self.tasks = Tasks(self._driver)
        """The tasks of the user."""
        self.runs = Runs(self._driver)
        """The runs of the user."""
        self.tokens = Tokens(self._driver)
        """The tokens of the user, for programs."""

    @property
    def url(self) -> str:
        """The server's address."""
        return self._place.url

    def me(self) -> User:
        """Ask whom the server takes this client for. Raises `AuthenticationError` for a wrong token."""
        return self._driver.run(self._driver.calls.me())

    def usage(self) -> Usage:
        """Ask what the user has used today and this month, and which limits apply."""
        return self._driver.run(self._driver.calls.usage())

    def map(
        self,
        task: Task | str,
        inputs: Iterable[Mapping[str, Any]],
        *,
        concurrency: int = 16,
        on_error: OnError = "raise",
        progress: bool | None = None,
        version: int | None = None,
    ) -> list[Any]:
        """Run a task, or the one with that id, once for each of many inputs; give the results in their order.

        `version` is the one to run, otherwise the newest. At most `concurrency` runs are under way at once;
        where the server asks for a pause (429), it is kept. `on_error="raise"` stops at the first run that
        fails, `"keep"` puts its `ExecutionError` in its place. `progress` shows a bar of tqdm: by default on
        a terminal or in a notebook, where tqdm is installed.

        Raises `ExecutionError` with `case`, the place of the inputs that failed, `ValidationError` when some
        do not fit, and `ImportError` for `progress=True` without tqdm. Runs that are under way then come to
        their own end.
        """
        from ._batch import map_blocking

        task_id = task if isinstance(task, str) else task.id
        return map_blocking(
            self._place,
            self._driver.calls,
            task_id,
            inputs,
            concurrency=concurrency,
            on_error=on_error,
            progress=progress,
            version=version,
        )

    def close(self) -> None:
        """Close the connections. The client is not usable any more."""
        self._driver.close()

    def __enter__(self) -> MecaPy:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        # Without the token: representations end up in logs.
        return f"MecaPy(url={self.url!r})"


class Tasks:
    """`client.tasks`: make, find, change and delete tasks.

    Every method can raise `ConnectionError` and `AuthenticationError`.
    """

    def __init__(self, driver: BlockingDriver) -> None:
        self._driver = driver

    def create(
        self, name: str, code: str, inputs: Mapping[str, Any] | None = None, description: str = ""
    ) -> Task:
        """Make a task of that name and give it.

        `name` has at most 200 characters, `description` says what the calculation does, in at most 2,000.
        `code` is Python with a function `calculate` (at most 256 KB), `inputs` are saved as the ones to run
        with (at most 10 MB of JSON). Raises `ValidationError` when a value does not fit.
        """
        record = self._driver.run(self._driver.calls.create_task(name, code, inputs, description))
        return Task(self._driver, record)

    def get(self, task_id: str) -> Task:
        """Give the task with that id. Raises `NotFoundError`."""
        return Task(self._driver, self._driver.run(self._driver.calls.get_task(task_id)))

    def list(
        self, q: str | None = None, *, state: str | None = None, limit: int | None = 50
    ) -> builtins.list[Task]:
        """Give tasks, the newest first, at most `limit` of them; all for `None`.

        `q` is a part of the name or description, `state` that of the latest run. Their code and inputs are
        read by `refresh()`.
        """
        records = self._driver.run(self._driver.calls.list_tasks(q, state, limit))
        return [Task(self._driver, record) for record in records]

    def update(
        self,
        task: Task | str,
        *,
        name: str | None = None,
        code: str | None = None,
        inputs: Mapping[str, Any] | None = None,
        description: str | None = None,
    ) -> Task:
        """Change the `name`, `code`, `inputs` or `description` of a task, or of the one with that id.

        Changed code or inputs become its next version. Given as an object, a task that somebody changed
        meanwhile raises `ConflictError`; given by its id it is changed as it stands. Raises `ValidationError`
        when a value does not fit.
        """
        known = self.get(task) if isinstance(task, str) else task
        return known.update(name=name, code=code, inputs=inputs, description=description)

    def delete(self, task: Task | str) -> None:
        """Delete a task, or the one with that id: its runs are cancelled, its links closed."""
        self._driver.run(self._driver.calls.delete_task(task if isinstance(task, str) else task.id))


class Runs:
    """`client.runs`: find and stop runs.

    Every method can raise `ConnectionError` and `AuthenticationError`.
    """

    def __init__(self, driver: BlockingDriver) -> None:
        self._driver = driver

    def get(self, run_id: str) -> Run:
        """Give the run with that id. Raises `NotFoundError`."""
        return Run(self._driver, self._driver.run(self._driver.calls.get_run(run_id)))

    def list(
        self,
        task: Task | str | None = None,
        *,
        state: str | None = None,
        q: str | None = None,
        limit: int | None = 50,
    ) -> builtins.list[Run]:
        """Give runs, the newest first, at most `limit` of them; all for `None`.

        `task` is the one that was run, or its id, `state` where the runs stand, `q` a part of the task's
        name.
        """
        task_id = task if task is None or isinstance(task, str) else task.id
        records = self._driver.run(self._driver.calls.list_runs(task_id, state, q, limit))
        return [Run(self._driver, record) for record in records]

    def cancel(self, run: Run | str) -> Run:
        """Stop a run, or the one with that id, and give it.

        Raises `ConflictError` when it has ended already.
        """
        run_id = run if isinstance(run, str) else run.id
        return Run(self._driver, self._driver.run(self._driver.calls.cancel_run(run_id)))


class Tokens:
    """`client.tokens`: make, list and revoke tokens for programs.

    Every method can raise `ConnectionError` and `AuthenticationError`.
    """

    def __init__(self, driver: BlockingDriver) -> None:
        self._driver = driver

    def create(self, name: str, scope: str, expires_in_s: int | None = None) -> Token:
        """Make a token; its `secret` is given this once.

        `name` says what it is for, in at most 100 characters. `scope` is `"read"`, `"run"`, which also
        executes tasks that are there, or `"write"`, which does everything. It works for `expires_in_s`
        seconds, at most 366 days and 90 days for `None`; one made with a token no longer than that one.

        Raises `ValidationError` when a value does not fit, `ConflictError` beyond 50 tokens,
        `PermissionDeniedError` when the client's own token lacks the scope `write`.
        """
        return self._driver.run(self._driver.calls.create_token(name, scope, expires_in_s))

    def list(self) -> builtins.list[Token]:
        """Give the tokens that are not revoked, the newest first, without their secrets."""
        return self._driver.run(self._driver.calls.list_tokens())

    def revoke(self, token: Token | str) -> None:
        """Revoke a token, or the one with that id, at once. Raises `NotFoundError`."""
        self._driver.run(self._driver.calls.revoke_token(token if isinstance(token, str) else token.id))
