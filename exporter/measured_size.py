"""`size.json` of an artifact: memory that its program takes, as the compiler of the export measured it.

The compiler may be for a device, and another one verifies. It is not in the manifest: equal networks are
equal artifacts, whatever compiler a machine has.
"""

from __future__ import annotations

import json

from snnc.exporter.artifact import check_unchanged, target_of_artifact
from snnc.io import files
from snnc.io.folder_lock import directory_lock
from snnc.io.size_file import SIZE_FILE
from snnc.stages import Artifact
from snnc.target import MEASURED


def keep_size(artifact: Artifact) -> None:
    """Measure what the program of `artifact` takes, and write it into the folder; nothing if it cannot be.

    Raises
    ------
    ArtifactError
        If another export took the artifact's place.
    InputError
        If the file cannot be written.
    """
    occupied = target_of_artifact(artifact).occupied
    rows = {} if occupied is None else dict(occupied(artifact))
    if MEASURED not in rows:
        return
    content = {"graph_hash": artifact.manifest["graph_hash"], "rows": rows}
    with directory_lock(artifact.path.absolute().parent):  # no export may come in between
        check_unchanged(artifact)
        files.write_file(artifact.path / SIZE_FILE, (json.dumps(content, indent=1) + "\n").encode())
