"""`budget.json` of an artifact: what the export measured. Absent if it measured nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from snnc.errors import ArtifactError
from snnc.regular import read_regular
from snnc.stages.budget import Costs

NAME = "budget.json"


def pack(costs: Costs) -> dict[str, bytes]:
    """Name and content of the file; nothing if nothing was measured."""
    if costs == Costs():
        return {}
    return {NAME: (json.dumps(asdict(costs), indent=1, allow_nan=False) + "\n").encode()}


def read(folder: Path, files: Mapping[str, object]) -> Costs:
    """What the artifact in `folder`, whose manifest lists `files`, says of its costs.

    Raises
    ------
    ArtifactError
        If the file is damaged.
    """
    if NAME not in files:
        return Costs()
    try:
        data = read_regular(folder / NAME, 1 << 26)
    except OSError as error:
        raise ArtifactError(f"{folder / NAME}: cannot be read ({error.strerror}); export again") from error
    return parse(data, folder / NAME)


def parse(data: bytes, path: Path) -> Costs:
    """The content of the file at `path`. Raises `ArtifactError` if it is damaged."""
    from pydantic import TypeAdapter, ValidationError

    try:
        return TypeAdapter(Costs).validate_json(data, strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ArtifactError(f"{path}: {where}: {first['msg']}; export again") from error
