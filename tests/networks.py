"""Random valid graphs of populations: every model, reset, order, decoder and storage of synapses."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from snnc import formats
from snnc.stages import (
    Convolution,
    Population,
    Projection,
    QuantizedGraph,
    Readout,
    SynapseList,
    SynapseMatrix,
)
from snnc.stages.population import ADLIF, INPUT, LI, LIF, ORDERS, RESETS, SUBTRACT
from snnc.stages.readout import OF_SPIKES, OF_V
from snnc.stages.synapses import Synapses


def _population(rng: np.random.Generator, name: str, model: str, steps: int) -> Population:
    neurons, values = int(rng.integers(1, 6)), dict[str, Any]()

    def each(low: int, high: int) -> Any:
        """One number for all neurons, or one for each."""
        return rng.integers(low, high + 1, neurons if rng.random() < 0.5 else None)

    if model == INPUT:
        values["payload_max"] = int(rng.choice([1, 1, 7, 255]))
    else:
        values |= {"decay_u": each(0, formats.DECAY_ONE), "decay_v": each(0, formats.DECAY_ONE)}
        values |= {"bias_mant": each(-4096, 4095), "bias_exp": int(rng.integers(8))}
        values |= {"input_bias_mant": each(-99, 99), "input_bias_exp": int(rng.integers(3))}
    if model in (LIF, ADLIF):
        values |= {"threshold": each(0, 300), "reset": str(rng.choice(RESETS))}
        if values["reset"] == SUBTRACT:
            values["reset_by"] = each(0, 300)
    if model == ADLIF:
        values |= {"decay_w": each(0, formats.DECAY_ONE), "order": str(rng.choice(ORDERS))}
        values |= {"ka": each(formats.KA_MIN, formats.KA_MAX), "kb": each(formats.KB_MIN, formats.KB_MAX)}
    if rng.random() < 0.3:
        values["end"] = int(rng.integers(1, steps + 1))
    return Population(name, model, neurons, **values)


def _synapses(rng: np.random.Generator, pre: int, post: int, least: int) -> Synapses:
    """Of delays from `least` on."""
    form = rng.integers(3)
    if form == 0:
        columns = rng.integers([0, 0, -9, least], [pre, post, 10, least + 4], (2 * max(pre, post), 4))
        _, first = np.unique(columns[:, [0, 1, 3]], axis=0, return_index=True)
        return SynapseList(*columns[first].T, pre, post)
    if form == 1 and pre >= post:  # a row of `pre` neurons, read by `post` places
        kernel = rng.integers(-9, 10, (1, 1, 1, pre - post + 1))
        return Convolution(kernel, rng.integers(least, least + 4, kernel.shape), (1, 1, pre))
    shape = (post, pre)
    return SynapseMatrix(rng.integers(-9, 10, shape), rng.integers(least, least + 4, shape))


@st.composite
def networks(draw: st.DrawFn, *, most: int = 6) -> QuantizedGraph:
    """1-2 inputs and 1 .. `most` populations of 1-5 neurons, in any order, with recurrence.

    Synapses of delay 0 lead from lower to higher in an order of their own, which is not that of the list.
    """
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    steps = draw(st.integers(1, 12))
    models = [INPUT] * draw(st.integers(1, 2)) + draw(
        st.lists(st.sampled_from([LIF, LI, ADLIF]), min_size=1, max_size=most)
    )
    models = [models[at] for at in rng.permutation(len(models))]
    populations = [_population(rng, f"p{number}", model, steps) for number, model in enumerate(models)]
    rank = rng.permutation(len(populations))
    projections = []
    for _ in range(draw(st.integers(0, 2 * len(populations)))):
        source, destination = rng.integers(len(populations), size=2)
        pre, post = populations[source], populations[destination]
        if pre.model != LI and post.model != INPUT:
            least = 0 if rank[source] < rank[destination] else 1
            synapses = _synapses(rng, pre.neurons, post.neurons, least)
            projections.append(Projection(pre.name, post.name, synapses, int(rng.integers(3))))
    decoded = [each for each in populations if each.model != INPUT]
    readouts = []
    for each in decoded[: draw(st.integers(1, len(decoded)))]:
        names = tuple(f"class{number}" for number in range(each.neurons))
        decoder = str(rng.choice(OF_V if each.model == LI else OF_SPIKES))
        scale = None if decoder in OF_SPIKES else rng.choice([0.25, 0.5], each.neurons)
        readouts.append(Readout(each.name, decoder, scale, names))
    return QuantizedGraph(tuple(populations), tuple(projections), tuple(readouts), steps, 0.001)
