"""`snnc chip`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from snnc.stages.chip import ChipEstimate

CORES_SHOWN = 16
LINKS_SHOWN = 5


def chip(
    artifact: Annotated[Path, typer.Argument(help="Folder of `snnc export`.")],
    inputs: Annotated[
        Path | None,
        typer.Option(
            "--input",
            "-i",
            help="npz with `spikes` (samples, T, inputs), or events (.npz, .h5); without it, golden inputs.",
        ),
    ] = None,
    costs: Annotated[
        str | None, typer.Option(help="Set of constants, as loihi1; without it, the target's first.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
) -> None:
    """Estimate time and energy on the chip: by core, what is busiest, and which links are hot.

    Counts of operations times published constants; nothing is measured, no chip is used.

    Example: snnc chip model.loihi --input spikes.npz --costs sanafe-loihi1
    """
    from snnc.chip import estimate_artifact
    from snnc.cli import console
    from snnc.exporter.artifact import read_artifact
    from snnc.report import chip as words
    from snnc.spike_input import read_spikes

    loaded = read_artifact(artifact)
    spikes = loaded.golden_input if inputs is None else read_spikes(inputs, loaded)[0]
    with console.status(f"running {len(spikes)} samples on the model of the chip"):
        found = estimate_artifact(loaded, spikes, costs)
    if as_json:
        import json
        from dataclasses import asdict

        print(json.dumps(asdict(found), indent=1))
        return
    print_chip(found, console.out())
    if inputs is None:
        console.out().print(f"note: {words.GOLDEN}; give your own with --input")


def print_chip(found: ChipEstimate, out: Console) -> None:
    """Tables first, the answer in the last lines."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    from snnc.report import chip as words

    def table(rows: list[dict[str, str]], left: int, title: str) -> None:
        shown = Table(title=Text(title), box=SIMPLE_HEAD, pad_edge=False, title_justify="left")
        for index, name in enumerate(rows[0]):
            shown.add_column(name, justify="left" if index < left else "right")
        for row in rows:
            shown.add_row(*(Text(value) for value in row.values()))
        out.print(shown, soft_wrap=False)

    cores = words.core_rows(found)
    busiest = f", the {CORES_SHOWN} busiest of {len(cores)}" if len(cores) > CORES_SHOWN else ""
    table(cores[:CORES_SHOWN], 3, f"cores, in % of the time{busiest}")
    links = words.link_rows(found)
    if links:
        hottest = f", the {LINKS_SHOWN} hottest of {len(links)}" if len(links) > LINKS_SHOWN else ""
        table(links[:LINKS_SHOWN], 1, f"links between tiles, a sample{hottest}")
    table(words.operation_rows(found), 1, "energy by operation, a sample")
    for line in words.lines(found):
        out.print(line)
