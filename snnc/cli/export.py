"""`snnc export`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from snnc.errors import InputError

if TYPE_CHECKING:
    from rich.console import Console

    from snnc.stages import Artifact

CORES_SHOWN = 8
"""Rows of the table that is printed; the manifest has all."""


def export(
    model: Annotated[Path, typer.Argument(help="Model file of `snnc train`.")],
    target: Annotated[str, typer.Option("--target", "-t", help="See `snnc targets`.")] = "loihi",
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="Folder to write; without it MODEL.TARGET."),
    ] = None,
    weight_bits: Annotated[int, typer.Option(min=2, max=8, help="Bits of a weight, sign included.")] = 8,
    allow_saturation: Annotated[
        bool, typer.Option(help="Export although overflow is not proved absent; it is counted in runs.")
    ] = False,
    dump_after: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PASS", help="Also write what this pass made to OUTPUT.passes; repeatable, or 'all'."
        ),
    ] = None,
) -> None:
    """Export a trained network to a target.

    Example: snnc export model.pt --target loihi -o model.loihi
    """
    if not model.name:
        raise InputError(f"{model}: not a model file; give the file that `snnc train` wrote")
    export_model(
        model, target, output or model.with_suffix(f".{target}"), weight_bits, allow_saturation, dump_after
    )


def export_model(
    model: Path,
    target: str,
    output: Path,
    weight_bits: int = 8,
    allow_saturation: bool = False,
    dump_after: Sequence[str] | None = None,
) -> Artifact:
    """Export `model` and print what was made of it, layer by layer and core by core."""
    from snnc.cli import console
    from snnc.exporter.pipeline import ExportOptions, export_file

    out = console.out()
    options = ExportOptions(weight_bits, allow_saturation)
    artifact = export_file(model, target, output, options, _dumper(dump_after or (), output))
    _print_placement(artifact, out)
    proved = (
        "proved free of overflow" if artifact.manifest["provenance"]["overflow_proved"] else "MAY SATURATE"
    )
    graph = artifact.graph
    finished = artifact.manifest["provenance"]["finished_in_training"]
    how = "as training finished them" if finished else "rounded, training did not finish them in integers"
    out.print(f"weights: {weight_bits} bits, {how}")
    out.print(f"input: {graph.time_steps} steps of {1000 * graph.bin_s:g} ms, {graph.inputs} lines")
    out.print(f"wrote {output}: {len(graph.layers)} layers, {proved}")
    return artifact


def _print_placement(artifact: Artifact, out: Console) -> None:
    """The fullest cores, how many there are, and the traffic between them."""
    from rich.table import Table

    from snnc.report import cores
    from snnc.stages import Traffic
    from snnc.targets.registry import load_target

    placement = artifact.manifest["placement"]
    shown = cores.core_rows(cores.fullest(placement, CORES_SHOWN))
    what = "cores" if len(placement) <= CORES_SHOWN else f"the {CORES_SHOWN} fullest cores"
    table = Table(title=f"{artifact.path} for {artifact.target}: {what}", title_justify="left")
    resources = [name for name in shown[0] if name not in ("chip", "core", "tile", "holds")]
    for name in ("core", "tile", "holds"):
        table.add_column(name)
    for name in resources:
        table.add_column(name.replace("_", " "), justify="right", no_wrap=True)
    for row in shown:
        where = f"{row['chip']}.{row['core']}"
        table.add_row(where, row["tile"], row["holds"], *(row[name] for name in resources))
    out.print(table)
    limits = load_target(artifact.target).limits
    more = "" if len(placement) <= CORES_SHOWN else "; manifest.json lists all"
    out.print(f"{cores.summary(placement, limits.chips * limits.cores)}{more}")
    if traffic := artifact.manifest["traffic"]:
        for line in cores.traffic_lines(Traffic(**traffic)):
            out.print(line)


def _dumper(names: Sequence[str], output: Path) -> Callable[[str, object], None]:
    """Writes the stages after the passes `names` beside `output`. `InputError` for an unknown name."""
    from snnc.cli import console
    from snnc.exporter.dump import dump_stage
    from snnc.exporter.pipeline import PASSES

    for name in names:
        if name not in (*PASSES, "all"):
            raise InputError(
                f"--dump-after {name}: no such pass; the passes are {', '.join(PASSES)}, or 'all'"
            )
    folder = output.with_name(f"{output.name}.passes")

    def observe(name: str, stage: object) -> None:
        if name in names or "all" in names:
            folder.mkdir(parents=True, exist_ok=True)
            console.out().print(f"wrote {dump_stage(name, stage, folder)}")

    return observe
