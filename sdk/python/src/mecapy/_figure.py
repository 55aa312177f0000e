"""A picture that a calculation drew with matplotlib."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

from ._html import image_html

FigureFormat: TypeAlias = Literal["svg", "png"]


@dataclass(frozen=True)
class Figure:
    """A picture of a result, shown by Jupyter as it is.

    `format` is `svg` or `png`, `data` the file's bytes, `width` and `height` CSS pixels, `title` the figure's
    title or "".
    """

    format: FigureFormat
    data: bytes = field(repr=False)
    width: float
    height: float
    title: str = ""

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the picture to a file and give its path.

        A name without an ending gets that of the format. Raises `ValueError` for the ending of another
        format, since pictures are not converted, and `OSError` when the file cannot be written.
        """
        target = Path(path)
        if not target.suffix:
            target = target.with_suffix(f".{self.format}")
        if target.suffix.lower() != f".{self.format}":
            raise ValueError(
                f"The figure is {self.format.upper()}. Save it as {target.with_suffix('.' + self.format)}."
            )
        target.write_bytes(self.data)
        return target

    def _repr_html_(self) -> str:
        return image_html(self.data, self.format, self.title)

    def _repr_svg_(self) -> str | None:
        return self.data.decode() if self.format == "svg" else None

    def _repr_png_(self) -> bytes | None:
        return self.data if self.format == "png" else None
