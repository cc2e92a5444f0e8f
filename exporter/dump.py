"""A stage between two passes, written for people and other tools: `--dump-after PASS`."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import is_dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.io import files
from snnc.provenance import parts_of, stage_hash


def dump_stage(name: str, stage: object, folder: Path) -> Path:
    """Write `NAME.npz` in `folder`: arrays by their path in the stage, the rest as JSON in `stage`.

    Returns the file's path.

    Raises
    ------
    InputError
        If it cannot be written.
    """
    arrays: dict[str, npt.NDArray[Any]] = {}
    plain = {"pass": name, "sha256": stage_hash(stage), "stage": _split(stage, "", arrays)}
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, stage=np.array(json.dumps(plain)), **arrays)
    path = folder / f"{name}.npz"
    files.write_file(path, buffer.getvalue())
    return path


def _split(value: object, where: str, arrays: dict[str, npt.NDArray[Any]]) -> Any:
    """`value` as plain data, in which an array is the name it got in `arrays`."""
    if is_dataclass(value):
        return {key: _split(item, f"{where}/{key}", arrays) for key, item in parts_of(value).items()}
    if isinstance(value, np.ndarray):
        arrays[where.lstrip("/")] = value
        return {"array": where.lstrip("/")}
    if isinstance(value, Mapping):
        return {str(key): _split(item, f"{where}/{key}", arrays) for key, item in value.items()}
    if isinstance(value, tuple | list):
        names = [getattr(item, "name", number) for number, item in enumerate(value)]
        return [_split(item, f"{where}/{name}", arrays) for name, item in zip(names, value, strict=True)]
    return value
