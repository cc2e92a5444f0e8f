"""Kernels of a convolution, one for each delay."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.stages import Convolution
from snnc.targets.onnx.synapses import weight_type


def delays(convolution: Convolution, time_steps: int) -> list[int]:
    """The delays of elements that stand for a synapse whose spikes can arrive within `time_steps`."""
    return [int(each) for each in np.unique(convolution.delay[_live(convolution, time_steps)])]


def kernels(convolution: Convolution, time_steps: int) -> dict[int, npt.NDArray[Any]]:
    """Delay -> kernel [O, I, kh, kw] of int8, int16 or int32, with 0 for the elements of other delays."""
    live, kind = _live(convolution, time_steps), weight_type(convolution.kernel)
    return {
        delay: np.where(live & (convolution.delay == delay), convolution.kernel, 0).astype(kind)
        for delay in delays(convolution, time_steps)
    }


def columns(convolution: Convolution) -> int:
    """Numbers of one sample in the matrix [I * kh * kw * groups, H' * Wd'] that most runtimes multiply."""
    _, rows, across = convolution.grid_out
    _, each, *extent = convolution.kernel.shape
    return each * convolution.groups * int(np.prod(extent)) * rows * across


def _live(convolution: Convolution, time_steps: int) -> npt.NDArray[np.bool_]:
    """bool [O, I, kh, kw]: not those that lie outside the grid for every neuron, which are no synapses."""
    down, across = (_reaches(convolution, axis) for axis in (0, 1))
    within = down[:, None] & across
    return (convolution.kernel != 0) & (convolution.delay < time_steps) & within


def _reaches(convolution: Convolution, axis: int) -> npt.NDArray[np.bool_]:
    """bool [kh or kw]: whether y * stride + p - padding lies in 0 .. side - 1 for some y in 0 .. out - 1."""
    shift = np.arange(convolution.kernel.shape[2 + axis]) - convolution.padding[axis]
    stride, side = convolution.stride[axis], convolution.grid[1 + axis]
    least = np.maximum(0, -(shift // stride))  # the least y with y * stride >= -shift
    return (least < convolution.grid_out[1 + axis]) & (least * stride + shift < side)
