"""What an export lost, in the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from snnc.report import losses as words
from snnc.report.glossary import stage_words

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from snnc.stages.losses import ExportLosses


def print_losses(losses: ExportLosses, out: Console) -> None:
    """Print the search for bits and the loss budget, where there are any."""
    if losses.bits is not None:
        out.print(f"chosen bits, on {words.recordings_phrase(losses.bits.recordings)}:")
        out.print(f"({words.BYTES_OF})", soft_wrap=True)
        out.print(_table(words.byte_rows(losses.bits)))
    if losses.loss is not None:
        out.print(f"loss budget, on {words.recordings_phrase(losses.loss.recordings)}:")
        first = stage_words(losses.loss.stages[0].stage)
        out.print(f"(points and change: against {first}; dB: how near a layer's membrane is to that of the")
        out.print("step before; 20 is a tenth off)")
        out.print(_table(words.loss_rows(losses.loss)))


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
