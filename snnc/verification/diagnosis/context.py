"""The diverging neuron some steps before and after the divergence."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from snnc import formats
from snnc.stages import NeuronContext, QuantizedGraph
from snnc.verification.diagnosis.observed import State

STEPS = 10


def neuron_context(
    graph: QuantizedGraph,
    layer_index: int,
    neuron: int,
    step: int,
    expected: Sequence[State],
    found: Sequence[State],
    first: int = 0,
) -> NeuronContext:
    """`neuron` of a layer from `STEPS` before `step` to as many after it, as far as the arrays reach.

    `expected` and `found` are of one sample, by layer; their arrays begin with step `first`, and what one of
    them lacks is empty.
    """
    sides = expected[layer_index], found[layer_index]
    lengths = [len(values) for side in sides for values in side.values()]
    start, stop = max(0, step - first - STEPS), min([*lengths, step - first + STEPS + 1])

    def values(side: State, name: str) -> tuple[int, ...]:
        return tuple(side[name][start:stop, neuron].astype(int).tolist()) if name in side else ()

    def spikes(side: State) -> tuple[int, ...]:
        return tuple((np.flatnonzero(values(side, "spikes")) + first + start).tolist())

    threshold = graph.stateful[layer_index].threshold
    return NeuronContext(
        first=first + start,
        expected_u=values(sides[0], "u"),
        found_u=values(sides[1], "u"),
        expected_v=values(sides[0], "v"),
        found_v=values(sides[1], "v"),
        expected_spikes=spikes(sides[0]),
        found_spikes=spikes(sides[1]),
        threshold=None if threshold is None else int(threshold[neuron]) << formats.STATE_FRACTION_BITS,
        expected_w=values(sides[0], "w"),
        found_w=values(sides[1], "w"),
    )
