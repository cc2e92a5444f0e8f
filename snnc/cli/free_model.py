"""The name of a model file that a command which is named may write: it replaces nothing."""

from __future__ import annotations

from itertools import chain, count
from pathlib import Path

MODEL = Path("model.pt")


def free_model(file: Path = MODEL) -> Path:
    """`file`, or the first of NAME-2, NAME-3 and so on, where neither a model nor its checkpoint lies."""
    others = (file.with_name(f"{file.stem}-{number}{file.suffix}") for number in count(2))
    return next(
        each
        for each in chain([file], others)
        if not (each.exists() or each.with_name(f"{each.name}.checkpoint").exists())
    )
