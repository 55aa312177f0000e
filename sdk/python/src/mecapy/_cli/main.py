"""The command `mecapy`: which subcommand is meant, and with which exit code it ends.

Results go to standard output, everything else to standard error. Exit codes: 0 done; 1 the calculation
failed; 2 wrong use: arguments, files, inputs; 3 the token; 4 no such task or run; 5 no answer, or too late;
130 Ctrl-C.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from .. import _errors as errors
from . import login, logs, push, run, share
from .usage import UsageError

DONE, CALCULATION_FAILED, WRONG_USE, NOT_LOGGED_IN, NOT_FOUND, NO_ANSWER, INTERRUPTED = 0, 1, 2, 3, 4, 5, 130

_EPILOG = f"""exit codes:
  {DONE}    done
  {CALCULATION_FAILED}    the calculation failed, or one of several did
  {WRONG_USE}    wrong use: arguments, files or inputs
  {NOT_LOGGED_IN}    the server wants another token; mecapy login stores one
  {NOT_FOUND}    no such task or run
  {NO_ANSWER}    no answer from the server, or not in time
  {INTERRUPTED}  interrupted with Ctrl-C

The server is that of --url, else of MECAPY_URL, else of mecapy login, else this machine's.
"""
_CODES: Sequence[tuple[type[Exception], int]] = (
    (UsageError, WRONG_USE),
    (errors.ExecutionError, CALCULATION_FAILED),
    (errors.AuthenticationError, NOT_LOGGED_IN),
    (errors.PermissionDeniedError, NOT_LOGGED_IN),
    (errors.NotFoundError, NOT_FOUND),
    (errors.ConnectionError, NO_ANSWER),
    (errors.TimeoutError, NO_ANSWER),
    (errors.RateLimited, NO_ANSWER),
    (errors.ServerError, NO_ANSWER),
    (errors.APIError, WRONG_USE),
    (ImportError, WRONG_USE),
    (OSError, WRONG_USE),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry a command out and give its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        if given[:1] == ["run"]:
            return run.command(given[1:])
        parsed = _parser().parse_args(given)
        return int(parsed.command(parsed))
    except KeyboardInterrupt:
        print("Interrupted. A run that was started goes on; mecapy logs shows it.", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read the output has seen enough.
        sys.stderr.close()
        return DONE
    except Exception as error:
        code = next((code for kind, code in _CODES if isinstance(error, kind)), None)
        if code is None:
            raise
        print(f"mecapy: {error}{_place(error)}", file=sys.stderr)
        return code


def _place(error: Exception) -> str:
    """Name the input at fault where the sentence does not."""
    field = getattr(error, "field", None)
    return f" (input {field})" if field and field not in str(error) else ""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="mecapy",
        description="Run engineering calculations on a MecaPy server.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    login.add_to(commands)
    push.add_to(commands)
    commands.add_parser("run", help="run a file or a task, for one set of inputs or for many", add_help=False)
    logs.add_to(commands)
    share.add_to(commands)
    return parser
