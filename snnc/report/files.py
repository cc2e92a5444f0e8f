"""The report of an artifact as files."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

from snnc.exporter.artifact import check_unchanged
from snnc.io import files
from snnc.io.folder_lock import directory_lock
from snnc.stages import Artifact


def alone(artifact: Artifact) -> AbstractContextManager[None]:
    """In the block neither an export nor another verification replaces anything of `artifact`."""
    return directory_lock(artifact.path.absolute().parent)


def write_report(artifact: Artifact, place: Path, content: bytes) -> None:
    """Write a report of `artifact` to `place`.

    Raises
    ------
    ArtifactError
        If another export took the artifact's place: executors ran another program than lies there now.
    InputError
        If `place` cannot be written.
    """
    with alone(artifact):
        check_unchanged(artifact)
        files.write_file(place, content)
