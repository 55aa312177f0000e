"""`mecapy share`: a read-only link to a run."""

from __future__ import annotations

import argparse
import re
import sys

from .._client import MecaPy
from .usage import UsageError, add_common, find_run, print_json

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "share",
        help="make a read-only link to a run",
        description="Shares a run, a task's latest run, or your newest run with whoever has the link.",
        allow_abbrev=False,
    )
    add_common(parser)
    parser.add_argument("run", nargs="?", help="the id of a run, or the id or name of a task")
    parser.add_argument(
        "--expires", metavar="TIME", help="how long the link works: 90m, 12h, 7d, 4w; default: always"
    )
    parser.set_defaults(command=command)


def command(options: argparse.Namespace) -> int:
    """Make a link and print it."""
    expires_in_s = None if options.expires is None else seconds(options.expires)
    with MecaPy(url=options.url) as client:
        run = find_run(client, options.run)
        share = run.share(expires_in_s)
    if options.json:
        expires_at = None if share.expires_at is None else share.expires_at.isoformat()
        print_json(
            {"url": share.url, "run_id": run.id, "reachable": share.reachable, "expires_at": expires_at}
        )
        return 0
    print(share.url)
    if not share.reachable:
        print(
            "The server listens on its own machine only, so others cannot open the link yet.", file=sys.stderr
        )
    return 0


def seconds(text: str) -> int:
    """Read a length of time such as 12h. Raises `UsageError`."""
    found = re.fullmatch(r"(\d+)([smhdw])", text.strip())
    if found is None or int(found[1]) == 0:
        raise UsageError(f"{text!r} is no length of time. Write a number and a unit: 90m, 12h, 7d, 4w.")
    return int(found[1]) * _SECONDS[found[2]]
