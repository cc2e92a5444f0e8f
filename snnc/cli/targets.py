"""`snnc targets`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from snnc.errors import InputError

if TYPE_CHECKING:
    from rich.console import Console


def targets(
    model: Annotated[
        Path | None,
        typer.Option("--for", metavar="MODEL", help="Compare: whether this network fits, and what it takes."),
    ] = None,
    weight_bits: Annotated[
        str | None, typer.Option(metavar="BITS", help="With --for: as for export, which quantises [8].")
    ] = None,
) -> None:
    """List the targets and their limits, each with its source; or with --for, compare them.

    Example: snnc targets --for model.pt
    """
    from snnc.cli import console

    if model is not None:
        _compare(model, weight_bits or "8", console.out())
    elif weight_bits is not None:
        raise InputError("--weight-bits: is for --for MODEL only")
    else:
        _limits(console.out())


def _limits(out: Console) -> None:
    """A table a target."""
    from rich.table import Table

    from snnc.targets.registry import load_target
    from snnc.targets.registry import targets as known
    from snnc.targets.target import NO_LIMIT

    for name in sorted(known()):
        target = load_target(name)
        table = Table("limit", "value", "source", title=f"{name}: {target.description}", title_justify="left")
        for limit, source in target.limits.sources.items():
            value = getattr(target.limits, limit)
            text = {None: "none published", NO_LIMIT: "none", NO_LIMIT - 1: "none"}.get(value, str(value))
            table.add_row(limit.replace("_", " "), text, source)
        out.print(table)


def _compare(model: Path, weight_bits: str, out: Console) -> None:
    """One table, a row a target."""
    from rich.table import Table

    from snnc.cli import console
    from snnc.cli.export import bits_of
    from snnc.exporter.chip_check import check_fit, graph_of
    from snnc.exporter.nir_import import ImportOptions
    from snnc.exporter.options import ExportOptions
    from snnc.targets.registry import load_target
    from snnc.targets.registry import targets as known

    with console.status("reading the network") as progress:
        graph = graph_of(model, ExportOptions(weight_bits=bits_of(weight_bits)), ImportOptions())
        table = Table("target", "export", "fits", "cores", "neurons", "changes, and what does not fit")
        for name in sorted(known()):
            target = load_target(name)
            progress(f"checking against {name}")
            fit = check_fit(graph, target)
            lines = [f"+ {text}" for text in fit.changes] + [f"- {text}" for text in fit.problems]
            table.add_row(
                name,
                "yes" if target.emit else "no",
                "yes" if fit.fits else "no",
                "" if fit.cores is None else f"{fit.cores} of {target.limits.chips * target.limits.cores}",
                str(fit.neurons),
                "\n".join(lines),
                end_section=True,
            )
    out.print(table)
