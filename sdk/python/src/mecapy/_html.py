"""Pieces of HTML for notebooks: plain, in the notebook's own style, with everything of the user's escaped."""

from __future__ import annotations

import base64
import html
from collections.abc import Sequence
from typing import Any

_SHOWN_ROWS = 20
_SHOWN_CHARS = 200


def table_html(headings: Sequence[str], columns: Sequence[Sequence[Any]]) -> str:
    """Give a table of columns; of a long one the first rows."""
    rows = len(columns[0]) if columns else 0
    head = "".join(f"<th>{html.escape(heading)}</th>" for heading in headings)
    body = "".join(
        "<tr>" + "".join(f"<td>{cell_html(column[row])}</td>" for column in columns) + "</tr>"
        for row in range(min(rows, _SHOWN_ROWS))
    )
    more = f"<p>… {rows - _SHOWN_ROWS} more rows</p>" if rows > _SHOWN_ROWS else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}"


def pairs_html(pairs: Sequence[tuple[str, Any]]) -> str:
    """Give names and values, one pair a row."""
    rows = "".join(
        f'<tr><th style="text-align:left">{html.escape(name)}</th>'
        f'<td style="text-align:left">{cell_html(value)}</td></tr>'
        for name, value in pairs
    )
    return f"<table><tbody>{rows}</tbody></table>"


def value_html(value: Any) -> str:
    """Give a value: a table or picture as such, a dict as names and values, else its text."""
    draw_svg, as_html = getattr(value, "_repr_svg_", None), getattr(value, "_repr_html_", None)
    if callable(as_html):
        return str(as_html())
    svg = draw_svg() if callable(draw_svg) else None
    if svg:
        return image_html(svg.encode(), "svg")
    if isinstance(value, dict):
        rows = "".join(
            f'<tr><th style="text-align:left">{html.escape(str(key))}</th>'
            f'<td style="text-align:left">{value_html(inner)}</td></tr>'
            for key, inner in value.items()
        )
        return f"<table><tbody>{rows}</tbody></table>"
    return cell_html(value)


def image_html(data: bytes, format: str, title: str = "") -> str:
    """Give a picture as an image: nothing in it is run, whoever drew it."""
    kind = "image/svg+xml" if format == "svg" else "image/png"
    return f'<img alt="{html.escape(title)}" src="data:{kind};base64,{base64.b64encode(data).decode()}">'


def cell_html(value: Any) -> str:
    """Give a single value as text: numbers with six significant digits, long texts cut."""
    if value is None:
        return ""
    text = f"{value:.6g}" if isinstance(value, float) else str(value)
    return html.escape(text if len(text) <= _SHOWN_CHARS else text[:_SHOWN_CHARS] + "…")
