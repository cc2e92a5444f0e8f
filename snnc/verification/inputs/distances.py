"""How near v came to its threshold before the reset, in one pass over a trace."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from snnc import formats
from snnc.compiled import compiled
from snnc.stages import LayerTrace, QuantizedLayer

Gaps = npt.NDArray[np.int32]

FAR = np.iinfo(np.int32).max
"""A distance from the threshold that was not met at all."""
V_LIMIT, DECAY_BITS = formats.V_LIMIT, formats.DECAY_BITS


def distances(layer: QuantizedLayer, state: LayerTrace) -> tuple[Gaps, Gaps]:
    """The least distances, above the threshold and below it, of v before the reset; [samples, neurons]."""
    above, below = np.full((2, len(state.v), layer.neurons), FAR, np.int32)
    if layer.threshold is not None:
        level, keep = layer.threshold << formats.STATE_FRACTION_BITS, formats.DECAY_ONE - layer.decay_v
        _least(state.u, state.v, state.spikes, layer.bias.astype(np.int64), level, keep, above, below)
    return above, below


@compiled
def _least(u, v, spikes, bias, level, keep, above, below):  # type: ignore[no-untyped-def]
    samples, steps, neurons = v.shape
    for sample in range(samples):
        for t in range(steps):
            for i in range(neurons):
                if not spikes[sample, t, i]:
                    gap = level - v[sample, t, i]
                    if 0 < gap < below[sample, i]:
                        below[sample, i] = gap
                    continue
                # A spike's own v is not in a trace, which has the one after the reset: clause 5 once more.
                before = np.int64(v[sample, t - 1, i]) if t else np.int64(0)
                kept = abs(before) * keep >> DECAY_BITS
                reached = (-kept if before < 0 else kept) + u[sample, t, i] + bias[i]
                gap = min(reached, V_LIMIT) - level
                if gap < above[sample, i]:
                    above[sample, i] = gap
