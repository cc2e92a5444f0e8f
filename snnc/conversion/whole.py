"""Tensors of integers: whether they hold a value as it is, or cut its numbers to whole ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from snnc.conversion.values import SPIKES, Operation, Path, Value

CUTS = "changes its numbers, which the type of the result does not hold"
SMALL = (torch.uint8, torch.int8, torch.int16)
WRAPS = "computes in {}, whose numbers wrap beyond {} .. {}"
FLOATS = "Cast to float before it: x.float()"
LEAVE_OUT = "Leave the cast out, or cast to a type that holds them"


def cuts(value: Value, given: Sequence[torch.Tensor], result: torch.Tensor) -> bool:
    """Whether `result`, made of the tensors `given`, cannot hold `value` as it is.

    Whole are events and spikes, and their sums.
    """
    real = [each for each in given if each.is_floating_point()]
    if result.is_floating_point() or result.is_complex() or not real:
        return False
    if value.softmax or value.ranked or not all(_is_whole(path) for path in value.paths):
        return True
    if result.dtype == torch.bool and (value.is_decoded or len(value.paths) > 1):
        return True
    return any(not torch.equal(each.double(), result.double()) for each in real if each.shape == result.shape)


def not_held(value: Value, given: Sequence[torch.Tensor], result: torch.Tensor) -> tuple[str, str] | None:
    """In words, why `result`, made of `given`, is not `value`, and what to do; None if it is."""
    if cuts(value, given, result):
        return CUTS, LEAVE_OUT
    wraps = _wraps(value, result)
    return None if wraps is None else (wraps, FLOATS)


def _wraps(value: Value, result: torch.Tensor) -> str | None:
    """In words, that `result` is of integers of so few bits that sums and products do not fit them."""
    if result.dtype not in SMALL:
        return None
    summed = len(value.paths) > 1 or value.over_time in ("sum", "mean")
    if not summed and all(_picks(each, (0, 1)) for path in value.paths for each in path.operations):
        return None
    least, most = torch.iinfo(result.dtype).min, torch.iinfo(result.dtype).max
    return WRAPS.format(result.dtype, least, most)


def _is_whole(path: Path) -> bool:
    return path.source.what == SPIKES and all(map(_picks, path.operations))


def _picks(operation: Operation, weights: Sequence[int] = (1,)) -> bool:
    """Whether it takes lines as they are (`operations.picked`), or `weights` times as much."""
    if operation.name != "matrix" or len(operation.parts) != 4:
        return False
    _, line, _, weight = (np.asarray(each) for each in operation.parts)
    return bool(np.isin(weight, weights).all()) and len(np.unique(line)) == line.size
