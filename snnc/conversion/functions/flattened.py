"""Steps that an index names in order, also where they share a dimension with neurons or lines."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from snnc.conversion.axes import Axes

IntArray = npt.NDArray[np.int64]
PARTS = 3
"""What stands before the steps in a dimension, the steps, and what stands behind them."""


@dataclass(frozen=True, slots=True)
class Flattened:
    """An index of the `shape`, in which three dimensions, the steps between, were one: `axis`."""

    shape: tuple[int, ...]
    axis: int

    def joined(self, axes: Axes, before: int) -> Axes:
        """`axes` with the three as one again, where so many other dimensions stand `before` the index."""
        begin = before + self.axis
        one = (atom for dim in axes.dims[begin : begin + PARTS] for atom in dim if atom != 1)
        return replace(axes, dims=(*axes.dims[:begin], tuple(one), *axes.dims[begin + PARTS :]))


def flattened(named: IntArray, steps: int) -> Flattened | None:
    """Where the numbers grow by one over `steps` places of a part of a dimension; None if nowhere.

    As [T * O, I] of an index [T, O, I], or [O * T, I].
    """
    if counting(named, steps) is not None:
        return None
    for axis, size in enumerate(named.shape):
        rest = size // steps
        if steps < 2 or rest < 2 or size % steps:
            continue
        for before in (each for each in range(1, rest + 1) if rest % each == 0):
            shape = (*named.shape[:axis], before, steps, rest // before, *named.shape[axis + 1 :])
            if _grows(named.reshape(shape), axis + 1):
                return Flattened(shape, axis)
    return None


def counting(named: IntArray, size: int) -> int | None:
    """Along which dimension, of `size` places, the numbers grow by one; None if along none."""
    of_size = (axis for axis in range(named.ndim) if named.shape[axis] == size)
    return next((axis for axis in of_size if _grows(named, axis)), None)


def _grows(named: IntArray, axis: int) -> bool:
    along = np.arange(named.shape[axis]).reshape([-1 if k == axis else 1 for k in range(named.ndim)])
    return bool((named - along == named.take([0], axis)).all())
