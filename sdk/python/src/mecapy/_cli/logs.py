"""`mecapy logs`: what a run has printed, or prints while it goes on."""

from __future__ import annotations

import argparse
import dataclasses
import sys

from .._client import MecaPy
from .._events import RunEvent
from .show import Watcher
from .usage import add_common, find_run, print_json


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "logs",
        help="show what a run has printed",
        description="Shows the log of a run, of a task's latest run, or of your newest run. "
        "With --json each event of the run is one line.",
        allow_abbrev=False,
    )
    add_common(parser)
    parser.add_argument("run", nargs="?", help="the id of a run, or the id or name of a task")
    parser.add_argument("-f", "--follow", action="store_true", help="go on until the run ends")
    parser.set_defaults(command=command)


def command(options: argparse.Namespace) -> int:
    """Show a log."""
    with MecaPy(url=options.url) as client:
        run = find_run(client, options.run)
        if options.json:
            for event in run.stream():
                print_json(_plain(event))
        elif options.follow:
            with Watcher(sys.stdout) as watcher:
                for event in run.stream():
                    watcher.take(event)
        else:
            sys.stdout.write(run.logs())
    return 0


def _plain(event: RunEvent) -> dict[str, object]:
    members = dataclasses.asdict(event)
    return {**members, "at": event.at.isoformat()}
