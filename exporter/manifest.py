"""The manifest of an artifact: read with suspicion, and its form checked."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from snnc import SEMANTICS_VERSION
from snnc.errors import ArtifactError
from snnc.io.regular import read_regular
from snnc.text import quoted

FORMAT = "snnc-artifact"
FORMAT_VERSION = 2
MANIFEST = "manifest.json"
SIZE, DEPTH, CHARACTERS = 16 << 20, 32, 1 << 12
"""Most bytes of a manifest, parts in each other, and characters of one text in it."""


def read_manifest(path: Path) -> dict[str, Any]:
    """The manifest of the artifact at `path`.

    Raises
    ------
    ArtifactError
        If it is missing, of another version, or damaged; or holds what no export writes: parts nested deeper
        than `DEPTH`, a text longer than `CHARACTERS`, a number that is not finite.
    """
    file = path / MANIFEST
    if not path.exists():
        raise ArtifactError(f"{path}: no such artifact; make one with `snnc export`")
    if not file.is_file():
        raise ArtifactError(f"{path}: has no {MANIFEST}, so it is not an artifact written by `snnc export`")
    try:
        manifest = json.loads(read_regular(file, SIZE))
        _look_at(manifest)
        known = (manifest["format"], manifest["format_version"], manifest["semantics_version"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise ArtifactError(f"{file}: damaged ({type(error).__name__}: {error}); export again") from error
    expected = (FORMAT, FORMAT_VERSION, SEMANTICS_VERSION)
    # Before all other fields, which another version may lack. True is 1, and no version.
    if known != expected or any(type(a) is not type(b) for a, b in zip(known, expected, strict=True)):
        raise ArtifactError(
            f"{file}: (format, version, semantics) is {quoted(known)}, this release reads {expected}; export "
            f"the model again, or use the release that wrote it ({quoted(manifest.get('snnc_version'))})"
        )
    try:
        sound = all(isinstance(manifest[key], str) for key in ("target", "graph_hash", "snnc_version"))
        sound &= all(
            isinstance(entry["sha256"], str) and type(entry["bytes"]) is int
            for entry in manifest["files"].values()
        )
        sound &= all(isinstance(manifest[key], list) for key in ("range_proof", "placement"))
        sound &= all(isinstance(row, dict) for row in (*manifest["placement"], manifest["provenance"]))
        sound &= isinstance(manifest.get("traffic"), dict)
    except (KeyError, TypeError, AttributeError) as error:
        raise ArtifactError(f"{file}: damaged ({type(error).__name__}: {error}); export again") from error
    if not sound:
        raise ArtifactError(f"{file}: damaged (a field has the wrong type); export again")
    return dict(manifest)


def _look_at(manifest: Any) -> None:
    """Raise `ValueError` where no export wrote it, and a report could not hold it."""
    level, depth = [manifest], 0
    while level:
        if depth > DEPTH:
            raise ValueError(f"nested more than {DEPTH} deep")
        inside: list[Any] = []
        for value in level:
            if isinstance(value, dict):
                inside += [*value, *value.values()]
            elif isinstance(value, list):
                inside += value
            elif isinstance(value, str) and len(value) > CHARACTERS:
                raise ValueError(f"a text of {len(value)} characters, at most {CHARACTERS} are read")
            elif isinstance(value, float) and not math.isfinite(value):
                raise ValueError(f"a number that is {value}")
        level, depth = inside, depth + 1
