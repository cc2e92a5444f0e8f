"""How many samples to run at a time, so that their traces fit a bounded memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise

from snnc.stages import QuantizedGraph

TRACE_BYTES = 8 << 20
"""Bytes of u, v and spikes that one batch may take, if it has more than `LEAST` samples; an executor and a
comparison hold a few such traces."""
LEAST, MOST = 4, 128
"""Fewer in one run would never show what one sample leaves to the next; more make nothing faster."""


def batch_size(graph: QuantizedGraph) -> int:
    """A power of two, so that batches end where the chunks of a trace file do."""
    sample = graph.time_steps * (sum(9 * layer.neurons for layer in graph.layers) + graph.inputs)
    return 1 << min(MOST, max(LEAST, TRACE_BYTES // sample)).bit_length() - 1


def batches(graph: QuantizedGraph, samples: int) -> Iterator[slice]:
    """The samples 0 .. samples - 1, cut into batches."""
    size = batch_size(graph)
    return (slice(first, min(first + size, samples)) for first in range(0, samples, size))


def joined_batches(graph: QuantizedGraph, sizes: Sequence[int]) -> Iterator[list[tuple[int, slice]]]:
    """Groups of so many samples, one behind the other, cut into batches: which group, and samples of it."""
    ends = list(accumulate(sizes, initial=0))
    for batch in batches(graph, ends[-1]):
        parts = [
            (group, slice(max(batch.start, first) - first, min(batch.stop, last) - first))
            for group, (first, last) in enumerate(pairwise(ends))
        ]
        yield [(group, part) for group, part in parts if part.start < part.stop]


def uneven(samples: int, most: int) -> int:
    """Samples of one batch, `most` at most, so that two or more are run in two or more batches of unequal
    size.

    An executor whose program runs in batches of its own takes it, so that every comparison crosses from one
    batch to the next: one that ran the first samples again would show. (Two samples give two batches of one.)
    """
    size = max(1, min(most, (2 * samples + 1) // 3))
    while size > 2 and samples % size == 0:
        size -= 1
    return size
