"""The `table` of the result encoding: columns with name, dtype and unit, then the values by column."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from . import _json_text as text
from ._encode import HIDDEN, Encoder


@dataclass(frozen=True)
class TableColumn:
    """One column; `write` appends its values as a list."""

    name: str
    dtype: str
    unit: str | None
    write: Callable[[Encoder], None]

    def head(self) -> str:
        """Give what `columns` says of it."""
        unit = "null" if self.unit is None else text.string(self.unit)
        return f'{{"name":{text.string(self.name)},"dtype":{text.string(self.dtype)},"unit":{unit}}}'


def write_table(encoder: Encoder, columns: Sequence[TableColumn]) -> None:
    """Append a table of columns of equal length."""
    encoder.check_depth(3)
    heads = ",".join([column.head() for column in columns])
    encoder.put(f'{{"$type":"table","columns":[{heads}],"data":[')
    with encoder.at(HIDDEN):
        for number, column in enumerate(columns):
            if number:
                encoder.put(",")
            with encoder.at(column.name):
                column.write(encoder)
    encoder.put("]}")
