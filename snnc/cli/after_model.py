"""The command that a user types after one on a model file: it exports it, or goes on with its export."""

from __future__ import annotations

import shlex
from contextlib import suppress
from pathlib import Path


def unless_exported(path: Path, export: str, dataset: str | None = None) -> str:
    """The command `export` of a model file; where it would replace an export of the same file with a report,
    which it may refuse, the command that goes on with that: it verifies it, on `dataset`, or runs it."""
    words = shlex.split(export, comments=True)
    if words[1] != "export" or "--target" not in words:
        return export
    target = words[words.index("--target") + 1].partition(":")[0]
    folder = export_of(path, target)
    if folder is None:
        return export
    from snnc.cli.after_verify import clean_first  # here: without an export nothing of it is loaded
    from snnc.cli.following import after_test
    from snnc.errors import SnncError
    from snnc.exporter.artifact import inspect_artifact
    from snnc.exporter.artifact_writing import results_at

    with suppress(SnncError):  # damaged, or what follows cannot be told
        if results_at(folder):
            return clean_first(folder, after_test(inspect_artifact(folder), dataset))
    return export


def export_of(model: Path, *among: str) -> Path | None:
    """The folder beside the `model` file that was exported from it, as it is, for one of the targets `among`
    or of all; None where there is none."""
    from snnc.errors import ArtifactError
    from snnc.exporter.manifest import read_manifest
    from snnc.io.regular import read_regular
    from snnc.provenance import sha256
    from snnc.targets.registry import targets

    made_of = sha256(read_regular(model))
    for folder in (model.with_suffix(f".{target}") for target in among or targets()):
        try:
            record = read_manifest(folder).get("provenance")
        except ArtifactError:
            continue
        if isinstance(record, dict) and record.get("model_sha256") == made_of:
            return folder
    return None
