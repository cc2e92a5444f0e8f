"""`snnc export`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from snnc.errors import InputError

if TYPE_CHECKING:
    from snnc.stages import Artifact


def export(
    model: Annotated[Path, typer.Argument(help="Model file of `snnc train`, or a NIR file.")],
    target: Annotated[str, typer.Option("--target", "-t", help="See `snnc targets`.")] = "loihi",
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="Folder to write; without it MODEL.TARGET."),
    ] = None,
    weight_bits: Annotated[int, typer.Option(min=2, max=8, help="Bits of a weight, sign included.")] = 8,
    allow_saturation: Annotated[
        bool, typer.Option(help="Export although overflow is not proved absent; it is counted in runs.")
    ] = False,
    dt: Annotated[float | None, typer.Option(help="NIR file: seconds of a time step.")] = None,
    steps: Annotated[int | None, typer.Option(help="NIR file: number of time steps of a sample.")] = None,
    round_delays: Annotated[
        bool, typer.Option("--round-delays", help="NIR file: round delays to whole steps.")
    ] = False,
    nir_delays: Annotated[
        str,
        typer.Option(
            help="Where the written NIR graph has its delays: 'structure', or 'metadata' (smaller; readers "
            "other than snnc take every delay for 0)."
        ),
    ] = "structure",
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
    if nir_delays not in ("structure", "metadata"):
        raise InputError(f"--nir-delays {nir_delays}: there are 'structure' and 'metadata'")
    told = {"dt": dt, "time_steps": steps, "round_delays": round_delays}
    where = output or model.with_suffix(f".{target}")
    in_metadata = nir_delays == "metadata"
    export_model(model, target, where, weight_bits, allow_saturation, dump_after, told, in_metadata)


def export_model(
    model: Path,
    target: str,
    output: Path,
    weight_bits: int = 8,
    allow_saturation: bool = False,
    dump_after: Sequence[str] | None = None,
    nir_file: Mapping[str, Any] | None = None,
    delays_in_metadata: bool = False,
) -> Artifact:
    """Export `model` and print what was made of it, layer by layer and core by core.

    `nir_file`: fields of `nir_import.ImportOptions`.
    """
    from rich.table import Table

    from snnc.cli import console
    from snnc.exporter.nir_import import ImportOptions
    from snnc.exporter.pipeline import ExportOptions, export_file

    out = console.out()
    options = ExportOptions(weight_bits, allow_saturation, delays_in_metadata)
    told = ImportOptions(**(nir_file or {}))
    artifact = export_file(model, target, output, options, _dumper(dump_after or (), output), told)
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
    finished = artifact.manifest["provenance"]["finished_in_training"]
    how = "as training finished them" if finished else "rounded, training did not finish them in integers"
    out.print(f"weights: {weight_bits} bits, {how}")
    out.print(f"input: {graph.time_steps} steps of {1000 * graph.bin_s:g} ms, {graph.inputs} lines")
    for note, value in artifact.manifest["provenance"].get("imported", {}).items():
        out.print(f"imported: {note.replace('_', ' ')}: {value}")
    if delays_in_metadata:
        out.print("warning: graph.nir has its delays in the metadata; other readers take every delay for 0")
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
