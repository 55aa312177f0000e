"""matplotlib figures as files beside the result: SVG with its text as paths, equal bytes for equal figures.

A figure whose SVG is over the limit becomes a PNG. matplotlib is imported only where the calculation did it.
"""

from __future__ import annotations

import base64
import io
import re
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from ._failure import Failure
from ._limits import MAX_FIGURE_BYTES, MAX_FIGURES

Format: TypeAlias = Literal["svg", "png"]
Emit: TypeAlias = Callable[[int, Format, bytes], None]

_PNG_DPI = 150
_PX_PER_INCH = 96
_PX_PER_PT = _PX_PER_INCH / 72
# Deterministic: ids from a fixed salt, no date, no version. Paths: an SVG shown as an image has no fonts.
_SVG_SETTINGS = {"svg.fonttype": "path", "svg.hashsalt": "mecapy"}
_SVG_METADATA = {"Date": None, "Creator": None, "Format": None, "Type": None}


@dataclass(frozen=True)
class _Drawing:
    format: Format
    width: int
    height: int
    data: bytes


class FigureStore:
    """Draws the figures of one run and hands them out in the order they are found.

    With `inline` their bytes are in the result as base64, otherwise `emit` gets them.
    """

    def __init__(self, emit: Emit, *, inline: bool = False) -> None:
        self._emit = emit
        self._inline = inline
        self._members: dict[int, dict[str, Any]] = {}
        self._kept: list[Any] = []

    def __contains__(self, figure: object) -> bool:
        return id(figure) in self._members

    def __len__(self) -> int:
        return len(self._members)

    def add(self, figure: Any, path: str) -> dict[str, Any]:
        """Draw a figure, once, and give the object that stands for it in the result."""
        known = self._members.get(id(figure))
        if known is not None:
            return known
        if len(self) == MAX_FIGURES:
            raise Failure(
                "result_too_large",
                f"The result holds more than {MAX_FIGURES} figures, the limit. Return fewer of them.",
            )
        drawing = _draw(figure, path)
        members: dict[str, Any] = {
            "$type": "figure",
            "format": drawing.format,
            "index": len(self),
            "width": drawing.width,
            "height": drawing.height,
            "title": _title(figure),
        }
        if self._inline:
            members["data"] = base64.b64encode(drawing.data).decode("ascii")
        else:
            self._emit(len(self), drawing.format, drawing.data)
        self._members[id(figure)] = members
        self._kept.append(figure)  # keeps the id taken
        return members


def figure_of(value: Any) -> Any:
    """Give the figure that a value is or is drawn in (axes, a subplot), or None."""
    module = sys.modules.get("matplotlib.figure")
    if module is None:
        return None
    if isinstance(value, module.FigureBase):
        return value.get_figure(root=True) or value
    artist = getattr(sys.modules.get("matplotlib.axes"), "Axes", None)
    if artist is not None and isinstance(value, artist):
        return value.get_figure(root=True)
    return None


def open_figures() -> list[Any]:
    """Give the pyplot figures that the calculation did not close, in the order of their numbers."""
    manager = sys.modules.get("matplotlib._pylab_helpers")
    if manager is None:
        return []
    return [one.canvas.figure for _, one in sorted(manager.Gcf.figs.items())]


def ignore_missing_window() -> None:
    """Let `plt.show()` pass without a warning: open figures are collected, so no window is needed."""
    warnings.filterwarnings("ignore", "FigureCanvasAgg is non-interactive", UserWarning)


def _draw(figure: Any, path: str) -> _Drawing:
    try:
        data = _save(figure, "svg", None)
        if len(data) <= MAX_FIGURE_BYTES:
            return _Drawing("svg", *_svg_size(data), data)
        data = _save(figure, "png", _PNG_DPI)
        if len(data) <= MAX_FIGURE_BYTES:
            return _Drawing("png", *_png_size(data), data)
    except MemoryError:
        raise
    except Exception as problem:
        reason = f"{type(problem).__name__}: {problem}"
        raise Failure("python", f"The figure {path} could not be drawn: {reason}") from problem
    raise Failure(
        "result_too_large",
        f"The figure {path} is larger than {MAX_FIGURE_BYTES // (1024 * 1024)} MB, the limit, "
        "as SVG and as PNG. Make it smaller, or draw fewer points.",
    )


def _save(figure: Any, format: Format, dpi: int | None) -> bytes:
    import matplotlib as mpl

    buffer = io.BytesIO()
    metadata = _SVG_METADATA if format == "svg" else {"Software": None}
    settings: Any = {**_SVG_SETTINGS, "savefig.bbox": "tight", "savefig.pad_inches": 0.08}
    with mpl.rc_context(settings):
        figure.savefig(buffer, format=format, dpi=dpi or "figure", metadata=metadata)
    return buffer.getvalue()


def _svg_size(data: bytes) -> tuple[int, int]:
    head = data[:2048]
    sizes = [re.search(rb"<svg[^>]*?\b" + name + rb'="([\d.]+)pt"', head) for name in (b"width", b"height")]
    width, height = (round(float(size[1]) * _PX_PER_PT) if size else 0 for size in sizes)
    return width, height


def _png_size(data: bytes) -> tuple[int, int]:
    width, height = (int.from_bytes(data[at : at + 4], "big") for at in (16, 20))
    return round(width * _PX_PER_INCH / _PNG_DPI), round(height * _PX_PER_INCH / _PNG_DPI)


def _title(figure: Any) -> str:
    titles = [figure.get_suptitle(), *(axes.get_title() for axes in figure.axes)]
    return next((str(title) for title in titles if title), "")
