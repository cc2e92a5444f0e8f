"""The table in docs/interop.md: its rows, in order; SNNC_WRITE_TABLES=1 writes what is other or missing."""

from __future__ import annotations

import os
from collections.abc import Sequence

from places import DOCS

from kinds import (
    elsewhere,
    of_dcls,
    of_files,
    of_norse,
    of_rockpool,
    of_sinabs,
    of_snntorch,
    of_spikingjelly,
    of_torch,
)
from kinds.row import Row

HEAD = "| of | kind | taken | agreement, or what is said |\n|---|---|---|---|\n"
OURS = (
    *(of_torch.ROWS + of_dcls.ROWS + of_spikingjelly.ROWS),
    *(of_snntorch.ROWS + of_norse.ROWS + of_files.ROWS),
)
"""Rows that can be made beside snnc."""
FOREIGN = (*of_sinabs.ROWS, *of_rockpool.ROWS)
"""Rows of simulators that are not installed beside snnc."""
ROWS: Sequence[Row] = (*OURS[: -len(of_files.ROWS)], *FOREIGN, *elsewhere.ROWS, *of_files.ROWS)
PAGE = DOCS / "interop.md"


def rows_of_page() -> list[str]:
    _, head, after = PAGE.read_text().partition(HEAD)
    assert head, f"{PAGE.name} has no table of kinds"
    return after.partition("\n\n")[0].splitlines()


def hold(row: Row, text: str | None = None) -> None:
    """The page has the row as it is made now, or as `text`."""
    text, rows = text or row.text(), rows_of_page()
    if os.environ.get("SNNC_WRITE_TABLES") and text not in rows:
        assert "PYTEST_XDIST_WORKER" not in os.environ, "several processes write one page: use -n0"
        before, head, after = PAGE.read_text().partition(HEAD)
        _, gap, rest = after.partition("\n\n")
        there = {key(line): line for line in rows} | {key(text): text}
        lines = [there[each.key] for each in ROWS if each.key in there]
        PAGE.write_text(before + head + "\n".join(lines) + gap + rest)
        rows = lines
    assert text in rows, "docs/interop.md is of other code: see what changed"


def key(line: str) -> str:
    """What a line of the table has before what was found."""
    return line.split(" | yes | ")[0].split(" | no | ")[0]
