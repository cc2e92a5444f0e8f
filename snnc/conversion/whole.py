"""Tensors of integers: whether they hold a value as it is, or cut its numbers to whole ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from snnc.conversion.values import SPIKES, Operation, Path, Value

CUTS = "changes its numbers, which the type of the result does not hold"
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


def _is_whole(path: Path) -> bool:
    return path.source.what == SPIKES and all(map(_picks, path.operations))


def _picks(operation: Operation) -> bool:
    """Whether it takes lines as they are (`operations.picked`)."""
    if operation.name != "matrix" or len(operation.parts) != 4:
        return False
    _, line, _, weight = (np.asarray(each) for each in operation.parts)
    return bool((weight == 1).all()) and len(np.unique(line)) == line.size
