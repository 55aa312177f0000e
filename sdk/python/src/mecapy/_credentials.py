"""Which server a client speaks to and with which token.

What the caller gives counts first, then the environment (`MECAPY_URL`, `MECAPY_TOKEN`), then what `mecapy
login` stored, last the address of a server on this machine, which needs no token. A stored token is only ever
shown to the server it was stored for.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ._errors import ValidationError
from ._transport import Place

DEFAULT_URL = "http://127.0.0.1:7979"
_OWNER_ONLY = 0o600
_OWNER_ONLY_FOLDER = 0o700


def find_place(url: str | None = None, token: str | None = None) -> Place:
    """Give the server and the token to use. Raises `ValidationError` when the address is none."""
    stored = _read()
    chosen = checked_url(url or os.environ.get("MECAPY_URL") or stored.get("url") or DEFAULT_URL)
    tokens = stored.get("tokens")
    known = tokens.get(chosen) if isinstance(tokens, dict) else None
    shown = token or os.environ.get("MECAPY_TOKEN") or known
    if shown is not None and not (shown.isascii() and shown.isprintable()):
        raise ValidationError("The token has characters that no token has. Copy it again.", field="token")
    return Place(chosen, shown)


def checked_url(url: str) -> str:
    """Give the address without a slash at its end. Raises `ValidationError` when it is no web address."""
    trimmed = url.strip().rstrip("/")
    try:
        parts = urlsplit(trimmed)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise ValidationError(
            f"{url!r} is no address of a server. Write http:// or https:// first, as in {DEFAULT_URL}.",
            field="url",
        )
    return trimmed


def store(place: Place) -> Path:
    """Keep the address and its token for later, readable by this user alone. Gives the file."""
    stored = _read()
    tokens = stored.get("tokens")
    tokens = dict(tokens) if isinstance(tokens, dict) else {}
    if place.token is None:
        tokens.pop(place.url, None)
    else:
        tokens[place.url] = place.token
    path = credentials_file()
    path.parent.mkdir(mode=_OWNER_ONLY_FOLDER, parents=True, exist_ok=True)
    # Written beside and moved into place: never half a file, and never one that others can read.
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    try:
        with open(
            os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY), "w", encoding="utf-8"
        ) as file:
            json.dump({"url": place.url, "tokens": tokens}, file, indent=2)
            file.write("\n")
        draft.replace(path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            draft.unlink()
    return path


def credentials_file() -> Path:
    """Give the file of `mecapy login`, in the user's folder of settings."""
    folder = os.environ.get("XDG_CONFIG_HOME") or (os.name == "nt" and os.environ.get("APPDATA"))
    return Path(folder or Path.home() / ".config") / "mecapy" / "credentials.json"


def _read() -> dict[str, Any]:
    try:
        stored = json.loads(credentials_file().read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as problem:
        raise ValidationError(
            f"{credentials_file()} cannot be read: {problem}. Remove it, and run mecapy login."
        ) from None
    return stored if isinstance(stored, dict) else {}
