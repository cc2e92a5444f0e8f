"""Small nets in real numbers: an input that leads to one population."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from snnc.stages import (
    FloatGraph,
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
