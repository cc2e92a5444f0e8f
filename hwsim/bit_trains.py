"""Spikes as trains of bits, eight samples to a byte, and the part of them that the bit kernel works on."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from snnc.compiled import compiled

SAMPLES = 8
"""Bits of a byte."""
VECTOR = 32
"""Bytes, and so steps, added at once."""
LINE = 64
"""Bytes of a cache line."""


@compiled
def pack(spikes: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Trains [sources, T], a byte a step with a bit for each sample, of spikes [1 .. 8, T, sources]."""
    samples, steps, sources = spikes.shape
    trains = np.empty((sources, steps), np.uint8)
    byte = np.empty(sources, np.uint8)
    for t in range(steps):
        byte[:] = 0
        for b in range(samples - 1, -1, -1):
            now = spikes[b, t]
            for j in range(sources):
                byte[j] = np.uint8(np.uint8(byte[j] + byte[j]) + now[j])
        for j in range(sources):
            trains[j, t] = byte[j]
    return trains


@compiled
def unpack(trains: npt.NDArray[np.uint8], samples: int) -> npt.NDArray[np.uint8]:
    """The spikes of `pack`."""
    sources, steps = trains.shape
    spikes = np.empty((samples, steps, sources), np.uint8)
    for b in range(samples):
        for t in range(steps):
            for j in range(sources):
                spikes[b, t, j] = (trains[j, t] >> b) & 1
    return spikes


@compiled
def fill(
    trains: npt.NDArray[np.uint8], column: int, before: int, stride: int, memory: npt.NDArray[np.uint8]
) -> None:
    """Write to `memory` (see `bit_lists`) what is read of the trains for `VECTOR` steps from `column` on."""
    steps = trains.shape[1]
    first, stop = max(column - before, 0), min(column + VECTOR, steps)
    for j in range(len(trains)):
        row = memory[LINE + j * stride : LINE + (j + 1) * stride]
        row[:] = 0
        row[first - column + before : stop - column + before] = trains[j, first:stop]
