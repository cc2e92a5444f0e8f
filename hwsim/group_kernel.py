"""Compiled loops over the steps of populations that are computed together: every model, and recurrence.

The neurons of all populations stand side by side. What a spike sends within the group is added to the steps
in which it arrives, which are still to come, or, at delay 0, to a population that comes later in the same
step (the contract order). Numbers are of 32 bits: by clause 2 every sum of what arrives lies within +-2^18,
in whatever order it grows, u and v sum up within +-2^25, and the sum of w is within +-(2^24 + 2^20).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.compiled import compiled
from snnc.hwsim.kernels import SHIFT, U_MAX, U_MIN, U_WRAP, V_LIMIT, decay

NUMBERS = (
    "input_bias", "bias", "keep_u", "keep_v", "threshold", "kept_by_reset", "reset_by", "keep_w", "ka", "kb",
)  # fmt: skip
"""Rows of the table of neurons that `advance` reads."""

NO_W, NEW, OLD = 0, 1, 2
"""How a population adapts (clause 5a)."""


@compiled
def _current(
    now: npt.NDArray[np.int32],
    last: npt.NDArray[np.int32],
    input_bias: npt.NDArray[np.int32],
    keep_u: npt.NDArray[np.int32],
) -> Any:
    """The input bias of clause 2, and clause 3; return the wraps. `now` holds what arrived, then u."""
    wraps = np.int32(0)
    for i in range(len(now)):
        a = np.int32(now[i] + input_bias[i])
        u = np.int32(decay(last[i], keep_u[i]) + np.int32(a << SHIFT))
        above, below = np.int32(u > U_MAX), np.int32(u < U_MIN)
        now[i] = np.int32(u + np.int32((below - above) * U_WRAP))
        wraps += np.int32(above | below)
    return wraps


@compiled
def _adaptation(
    now: npt.NDArray[np.int32],
    last: npt.NDArray[np.int32],
    last_v: npt.NDArray[np.int32],
    last_spikes: npt.NDArray[np.uint8],
    keep_w: npt.NDArray[np.int32],
    ka: npt.NDArray[np.int32],
    kb: npt.NDArray[np.int32],
) -> Any:
    """The first line of clause 5a: `now` becomes w; return the clips. `scale` is a decay that keeps |ka|."""
    clips = np.int32(0)
    for i in range(len(now)):
        scaled = decay(last_v[i], np.int32(abs(ka[i])))
        scaled = np.int32(-scaled) if ka[i] < 0 else scaled
        w = np.int32(decay(last[i], keep_w[i]) + scaled + np.int32(np.int32(last_spikes[i]) * kb[i]))
        clipped = np.int32(min(max(w, -V_LIMIT), V_LIMIT))
        clips += np.int32(clipped != w)
        now[i] = clipped
    return clips


@compiled
def _membrane(
    now: npt.NDArray[np.int32],
    last: npt.NDArray[np.int32],
    current: npt.NDArray[np.int32],
    bias: npt.NDArray[np.int32],
    keep_v: npt.NDArray[np.int32],
    threshold: npt.NDArray[np.int32],
    kept_by_reset: npt.NDArray[np.int32],
    reset_by: npt.NDArray[np.int32],
    spikes: npt.NDArray[np.uint8],
) -> tuple[Any, Any]:
    """Clauses 5 and 6: `now` becomes v after the reset; return clips and spikes.

    A spike leaves the bits `kept_by_reset` of v, all or none, less `reset_by`.
    """
    clips, fired = np.int32(0), np.int32(0)
    for i in range(len(now)):
        v = np.int32(np.int32(decay(last[i], keep_v[i]) + current[i]) + bias[i])
        clipped = np.int32(min(max(v, -V_LIMIT), V_LIMIT))
        clips += np.int32(clipped != v)
        spike = clipped > threshold[i]
        reset = np.int32(np.int32(clipped & kept_by_reset[i]) - reset_by[i])
        now[i] = reset if spike else clipped
        spikes[i] = np.uint8(spike)
        fired += np.int32(spike)
    return clips, fired


@compiled
def _send(
    spikes: npt.NDArray[np.uint8],
    row: npt.NDArray[np.int64],
    offset: npt.NDArray[Any],
    weight: npt.NDArray[Any],
    rest: npt.NDArray[np.int32],
    sources: npt.NDArray[np.int64],
) -> None:
    """Add the row of each spike to `rest`, what arrives from this step on; `sources` is to work in."""
    count = 0
    for j in range(len(spikes)):  # without a branch: spikes are unpredictable
        sources[count] = j
        count += int(spikes[j] != 0)
    for source in sources[:count]:
        start, stop = row[source], row[source + 1]
        # Rows are sorted by delay: what would arrive after the last step is a row's tail.
        while stop > start and offset[stop - 1] >= len(rest):
            stop -= 1
        offsets, weights = offset[start:stop], weight[start:stop]
        for k in range(len(offsets)):
            rest[offsets[k]] += weights[k]


@compiled
def advance(
    arriving: npt.NDArray[np.int32],
    numbers: npt.NDArray[np.int32],
    populations: npt.NDArray[np.int64],
    row: npt.NDArray[np.int64],
    offset: npt.NDArray[Any],
    weight: npt.NDArray[Any],
    v: npt.NDArray[np.int32],
    w: npt.NDArray[np.int32],
    spikes: npt.NDArray[np.uint8],
    fired: npt.NDArray[np.int64],
    saturations: npt.NDArray[np.int64],
) -> None:
    """Clauses 2 to 6 over every step and sample.

    Parameters
    ----------
    arriving
        [samples, T, neurons]; what arrives from outside the group before, u after.
    numbers
        [NUMBERS, neurons]; `threshold` and `reset_by` are shifted, `keep_...` is 4096 less a decay constant.
    populations
        [populations, 4], in the contract order: first neuron, the one after the last, the end, how it adapts.
    row, offset, weight
        Synapse k within the group of `source` is at `row[source] <= k < row[source + 1]`; it adds
        `weight[k]` at `offset[k] = delay * neurons + neuron` after the first neuron of the spike's step.
    v, w
        [samples or 1, T or 2, neurons], overwritten; step t is in row t modulo their number. w has no neurons
        where no population adapts.
    spikes
        [samples, T, neurons], overwritten.
    fired
        [samples, populations], becomes the spikes of each.
    saturations
        [populations, 3]; grows by wraps of u, clips of v and clips of w.
    """
    samples, steps, neurons = arriving.shape
    at_rest, silent = np.zeros(neurons, np.int32), np.zeros(neurons, np.uint8)
    never = np.full(neurons, V_LIMIT)  # v is clipped to V_LIMIT and so never exceeds it
    pushed, sources = np.empty(neurons, np.int32), np.empty(neurons + 1, np.int64)
    input_bias, bias, keep_u, keep_v, threshold = numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]
    kept_by_reset, reset_by, keep_w, ka, kb = numbers[5], numbers[6], numbers[7], numbers[8], numbers[9]
    for b in range(samples):
        v_b, w_b = v[min(b, len(v) - 1)], w[min(b, len(w) - 1)]
        flat = arriving[b].reshape(-1)
        fired[b] = 0
        for t in range(steps):
            now, v_now, w_now = arriving[b, t], v_b[t % len(v_b)], w_b[t % len(w_b)]
            last = arriving[b, t - 1] if t > 0 else at_rest
            v_last = v_b[(t - 1) % len(v_b)] if t > 0 else at_rest
            w_last = w_b[(t - 1) % len(w_b)] if t > 0 else at_rest
            last_spikes = spikes[b, t - 1] if t > 0 else silent
            for p in range(len(populations)):
                lo, hi, end, adapts = populations[p]
                saturations[p, 0] += _current(now[lo:hi], last[lo:hi], input_bias[lo:hi], keep_u[lo:hi])
                current = now[lo:hi]
                if adapts != NO_W:
                    saturations[p, 2] += _adaptation(
                        w_now[lo:hi], w_last[lo:hi], v_last[lo:hi], last_spikes[lo:hi],
                        keep_w[lo:hi], ka[lo:hi], kb[lo:hi],
                    )  # fmt: skip
                    taken = w_now if adapts == NEW else w_last
                    for i in range(lo, hi):
                        pushed[i] = np.int32(now[i] - taken[i])
                    current = pushed[lo:hi]
                limit = threshold if t < end else never
                clips, spiked = _membrane(
                    v_now[lo:hi], v_last[lo:hi], current, bias[lo:hi], keep_v[lo:hi], limit[lo:hi],
                    kept_by_reset[lo:hi], reset_by[lo:hi], spikes[b, t, lo:hi],
                )  # fmt: skip
                saturations[p, 1] += clips
                fired[b, p] += spiked
                if spiked > 0 and row[hi] > row[lo]:
                    _send(spikes[b, t, lo:hi], row[lo:], offset, weight, flat[t * neurons :], sources)
