"""Delivery of spikes as bits: eight samples and 32 steps at a time, whatever the firing rate.

A source's spikes are a train of bytes, one a step, that hold a bit for each of eight samples. A synapse
reads the train from its delay's many bytes earlier on. A weight is a few signed powers of two (its
non-adjacent form: at 8 bits, fewer than three of them on average). So what arrives at a neuron is, for each
power, the count of ones among some trains, and counts are kept as bits too: plane p holds bit p of the sum
for every step and sample. Carry-save adders add eight trains at once. At the end the planes are turned into
integers.

All neurons do 32 steps before any does the next: what is read of 500 trains meanwhile is 32 KiB, where delays
stay below 33 steps, and so is at hand in the first-level cache.

A train to subtract is added inverted: -x = (1 - x) - 1. Sums are modulo 2^16 or 2^24, whichever surely
holds what arrives (clause 2), and so exact.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.compiled import compiled
from snnc.hwsim.bit_trains import SAMPLES, VECTOR, fill, parts
from snnc.hwsim.bit_vectors import TILE, add_trains, fire_tile, integers_16, integers_24


@compiled
def _sum(
    i: int,
    memory: npt.NDArray[np.uint8],
    inputs: npt.NDArray[np.int32],
    start: npt.NDArray[np.int64],
    excess: Any,
    planes: int,
    sums: int,
    share: int,
    row: npt.NDArray[np.int32],
) -> None:
    """What arrives at neuron `i`: `row` [VECTOR * 8], eight samples a step and octet."""
    first, carries = 2 * planes * i, sums + planes * VECTOR
    if share == 1:
        add_trains(memory, inputs, start, first, planes, sums, carries, None)
    else:
        add_trains(memory, inputs, start, first, planes, sums, carries, share)
    if planes == 16:
        integers_16(memory, sums * share, excess, row)
    else:
        integers_24(memory, sums * share, excess, row)


@compiled
def deliver_bits(
    trains: npt.NDArray[np.uint8],
    inputs: npt.NDArray[np.int32],
    start: npt.NDArray[np.int64],
    excess: npt.NDArray[np.int32],
    before: int,
    stride: int,
    sums: int,
    memory: npt.NDArray[np.uint8],
    arriving: npt.NDArray[np.int32],
) -> None:
    """Clause 2 with work in proportion to synapses x T, eight samples for the price of one.

    Parameters
    ----------
    trains
        [sources, octets, T], as `bit_trains.pack` makes them.
    inputs, start, excess, before, stride, sums
        As `bit_lists` returns them, for 16 or 24 planes.
    memory
        To work in: what `bit_lists` asks for, times the largest share, at a multiple of `LINE`.
    arriving
        [samples, T, neurons], overwritten.
    """
    samples, steps, neurons = arriving.shape
    plan = parts(trains.shape[1], steps)
    planes = (len(start) - 1) // (2 * neurons)
    tile = np.empty((TILE, 8 * VECTOR + 16), np.int32)
    for octet, octets, column, share in plan:
        fill(trains, octet, octets, column, share, before, stride, memory)
        here = min(VECTOR // share, steps - column)
        for i in range(neurons):
            _sum(i, memory, inputs, start, excess[i], planes, sums, share, tile[i % TILE])
            if i % TILE == TILE - 1 or i == neurons - 1:
                low = i - i % TILE
                for o in range(octets):
                    first = (octet + o) * SAMPLES
                    for t in range(here):
                        for b in range(min(SAMPLES, samples - first)):
                            for n in range(i - low + 1):
                                place = 8 * (share * t + o) + b
                                arriving[first + b, column + t, low + n] = tile[n, place]


@compiled
def fire_bits(
    trains: npt.NDArray[np.uint8],
    inputs: npt.NDArray[np.int32],
    start: npt.NDArray[np.int64],
    excess: npt.NDArray[np.int32],
    before: int,
    stride: int,
    sums: int,
    memory: npt.NDArray[np.uint8],
    bias: npt.NDArray[np.int32],
    keep: Any,
    threshold: npt.NDArray[np.int32],
    counts: npt.NDArray[np.int64],
) -> npt.NDArray[np.uint8]:
    """Trains [neurons, octets, T] of a layer that keeps no u, cannot saturate, and whose states nobody wants.

    As `deliver_bits` and clauses 3 to 6, a tile of neurons after the other, in registers. `bias` and
    `threshold` (`vth << 6`) are for whole tiles: beyond the last neuron the threshold is one that no v
    exceeds. `keep` is 4096 less the decay constant of v, `counts` [octets or more, 8] becomes each
    sample's spikes.
    """
    neurons, (_, octets, steps) = len(excess), trains.shape
    plan = parts(octets, steps)
    planes = (len(start) - 1) // (2 * neurons)
    tile = np.zeros((TILE, 8 * VECTOR + 16), np.int32)
    v = np.zeros((len(bias), octets, SAMPLES), np.int32)
    fired = np.empty((len(bias), octets, steps), np.uint8)
    counts[:] = 0
    for octet, together, column, share in plan:
        fill(trains, octet, together, column, share, before, stride, memory)
        here = min(VECTOR // share, steps - column)
        for i in range(neurons):
            _sum(i, memory, inputs, start, excess[i], planes, sums, share, tile[i % TILE])
            if i % TILE == TILE - 1 or i == neurons - 1:
                low = i - i % TILE
                tiles = slice(low, low + TILE)
                for k in range(together):
                    o = octet + k
                    fire_tile(
                        tile[:, 8 * k :],
                        bias[tiles],
                        keep,
                        threshold[tiles],
                        v[tiles, o],
                        fired[tiles, o, column:],
                        counts[o],
                        share,
                        here,
                    )
    return fired[:neurons]
