"""Moments and dates as the server writes them (RFC 3339, ISO 8601), for Python from 3.10 on."""

from __future__ import annotations

import datetime
import re

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_FRACTION = re.compile(r"\.(\d+)")


def parse(text: str) -> datetime.datetime:
    """Read a moment; digits beyond a microsecond are cut. Raises `ValueError`."""
    six = _FRACTION.sub(lambda found: "." + found[1][:6].ljust(6, "0"), text)
    return datetime.datetime.fromisoformat(six[:-1] + "+00:00" if six.endswith(("Z", "z")) else six)


def parse_maybe(text: str | None) -> datetime.datetime | None:
    """Read a moment that may be missing."""
    return None if text is None else parse(text)


def parse_date_or_moment(text: str) -> datetime.date:
    """Read a date as a `date`, a moment as a `datetime`. Raises `ValueError`."""
    return datetime.date.fromisoformat(text) if _DATE.fullmatch(text) else parse(text)
