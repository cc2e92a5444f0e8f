"""What v cannot exceed: neurons whose thresholds lie above it never fire."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import numpy.typing as npt

from snnc.formats import PAYLOAD_MAX
from snnc.stages import FloatPopulation, FloatProjection

FloatArray = npt.NDArray[np.float64]


def reach(
    of: FloatPopulation, into: Sequence[FloatProjection], inputs: Collection[str], steps: int
) -> FloatArray:
    """float64 [neurons], above every v of the `li` population `of` in `steps` steps, whatever arrives.

    Every synapse that excites is on in every step, with the largest payload if it is from one of `inputs`;
    the sum of what decays leave is at most 1 / (1 - keep), and at most `steps`.
    """
    assert of.keep_u is not None
    assert of.keep_v is not None
    assert of.bias is not None
    assert of.input_bias is not None
    drive = of.input_bias.copy()
    for each in into:
        excites = each.synapses.with_weights(np.maximum(each.synapses.weights, 0)).sums()
        drive += excites * (PAYLOAD_MAX if each.source in inputs else 1)
    current = np.maximum(drive, 0) * _memory(of.keep_u, steps) + of.bias
    bound: FloatArray = np.maximum(current, 0) * _memory(of.keep_v, steps)
    return bound


def _memory(keep: FloatArray, steps: int) -> FloatArray:
    left: FloatArray = 1 / np.maximum(1 - keep, 1 / steps)
    return left
