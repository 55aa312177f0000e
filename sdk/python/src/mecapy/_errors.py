"""Everything the client raises.

    MecaPyError
    ├── ConnectionError          no answer: the server is down, unreachable or too slow
    ├── TimeoutError             the time that the caller gave is over; the run goes on
    ├── ExecutionError           the calculation failed: kind, message, line, traceback
    │   └── RunCancelledError    somebody cancelled the run
    └── APIError                 the server refused: status, code, detail, field
        ├── AuthenticationError  the token is missing, wrong or expired (401)
        ├── PermissionDeniedError   this user may not do that (403)
        ├── NotFoundError        no such task, run or share, or not yours (404)
        ├── ValidationError      a value of the request is wrong; `field` names it (400, 422)
        │   └── TooLargeError    a limit of MecaPy was passed (413)
        ├── ConflictError        it does not fit the present state (409)
        │   └── NotCompletedError   the run has no result yet
        ├── RateLimited          too much at once; `retry_after` says when to come back (429)
        └── ServerError          a defect of the server (5xx)
            └── UnavailableError it cannot serve now; later may help (503)

`ConnectionError` and `TimeoutError` are also Python's own exceptions of these names, `ValidationError` is
also a `ValueError`, so that code which knows nothing of MecaPy catches them too.
"""

from __future__ import annotations

import builtins


class MecaPyError(Exception):
    """The base of everything the client raises. Its text says what happened, then what to do."""


class ConnectionError(MecaPyError, builtins.ConnectionError):
    """No answer came from the server.

    `sent` tells whether the request may have reached it: then it is not known whether it was carried out.
    """

    def __init__(self, message: str, *, sent: bool = False) -> None:
        super().__init__(message)
        self.sent = sent


class TimeoutError(MecaPyError, builtins.TimeoutError):
    """The time that the caller gave is over, and the run goes on.

    `run_id` is its id, `None` before it was stored: `client.runs.get(error.run_id)` finds it again, to wait
    longer or to cancel it.
    """

    def __init__(self, message: str, *, run_id: str | None = None) -> None:
        super().__init__(message)
        self.run_id = run_id


class ExecutionError(MecaPyError):
    """The calculation ended without a result.

    - `kind`: a stable name: `python`, `syntax`, `missing_calculate`, `missing_package`, `invalid_inputs`,
      `network`, `timeout`, `out_of_memory`, `output_limit`, `result_too_large`, `unserialisable`, `killed`,
      `infrastructure`.
    - `message`: what happened, then what to do.
    - `line`: the line of the calculation's code, from 1, or `None`.
    - `traceback`: Python's traceback in the calculation, or `None`.
    - `run_id`: the run that failed; `None` for `run_local`.
    - `case`: the place of the inputs in what `client.map` was given, from 0; otherwise `None`.
    """

    def __init__(
        self,
        message: str,
        *,
        kind: str,
        line: int | None = None,
        traceback: str | None = None,
        run_id: str | None = None,
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.line = line
        self.traceback = traceback
        self.run_id = run_id
        self.case: int | None = None

    def __str__(self) -> str:
        where = f" (line {self.line} of the calculation)" if self.line else ""
        case = "" if self.case is None else f"Inputs {self.case}: "
        shown = f"\n\n{self.traceback}" if self.traceback else ""
        return f"{case}{self.message}{where}{shown}"


class RunCancelledError(ExecutionError):
    """Somebody cancelled the run; its `kind` is `cancelled`."""


class APIError(MecaPyError):
    """The server refused a request.

    - `status`: the HTTP status; `None` when the client itself found the mistake before it sent anything.
    - `code`: the server's stable name for it, such as `queue_full`, or `None`.
    - `detail`: what happened, then what to do.
    - `field`: the input or field of the request at fault, or `None`.
    - `request_id`: what the server's log calls the request, or `None`.
    """

    def __init__(
        self,
        detail: str,
        *,
        status: int | None = None,
        code: str | None = None,
        field: str | None = None,
        request_id: str | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.status = status
        self.code = code
        self.field = field
        self.request_id = request_id


class AuthenticationError(APIError):
    """The token is missing, wrong or expired. `mecapy login` stores a new one."""


class PermissionDeniedError(APIError):
    """The user of this token may not do that."""


class NotFoundError(APIError):
    """There is no such task, run or share, or it belongs to somebody else."""


class ValidationError(APIError, ValueError):
    """A value of the request is wrong; `field` names it."""


class TooLargeError(ValidationError):
    """A limit of MecaPy was passed; the text names the limit."""


class ConflictError(APIError):
    """The request does not fit the present state, for example because somebody saved a newer version."""


class NotCompletedError(ConflictError):
    """The run has no result yet."""


class RateLimited(APIError):  # noqa: N818
    """Too many requests or waiting runs. `retry_after` is the time to wait, seconds."""

    retry_after: float = 0.0


class ServerError(APIError):
    """The server could not do it because of a defect on its side; its log has the cause."""


class UnavailableError(ServerError):
    """The server cannot serve this now; trying again later may help."""
