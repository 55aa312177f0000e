"""MecaPy: engineering calculations in Python, written here and run there.

What a calculation says beside its return value, inside a run and in a terminal alike:

- `progress(0.4, "meshing")` shows how far a long calculation is.
- `Q(12.5, "kN")` is a number with its unit; `headline=True` names the result that stands for the run.
- `Chart` is a plot of lines, points, bars or bands over one x axis.
- `Table` is named columns of equal length, each with its unit.

That half depends on nothing but Python, and takes numpy arrays and pandas columns wherever it takes a list.

What a program says to a MecaPy server:

- `MecaPy()` is the client, `AsyncMecaPy()` the same for asyncio: `client.tasks`, `client.runs`, `client.map`,
  `client.tokens`, `client.usage()`.
- `Task` and `Run`, `AsyncTask` and `AsyncRun` are what they give; `MecaPyError` is the base of all they
  raise.
- `run_local(code, inputs)` runs a calculation here instead.

The client is imported when it is first used, and httpx when the first one is made.
"""

import importlib
from typing import TYPE_CHECKING, Any

from ._chart import Axis as Axis
from ._chart import Chart as Chart
from ._chart import Series as Series
from ._chart import XAxis as XAxis
from ._progress import progress as progress
from ._quantity import Q as Q
from ._table import Column as Column
from ._table import Table as Table
from ._version import __version__ as __version__

if TYPE_CHECKING:
    from ._async_client import AsyncMecaPy as AsyncMecaPy
    from ._async_client import AsyncRuns as AsyncRuns
    from ._async_client import AsyncTasks as AsyncTasks
    from ._async_client import AsyncTokens as AsyncTokens
    from ._async_run import AsyncRun as AsyncRun
    from ._async_task import AsyncTask as AsyncTask
    from ._client import MecaPy as MecaPy
    from ._client import Runs as Runs
    from ._client import Tasks as Tasks
    from ._client import Tokens as Tokens
    from ._errors import APIError as APIError
    from ._errors import AuthenticationError as AuthenticationError
    from ._errors import ConflictError as ConflictError
    from ._errors import ConnectionError as ConnectionError
    from ._errors import ExecutionError as ExecutionError
    from ._errors import MecaPyError as MecaPyError
    from ._errors import NotCompletedError as NotCompletedError
    from ._errors import NotFoundError as NotFoundError
    from ._errors import PermissionDeniedError as PermissionDeniedError
    from ._errors import RateLimited as RateLimited
    from ._errors import RunCancelledError as RunCancelledError
    from ._errors import ServerError as ServerError
    from ._errors import TimeoutError as TimeoutError
    from ._errors import TooLargeError as TooLargeError
    from ._errors import UnavailableError as UnavailableError
    from ._errors import ValidationError as ValidationError
    from ._events import AttemptEvent as AttemptEvent
    from ._events import FinishedEvent as FinishedEvent
    from ._events import LogEvent as LogEvent
    from ._events import ProgressEvent as ProgressEvent
    from ._events import RequeuedEvent as RequeuedEvent
    from ._events import RunEvent as RunEvent
    from ._events import StartedEvent as StartedEvent
    from ._figure import Figure as Figure
    from ._local import run_local as run_local
    from ._records import Limits as Limits
    from ._records import PeriodUsage as PeriodUsage
    from ._records import Share as Share
    from ._records import Token as Token
    from ._records import Usage as Usage
    from ._records import User as User
    from ._records import Version as Version
    from ._run import Run as Run
    from ._task import Task as Task

_CLIENT = {
    "_async_client": ("AsyncMecaPy", "AsyncRuns", "AsyncTasks", "AsyncTokens"),
    "_async_run": ("AsyncRun",),
    "_async_task": ("AsyncTask",),
    "_client": ("MecaPy", "Runs", "Tasks", "Tokens"),
    "_errors": (
        "APIError",
        "AuthenticationError",
        "ConflictError",
        "ConnectionError",
        "ExecutionError",
        "MecaPyError",
        "NotCompletedError",
        "NotFoundError",
        "PermissionDeniedError",
        "RateLimited",
        "RunCancelledError",
        "ServerError",
        "TimeoutError",
        "TooLargeError",
        "UnavailableError",
        "ValidationError",
    ),
    "_events": (
        "AttemptEvent",
        "FinishedEvent",
        "LogEvent",
        "ProgressEvent",
        "RequeuedEvent",
        "RunEvent",
        "StartedEvent",
    ),
    "_figure": ("Figure",),
    "_local": ("run_local",),
    "_records": ("Limits", "PeriodUsage", "Share", "Token", "Usage", "User", "Version"),
    "_run": ("Run",),
    "_task": ("Task",),
}
_WHERE = {name: module for module, names in _CLIENT.items() for name in names}

__all__ = [
    "APIError",
    "AsyncMecaPy",
    "AsyncRun",
    "AsyncRuns",
    "AsyncTask",
    "AsyncTasks",
    "AsyncTokens",
    "AttemptEvent",
    "AuthenticationError",
    "Axis",
    "Chart",
    "Column",
    "ConflictError",
    "ConnectionError",
    "ExecutionError",
    "Figure",
    "FinishedEvent",
    "Limits",
    "LogEvent",
    "MecaPy",
    "MecaPyError",
    "NotCompletedError",
    "NotFoundError",
    "PeriodUsage",
    "PermissionDeniedError",
    "ProgressEvent",
    "Q",
    "RateLimited",
    "RequeuedEvent",
    "Run",
    "RunCancelledError",
    "RunEvent",
    "Runs",
    "Series",
    "ServerError",
    "Share",
    "StartedEvent",
    "Table",
    "Task",
    "Tasks",
    "TimeoutError",
    "Token",
    "Tokens",
    "TooLargeError",
    "UnavailableError",
    "Usage",
    "User",
    "ValidationError",
    "Version",
    "XAxis",
    "progress",
    "run_local",
]


def __getattr__(name: str) -> Any:
    module = _WHERE.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{module}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
