"""What a task and a run say of themselves without asking the server: the same in both clients."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from ._html import pairs_html
from ._records import RunRecord, TaskRecord


class TaskFields:
    """A task as it was last read from the server."""

    def __init__(self, record: TaskRecord) -> None:
        self._record = record

    @property
    def id(self) -> str:
        """The task's id, a UUID."""
        return self._record.id

    @property
    def name(self) -> str:
        """The task's name."""
        return self._record.name

    @property
    def description(self) -> str:
        """What its author says of it, or ""."""
        return self._record.description

    @property
    def version(self) -> int:
        """The number of its newest version, from 1."""
        return self._record.version

    @property
    def code(self) -> str | None:
        """The code of the newest version; `None` for a task of a list, until `refresh()`."""
        return self._record.code

    @property
    def inputs(self) -> Mapping[str, Any] | None:
        """The saved inputs of the newest version; `None` for a task of a list, until `refresh()`."""
        return self._record.inputs

    @property
    def created_at(self) -> datetime.datetime | None:
        """When it was made, UTC; `None` for a task of a list, until `refresh()`."""
        return self._record.created_at

    @property
    def updated_at(self) -> datetime.datetime:
        """When it was last changed, UTC."""
        return self._record.updated_at

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r}, version {self.version}, id={self.id!r})"

    def _repr_html_(self) -> str:
        named: list[tuple[str, Any]] = [("Task", self.name)]
        if self.description:
            named.append(("Description", self.description))
        return pairs_html([*named, ("Version", self.version), ("Id", self.id)])


class RunFields:
    """A run as it was last read from the server; what is not known yet is `None`."""

    def __init__(self, record: RunRecord) -> None:
        self._record = record

    @property
    def id(self) -> str:
        """The run's id, a UUID."""
        return self._record.id

    @property
    def task_id(self) -> str:
        """The id of the task that was run."""
        return self._record.task_id

    @property
    def task_name(self) -> str | None:
        """The name of the task that was run."""
        known: str | None = self._record.document.get("task_name")
        return known

    @property
    def number(self) -> int | None:
        """Its number among the runs of its task, from 1."""
        known: int | None = self._record.document.get("number")
        return known

    @property
    def version(self) -> int | None:
        """The version of the task that was run."""
        known: int | None = self._record.document.get("version")
        return known

    @property
    def inputs(self) -> Mapping[str, Any] | None:
        """The inputs, plain JSON values."""
        known: Mapping[str, Any] | None = self._record.document.get("inputs")
        return known

    @property
    def error(self) -> Mapping[str, Any] | None:
        """`kind`, `message`, `line` and `traceback` of a failed run, otherwise `None`."""
        known: Mapping[str, Any] | None = self._record.document.get("error")
        return known

    @property
    def provenance(self) -> Mapping[str, Any] | None:
        """What made the result: versions of Python and packages, and SHA-256 of code, inputs and result."""
        known: Mapping[str, Any] | None = self._record.document.get("provenance")
        return known

    @property
    def enqueued_at(self) -> datetime.datetime | None:
        """When it was stored, UTC."""
        return self._record.moment("enqueued_at")

    @property
    def started_at(self) -> datetime.datetime | None:
        """When its latest attempt began, UTC."""
        return self._record.moment("started_at")

    @property
    def finished_at(self) -> datetime.datetime | None:
        """When it ended, UTC."""
        return self._record.moment("finished_at")

    @property
    def wall_ms(self) -> float | None:
        """How long the calculation took, milliseconds."""
        known: float | None = self._record.document.get("wall_ms")
        return known

    @property
    def cpu_ms(self) -> float | None:
        """The processor time it took, milliseconds."""
        known: float | None = self._record.document.get("cpu_ms")
        return known

    @property
    def memory_peak_mb(self) -> float | None:
        """The most memory it used, MB."""
        known: float | None = self._record.document.get("memory_peak_mb")
        return known

    def __repr__(self) -> str:
        name = f"{self.task_name!r} " if self.task_name else ""
        number = f"run {self.number}, " if self.number else ""
        return f"{type(self).__name__}({name}{number}{self._record.status}, id={self.id!r})"
