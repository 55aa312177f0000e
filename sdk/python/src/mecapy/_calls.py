"""What the client asks of the server, one flow for each operation."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from ._encode import inputs_json
from ._errors import ValidationError
from ._exchange import JSON, TYPED_JSON, Answer, Flow, Request
from ._files import json_bytes, multipart, split_files
from ._records import (
    Limits,
    RunRecord,
    Share,
    TaskRecord,
    Token,
    Usage,
    User,
    Version,
    read_run,
    read_share,
    read_task,
    read_token,
    read_usage,
    read_user,
    read_version,
)
from ._retries import Retries

T = TypeVar("T")

_PAGE_ROWS = 200
_HTTP_OK = 200


@dataclass(frozen=True)
class Calls:
    """The operations, sent again as `retries` says. `accept` is the form of results."""

    retries: Retries = field(default_factory=Retries)
    accept: str = f"{TYPED_JSON}, {JSON}"

    def patient(self) -> Calls:
        """Give the same, coming back after a 429 as often as it takes."""
        return replace(self, retries=replace(self.retries, patient=True))

    def plain(self) -> Calls:
        """Give the same, with arrays as lists in results."""
        return replace(self, accept=JSON)

    def me(self) -> Flow[User]:
        """Ask whom the server takes the client for."""
        return read_user((yield from self._json("GET", "/api/me")))

    def usage(self) -> Flow[Usage]:
        """Ask what the user has used."""
        return read_usage((yield from self._json("GET", "/api/usage")))

    def create_token(self, name: str, scope: str, expires_in_s: int | None) -> Flow[Token]:
        """Make a token."""
        members: dict[str, Any] = {"name": name, "scope": scope}
        if expires_in_s is not None:
            members["expires_in_s"] = expires_in_s
        return read_token((yield from self._json("POST", "/api/tokens", _body(members, None))))

    def list_tokens(self) -> Flow[list[Token]]:
        """Read the tokens, the newest first."""
        documents = yield from self._json("GET", "/api/tokens")
        return [read_token(one) for one in documents]

    def revoke_token(self, token_id: str) -> Flow[None]:
        """Revoke a token."""
        yield from self._send(Request("DELETE", f"/api/tokens/{path_part(token_id)}"))

    def create_task(
        self, name: str, code: str, inputs: Mapping[str, Any] | None, description: str
    ) -> Flow[TaskRecord]:
        """Make a task."""
        body = _body({"name": name, "code": code, "description": description}, inputs)
        document = yield from self._json("POST", "/api/tasks", body, key=_new_key())
        return read_task(document)

    def get_task(self, task_id: str) -> Flow[TaskRecord]:
        """Read a task."""
        document = yield from self._json("GET", f"/api/tasks/{path_part(task_id)}")
        return read_task(document)

    def list_tasks(self, q: str | None, state: str | None, limit: int | None) -> Flow[list[TaskRecord]]:
        """Read tasks, the newest first."""
        return (yield from self._pages("/api/tasks", {"q": q, "state": state}, limit, read_task))

    def update_task(
        self, known: TaskRecord, inputs: Mapping[str, Any] | None, **changes: str | None
    ) -> Flow[TaskRecord]:
        """Change a task; changed code or inputs become the version after the one that is known."""
        members: dict[str, Any] = {name: value for name, value in changes.items() if value is not None}
        if "code" in members or inputs is not None:
            members["base_version"] = known.version
        body = _body(members, inputs)
        document = yield from self._json("PATCH", f"/api/tasks/{path_part(known.id)}", body)
        return read_task(document)

    def delete_task(self, task_id: str) -> Flow[None]:
        """Delete a task."""
        yield from self._send(Request("DELETE", f"/api/tasks/{path_part(task_id)}"))

    def get_version(self, task_id: str, number: int) -> Flow[Version]:
        """Read one version of a task."""
        document = yield from self._json("GET", f"/api/tasks/{path_part(task_id)}/versions/{int(number)}")
        return read_version(document)

    def start(
        self,
        task_id: str,
        inputs: Mapping[str, Any] | None,
        *,
        version: int | None = None,
        limits: Limits | None = None,
        wait_s: float | None = None,
    ) -> Flow[RunRecord]:
        """Store a run, and wait so many seconds for its end."""
        said = {"version": version, "limits": limits}
        kind, body = _form({name: value for name, value in said.items() if value is not None}, inputs)
        request = Request(
            "POST",
            f"/api/tasks/{path_part(task_id)}/execute",
            query={} if wait_s is None else {"wait": f"{wait_s:.3f}"},
            body=body,
            headers={"Idempotency-Key": _new_key(), "Accept": self.accept, "Content-Type": kind},
            hold_s=wait_s or 0.0,
        )
        answer = yield from self._send(request)
        return read_run(answer.json())

    def latest_run(self, task_id: str) -> Flow[RunRecord | None]:
        """Read where the latest run of a task stands; `None` before any."""
        document = yield from self._json("GET", f"/api/tasks/{path_part(task_id)}/status")
        return None if document["run_id"] is None else read_run(document)

    def get_run(self, run_id: str) -> Flow[RunRecord]:
        """Read a run."""
        return read_run((yield from self._json("GET", f"/api/runs/{path_part(run_id)}")))

    def list_runs(
        self, task_id: str | None, state: str | None, q: str | None, limit: int | None
    ) -> Flow[list[RunRecord]]:
        """Read runs, the newest first."""
        query = {"task": task_id, "state": state, "q": q}
        return (yield from self._pages("/api/runs", query, limit, read_run))

    def cancel_run(self, run_id: str) -> Flow[RunRecord]:
        """Stop a run."""
        return read_run((yield from self._json("POST", f"/api/runs/{path_part(run_id)}/cancel")))

    def logs(self, run_id: str) -> Flow[str]:
        """Read what a run has printed."""
        answer = yield from self._send(Request("GET", f"/api/runs/{path_part(run_id)}/logs"))
        return answer.body.decode("utf-8", "replace")

    def encoded_result(self, run_id: str) -> Flow[Any]:
        """Read the result of a completed run, parsed but not decoded."""
        path = f"/api/runs/{path_part(run_id)}/result"
        answer = yield from self._send(Request("GET", path, headers={"Accept": self.accept}))
        return answer.json()

    def result_csv(self, run_id: str) -> Flow[bytes]:
        """Read the result of a completed run as the CSV that spreadsheets open."""
        path = f"/api/runs/{path_part(run_id)}/result"
        answer = yield from self._send(
            Request("GET", path, query={"format": "csv"}, headers={"Accept": "text/csv"})
        )
        return answer.body

    def figure(self, run_id: str, number: int) -> Flow[bytes]:
        """Read the bytes of a figure."""
        path = f"/api/runs/{path_part(run_id)}/figures/{int(number)}"
        answer = yield from self._send(Request("GET", path, headers={"Accept": "image/*"}))
        return answer.body

    def chart_svg(self, run_id: str, number: int) -> Flow[str]:
        """Read the drawing of a chart."""
        path = f"/api/runs/{path_part(run_id)}/charts/{int(number)}.svg"
        answer = yield from self._send(Request("GET", path, headers={"Accept": "image/svg+xml"}))
        return answer.body.decode()

    def share(self, run_id: str, expires_in_s: int | None) -> Flow[Share]:
        """Make a link to a run."""
        body = None if expires_in_s is None else _body({"expires_in_s": expires_in_s}, None)
        path = f"/api/runs/{path_part(run_id)}/share"
        return read_share((yield from self._json("POST", path, body)))

    def shares(self, run_id: str) -> Flow[list[Share]]:
        """Read the links to a run."""
        return (yield from self._pages(f"/api/runs/{path_part(run_id)}/shares", {}, None, read_share))

    def unshare(self, share_id: str) -> Flow[None]:
        """Close a link."""
        yield from self._send(Request("DELETE", f"/api/shares/{path_part(share_id)}"))

    def _pages(
        self, path: str, query: Mapping[str, str | None], limit: int | None, read: Callable[[Any], T]
    ) -> Flow[list[T]]:
        found: list[T] = []
        asked = {name: value for name, value in query.items() if value is not None}
        cursor: str | None = None
        while limit is None or len(found) < limit:
            rows = _PAGE_ROWS if limit is None else min(limit - len(found), _PAGE_ROWS)
            here = asked | {"limit": str(rows)} | ({} if cursor is None else {"cursor": cursor})
            page = (yield from self._send(Request("GET", path, query=here))).json()
            found += [read(one) for one in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        return found

    def _json(self, method: str, path: str, body: bytes | None = None, key: str | None = None) -> Flow[Any]:
        headers = {} if key is None else {"Idempotency-Key": key}
        answer = yield from self._send(Request(method, path, body=body, headers=headers))
        return answer.json()

    def _send(self, request: Request) -> Flow[Answer]:
        return (yield from self.retries.send(request))


def path_part(text: str) -> str:
    """Give an id as it stands in an address. Raises `ValidationError` for what cannot be an id."""
    if (
        not text
        or not all(character.isalnum() or character in "-_" for character in text)
        or not text.isascii()
    ):
        raise ValidationError(f"{text!r} is no id. Ids have letters, digits and hyphens.", field="id")
    return text


def _new_key() -> str:
    return str(uuid.uuid4())


def _form(members: Mapping[str, Any], inputs: Mapping[str, Any] | None) -> tuple[str, bytes]:
    """Give the content type and the body of a request whose inputs may be files."""
    if not isinstance(inputs, Mapping):
        return JSON, _body(members, inputs)
    plain, files = split_files(inputs)
    if not files:
        return JSON, _body(members, inputs)
    parts = {name: json_bytes(value) for name, value in members.items()}
    return multipart(parts | {"inputs": inputs_json(plain)}, files)


def _body(members: Mapping[str, Any], inputs: Mapping[str, Any] | None) -> bytes:
    text = json.dumps(members, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    if inputs is None:
        return text
    comma = b"," if members else b""
    return text[:-1] + comma + b'"inputs":' + inputs_json(inputs) + b"}"
