"""What `snnc export` does with a file, and what of it other commands do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from snnc.errors import InputError, RangeProofError
from snnc.text import shell
from snnc.unlikely import unlikely_step

if TYPE_CHECKING:
    from snnc.exporter.expectation.held import Expect
    from snnc.exporter.nir.importer import ImportOptions
    from snnc.exporter.options import ExportOptions
    from snnc.stages import Artifact


def expected(path: Path | None, at_least: float | None) -> Expect | None:
    """What --expect and --expect-at-least ask for. Raises `InputError` for the second without the first."""
    from snnc.exporter.expectation.held import Expect

    if path is not None:
        return Expect(path, at_least)
    if at_least is not None:
        raise InputError(f"--expect-at-least {at_least:g}: has no effect without --expect NPZ; give both")
    return None


@contextmanager
def naming_what_passes(model: Path) -> Iterator[None]:
    """Where too many weight bits are why an export of `model` is refused, the error has the command that is
    not: the one that runs, with fewer."""
    try:
        yield
    except RangeProofError as error:
        if bits := error.weight_bits:
            from snnc.cli.results import typed_options

            words = [*typed_options({"weight_bits"}), "--weight-bits", bits]
            error.args = (*error.args, f"what passes: {shell('snnc', 'export', model, *words)}")
        raise


def export_model(
    model: Path,
    target: str,
    output: Path,
    options: ExportOptions | None = None,
    dataset: str | None = None,
    dump_after: Sequence[str] | None = None,
    nir_options: ImportOptions | None = None,
    overwrite: bool = False,
    expect: Expect | None = None,
) -> Artifact:
    """Export `model` and print what was made of it."""
    from snnc.cli import console
    from snnc.cli.dump_after import dumper
    from snnc.cli.export_summary import print_export
    from snnc.cli.export_work import data_beside
    from snnc.exporter.artifact_writing import lost_results, results_at
    from snnc.exporter.measured_size import keep_size
    from snnc.exporter.network_files import NO_IMPORT_OPTIONS
    from snnc.exporter.options import ExportOptions
    from snnc.exporter.pipeline import export_file

    notes, before = list[str](), results_at(output)
    if nir_options is not None and (said := unlikely_step(nir_options.dt or 0)):
        notes.append(f"--dt {said}")
    with console.status("exporting") as progress:
        artifact = export_file(
            model,
            target,
            output,
            options or ExportOptions(),
            dumper(dump_after, output) if dump_after else None,
            dataset=dataset,
            nir_options=nir_options or NO_IMPORT_OPTIONS,
            progress=progress,
            notify=notes.append,
            overwrite=overwrite,
            expect=expect,
        )
    keep_size(artifact)
    notes += filter(None, [lost_results(output, before)])
    print_export(artifact, console.out(), notes, dataset or data_beside(model, artifact))
    return artifact
