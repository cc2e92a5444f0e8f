"""Fields of a model file, checked: each raises `StageError` with the place, if it is something else."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.errors import StageError
from snnc.stages.trained import MAX_STEPS
from snnc.text import quoted


def keys(
    content: dict[Any, Any], wanted: frozenset[str], where: str, defaults: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """`content` with `defaults` for what it leaves out."""
    defaults = defaults or {}
    missing, unknown = wanted - content.keys(), content.keys() - wanted - defaults.keys()
    if missing or unknown:
        raise StageError(
            f"{where}: missing keys {sorted(missing) or 'none'}, "
            f"unknown keys {sorted(map(str, unknown)) or 'none'}"
        )
    return {**defaults, **content}


def dicts(content: Mapping[str, Any], key: str, where: str) -> list[dict[str, Any]]:
    items = content[key]
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise StageError(f"{where}: {key} is not a list of dicts")
    return items


def array(
    content: Mapping[str, Any], key: str, dims: int, where: str, dtype: type[np.generic] = np.float32
) -> npt.NDArray[Any]:
    value = content[key]
    if not isinstance(value, np.ndarray) or value.dtype != dtype or value.ndim != dims:
        seen = f"{value.dtype} {list(value.shape)}" if hasattr(value, "dtype") else type(value).__name__
        raise StageError(f"{where}: {key} is {seen}, expected a {dtype.__name__} tensor of {dims} dimensions")
    return value


def number(content: Mapping[str, Any], key: str, where: str) -> float:
    value = content[key]
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise StageError(f"{where}: {key} is {quoted(value)}, expected a finite number")
    return float(value)


def count(content: Mapping[str, Any], key: str, where: str) -> int:
    value = content[key]
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MAX_STEPS:
        raise StageError(f"{where}: {key} is {quoted(value)}, expected an integer in 1..{MAX_STEPS}")
    return value


def text(content: Mapping[str, Any], key: str, where: str) -> str:
    value = content[key]
    if not isinstance(value, str):
        raise StageError(f"{where}: {key} is a {type(value).__name__}, expected text")
    return value


def texts(content: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    names = content[key]
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise StageError(f"{where}: {key} is not a list of texts")
    return tuple(names)


def counts(content: Mapping[str, Any], key: str, where: str) -> tuple[int, ...]:
    """Whole numbers; what uses them checks their range."""
    items = content[key]
    if not isinstance(items, list) or not all(type(item) is int for item in items):
        raise StageError(f"{where}: {key} is not a list of integers")
    return tuple(items)
