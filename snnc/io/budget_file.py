"""`budget.json` of an artifact: what the export measured. Absent if it measured nothing."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from snnc.errors import ArtifactError
from snnc.stages.artifact import Artifact
from snnc.stages.budget import Costs

NAME = "budget.json"


def pack(costs: Costs) -> dict[str, bytes]:
    """Name and content of the file; nothing if nothing was measured."""
    if costs == Costs():
        return {}
    return {NAME: (json.dumps(asdict(costs), indent=1, allow_nan=False) + "\n").encode()}


def read(artifact: Artifact) -> Costs:
    """What `artifact` says of its costs. Raises `ArtifactError` if the file is damaged."""
    data = artifact.carried.get(NAME)
    return Costs() if data is None else parse(data, artifact.path / NAME)


def parse(data: bytes, path: Path) -> Costs:
    """The content of the file at `path`. Raises `ArtifactError` if it is damaged."""
    from pydantic import TypeAdapter, ValidationError

    try:
        return TypeAdapter(Costs).validate_json(data, strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ArtifactError(f"{path}: {where}: {first['msg']}; export again") from error
