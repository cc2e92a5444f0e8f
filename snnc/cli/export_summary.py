"""What `snnc export` prints of the artifact that it wrote: what it is, if it is proved, then what to know."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from snnc.cli import console
from snnc.cli.export_work import work_lines
from snnc.cli.lines import print_head, print_lines
from snnc.report.exported import facts, proof, told

if TYPE_CHECKING:
    from rich.console import Console

    from snnc.stages import Artifact


def print_export(
    artifact: Artifact, out: Console, notes: Sequence[str] = (), dataset: str | None = None
) -> None:
    """Print what was written, and if it is proved; what was changed and `notes`; tables if verbose.

    `dataset`: the recordings that were measured on, in place of the model's own.
    """
    from snnc.cli.export_details import print_details
    from snnc.targets.registry import load_target

    target = load_target(artifact.target)
    proved, grounds = proof(artifact.manifest["range_proof"])
    mark, style = ("+", "bold green") if proved else ("!", "bold yellow")
    print_head(out, mark, "exported", style, f"{artifact.path} for {artifact.target}, {grounds}")
    print_lines(out, (("", text) for text in told(artifact, target, notes, console.verbose())))
    print_lines(out, (("", text) for text in work_lines(artifact, dataset, notes)))
    print_lines(out, facts(artifact, target))
    if console.verbose():
        print_details(artifact, target, out)
