"""Spikes as trains of bits, eight samples to a byte, and the parts of them that the bit kernel works on."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from snnc.compiled import compiled

SAMPLES = 8
"""Bits of a byte."""
OCTETS = 4
"""Of samples, in a block at most."""
VECTOR = 32
"""Bytes added at once."""
LINE = 64
"""Bytes of a cache line."""


@compiled
def pack(spikes: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Trains [sources, octets, T], a byte a step with a bit for each of eight samples.

    `spikes` are [samples, T, sources]; samples that an octet lacks are silent.
    """
    samples, steps, sources = spikes.shape
    octets = (samples + SAMPLES - 1) // SAMPLES
    trains = np.empty((sources, octets, steps), np.uint8)
    byte = np.empty(sources, np.uint8)
    for o in range(octets):
        for t in range(steps):
            byte[:] = 0
            for b in range(min((o + 1) * SAMPLES, samples) - 1, o * SAMPLES - 1, -1):
                now = spikes[b, t]
                for j in range(sources):
                    byte[j] = np.uint8(np.uint8(byte[j] + byte[j]) + now[j])
            for j in range(sources):
                trains[j, o, t] = byte[j]
    return trains


@compiled
def unpack(trains: npt.NDArray[np.uint8], samples: int) -> npt.NDArray[np.uint8]:
    """The spikes of `pack`."""
    sources, _, steps = trains.shape
    spikes = np.empty((samples, steps, sources), np.uint8)
    for b in range(samples):
        for t in range(steps):
            for j in range(sources):
                spikes[b, t, j] = (trains[j, b // SAMPLES, t] >> (b % SAMPLES)) & 1
    return spikes


@compiled
def parts(octets: int, steps: int) -> npt.NDArray[np.int64]:
    """The parts that all synapses are added up for, one after the other: [parts, 4].

    The columns are: the first octet, how many there are, the first step, and `share`. A vector is 32 steps of
    an octet. Where fewer are left, `share` octets, 2 or 4, may fit in one: byte t * share + o is step t of
    octet o.
    """
    whole, rest = steps // VECTOR, steps % VECTOR
    share = 1
    while share < octets and 2 * share * rest <= VECTOR:
        share *= 2
    found = [(o, 1, column * VECTOR, 1) for o in range(octets) for column in range(whole)]
    if rest:
        found += [(o, min(share, octets - o), whole * VECTOR, share) for o in range(0, octets, share)]
    return np.array(found)


@compiled
def fill(
    trains: npt.NDArray[np.uint8],
    octet: int,
    octets: int,
    column: int,
    share: int,
    before: int,
    stride: int,
    memory: npt.NDArray[np.uint8],
) -> None:
    """Write to `memory` what is read of the trains for a row of `parts`: see `bit_lists`."""
    steps = trains.shape[2]
    first, stop = max(column - before, 0), min(column + VECTOR // share, steps)
    memory[: LINE * share] = 0
    for j in range(len(trains)):
        row = memory[(LINE + j * stride) * share : (LINE + (j + 1) * stride) * share]
        row[:] = 0
        for o in range(octets):
            train, start = trains[j, octet + o, first:stop], first - column + before
            if share == 1:
                # One by one: numba compiles the text of an error into an assignment of slices, for 2 s.
                into = row[start : start + len(train)]
                for t in range(len(train)):
                    into[t] = train[t]
            else:
                for t in range(stop - first):
                    row[(start + t) * share + o] = train[t]
