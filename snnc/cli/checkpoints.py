"""`snnc export --checkpoint`: a file of tensors of a published work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from snnc.exporter.options import ExportOptions
    from snnc.stages import Artifact

NOT_OF_CHECKPOINTS = (
    "the settings of the work come with --set; leave out --dataset, --reset, --fires, --integration, "
    "--decoder, --round-delays and --expect"
)


def export_checkpoint(
    path: Path,
    kind: str,
    settings: Mapping[str, Any],
    target: str,
    output: Path,
    options: ExportOptions,
    dump_after: Sequence[str] | None,
    overwrite: bool,
) -> Artifact:
    """Export the network in `path` and print what was made of it.

    Raises
    ------
    SnncError
        As `from_checkpoint` and `export_network`.
    """
    from snnc.cli import console
    from snnc.cli.dump_after import dumper
    from snnc.cli.export_summary import print_export
    from snnc.conversion.checkpoints.read import from_checkpoint
    from snnc.exporter.artifact_writing import lost_results, results_at
    from snnc.exporter.measured_size import keep_size
    from snnc.exporter.pipeline import export_network

    before = results_at(output)
    observe = dumper(dump_after, output) if dump_after else None
    with console.status("exporting") as progress:
        graph = from_checkpoint(kind, path, **settings)
        told = {
            name: value if isinstance(value, int | float | str) else str(value)
            for name, value in settings.items()
        }
        artifact = export_network(
            graph,
            target,
            output,
            options,
            name=path.name,
            notes={"checkpoint": kind, **told},
            observe=observe,
            progress=progress,
            overwrite=overwrite,
        )
    keep_size(artifact)
    print_export(artifact, console.out(), list(filter(None, [lost_results(output, before)])))
    return artifact
