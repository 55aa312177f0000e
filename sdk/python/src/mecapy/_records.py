"""What the server says of tasks, runs, shares and users, as it was last read."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypedDict

from ._timestamps import parse, parse_maybe

FINAL = ("completed", "failed", "cancelled")


class Limits(TypedDict, total=False):
    """What one run may use; what is left out has the server's default.

    `wall_s`: time, seconds (600, at most 900). `cpu_s`: processor time, seconds (600). `memory_mb`: memory,
    MB (2,048). `output_bytes`: encoded result, bytes (33,554,432).
    """

    wall_s: int
    cpu_s: int
    memory_mb: int
    output_bytes: int


@dataclass(frozen=True)
class Version:
    """One immutable version of a task: `number` from 1, `code`, saved `inputs`, `created_at` in UTC."""

    number: int
    code: str
    inputs: Mapping[str, Any]
    created_at: datetime.datetime


@dataclass(frozen=True)
class Share:
    """A read-only link to a run, for whoever has it.

    `url` is the page. `reachable` is false while the server listens on its own machine only, so that nobody
    else can open it. `expires_at` is `None` for a link without end, `id` what `unshare` takes. The server
    keeps no copy of the link: the shares that `run.shares()` lists have an empty `url`.
    """

    id: str
    url: str
    reachable: bool
    expires_at: datetime.datetime | None


@dataclass(frozen=True)
class User:
    """Whom the server takes the client for: `id`, a UUID, and `name`.

    `scopes` are what the client may do, of `read`, `run` and `write`. `token_name` is what the token that it
    shows is called, `None` for one that the server does not know, as a server without logins takes any.
    """

    id: str
    name: str
    scopes: tuple[str, ...] = ()
    token_name: str | None = None


@dataclass(frozen=True)
class Token:
    """A token of the user, for programs.

    `id` is what `revoke` takes, `name` what the token is for. `scope` is `read`, `run` (also executes tasks
    that are there) or `write` (everything). `start` are its first characters. `created_at`, `expires_at` and
    `last_used_at` are in UTC, the last to the minute and `None` before it was used. `secret` is the token
    itself, which only `create` gives, once; `None` otherwise.
    """

    id: str
    name: str
    scope: str
    start: str
    created_at: datetime.datetime
    expires_at: datetime.datetime
    last_used_at: datetime.datetime | None
    secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class PeriodUsage:
    """What the runs that ended within a day or a month have used.

    `since` is its first moment, UTC. `completed`, `failed` and `cancelled` count the runs by how they ended.
    `cpu_s` is processor time, seconds. `memory_gb_s` is peak memory times duration, summed, GB seconds.
    """

    since: datetime.datetime
    completed: int
    failed: int
    cancelled: int
    cpu_s: float
    memory_gb_s: float


@dataclass(frozen=True)
class Usage:
    """What the user has used `at` this moment, and the limits that apply.

    `today` and `this_month` are those of UTC. `queue_length` counts the runs that wait, `running` those under
    way, `tasks` those that are not deleted. `stored_bytes` are code, inputs and results, bytes. `limits` has
    the limits by name, with their unit at its end: `queued_runs`, `tokens`, `code_bytes`, `inputs_bytes`,
    `wall_s`, `cpu_s`, `memory_mb`, `result_bytes`, `log_bytes`, `figures`.
    """

    at: datetime.datetime
    today: PeriodUsage
    this_month: PeriodUsage
    queue_length: int
    running: int
    tasks: int
    stored_bytes: int
    limits: Mapping[str, int]


@dataclass(frozen=True)
class TaskRecord:
    """A task as it was last read; lists leave code, inputs and `created_at` out."""

    id: str
    name: str
    description: str
    version: int
    code: str | None
    inputs: Mapping[str, Any] | None
    runs: int
    created_at: datetime.datetime | None
    updated_at: datetime.datetime


@dataclass(frozen=True)
class RunRecord:
    """A run as it was last read; straight after its start only the first three are known."""

    id: str
    task_id: str
    status: str
    document: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def is_final(self) -> bool:
        """Whether nothing about the run changes any more."""
        return self.status in FINAL

    def moment(self, name: str) -> datetime.datetime | None:
        """Give one of its moments."""
        return parse_maybe(self.document.get(name))


def read_task(document: Mapping[str, Any]) -> TaskRecord:
    """Read a task, or a line of a list of tasks."""
    created_at = document.get("created_at")
    return TaskRecord(
        id=document["id"],
        name=document["name"],
        description=document["description"],
        version=document["version"],
        code=document.get("code"),
        inputs=document.get("inputs"),
        runs=document["runs"],
        created_at=parse_maybe(created_at),
        updated_at=parse(document["updated_at"]),
    )


def read_run(document: Mapping[str, Any]) -> RunRecord:
    """Read a run, a line of a list of runs, or the answer to its start."""
    accepted = "run_id" in document
    run_id = document["run_id"] if accepted else document["id"]
    return RunRecord(run_id, document["task_id"], document["status"], {} if accepted else document)


def read_share(document: Mapping[str, Any]) -> Share:
    """Read a new share, or one of a list."""
    return Share(
        id=document["id"],
        url=document.get("url", ""),
        reachable=document.get("reachable", True),
        expires_at=parse_maybe(document.get("expires_at")),
    )


def read_version(document: Mapping[str, Any]) -> Version:
    """Read one version of a task."""
    return Version(document["number"], document["code"], document["inputs"], parse(document["created_at"]))


def read_user(document: Mapping[str, Any]) -> User:
    """Read whom the server takes the client for."""
    token = document.get("token") or {}
    return User(document["user_id"], document["name"], tuple(document.get("scopes", ())), token.get("name"))


def read_token(document: Mapping[str, Any]) -> Token:
    """Read a new token, or one of a list."""
    return Token(
        id=document["id"],
        name=document["name"],
        scope=document["scope"],
        start=document["start"],
        created_at=parse(document["created_at"]),
        expires_at=parse(document["expires_at"]),
        last_used_at=parse_maybe(document["last_used_at"]),
        secret=document.get("token"),
    )


def read_usage(document: Mapping[str, Any]) -> Usage:
    """Read what the user has used."""
    counts = {name: document[name] for name in ("queue_length", "running", "tasks", "stored_bytes", "limits")}
    return Usage(
        at=parse(document["at"]),
        today=_read_period(document["today"]),
        this_month=_read_period(document["this_month"]),
        **counts,
    )


def _read_period(document: Mapping[str, Any]) -> PeriodUsage:
    return PeriodUsage(
        since=parse(document["since"]),
        cpu_s=document["cpu_s"],
        memory_gb_s=document["memory_gb_s"],
        **document["runs"],
    )
