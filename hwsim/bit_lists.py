"""Synapses as the bit kernel reads them: a weight's powers of two, by neuron."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.hwsim.kernels import compiled


@compiled
def _digits(weight: Any) -> tuple[Any, Any]:
    """Powers of two to add and to subtract, as bits, of which no two are adjacent."""
    size = abs(weight)
    half = size >> 1
    changed = half ^ (size + half)
    add, subtract = (size + half) & changed, half & changed
    return (add, subtract) if weight > 0 else (subtract, add)


@compiled
def bit_lists(
    weight: npt.NDArray[np.int32], delay: npt.NDArray[np.int32], steps: int, planes: int
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64], npt.NDArray[np.int32], int]:
    """Synapses [neurons, sources] by neuron, power of two below 2^`planes` and sign, for `deliver_bits`.

    A source's train has a byte a step, after `before` bytes of silence: read from `delay` bytes earlier on it
    is delayed. A delay of T or more arrives nowhere (clause 2), a weight of 0 is no synapse.

    Returns
    -------
    inputs, start
        `inputs[start[k] : start[k + 1]]`, k = (neuron * planes + p) * 2 + sign, are positions of trains that
        count 2^p, for sign 1 negative. Their number is a multiple of eight: silence, at position 0, fills up.
    excess
        [neurons]; a train that counts negative is added inverted, which is this much too much.
    before
        The longest delay.
    """
    neurons, sources = weight.shape
    before = 0
    for i in range(neurons):
        for j in range(sources):
            if weight[i, j] != 0 and delay[i, j] < steps:
                before = max(before, delay[i, j])
    silence = (steps + 63) // 64 * 64
    position = np.empty(sources, np.int32)
    digits = np.empty((2, sources), np.int32)
    start = np.zeros(neurons * planes * 2 + 1, np.int64)
    excess = np.zeros(neurons, np.int32)
    inputs = np.empty(neurons * (sources * (planes + 1) // 2 + 16 * planes + 1), np.int32)
    k = 0
    for i in range(neurons):
        for j in range(sources):
            digits[0, j], digits[1, j] = _digits(weight[i, j]) if delay[i, j] < steps else (0, 0)
            position[j] = silence + j * (before + steps) + before - delay[i, j]
        for p in range(planes):
            for sign in range(2):
                # Written without a branch, and kept if there is a digit: they are unpredictable.
                first = k
                for j in range(sources):
                    inputs[k] = position[j]
                    k += (digits[sign, j] >> p) & 1
                while k & 7:
                    inputs[k] = 0
                    k += 1
                start[(i * planes + p) * 2 + sign + 1] = k
                excess[i] += sign * (k - first) << p
    return inputs[:k].copy(), start, excess, before
