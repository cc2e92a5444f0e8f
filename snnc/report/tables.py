"""Rows of scalars as tables of a page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from snnc.report.summary import share
from snnc.text import pairs

TEXT_COLUMNS = ("note", "tile", "holds", "source")


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell; `numeric` aligns right, `fill` is the share in percent of a "used / max", else None."""

    text: str
    numeric: bool = False
    fill: float | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """Columns in order of first appearance; a row lacking a column has an empty cell there."""

    columns: list[Cell]
    rows: list[list[Cell]]


def numbers(rows: Iterable[Mapping[str, Any]]) -> Table:
    """A table of numbers in words, but for the first column and `TEXT_COLUMNS`."""
    plain = table(rows)
    right = [index > 0 and head.text not in TEXT_COLUMNS for index, head in enumerate(plain.columns)]
    heads, *body = (
        [replace(cell, numeric=numeric) for cell, numeric in zip(row, right, strict=True)]
        for row in (plain.columns, *plain.rows)
    )
    return Table(heads, body)


def table(rows: Iterable[Mapping[str, Any]]) -> Table:
    """Numbers to the right, a column whose cells are text to the left."""
    rows = list(rows)
    columns = list(dict.fromkeys(key for row in rows for key in row))
    cells = [[_cell(row[key]) if key in row else Cell("") for key in columns] for row in rows]
    numeric = [any(row[index].numeric for row in cells) for index in range(len(columns))]
    heads = [Cell(key.replace("_", " "), right) for key, right in zip(columns, numeric, strict=True)]
    aligned = [[replace(c, numeric=h.numeric) for c, h in zip(row, heads, strict=True)] for row in cells]
    return Table(heads, aligned)


def _cell(value: Any) -> Cell:
    if (fill := share(value)) is not None:
        return Cell(value.strip(), numeric=True, fill=fill)
    return Cell(text(value), numeric=isinstance(value, int | float) and not isinstance(value, bool))


def text(value: Any) -> str:
    """A scalar or a list of them in words."""
    match value:
        case None:
            return "–"
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:.6g}"
        case list() | tuple():
            return ", ".join(text(item) for item in value)
        case Mapping():
            return pairs(value)
    return str(value)


def flat(values: Mapping[str, Any], prefix: str = "") -> Iterable[tuple[str, str]]:
    """Nested mappings as rows with dotted names, sorted."""
    for key, value in sorted(values.items()):
        if isinstance(value, Mapping) and value:
            yield from flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", text(value)
