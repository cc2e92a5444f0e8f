"""The layout of a result in the terminal: the verdict alone on a line, then a line for each thing to know."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from typing import TYPE_CHECKING

from snnc.text import one_line

if TYPE_CHECKING:
    from rich.console import Console

LABEL = 10
"""Characters of a label, with the space behind it."""


def print_head(console: Console, mark: str, verdict: str, style: str, grounds: str) -> None:
    """The `verdict` in capitals behind its `mark`, and its `grounds` in half a line."""
    from rich.text import Text

    line = Text.assemble((f"{mark} {verdict.upper()}", style), f"   {one_line(grounds)}")
    console.print(line, soft_wrap=not console.is_terminal)


def print_lines(console: Console, lines: Iterable[tuple[str, str]]) -> None:
    """Label and text; no label, a line that belongs to the verdict.

    In a terminal, lines end before its width; elsewhere each is whole, so that it can be searched for.
    """
    wide = console.width if console.is_terminal else None
    for label, text in lines:
        start, rest = (f"{label:<{LABEL}}", " " * LABEL) if label else ("  ", "    ")
        for number, part in enumerate(_broken(one_line(text), wide, len(rest))):
            console.print(f"{rest if number else start}{part}", soft_wrap=True)


def _broken(text: str, wide: int | None, indent: int) -> list[str]:
    """`text` in parts that have room behind the `indent`; a word that has none, as a path, stays whole."""
    if wide is None or len(text) + indent <= wide:
        return [text]
    start = len(text) - len(text.lstrip())  # of what follows from the line before
    room = max(wide - indent - start, 20)
    broken = textwrap.wrap(text.lstrip(), room, break_long_words=False, break_on_hyphens=False)
    return [" " * start + part for part in broken]


def print_table(rows: list[dict[str, str]], left: int, title: str, out: Console) -> None:
    """A table of words, numbers to the right but for the first `left` columns."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    shown = Table(title=title, title_style="", box=SIMPLE_HEAD, pad_edge=False, title_justify="left")
    for index, name in enumerate(rows[0]):
        shown.add_column(name, justify="left" if index < left else "right")
    for row in rows:
        shown.add_row(*row.values())
    out.print(shown, soft_wrap=False)
