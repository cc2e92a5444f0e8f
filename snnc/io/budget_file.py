"""`budget.json` of an artifact: what the export measured. Absent if it measured nothing."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from snnc.errors import ArtifactError
from snnc.io.validators import validator
from snnc.stages.artifact import Artifact
from snnc.stages.losses import ExportLosses

NAME = "budget.json"


def pack(losses: ExportLosses) -> dict[str, bytes]:
    """Name and content of the file; nothing if nothing was measured."""
    if losses == ExportLosses():
        return {}
    return {NAME: (json.dumps(asdict(losses), indent=1, allow_nan=False) + "\n").encode()}


def read(artifact: Artifact) -> ExportLosses:
    """What `artifact` says of its losses. Raises `ArtifactError` if the file is damaged."""
    data = artifact.carried.get(NAME)
    return ExportLosses() if data is None else parse(data, artifact.path / NAME)


def parse(data: bytes, path: Path) -> ExportLosses:
    """The content of the file at `path`. Raises `ArtifactError` if it is damaged."""
    from pydantic import ValidationError

    try:
        return validator(ExportLosses).validate_json(data, strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ArtifactError(f"{path}: {where}: {first['msg']}; export again") from error
