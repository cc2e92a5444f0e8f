"""`snnc export`, and the loss budget that it keeps."""

from __future__ import annotations

from pathlib import Path

from snnc.cli import main
from snnc.exporter.artifact import read_artifact
from snnc.io import budget_file
from snnc.stages import Artifact
from snnc.stages.losses import ExportLosses


def export(model: Path, folder: Path, *options: object) -> Artifact:
    out = folder / "out"
    assert main(["export", str(model), "-o", str(out), "--overwrite", *map(str, options)]) == 0
    return read_artifact(out)


def losses_of(artifact: Artifact) -> ExportLosses:
    return budget_file.read(artifact)
