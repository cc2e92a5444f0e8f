"""Tables of Markdown, for what an artifact says of itself: numbers and words of ours, no names of a graph."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """The lines of a table, without a line break at its end."""
    lines = [head, ["---"] * len(head), *rows]
    text = [f"| {' | '.join(map(str, row))} |" for row in lines]
    text[1] = text[1].replace(" ", "")
    return "\n".join(text)
