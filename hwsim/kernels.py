"""Compiled inner loops of the event-driven simulator: one layer over a block of samples.

numba widens int32 + int32 to int64, so results are cast back; every cast here is exact by clause 2
of the contract. The constants are those of `snnc.formats`, written out because numba's cache is keyed
by this file's text alone: imported, a change there would leave stale machine code behind.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
import numpy.typing as npt

SHIFT = np.int32(6)
DECAY_BITS = np.int32(12)
DECAY_MASK = np.int32((1 << 12) - 1)
U_MIN, U_MAX = np.int32(-(1 << 23) + 1), np.int32(1 << 23)
U_WRAP = np.int32(1 << 24)
V_LIMIT = np.int32((1 << 23) - 1)


def _compiled(function: Callable[..., Any]) -> Any:
    """`numba.njit` without the interpreter lock, cached on disk where a cache can be written.

    numba caches beside this file, else in the user's cache directory (or NUMBA_CACHE_DIR); with
    none of them writable it refuses, and then each process compiles anew.
    """
    try:
        return numba.njit(nogil=True, cache=True)(function)
    except RuntimeError:
        return numba.njit(nogil=True)(function)


@_compiled
def _decay(x: Any, keep: Any) -> Any:
    """Clause 4 for |x| <= 2**23. The product needs 36 bits, so |x| is split at bit 12; both halves
    times `keep` (0 .. 4096) fit 32, and the high half loses nothing to the shift."""
    size = np.int32(abs(x))
    kept = np.int32((size >> DECAY_BITS) * keep + ((np.int32(size & DECAY_MASK) * keep) >> DECAY_BITS))
    return np.int32(-kept) if x < 0 else kept


@_compiled
def _deliver(
    spikes: npt.NDArray[np.uint8],
    row: npt.NDArray[np.int64],
    offset: npt.NDArray[Any],
    weight: npt.NDArray[Any],
    arriving: npt.NDArray[np.int32],
    neurons: int,
    sources: npt.NDArray[np.int64],
) -> None:
    """Clause 2: add each spike's row of synapses into `arriving`, flat [T * neurons]."""
    for t in range(spikes.shape[0]):
        # Listing the sources without a branch beats testing each: spikes are unpredictable.
        count = 0
        for j in range(spikes.shape[1]):
            sources[count] = j
            count += int(spikes[t, j] != 0)
        rest = arriving[t * neurons :]
        for source in sources[:count]:
            start, stop = row[source], row[source + 1]
            # Rows are sorted by delay: what would arrive after the last step is a row's tail.
            while stop > start and offset[stop - 1] >= len(rest):
                stop -= 1
            offsets, weights = offset[start:stop], weight[start:stop]
            payload = np.int32(spikes[t, source])
            for k in range(len(offsets)):
                rest[offsets[k]] += weights[k] * payload


@_compiled
def _update(
    current: npt.NDArray[np.int32],
    last_current: npt.NDArray[np.int32],
    membrane: npt.NDArray[np.int32],
    last_membrane: npt.NDArray[np.int32],
    spikes: npt.NDArray[np.uint8],
    bias: npt.NDArray[np.int32],
    keep_u: Any,
    keep_v: Any,
    threshold: Any,
) -> tuple[Any, Any]:
    """Clauses 3, 5 and 6 for one step, free of branches. `current` holds `a` before, u after."""
    wraps = np.int32(0)
    clips = np.int32(0)
    for i in range(len(current)):
        u = np.int32(_decay(last_current[i], keep_u) + (current[i] << SHIFT))
        above, below = np.int32(u > U_MAX), np.int32(u < U_MIN)
        u = np.int32(u + (below - above) * U_WRAP)
        wraps += np.int32(above | below)
        current[i] = u

        v = np.int32(_decay(last_membrane[i], keep_v) + u + bias[i])
        clipped = np.int32(min(max(v, -V_LIMIT), V_LIMIT))
        clips += np.int32(clipped != v)
        spike = clipped > threshold
        membrane[i] = np.int32(0) if spike else clipped
        spikes[i] = np.uint8(spike)
    return wraps, clips


@_compiled
def run_layer(
    spikes_in: npt.NDArray[np.uint8],
    row: npt.NDArray[np.int64],
    offset: npt.NDArray[Any],
    weight: npt.NDArray[Any],
    bias: npt.NDArray[np.int32],
    keep_u: Any,
    keep_v: Any,
    threshold: Any,
    u: npt.NDArray[np.int32],
    v: npt.NDArray[np.int32],
    spikes_out: npt.NDArray[np.uint8],
) -> tuple[int, int]:
    """Run one layer over every step of every sample; return how often u wrapped and v clipped.

    Parameters
    ----------
    spikes_in
        [samples, T, sources] of 0 and 1.
    row, offset, weight
        Synapse k of `source` is at `row[source] <= k < row[source + 1]`; it adds `weight[k]` at
        `offset[k] = delay * neurons + neuron` after the first neuron of the spike's step.
    keep_u, keep_v
        int32, 4096 less the decay constant.
    threshold
        int32, `vth << 6`; a value that v cannot exceed for the readout.
    u, v, spikes_out
        [samples, T, neurons], overwritten. u and v may have length 1 where only the next layer's
        input is wanted; each sample then overwrites the one before.
    """
    samples, steps, neurons = spikes_out.shape
    sources = np.empty(spikes_in.shape[2], np.int64)
    at_rest = np.zeros(neurons, np.int32)
    wraps, clips = 0, 0
    for b in range(samples):
        u_b, v_b, out_b = u[min(b, len(u) - 1)], v[min(b, len(v) - 1)], spikes_out[b]
        u_b[:] = 0
        _deliver(spikes_in[b], row, offset, weight, u_b.reshape(-1), neurons, sources)
        for t in range(steps):
            last_u, last_v = (u_b[t - 1], v_b[t - 1]) if t > 0 else (at_rest, at_rest)
            wrapped, clipped = _update(
                u_b[t], last_u, v_b[t], last_v, out_b[t], bias, keep_u, keep_v, threshold
            )
            wraps += wrapped
            clips += clipped
    return wraps, clips
