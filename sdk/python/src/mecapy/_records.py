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
    """Whom the server takes the client for: `id`, a UUID, and `name`."""

    id: str
    name: str


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
