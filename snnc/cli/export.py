"""`snnc export`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from snnc.errors import InputError

if TYPE_CHECKING:
    from snnc.exporter.pipeline import ExportOptions
    from snnc.stages import Artifact


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
    prune: Annotated[
        float,
        typer.Option(min=0, max=1, metavar="SHARE", help="Leave out this share of each layer's synapses."),
    ] = 0.0,
    prune_by: Annotated[
        str,
        typer.Option(help="magnitude: small weights first; lines: so that few (source, delay) pairs stay."),
    ] = "magnitude",
    relays: Annotated[
        bool, typer.Option("--relays", help="Add neurons for delays beyond the target's limit; exact.")
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
    from snnc.exporter.pipeline import ExportOptions

    options = ExportOptions(weight_bits, allow_saturation, prune, prune_by, relays)
    export_model(model, target, output or model.with_suffix(f".{target}"), options, dump_after)


def export_model(
    model: Path,
    target: str,
    output: Path,
    options: ExportOptions | None = None,
    dump_after: Sequence[str] | None = None,
) -> Artifact:
    """Export `model` and print what was made of it, layer by layer and core by core."""
    from rich.table import Table

    from snnc.cli import console
    from snnc.cli.delay_notes import delay_notes
    from snnc.exporter.pipeline import ExportOptions, export_file
    from snnc.exporter.ranges import headroom_bits

    out = console.out()
    options = options or ExportOptions()
    artifact = export_file(model, target, output, options, _dumper(dump_after or (), output))
    table = Table(title=f"{output} for {target}", title_justify="left")
    for heading in ("core", "layer", "neurons"):
        table.add_column(heading)
    cores = artifact.manifest["placement"]
    resources = [key for key in cores[0] if key not in ("chip", "core", "layer", "neurons")]
    for name in resources:
        table.add_column(name.replace("_", " "), justify="right")
    for row in cores:
        table.add_row(
            f"{row['chip']}.{row['core']}", row["layer"], row["neurons"], *(row[r] for r in resources)
        )
    out.print(table)
    headroom = min(headroom_bits(row) for row in artifact.manifest["range_proof"])
    proved = (
        f"proved free of overflow with {headroom:.2f} bits of headroom" if headroom >= 0 else "MAY SATURATE"
    )
    graph = artifact.graph
    finished = artifact.manifest["provenance"]["finished_in_training"]
    how = "as training finished them" if finished else "rounded, training did not finish them in integers"
    out.print(f"weights: {options.weight_bits} bits, {how}")
    for line in delay_notes(artifact.manifest):
        out.print(line)
    out.print(f"input: {graph.time_steps} steps of {1000 * graph.bin_s:g} ms, {graph.inputs} lines")
    out.print(f"wrote {output}: {len(graph.layers)} layers, {proved}")
    return artifact


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
