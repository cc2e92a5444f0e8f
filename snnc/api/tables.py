"""Tables for notebooks."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from snnc.api.words import short


def table(title: str, header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A small table as HTML; every text is escaped."""
    head = "".join(f"<th>{escape(name)}</th>" for name in header)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(short(str(cell)))}</td>" for cell in row) + "</tr>" for row in rows
    )
    return f"<table><caption>{escape(short(title))}</caption><tr>{head}</tr>{body}</table>"
