"""The tables of `docs/faults.md`: lines that a test makes, and must find there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import dropwhile, takewhile

from places import DOCS

PAGE = DOCS / "faults.md"
FAULTS = (
    "| fault | in | first difference | first cause named | how sure | explains | outcome |\n"
    "|---|---|---|---|---|---|---|\n"
)
GRAPH_FAULTS = (
    "| fault | first difference | first cause named | how sure | outcome |\n|---|---|---|---|---|\n"
)
GRAPH_CAUSES = "| cause | what the other side of a graph did | where to look |\n|---|---|---|\n"
CAUSES = "| cause | what the other side did | where to look |\n|---|---|---|\n"


def row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def rows(head: str, keys: int) -> dict[tuple[str, ...], str]:
    """The lines below `head`, by their first `keys` cells."""
    lines = takewhile(_in_table, PAGE.read_text().partition(head)[2].splitlines())
    return {tuple(line.strip("| ").split(" | ")[:keys]): line for line in lines}


def write(head: str, lines: Mapping[tuple[str, ...], str]) -> None:
    """Put `lines` below `head`, in their order, for those that are there."""
    before, _, after = PAGE.read_text().partition(head)
    rest = dropwhile(_in_table, after.splitlines(keepends=True))
    PAGE.write_text("".join([before, head, *(f"{line}\n" for line in lines.values()), *rest]))


def say(sentence: str) -> None:
    """Replace the sentence that counts."""
    PAGE.write_text(re.sub(r"Of \d+ faults .*", sentence, PAGE.read_text()))


def say_of_graphs(sentence: str) -> None:
    """Replace the sentence that counts faults of graphs."""
    PAGE.write_text(re.sub(r"In graphs, \d+ of .*", sentence, PAGE.read_text()))


def _in_table(line: str) -> bool:
    return line.startswith("|")
