"""Synapses as the bit kernel reads them: a weight's powers of two, by neuron."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.compiled import compiled
from snnc.hwsim.bit_trains import LINE, VECTOR


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
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64], npt.NDArray[np.int32], int, int, int, int]:
    """Synapses [neurons, sources] by neuron, power of two and sign, and the memory of `deliver_bits`.

    A delay of T or more arrives nowhere (clause 2), a weight of 0 is no synapse.

    The memory holds, in bytes: silence, a line of it; `stride` for each source, of which `bit_trains.fill`
    fills the first with the `before` steps before those that are added up, and these, so that read from
    `delay` bytes earlier on its train is delayed; from `sums` on, `planes` planes of a sum; then rows of
    carries. Planes and rows are of `VECTOR` bytes.

    Returns
    -------
    inputs, start
        `inputs[start[k] : start[k + 1]]`, k = (neuron * planes + p) * 2 + sign, are positions of rows that
        count 2^p, for sign 1 negative. Their number is a multiple of eight: silence, at position 0, fills
        up. Each eight leave a row of carries, numbered from 0 for each neuron, that count for plane p + 3.
    excess
        [neurons]; what counts negative is added inverted, which is this much too much.
    before, stride, sums, size
        The longest delay, and multiples of `VECTOR`; the memory is of `size` bytes.
    """
    neurons, sources = weight.shape
    before = 0
    for i in range(neurons):
        for j in range(sources):
            if weight[i, j] != 0 and delay[i, j] < steps:
                before = max(before, delay[i, j])
    stride = (before + 2 * VECTOR - 1) // VECTOR * VECTOR
    sums = LINE + sources * stride
    carries = sums + planes * VECTOR
    position = np.empty(sources, np.int32)
    digits = np.empty((2, sources), np.int32)
    used = np.empty(2, np.int32)
    start = np.zeros(neurons * planes * 2 + 1, np.int64)
    excess = np.zeros(neurons, np.int32)
    # At most every second bit of a weight, or the one above it, is a digit.
    most, bits = 0, 2
    for i in range(neurons):
        for j in range(sources):
            most = max(most, abs(weight[i, j]))
    while most >> (bits - 2):
        bits += 1
    inputs = np.empty(neurons * (sources * bits // 2 + 16 * planes) * 8 // 7 + 8, np.int32)
    k = 0
    for i in range(neurons):
        used[:] = 0
        for j in range(sources):
            digits[0, j], digits[1, j] = _digits(weight[i, j]) if delay[i, j] < steps else (0, 0)
            position[j] = LINE + j * stride + before - delay[i, j]
            used[0], used[1] = used[0] | digits[0, j], used[1] | digits[1, j]
        for p in range(planes):
            for sign in range(2):
                # Written without a branch, and kept if there is a digit: they are unpredictable.
                first = k
                for j in range(sources if (used[sign] >> p) & 1 else 0):
                    inputs[k] = position[j]
                    k += (digits[sign, j] >> p) & 1
                if sign == 0 and p >= 3:
                    begin, three = start[i * planes * 2], (i * planes + p - 3) * 2
                    for row in range((start[three] - begin) // 8, (start[three + 2] - begin) // 8):
                        inputs[k] = carries + row * VECTOR
                        k += 1
                while k & 7:
                    inputs[k] = 0
                    k += 1
                start[(i * planes + p) * 2 + sign + 1] = k
                excess[i] += sign * (k - first) << p
    rows = 0
    for i in range(neurons):
        rows = max(rows, (start[(i + 1) * planes * 2] - start[i * planes * 2]) // 8)
    return inputs[:k].copy(), start, excess, before, stride, sums, carries + rows * VECTOR
