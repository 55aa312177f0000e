"""`mecapy login`: stores the address of a server and a token for it."""

from __future__ import annotations

import argparse
import getpass
import os
import sys

from .._client import MecaPy
from .._credentials import DEFAULT_URL, checked_url, store
from .._transport import Place
from .usage import add_common, print_json


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "login",
        help="store the server's address and your token",
        description="Asks for a token, tries it, and stores it readable by you alone. "
        "A server on this machine needs none: press Enter.",
        allow_abbrev=False,
    )
    add_common(parser)
    parser.add_argument("--token-stdin", action="store_true", help="read the token from standard input")
    parser.set_defaults(command=command)


def command(options: argparse.Namespace) -> int:
    """Ask for a token, try it and store it."""
    url = checked_url(options.url or os.environ.get("MECAPY_URL") or DEFAULT_URL)
    if options.token_stdin:
        token = sys.stdin.readline().strip()
    else:
        token = getpass.getpass(f"Token for {url} (Enter for none): ").strip()
    with MecaPy(token or None, url) as client:
        user = client.me()
    path = store(Place(url, token or None))
    if options.json:
        print_json(
            {"url": url, "user": user.name, "token_name": user.token_name, "scopes": list(user.scopes)}
        )
    else:
        by = "" if user.token_name is None else f" with the token “{user.token_name}”"
        print(
            f"Logged in at {url} as {user.name}{by}. It allows: {', '.join(user.scopes)}. Stored in {path}."
        )
    return 0
