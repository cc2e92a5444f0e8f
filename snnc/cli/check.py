"""`snnc check`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from snnc.cli.completion import target_names
from snnc.cli.results import Json, Quiet

if TYPE_CHECKING:
    from snnc.exporter.chip_check import Fit

CHANGE, PROBLEM = "change", "does not fit"
"""What precedes what a network needs to fit, and what keeps it from that."""


def check(
    model: Annotated[
        Path,
        typer.Argument(
            help="Model file of `snnc train`, NIR file, network of lava-dl, or folder of `snnc export`."
        ),
    ],
    target: Annotated[
        str,
        typer.Option(
            "--target", "-t", autocompletion=target_names, help="Target; `snnc targets` lists them."
        ),
    ],
    weight_bits: Annotated[
        str,
        typer.Option(
            metavar="BITS", help="Bits per weight, as for export; not allowed for an exported folder."
        ),
    ] = "8",
    prune: Annotated[
        float, typer.Option(metavar="SHARE", help="Share of synapses to remove, as for export.")
    ] = 0.0,
    payload_max: Annotated[int, typer.Option(help="Largest payload, as for export.")] = 1,
    dt: Annotated[str | None, typer.Option(help="NIR, lava-dl: seconds of a time step.")] = None,
    time_steps: Annotated[int | None, typer.Option(help="NIR, lava-dl: time steps per sample.")] = None,
    reset: Annotated[
        str | None, typer.Option(metavar="MODE", help="NIR file: how neurons reset, as for export.")
    ] = None,
    fires: Annotated[
        str | None, typer.Option(metavar="MODE", help="NIR file: when neurons fire, as for export.")
    ] = None,
    integration: Annotated[
        str | None,
        typer.Option(metavar="MODE", help="NIR file: how a step solves its equations, as for export."),
    ] = None,
    round_delays: Annotated[
        bool, typer.Option("--round-delays", help="NIR file: round delays to whole steps.")
    ] = False,
    expect: Annotated[
        Path | None,
        typer.Option(metavar="NPZ", help="NIR file: spikes of its framework, as for export."),
    ] = None,
    expect_at_least: Annotated[
        float | None,
        typer.Option(metavar="SHARE", help="NIR file: least agreement with them, as for export."),
    ] = None,
    as_json: Json = None,
    quiet: Quiet = False,
) -> None:
    """Check whether a network fits a target, and list the changes that are needed.

    Exit code 0: the network fits, with the changes that are listed; 1: it does not fit; 2: bad input. If it
    fits, it is also said whether an export would be refused, since a state may overflow.

    Example: snnc check model.pt --target truenorth
    """
    from dataclasses import asdict, replace

    from snnc.cli import console, results
    from snnc.cli.export_model import expected
    from snnc.cli.following import exporting, others
    from snnc.cli.numbers import bits_of, seconds_of
    from snnc.cli.target_settings import in_target
    from snnc.exporter.chip_check import check_fit, fewer_bits, graph_of, overflow
    from snnc.exporter.nir.importer import ImportOptions
    from snnc.exporter.options import ExportOptions
    from snnc.exporter.rescale import COST_OF_BITS
    from snnc.targets.registry import target_of
    from snnc.trainer import late_delays

    chip = target_of(target)
    options = ExportOptions(weight_bits=bits_of(weight_bits), prune=prune, payload_max=payload_max)
    import_options = ImportOptions(seconds_of(dt), time_steps, round_delays, reset, fires, integration)
    said, against = list[str](), expected(expect, expect_at_least)
    with console.status(f"checking against {target}"):
        graph = graph_of(model, options, import_options, against, said.append)
        fit = check_fit(graph, chip)
        fit = replace(fit, problems=tuple(in_target(text, target) for text in fit.problems))
        refused = overflow(graph) if fit.fits and chip.emit and not model.is_dir() else None
        fewer = fewer_bits(model, options, import_options, chip) if refused or not fit.fits else None
        refused = overflow(graph, fewer) if refused else None
        if late := late_delays.of_graph(graph):
            said.append(f"note: {late}")
    out = console.out()
    for text in said:
        out.print(text, soft_wrap=True)
    for text in fit.changes:
        out.print(f"{CHANGE}: {text}")
    for text in fit.problems:
        out.print(f"{PROBLEM}: {text}")
    available = chip.limits.chips * chip.limits.cores
    helps = f"; with --weight-bits {fewer} it fits ({COST_OF_BITS})" if fewer and not fit.fits else ""
    out.print(f"{model} and {target}: {verdict(fit, available)}{helps}")
    if fit.use:
        out.print(f"takes: {fit.use}", soft_wrap=True)
    if refused:
        out.print(f"snnc export refuses it: {refused}", soft_wrap=True)
    if fit.fits and not chip.emit:
        out.print(f"snnc cannot export to {target}: {chip.description}")
    reading: dict[str, str | float | int | None] = {
        "dt": dt,
        "time-steps": time_steps,
        "reset": reset,
        "fires": fires,
        "integration": integration,
        "round-delays": round_delays,
    }
    integers: dict[str, object] = {
        "weight-bits": None if weight_bits == "8" else weight_bits,
        "prune": prune or None,
        "payload-max": None if payload_max == 1 else payload_max,
    }
    if (fit.fits or fewer) and chip.emit and not model.is_dir():
        smaller = integers | {"allow-saturation": bool(refused and not fewer)}
        if fewer:
            smaller["weight-bits"] = fewer
        relays = any(text.startswith("relays") for text in fit.changes)
        following = exporting(model, target, smaller | reading, relays)
    else:
        following = others(model, integers | reading)
    out.print(f"next: {following}", soft_wrap=True)
    result = {
        "model": model,
        "target": target,
        "exportable": chip.emit is not None,
        "fits": fit.fits,
        **asdict(fit),
        "overflow": refused,
        "fewer_bits": fewer,
        "cores_available": available if fit.cores is not None else None,
        "notes": said,
        "next": following,
    }
    results.write(as_json, "check", result)
    if not fit.fits:
        raise typer.Exit(1)


def verdict(fit: Fit, available: int) -> str:
    """The answer in a line."""
    if not fit.fits:
        return f"does not fit ({len(fit.problems)} problem{'s' if len(fit.problems) > 1 else ''})"
    where = f", on {fit.cores} of {available} cores" if fit.cores is not None else ""
    changed = f" with {len(fit.changes)} change{'s' if len(fit.changes) > 1 else ''}" if fit.changes else ""
    return f"fits{changed}{where}, {fit.neurons} neurons"
