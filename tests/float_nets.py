"""Small nets in real numbers: an input that leads to one population."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import strategies as st

from snnc.stages import (
    FloatConvolution,
    FloatGraph,
    FloatList,
    FloatMatrix,
    FloatPopulation,
    FloatProjection,
    FloatSynapses,
    Readout,
)


def dense(*rows: Sequence[float], delay: int = 0) -> FloatMatrix:
    weight = np.array(rows, float)
    return FloatMatrix(weight, np.full(weight.shape, delay))


ONE = dense([1.0])


def lif(neurons: int = 1, **values: Any) -> FloatPopulation:
    """The population "a", which keeps all of v and nothing of u."""
    usual = {"keep_u": 0, "keep_v": 1, "reset": "zero", "threshold": 1.0}
    return FloatPopulation("a", "lif", neurons, **usual | values)


def graph(
    population: FloatPopulation,
    synapses: FloatSynapses = ONE,
    more: Sequence[FloatProjection] = (),
    steps: int = 6,
    **of_input: Any,
) -> FloatGraph:
    """`synapses` lead from the input "in" to `population`, which is the readout; `more` are added."""
    source = FloatPopulation("in", "input", synapses.pre_neurons, **of_input)
    decoder, scale = ("count", None) if population.spikes else ("softmax", 2.0)
    readout = Readout(population.name, decoder, scale, tuple(map(str, range(population.neurons))))
    into = FloatProjection("in", population.name, synapses)
    return FloatGraph((source, population), (into, *more), (readout,), steps, 0.001)


@st.composite
def any_nets(draw):
    """A kernel, recurrence and a readout, with parameters that are alike or not."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    rows = draw(st.integers(2, 4))
    kernel = rng.normal(0, 1, (2, 1, 2, 2))
    first = FloatConvolution(kernel, rng.integers(0, 3, kernel.shape), (1, rows, 3))
    neurons = first.post_neurons

    def positive(low, high):
        same = draw(st.booleans())
        return np.full(neurons, rng.uniform(low, high)) if same else rng.uniform(low, high, neurons)

    values = {"keep_u": positive(0, 1), "keep_v": positive(0, 1), "bias": rng.normal(0, 1, neurons)}
    values |= {"input_bias": rng.normal(0, 1, neurons), "threshold": positive(0.5, 3)}
    values |= {
        "fires": draw(st.sampled_from(["above", "at"])),
        "reset": "subtract",
        "reset_by": positive(0.5, 3),
    }
    if draw(st.booleans()):
        values |= {
            "keep_w": positive(0, 1),
            "ka": rng.uniform(-1, 1, neurons),
            "kb": rng.normal(0, 1, neurons),
        }
        values |= {"order": draw(st.sampled_from(["new", "old"]))}
    population = FloatPopulation("a", "adlif" if "ka" in values else "lif", neurons, **values)
    some = rng.random((neurons, neurons)) < 0.3
    post, pre = np.nonzero(some)
    around = FloatList(pre, post, rng.normal(0, 1, len(pre)), rng.integers(1, 9, len(pre)), neurons, neurons)
    readout = FloatPopulation("o", "li", 2, keep_u=0.5, keep_v=rng.uniform(0, 1, 2), bias=0.1)
    last = FloatMatrix(rng.normal(0, 1, (2, neurons)), rng.integers(0, 4, (2, neurons)))
    net = graph(population, first, steps=5)
    readouts = (*net.readouts, Readout("o", "max", np.array([1.0, 2.0]), ("x", "y")))
    more = (FloatProjection("a", "a", around), FloatProjection("a", "o", last))
    return replace(
        net,
        populations=(*net.populations, readout),
        projections=(*net.projections, *more),
        readouts=readouts,
    )
