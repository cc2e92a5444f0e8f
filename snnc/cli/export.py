"""`snnc export`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from snnc.errors import InputError

if TYPE_CHECKING:
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
) -> None:
    """Export a trained network to a target.

    Example: snnc export model.pt --target loihi -o model.loihi
    """
    if not model.name:
        raise InputError(f"{model}: not a model file; give the file that `snnc train` wrote")
    export_model(model, target, output or model.with_suffix(f".{target}"), weight_bits, allow_saturation)


def export_model(
    model: Path, target: str, output: Path, weight_bits: int = 8, allow_saturation: bool = False
) -> Artifact:
    """Export `model` and print what was made of it, layer by layer and core by core."""
    from rich.table import Table

    from snnc.cli import console
    from snnc.exporter.pipeline import ExportOptions, export_file

    artifact = export_file(model, target, output, ExportOptions(weight_bits, allow_saturation))
    out = console.out()
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
    proved = (
        "proved free of overflow" if artifact.manifest["provenance"]["overflow_proved"] else "MAY SATURATE"
    )
    graph = artifact.graph
    out.print(f"input: {graph.time_steps} steps of {1000 * graph.bin_s:g} ms, {graph.inputs} lines")
    out.print(f"wrote {output}: {len(graph.layers)} layers, {proved}")
    return artifact
