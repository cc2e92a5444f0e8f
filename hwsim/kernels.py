"""Compiled inner loops of the simulator: spikes delivered one by one, and the neurons.

numba widens int32 + int32 to int64, so results are cast back; every cast here is exact by clause 2
of the contract, and with them the loop over neurons becomes vector instructions of 32-bit lanes. The
constants are those of `snnc.formats`, written out because numba's cache is keyed by this file's text
alone: imported, a change there would leave stale machine code behind.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.compiled import compiled

SHIFT = np.int32(6)
DECAY_BITS = np.int32(12)
DECAY_MASK = np.int32((1 << 12) - 1)
U_MIN, U_MAX = np.int32(-(1 << 23) + 1), np.int32(1 << 23)
U_WRAP = np.int32(1 << 24)
V_LIMIT = np.int32((1 << 23) - 1)


@compiled
def event_rows(
    weight: npt.NDArray[np.int32], delay: npt.NDArray[np.int32], steps: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int32]]:
    """Synapses [neurons, sources] by source, each source's by delay: `row`, `offset` and `weight` of
    `deliver_events`. A delay of T or more arrives nowhere (clause 2), a weight of 0 is no synapse."""
    neurons, sources = weight.shape
    row = np.zeros(sources + 1, np.int64)
    offset = np.empty(weight.size, np.int64)
    sorted_weight = np.empty(weight.size, np.int32)
    at_delay = np.empty(steps + 1, np.int64)
    total = 0
    for j in range(sources):
        at_delay[:] = 0
        for i in range(neurons):
            if weight[i, j] != 0 and delay[i, j] < steps:
                at_delay[delay[i, j] + 1] += 1
        at_delay[0] = total
        for d in range(steps):
            at_delay[d + 1] += at_delay[d]
        total = at_delay[steps]
        for i in range(neurons):
            d = delay[i, j]
            if weight[i, j] != 0 and d < steps:
                offset[at_delay[d]] = d * neurons + i
                sorted_weight[at_delay[d]] = weight[i, j]
                at_delay[d] += 1
        row[j + 1] = total
    return row, offset[:total], sorted_weight[:total]


@compiled
def deliver_events(
    spikes: npt.NDArray[np.uint8],
    row: npt.NDArray[np.int64],
    offset: npt.NDArray[Any],
    weight: npt.NDArray[Any],
    arriving: npt.NDArray[np.int32],
) -> None:
    """Clause 2 with work in proportion to spikes x fan-out: add each spike's row of synapses.

    Parameters
    ----------
    spikes
        [samples, T, sources] of 0 and 1, or of payloads.
    row, offset, weight
        Synapse k of `source` is at `row[source] <= k < row[source + 1]`; it adds `weight[k]` at
        `offset[k] = delay * neurons + neuron` after the first neuron of the spike's step.
    arriving
        [samples, T, neurons], overwritten.
    """
    samples, steps, neurons = arriving.shape
    sources = np.empty(spikes.shape[2], np.int64)
    for b in range(samples):
        arriving[b] = 0
        flat = arriving[b].reshape(-1)
        for t in range(steps):
            # Listing the sources without a branch beats testing each: spikes are unpredictable.
            count = 0
            for j in range(len(sources)):
                sources[count] = j
                count += int(spikes[b, t, j] != 0)
            rest = flat[t * neurons :]
            for source in sources[:count]:
                start, stop = row[source], row[source + 1]
                # Rows are sorted by delay: what would arrive after the last step is a row's tail.
                while stop > start and offset[stop - 1] >= len(rest):
                    stop -= 1
                offsets, weights = offset[start:stop], weight[start:stop]
                payload = np.int32(spikes[b, t, source])
                if payload == 1:
                    for k in range(len(offsets)):
                        rest[offsets[k]] += weights[k]
                else:
                    for k in range(len(offsets)):
                        rest[offsets[k]] += weights[k] * payload


@compiled
def decay(x: Any, keep: Any) -> Any:
    """Clause 4 for |x| <= 2**23. The product needs 36 bits, so |x| is split at bit 12; both halves
    times `keep` (0 .. 4096) fit 32, and the high half loses nothing to the shift."""
    size = np.int32(abs(x))
    high = np.int32(np.int32(size >> DECAY_BITS) * keep)
    low = np.int32(np.int32(np.int32(size & DECAY_MASK) * keep) >> DECAY_BITS)
    kept = np.int32(high + low)
    return np.int32(-kept) if x < 0 else kept


@compiled
def _step(
    current: npt.NDArray[np.int32],
    last_current: npt.NDArray[np.int32],
    membrane: npt.NDArray[np.int32],
    last_membrane: npt.NDArray[np.int32],
    bias: npt.NDArray[np.int32],
    keep_u: Any,
    keep_v: Any,
    threshold: Any,
    spikes: npt.NDArray[np.uint8],
) -> tuple[Any, Any, Any]:
    """Clauses 3, 5 and 6 for one step, free of branches. `current` holds `a` before, u after."""
    wraps, clips, fired = np.int32(0), np.int32(0), np.int32(0)
    for i in range(len(current)):
        u = np.int32(decay(last_current[i], keep_u) + np.int32(current[i] << SHIFT))
        above, below = np.int32(u > U_MAX), np.int32(u < U_MIN)
        u = np.int32(u + np.int32((below - above) * U_WRAP))
        wraps += np.int32(above | below)
        current[i] = u

        v = np.int32(decay(last_membrane[i], keep_v) + u + bias[i])
        clipped = np.int32(min(max(v, -V_LIMIT), V_LIMIT))
        clips += np.int32(clipped != v)
        spike = clipped > threshold
        membrane[i] = np.int32(0) if spike else clipped
        spikes[i] = np.uint8(spike)
        fired += np.int32(spike)
    return wraps, clips, fired


@compiled
def _plain_step(
    current: npt.NDArray[np.int32],
    membrane: npt.NDArray[np.int32],
    last_membrane: npt.NDArray[np.int32],
    bias: npt.NDArray[np.int32],
    keep_v: Any,
    threshold: Any,
    spikes: npt.NDArray[np.uint8],
) -> Any:
    """`_step` where nothing of u is kept and neither state can reach its limit."""
    fired = np.int32(0)
    for i in range(len(current)):
        u = np.int32(current[i] << SHIFT)
        current[i] = u
        v = np.int32(decay(last_membrane[i], keep_v) + u + bias[i])
        spike = v > threshold
        membrane[i] = np.int32(0) if spike else v
        spikes[i] = np.uint8(spike)
        fired += np.int32(spike)
    return fired


@compiled
def update(
    current: npt.NDArray[np.int32],
    bias: npt.NDArray[np.int32],
    keep_u: Any,
    keep_v: Any,
    threshold: Any,
    plain: bool,
    v: npt.NDArray[np.int32],
    spikes: npt.NDArray[np.uint8],
    fired: npt.NDArray[np.int64],
) -> tuple[int, int]:
    """Clauses 3 to 7 over every step and sample; return how often u wrapped and v clipped.

    Parameters
    ----------
    current
        [samples, T, neurons]; what arrives (clause 2) before, u after.
    keep_u, keep_v
        int32, 4096 less the decay constant.
    threshold
        int32, `vth << 6`; a value that v cannot exceed for the readout.
    plain
        That keep_u is 0, and neither u nor v can ever reach its limit.
    v, spikes
        [samples, T, neurons], overwritten. The first axis of v may be 1 where it is not wanted.
    fired
        [samples], spikes of each.
    """
    samples, steps, neurons = current.shape
    at_rest = np.zeros(neurons, np.int32)
    wraps, clips = 0, 0
    for b in range(samples):
        v_b = v[min(b, len(v) - 1)]
        fired[b] = 0
        for t in range(steps):
            last_v = v_b[t - 1] if t > 0 else at_rest
            if plain:
                fired[b] += _plain_step(current[b, t], v_b[t], last_v, bias, keep_v, threshold, spikes[b, t])
                continue
            last_u = current[b, t - 1] if t > 0 else at_rest
            counts = _step(
                current[b, t], last_u, v_b[t], last_v, bias, keep_u, keep_v, threshold, spikes[b, t]
            )
            wraps += counts[0]
            clips += counts[1]
            fired[b] += counts[2]
    return wraps, clips
