"""`budget.json` of an artifact: what the export measured. Absent if it measured nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from snnc.errors import ArtifactError
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
    from pydantic import TypeAdapter, ValidationError

    if NAME not in files:
        return Costs()
    try:
        return TypeAdapter(Costs).validate_json((folder / NAME).read_bytes(), strict=True)
    except OSError as error:
        raise ArtifactError(f"{folder / NAME}: cannot be read ({error.strerror}); export again") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ArtifactError(f"{folder / NAME}: {where}: {first['msg']}; export again") from error
