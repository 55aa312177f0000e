"""Inputs as they are typed: from a text on the command line or in a cell to a JSON value."""

from __future__ import annotations

import difflib
import json
import math
from pathlib import Path
from typing import Any

from .parameters import Parameter, Signature
from .usage import UsageError, read_json

_TRUTHS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def named_value(
    name: str, text: str, signature: Signature, *, decimal_comma: bool = False
) -> tuple[str, Any]:
    """Give the input that a name and a text stand for. Raises `UsageError` when they do not fit."""
    parameter = signature.find(name)
    if parameter is None:
        if not signature.any_name:
            raise UsageError(_unknown(name, signature))
        return name, _any(text, decimal_comma)
    return parameter.name, _value(parameter, text, decimal_comma)


def _value(parameter: Parameter, text: str, decimal_comma: bool) -> Any:
    if parameter.choices:
        return _choice(parameter, text)
    if parameter.kind in ("number", "whole number"):
        number = _number(text, decimal_comma)
        if number is None or (parameter.kind == "whole number" and number != int(number)):
            hint = " Write a point for the decimals, 1.5." if "," in text else ""
            raise UsageError(f"{parameter.name} takes a {parameter.kind}, not {text!r}.{hint}")
        return int(number) if parameter.kind == "whole number" else number
    if parameter.kind == "truth":
        truth = _TRUTHS.get(text.strip().lower())
        if truth is None:
            raise UsageError(f"{parameter.name} takes true or false, not {text!r}.")
        return truth
    return text if parameter.kind == "text" else _any(text, decimal_comma)


def _choice(parameter: Parameter, text: str) -> Any:
    for choice in parameter.choices:
        if text == str(choice):
            return choice
    listed = ", ".join(map(str, parameter.choices))
    raise UsageError(f"{parameter.name} takes one of {listed}, not {text!r}.")


def _any(text: str, decimal_comma: bool) -> Any:
    """Read a number, other JSON, `@file.json`, or else the text itself."""
    if text.startswith("@"):
        return read_json(Path(text[1:]))
    number = _number(text, decimal_comma)
    if number is not None:
        return number
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return text if isinstance(value, float) else value


def _number(text: str, decimal_comma: bool) -> int | float | None:
    digits = text.strip()
    if decimal_comma and "." not in digits:
        digits = digits.replace(",", ".")
    # Python reads 1_000 as a number, which nobody who types it expects elsewhere.
    if "_" in digits:
        return None
    try:
        return int(digits)
    except ValueError:
        pass
    try:
        number = float(digits)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _unknown(name: str, signature: Signature) -> str:
    known = [one.name for one in signature.parameters]
    close = difflib.get_close_matches(name, known, 1)
    if close:
        return f"calculate has no input {name}. Did you mean {close[0]}?"
    return f"calculate has no input {name}. " + (
        f"Its inputs are {', '.join(known)}." if known else "It takes none."
    )
