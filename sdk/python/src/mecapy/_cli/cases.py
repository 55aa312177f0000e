"""Many cases: a table of inputs, one run a row, and the table of their results.

CSV files are read as spreadsheets write them: separated by commas, semicolons or tabs; where semicolons
separate, a comma in a number is its decimal point. Results are written in the same form. `name [unit]` heads
a column with a unit, which is not part of the name.
"""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .._decode import TYPE
from .._errors import ExecutionError
from .parameters import Signature
from .usage import UsageError, read_inputs, read_json, read_text
from .values import named_value

# Cells that a spreadsheet would take for a formula get an apostrophe.
_FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")
_UNIT = re.compile(r"\s*\[[^\]]*\]\s*$")


@dataclass(frozen=True)
class Cases:
    """The inputs of each case, and the rows they were read from."""

    inputs: list[dict[str, Any]]
    heading: list[str]
    rows: list[list[str]]
    delimiter: str = ","

    @property
    def decimal_comma(self) -> bool:
        """Whether numbers are written with a comma."""
        return self.delimiter == ";"


def is_many(path: Path | None) -> bool:
    """Tell whether a file has many cases."""
    if path is None:
        return False
    return path.suffix.lower() in (".csv", ".tsv", ".txt") or isinstance(read_json(path), list)


def one(path: Path) -> dict[str, Any]:
    """Read one set of inputs."""
    return read_inputs(path)


def read(path: Path, signature: Signature, common: Mapping[str, Any]) -> Cases:
    """Read the cases of a file; `common` are the inputs that a case does not name. Raises `UsageError`."""
    if path.suffix.lower() == ".json":
        return _from_json(path, common)
    text = read_text(path)
    delimiter = _delimiter(text)
    rows = [row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if any(map(str.strip, row))]
    if len(rows) < 2:  # noqa: PLR2004
        raise UsageError(
            f"{path} has no cases. Write the names of the inputs in the first row, a case in each other."
        )
    heading, *rows = rows
    names = [_UNIT.sub("", name).strip() for name in heading]
    inputs = []
    for number, row in enumerate(rows, 2):
        if len(row) != len(heading):
            raise UsageError(
                f"{path}, row {number} has {len(row)} cells, but the first row has {len(heading)}."
            )
        try:
            given = [
                named_value(name, cell, signature, decimal_comma=delimiter == ";")
                for name, cell in zip(names, row, strict=True)
                if cell.strip()
            ]
        except UsageError as problem:
            raise UsageError(f"{path}, row {number}: {problem}") from None
        inputs.append({**common, **dict(given)})
    return Cases(inputs, heading, rows, delimiter)


def write(cases: Cases, results: Sequence[Any], path: Path | None) -> None:
    """Write the cases with their results as CSV, to a file or to standard output; .json makes JSON."""
    if path is not None and path.suffix.lower() == ".json":
        text = json.dumps(as_json(cases, results), ensure_ascii=False, indent=2) + "\n"
        path.write_text(text, encoding="utf-8")
        return
    content = _as_csv(cases, results)
    if path is None:
        sys.stdout.write(content)
    else:
        # With the mark by which spreadsheets know UTF-8.
        path.write_text(content, encoding="utf-8-sig", newline="")


def as_json(cases: Cases, results: Sequence[Any]) -> list[dict[str, Any]]:
    """Give one object for each case: its inputs, and its result or its error."""
    return [
        {"inputs": inputs, "error": {"kind": result.kind, "message": result.message, "line": result.line}}
        if isinstance(result, ExecutionError)
        else {"inputs": inputs, "result": result}
        for inputs, result in zip(cases.inputs, results, strict=True)
    ]


def _from_json(path: Path, common: Mapping[str, Any]) -> Cases:
    listed = read_json(path)
    if not listed or not all(isinstance(one, dict) for one in listed):
        raise UsageError(f'{path} is no list of inputs. Write [{{"force": 1000}}, {{"force": 2000}}].')
    heading = list(dict.fromkeys(name for one in listed for name in one))
    rows = [[_cell(one.get(name), ",") for name in heading] for one in listed]
    return Cases([{**common, **one} for one in listed], heading, rows)


def _as_csv(cases: Cases, results: Sequence[Any]) -> str:
    found = [{} if isinstance(result, ExecutionError) else dict(_cells(result, ())) for result in results]
    columns = list(dict.fromkeys(name for one in found for name in one))
    errors = [result.message if isinstance(result, ExecutionError) else "" for result in results]
    heading = [*cases.heading, *columns, *(["error"] if any(errors) else [])]
    text = io.StringIO()
    writer = csv.writer(text, delimiter=cases.delimiter, lineterminator="\r\n")
    writer.writerow(map(_harmless, heading))
    for row, values, error in zip(cases.rows, found, errors, strict=True):
        cells = [_cell(values.get(name), cases.delimiter) for name in columns]
        inputs = [cell if _looks_like_number(cell) else _harmless(cell) for cell in row]
        writer.writerow([*inputs, *cells, *([_harmless(error)] if any(errors) else [])])
    return text.getvalue()


def _cells(value: Any, path: tuple[str, ...]) -> list[tuple[str, Any]]:
    """Give the single values of an encoded result with their headings; lists and pictures have no cell."""
    if isinstance(value, dict):
        kind = value.get(TYPE)
        if kind == "quantity":
            unit = f" [{value['unit']}]" if value["unit"] else ""
            return [(name + unit, inner) for name, inner in _cells(value["value"], path)]
        if kind == "number":
            return [(_name(path), value["value"])]
        if kind == "datetime":
            return [(_name(path), value["value"])]
        if kind == "timedelta":
            return [(_name(path) + " [s]", value["seconds"])]
        if kind is not None:
            return []
        return [cell for key, inner in value.items() for cell in _cells(inner, (*path, key))]
    return [] if isinstance(value, list) else [(_name(path), value)]


def _name(path: tuple[str, ...]) -> str:
    return " › ".join(path) or "result"


def _cell(value: Any, delimiter: str) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        # As the server writes them: 600, not 600.0.
        digits = repr(value).removesuffix(".0")
        return digits.replace(".", ",") if delimiter == ";" else digits
    return _harmless(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _harmless(text: str) -> str:
    return "'" + text if text.startswith(_FORMULA_STARTS) else text


def _looks_like_number(text: str) -> bool:
    try:
        float(text.replace(",", "."))
    except ValueError:
        return False
    return True


def _delimiter(text: str) -> str:
    first = text.partition("\n")[0]
    return max((",", ";", "\t"), key=first.count)
