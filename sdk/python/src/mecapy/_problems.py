"""From the server's refusals (problem details, RFC 9457) to exceptions."""

from __future__ import annotations

from typing import Any

from ._errors import (
    APIError,
    AuthenticationError,
    ConflictError,
    ExecutionError,
    NotCompletedError,
    NotFoundError,
    PermissionDeniedError,
    RateLimited,
    RunCancelledError,
    ServerError,
    TooLargeError,
    UnavailableError,
    ValidationError,
)
from ._exchange import Answer

FIRST_REFUSAL = 400
_FIRST_SERVER_ERROR = 500
_DEFAULT_RETRY_AFTER_S = 5.0

_BY_CODE: dict[str, type[APIError]] = {
    "not_completed": NotCompletedError,
    "idempotency_mismatch": ConflictError,
}
_BY_STATUS: dict[int, type[APIError]] = {
    400: ValidationError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    409: ConflictError,
    412: ConflictError,
    413: TooLargeError,
    415: ValidationError,
    422: ValidationError,
    429: RateLimited,
    503: UnavailableError,
}
_ADVICE = {401: " Run mecapy login, or give the token: MecaPy(token=…) or MECAPY_TOKEN."}


def problem(answer: Answer) -> APIError:
    """Make the exception that a refusal stands for."""
    document = _document(answer)
    code = _text(document.get("code"))
    detail = _text(document.get("detail")) or f"The server answered {answer.status} and said no more."
    kind = _BY_CODE.get(code or "") or _BY_STATUS.get(answer.status)
    if kind is None:
        kind = ServerError if answer.status >= _FIRST_SERVER_ERROR else APIError
    error = kind(
        detail + _ADVICE.get(answer.status, ""),
        status=answer.status,
        code=code,
        field=_text(document.get("field")),
        request_id=answer.headers.get("x-request-id"),
    )
    if isinstance(error, RateLimited):
        error.retry_after = retry_after(answer)
    return error


def retry_after(answer: Answer) -> float:
    """Give the seconds after which the server wants to be asked again."""
    try:
        return max(float(answer.headers.get("retry-after", "")), 0.0)
    except ValueError:
        # The other form, a date, is one that MecaPy never sends.
        return _DEFAULT_RETRY_AFTER_S


def execution_error(run_id: str | None, status: str, error: Any) -> ExecutionError:
    """Make the exception of a run that ended without a result."""
    if status == "cancelled":
        return RunCancelledError("The run was cancelled.", kind="cancelled", run_id=run_id)
    known = error if isinstance(error, dict) else {}
    return ExecutionError(
        str(known.get("message") or "The run failed and said no reason."),
        kind=str(known.get("kind") or "infrastructure"),
        line=known.get("line"),
        traceback=known.get("traceback"),
        run_id=run_id,
    )


def _document(answer: Answer) -> dict[str, Any]:
    try:
        document = answer.json()
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
