"""`snnc targets`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from snnc.errors import InputError
from snnc.text import one_line

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from snnc.exporter.nir.importer import ImportOptions
    from snnc.operation_costs import OperationCosts
    from snnc.target import Target

LIMITS_ONLY = "limits only"


def targets(
    model: Annotated[
        Path | None,
        typer.Option(
            "--for",
            metavar="MODEL",
            help="Compare the targets for this network: whether it fits, and the changes that are needed.",
        ),
    ] = None,
    weight_bits: Annotated[
        str | None,
        typer.Option(metavar="BITS", help="With --for: bits per weight, as for export; default: 8."),
    ] = None,
    dt: Annotated[
        float | None, typer.Option(help="With --for, of NIR or lava-dl: seconds of a time step.")
    ] = None,
    time_steps: Annotated[
        int | None, typer.Option(help="With --for, of NIR or lava-dl: time steps per sample.")
    ] = None,
    reset: Annotated[
        str | None,
        typer.Option(metavar="MODE", help="With --for and a NIR file: how neurons reset, as for export."),
    ] = None,
    fires: Annotated[
        str | None,
        typer.Option(metavar="MODE", help="With --for and a NIR file: when neurons fire, as for export."),
    ] = None,
    integration: Annotated[
        str | None,
        typer.Option(
            metavar="MODE", help="With --for and a NIR file: how a step solves its equations, as for export."
        ),
    ] = None,
    round_delays: Annotated[
        bool, typer.Option("--round-delays", help="With --for and a NIR file: round delays to whole steps.")
    ] = False,
    dataset: Annotated[
        str | None,
        typer.Option(
            help="With --for: recordings for the accuracy of the nearest networks, not the model's own; "
            "none: do not measure it."
        ),
    ] = None,
) -> None:
    """List the targets with their limits and costs and the source of each; with --for, compare them.

    Of TrueNorth and SENECA, --for also tells the nearest network that keeps their limits, and how accurate it
    is on validation recordings.

    Example: snnc targets --for model.pt
    """
    from snnc.cli import console

    given = {"--weight-bits": weight_bits, "--dt": dt, "--time-steps": time_steps, "--reset": reset}
    given |= {"--fires": fires, "--integration": integration, "--round-delays": round_delays or None}
    given |= {"--dataset": dataset}
    if model is not None:
        from snnc.exporter.nir.importer import ImportOptions

        told = ImportOptions(dt, time_steps, round_delays, reset, fires, integration)
        _compare(model, weight_bits or "8", told, dataset, console.out())
    elif alone := [name for name, value in given.items() if value is not None]:
        raise InputError(f"{alone[0]}: needs --for MODEL")
    else:
        _limits(console.out())


def _limits(out: Console) -> None:
    """A table a target."""
    from rich.table import Table

    from snnc.target import CHIP_LIMITS, NO_LIMIT
    from snnc.targets.registry import load_target
    from snnc.targets.registry import targets as known

    for name in sorted(known()):
        target = load_target(name)
        table = Table("limit", "value", "source", title=f"{name}: {target.description}", title_justify="left")
        for limit, source in target.limits.sources.items():
            if not target.chip and limit in CHIP_LIMITS:
                continue
            value = getattr(target.limits, limit)
            text = {None: "none published", NO_LIMIT - 1: "none"}.get(value, str(value))
            table.add_row(limit.replace("_", " "), text, source)
        out.print(table)
        for costs in target.costs.values():
            out.print(_costs(costs))
        if target.chip and not target.costs:
            out.print(f"{name}: no costs are published")


def _costs(costs: OperationCosts) -> Table:
    from rich.table import Table

    table = Table(
        "constant", "value", "source", title=f"costs {costs.name}: {costs.about}", title_justify="left"
    )
    values = {
        **{f"energy.{name}": f"{value / 1000:g} pJ" for name, value in costs.energy.items()},
        **{f"time.{name}": f"{value / 1000:g} ns" for name, value in costs.time.items()},
        "link_time": f"{costs.link_time / 1000:g} ns",
        "word_bits": f"{costs.word_bits} bits",
        "barrier": ", ".join(f"{tiles}: {value / 1000:g} ns" for tiles, value in costs.barrier),
    }
    for name, value in values.items():
        assumed = f"assumption: {text}" if (text := costs.assumptions.get(name)) else ""
        table.add_row(name, value, "; ".join(filter(None, (costs.sources.get(name), assumed))))
    return table


def _with_variants(names: list[str]) -> Iterator[tuple[str, Target]]:
    """Each target, then its variants, which are called by the target and what they set."""
    from snnc.targets.registry import load_target

    for name in names:
        target = load_target(name)
        yield name, target
        for variant in target.variants:
            yield " ".join([name, *map(str, variant.values())]), target.configured(variant)


def _compare(
    model: Path, weight_bits: str, import_options: ImportOptions, dataset: str | None, out: Console
) -> None:
    """A table with a row a target; below it the changes and what does not fit, and what is nearest."""
    from rich.table import Table

    from snnc.cli import console
    from snnc.cli.nearest import print_nearest
    from snnc.cli.numbers import bits_of
    from snnc.exporter.chip_check import check_fit, graph_of
    from snnc.exporter.options import ExportOptions
    from snnc.targets.registry import targets as known

    with console.status("reading the network") as progress:
        graph = graph_of(model, ExportOptions(weight_bits=bits_of(weight_bits)), import_options)
        table, told = Table("target", "export", "fits", "cores", "neurons"), {}
        for name, target in _with_variants(sorted(known())):
            progress(f"checking against {name}")
            fit = check_fit(graph, target)
            lines = [f"  {fit.use}"] if fit.use else []
            lines += [f"+ {text}" for text in fit.changes] + [f"- {text}" for text in fit.problems]
            table.add_row(
                name,
                "yes" if target.emit else "no",
                "no" if not fit.fits else "yes" if target.emit else LIMITS_ONLY,
                "" if fit.cores is None else f"{fit.cores} of {target.limits.chips * target.limits.cores}",
                str(fit.neurons),
            )
            told[name] = lines
    out.print(table)
    for name, lines in told.items():
        if lines:
            out.print(name)
            out.print(_paragraph(lines), soft_wrap=False)
    print_nearest(model, graph, dataset, out)
    out.print(f"{LIMITS_ONLY}: within the limits that are published; snnc cannot export to that chip")


def _paragraph(lines: list[str]) -> Table:
    """`lines` with an indent, each with two characters that mark it; those too long go on below."""
    from rich.table import Table

    table = Table.grid()
    table.add_column(no_wrap=True)
    table.add_column()
    for line in lines:
        table.add_row(f"  {line[:2]}", one_line(line[2:]))
    return table
