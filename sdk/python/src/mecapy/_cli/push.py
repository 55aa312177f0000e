"""`mecapy push`: makes a task of a file, or saves the file as the next version of its task."""

from __future__ import annotations

import argparse
from pathlib import Path

from .._client import MecaPy
from .._task import Task
from . import parameters
from .usage import UsageError, add_common, print_json, read_inputs, read_text, tasks_named


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "push",
        help="make a task of a file, or save the file as its next version",
        description="The task is the one with the file's name without .py, or with --name. "
        "Unchanged code makes no version.",
        allow_abbrev=False,
    )
    add_common(parser)
    parser.add_argument("file", type=Path, help="Python with the function calculate")
    parser.add_argument("--name", help="the task's name; default: the file's name without .py")
    parser.add_argument("--description", help="what the calculation does")
    parser.add_argument("--inputs", type=Path, metavar="FILE", help="a JSON object: the inputs to save")
    parser.set_defaults(command=command)


def command(options: argparse.Namespace) -> int:
    """Push a file and say what became of it."""
    inputs = None if options.inputs is None else read_inputs(options.inputs)
    code = read_text(options.file)
    parameters.read(code, str(options.file))
    with MecaPy(url=options.url) as client:
        before = tasks_named(client, options.name or options.file.stem)
        task = push(
            client, options.file, code, name=options.name, inputs=inputs, description=options.description
        )
        if options.json:
            print_json({"task_id": task.id, "name": task.name, "version": task.version})
            return 0
        what = f"{task.name}, version {task.version}"
        if before and before[0].version == task.version:
            what += ", unchanged"
        print(f"{what}: {client.url}/tasks/{task.id}")
    return 0


def push(
    client: MecaPy,
    file: Path,
    code: str,
    *,
    name: str | None = None,
    inputs: dict[str, object] | None = None,
    description: str | None = None,
) -> Task:
    """Give the task of a file, its newest version being the file's code."""
    name = name or file.stem
    if not name:
        raise UsageError("Give the task a name: --name NAME.")
    found = tasks_named(client, name)
    if not found:
        return client.tasks.create(name, code, inputs, description or "")
    return found[0].update(code=code, inputs=inputs, description=description)
