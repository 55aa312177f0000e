"""Input files: paths and open files among the inputs, sent as `multipart/form-data`."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ._errors import ValidationError


@dataclass(frozen=True)
class InputFile:
    """A file for the input of that name."""

    input: str
    name: str
    content: bytes


def split_files(inputs: Mapping[str, Any]) -> tuple[dict[str, Any], list[InputFile]]:
    """Take the files out of inputs: `pathlib.Path`s, files opened in binary mode, and lists of these.

    Raises `ValidationError` for a file that cannot be read.
    """
    plain: dict[str, Any] = {}
    files: list[InputFile] = []
    for name, value in inputs.items():
        many = value if isinstance(value, list | tuple) and value else [value]
        if all(map(_is_file, many)):
            files += [_read(str(name), one) for one in many]
        else:
            plain[name] = value
    return plain, files


def multipart(members: Mapping[str, bytes], files: list[InputFile]) -> tuple[str, bytes]:
    """Give the content type and the body of a form with these members, as JSON, and files."""
    boundary = uuid.uuid4().hex
    body = bytearray()
    for name, value in members.items():
        body += _part(boundary, f'name="{name}"') + value + b"\r\n"
    for file in files:
        body += _part(boundary, f'name="{_quoted(file.input)}"; filename="{_quoted(file.name)}"')
        body += file.content + b"\r\n"
    body += f"--{boundary}--\r\n".encode()
    return f"multipart/form-data; boundary={boundary}", bytes(body)


def _part(boundary: str, names: str) -> bytes:
    return f"--{boundary}\r\nContent-Disposition: form-data; {names}\r\n\r\n".encode()


def _quoted(text: str) -> str:
    """Escape what would end a quoted name, as browsers do."""
    return text.replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22")


def _is_file(value: Any) -> bool:
    return isinstance(value, os.PathLike) or (hasattr(value, "read") and hasattr(value, "readable"))


def _read(name: str, file: Any) -> InputFile:
    if isinstance(file, os.PathLike):
        path = Path(os.fspath(file))
        try:
            return InputFile(name, path.name, path.read_bytes())
        except OSError as problem:
            raise ValidationError(
                f"The file {path} of {name} cannot be read: {problem.strerror}.", field=name
            ) from problem
    content = file.read()
    if not isinstance(content, bytes):
        raise ValidationError(f"The file of {name} gives text. Open it in binary mode: 'rb'.", field=name)
    called = getattr(file, "name", None)
    return InputFile(name, Path(called).name if isinstance(called, str) else name, content)


def json_bytes(value: Any) -> bytes:
    """Give a member of the form as JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
