"""`snnc targets`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from snnc.cli.completion import target_names
from snnc.cli.results import Json, Quiet
from snnc.errors import InputError
from snnc.text import shortened

if TYPE_CHECKING:
    from rich.console import Console

    from snnc.targets.summary import Summary


def targets(
    name: Annotated[
        str | None,
        typer.Argument(
            help="A target: its limits and costs, with the source of each.",
            show_default=False,
            autocompletion=target_names,
        ),
    ] = None,
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
    prune: Annotated[
        float | None,
        typer.Option(metavar="SHARE", help="With --for: share of synapses to remove, as for export."),
    ] = None,
    payload_max: Annotated[
        int | None, typer.Option(help="With --for: largest payload, as for export; default: 1.")
    ] = None,
    dt: Annotated[
        str | None, typer.Option(help="With --for, of NIR or lava-dl: seconds of a time step.")
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
            help="With --for: recordings for the estimates and the accuracy of the nearest networks, instead "
            "of the model's own; none: estimates of golden inputs, and no accuracy."
        ),
    ] = None,
    as_json: Json = None,
    quiet: Quiet = False,
) -> None:
    """List the targets in a line each; with a name, its limits and costs; with --for, compare all.

    --for tells which targets hold the network, and estimates of latency, energy and memory where they are
    known; of TrueNorth and SENECA also the nearest network that keeps their limits, if it does not, and its
    accuracy on validation recordings.

    Example: snnc targets --for model.pt
    """
    from snnc.cli import console, results

    given = {"--weight-bits": weight_bits, "--prune": prune, "--payload-max": payload_max, "--dt": dt}
    given |= {"--time-steps": time_steps, "--reset": reset, "--fires": fires, "--integration": integration}
    given |= {"--round-delays": round_delays or None, "--dataset": dataset}
    out = console.out()
    if name is not None and model is not None:
        raise InputError(f"{name}: --for compares all targets; leave one of them out")
    if model is not None:
        from snnc.cli.following import exporting
        from snnc.cli.numbers import bits_of, seconds_of
        from snnc.cli.target_comparison import compare
        from snnc.exporter.nir.importer import ImportOptions
        from snnc.exporter.options import ExportOptions

        bits, payload = weight_bits or "8", 1 if payload_max is None else payload_max
        integers = ExportOptions(weight_bits=bits_of(bits), prune=prune or 0.0, payload_max=payload)
        told = ImportOptions(seconds_of(dt), time_steps, round_delays, reset, fires, integration)
        results.write(as_json, "targets", compare(model, bits, integers, told, dataset, out))
        if not model.is_dir():
            options = {key.removeprefix("--"): each for key, each in given.items() if key != "--dataset"}
            out.print(f"next: {exporting(model, 'TARGET', options)}", soft_wrap=True)
    elif alone := [key for key, value in given.items() if value is not None]:
        raise InputError(f"{alone[0]}: needs --for MODEL")
    elif name is not None:
        from snnc.cli.target_limits import fields, print_limits
        from snnc.targets.registry import target_of

        target = target_of(name)
        print_limits(target, out)
        results.write(as_json, "targets", {"targets": [fields(target)]})
    else:
        from snnc.targets.summary import summaries

        found = summaries()
        _list(found, out)
        rows = [
            {"name": key, **each._asdict(), "exportable": each.exportable, "command": _command(key, each)}
            for key, each in found.items()
        ]
        results.write(as_json, "targets", {"targets": rows})


def _list(found: dict[str, Summary], out: Console) -> None:
    """A line a target: what it is, what was proved, and the command after `snnc`."""
    rows = [("target", "what it is", "proved", "snnc ...")]
    rows += [(name, each.what, each.proved, _command(name, each)) for name, each in found.items()]
    rest = max(len(row[3]) for row in rows)
    first, third = (max(len(row[column]) for row in rows) for column in (0, 2))
    second = max(min(max(len(row[1]) for row in rows), out.width - first - third - rest - 6), 10)
    for row in rows:
        out.print(f"{row[0]:<{first}}  {shortened(row[1], second):<{second}}  {row[2]:<{third}}  {row[3]}")
    out.print("next: snnc targets NAME  # its limits; snnc targets --for MODEL tells which fit")


def _command(name: str, found: Summary) -> str:
    return f"{'export' if found.exportable else 'check'} MODEL -t {name}"
