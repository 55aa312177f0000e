"""What every subcommand shares: its client, its common options, and the error of wrong use."""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path
from typing import Any

from .._client import MecaPy
from .._errors import NotFoundError
from .._run import Run
from .._task import Task

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


class UsageError(Exception):
    """The command was called in a way that means nothing; the text says what to type."""


def add_common(parser: argparse.ArgumentParser) -> None:
    """Add the options that every subcommand has."""
    parser.add_argument("--url", help="the server's address; default: MECAPY_URL, then that of mecapy login")
    parser.add_argument("--json", action="store_true", help="print JSON, for scripts")


def is_id(text: str) -> bool:
    """Tell whether a text is the id of a task or run."""
    return _UUID.fullmatch(text) is not None


def find_task(client: MecaPy, named: str) -> Task:
    """Give the task with that id or exactly that name. Raises when there is none, or more than one."""
    if is_id(named):
        return client.tasks.get(named)
    found = tasks_named(client, named)
    if not found:
        raise NotFoundError(f"There is no task called {named!r} at {client.url}, and no such file here.")
    return found[0].refresh()


def tasks_named(client: MecaPy, name: str) -> list[Task]:
    """Give the one task of that name, or none. Raises `UsageError` when several have it."""
    found = [task for task in client.tasks.list(name, limit=None) if task.name == name]
    if len(found) > 1:
        ids = "\n  ".join(task.id for task in found)
        raise UsageError(f"{len(found)} tasks are called {name!r}. Give the id of the one you mean:\n  {ids}")
    return found


def find_run(client: MecaPy, named: str | None) -> Run:
    """Give the run with that id, the latest of the task with that id or name, or the newest of all."""
    if named is None:
        newest = client.runs.list(limit=1)
        if not newest:
            raise NotFoundError(f"There are no runs yet at {client.url}. Start one: mecapy run calc.py")
        return newest[0]
    if is_id(named):
        try:
            return client.runs.get(named)
        except NotFoundError:
            pass
    of_task = find_task(client, named).runs(limit=1)
    if not of_task:
        raise NotFoundError(f"The task {named!r} has not run yet. Start it: mecapy run {named!r}")
    return of_task[0]


def read_text(path: Path) -> str:
    """Read a file of text. Raises `UsageError` that names it."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as problem:
        raise UsageError(f"{path} cannot be read: {problem.strerror or problem}.") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not UTF-8 text. Save it as UTF-8.") from None


def read_inputs(path: Path) -> dict[str, Any]:
    """Read a JSON object from a file. Raises `UsageError`."""
    inputs = read_json(path)
    if not isinstance(inputs, dict):
        raise UsageError(f'{path} is not one set of inputs. Write a JSON object: {{"force": 1000}}.')
    return inputs


def read_json(path: Path) -> Any:
    """Read JSON from a file. Raises `UsageError` that names the line."""
    try:
        return json.loads(read_text(path))
    except ValueError as problem:
        raise UsageError(f"{path} is not JSON: {problem}.") from None


def print_json(value: Any) -> None:
    """Print one JSON value to standard output."""
    json.dump(value, sys.stdout, ensure_ascii=False, indent=2 if sys.stdout.isatty() else None)
    sys.stdout.write("\n")
    sys.stdout.flush()
