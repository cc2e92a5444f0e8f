"""How many samples to run at a time, so that their traces fit a bounded memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, TypeAlias

from snnc.errors import LimitError

if TYPE_CHECKING:
    from snnc.stages import DiscreteModel, FloatGraph, QuantizedGraph, TrainedModel

    Network: TypeAlias = TrainedModel | DiscreteModel | FloatGraph | QuantizedGraph

TRACE_BYTES = 32 << 20
"""Bytes of u, v and spikes that one batch may take, if it has more than `LEAST` samples; an executor and a
comparison hold a few such traces."""
LEAST, MOST = 4, 128
"""Fewer in one run would never show what one sample leaves to the next; more make nothing faster."""
LARGE_BYTES = 256 << 20
"""Bytes that a batch of `LEAST` samples may take; of a larger network fewer run at once, but two at least."""
SAMPLE_LIMIT = 512 << 20
"""Most bytes of the input, u, v and spikes of one sample, which every executor holds at once."""


def sample_bytes(network: Network) -> int:
    """Bytes of the trace of one sample: its input, and u, v, w and spikes of every neuron in every step."""
    inputs, neurons, adapting = _sizes(network)
    return network.time_steps * (9 * neurons + 4 * adapting + inputs)


def _sizes(network: Network) -> tuple[int, int, int]:
    """Input lines, neurons with a state, and how many of these have a w."""
    from snnc.stages import FloatGraph, QuantizedGraph
    from snnc.stages.population import ADLIF

    if isinstance(network, QuantizedGraph | FloatGraph):
        adapting = sum(each.neurons for each in network.stateful if each.model == ADLIF)
        return network.inputs, sum(each.neurons for each in network.stateful), adapting
    layers = network.layers
    return layers[0].weight.shape[1], sum(layer.weight.shape[0] for layer in layers), 0


def check_sample(network: Network) -> None:
    """Raise `LimitError` if the trace of one sample takes more than `SAMPLE_LIMIT` bytes."""
    if (size := sample_bytes(network)) > SAMPLE_LIMIT:
        inputs, neurons, _ = _sizes(network)
        raise LimitError(
            f"network: {network.time_steps} steps of {inputs} lines and {neurons} "
            f"neurons take {size} bytes a sample, the limit is {SAMPLE_LIMIT}; use fewer and coarser time "
            "steps, or fewer neurons"
        )


def batch_size(graph: QuantizedGraph) -> int:
    """A power of two, so that batches end where the chunks of a trace file do."""
    sample = sample_bytes(graph)
    least = min(LEAST, max(2, LARGE_BYTES // sample))
    return 1 << min(MOST, max(least, TRACE_BYTES // sample)).bit_length() - 1


def batches(graph: QuantizedGraph, samples: int) -> Iterator[slice]:
    """The samples 0 .. samples - 1, cut into batches."""
    size = batch_size(graph)
    return (slice(first, min(first + size, samples)) for first in range(0, samples, size))


def joined_batches(graph: QuantizedGraph, sizes: Sequence[int]) -> Iterator[list[tuple[int, slice]]]:
    """Consecutive groups with these numbers of samples, cut into batches: the group, and its samples."""
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
