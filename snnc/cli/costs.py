"""What an export cost, in the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from snnc.report import costs as words

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from snnc.stages.budget import Costs


def print_costs(costs: Costs, out: Console) -> None:
    """Print the search for bits and the loss budget, where there are any."""
    if costs.bits is not None:
        out.print(f"fewest bits, on {words.recordings_phrase(costs.bits.recordings)}:")
        out.print(words.search_sentence(costs.bits), soft_wrap=True)
        out.print(_table(words.byte_rows(costs.bits)))
    if costs.loss is not None:
        out.print(f"loss budget, on {words.recordings_phrase(costs.loss.recordings)}:")
        out.print("(dB: how near a layer's membrane is to that of the step before; 20 is a tenth off)")
        out.print(_table(words.loss_rows(costs.loss)))


def _table(rows: Sequence[Mapping[str, Any]]) -> Table:
    """The first column names the row; the others are numbers."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for index, name in enumerate(rows[0]):
        # On two lines, so that three layers fit a terminal of 80 columns.
        heading = Text(name.replace(" ", "\n"))
        table.add_column(heading, justify="right" if index else "left", no_wrap=True)
    for row in rows:
        table.add_row(*(str(value) for value in row.values()))
    return table
