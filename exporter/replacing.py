"""What a new export would replace: the artifact of the same model and options, or something else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from snnc.errors import InputError
from snnc.exporter.artifact import manifest_of
from snnc.exporter.manifest import MANIFEST
from snnc.exporter.options import ExportOptions

REMEDY = "choose another name (-o), or replace it with --overwrite"


def refuse_to_lose(
    path: Path, target: str, model_sha256: str, options: ExportOptions, imported: Mapping[str, Any]
) -> None:
    """Raise `InputError` if an artifact at `path` is not what this export makes again.

    It is where target, model file, `options` and, of a NIR file, the notes `imported` are the same.
    """
    if not (path / MANIFEST).is_file():
        return
    manifest = manifest_of(path)
    there = manifest["provenance"]
    if manifest["target"] != target:
        raise InputError(f"{path}: is an export to {manifest['target'][:40]!r}, not to '{target}'; {REMEDY}")
    if there.get("model_sha256") != model_sha256:
        named = there.get("model")
        whose = f" ({named[:80]!r}, another SHA-256)" if isinstance(named, str) else ""
        raise InputError(f"{path}: is the export of another model{whose}; {REMEDY}")
    for group, ours in (("options", asdict(options)), ("imported", imported)):
        if (differs := _difference(there.get(group, {}), ours)) is not None:
            raise InputError(f"{path}: was exported with {differs}; {REMEDY}")


def _difference(there: object, ours: Mapping[str, Any]) -> str | None:
    """The first field that differs, in words. A field that one side lacks differs too."""
    ours = json.loads(json.dumps(ours))  # as a manifest has it: tuples are lists there
    found = there if isinstance(there, Mapping) else {}
    for name in sorted({*found, *ours}, key=str):
        if name not in found or name not in ours or found[name] != ours[name]:
            return f"{name[:40]} = {_shown(found.get(name))}, this export has {_shown(ours.get(name))}"
    return None


def _shown(value: object) -> str:
    return json.dumps(value)[:80]
