"""Which synapses deliver a spike to a neuron in a step."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from snnc.stages import QuantizedGraph, Synapse


def arriving_synapses(
    graph: QuantizedGraph, index: int, signal: npt.NDArray[np.generic], neuron: int, step: int
) -> tuple[Synapse, ...]:
    """Synapses of layer `index` that deliver a spike of `signal` [T, inputs] to `neuron` at `step`."""
    layer = graph.layers[index]
    weight, delay = layer.weight[neuron], layer.delay[neuron]
    sent = step - delay
    sources = np.flatnonzero((weight != 0) & (sent >= 0))
    sources = sources[signal[sent[sources], sources] != 0]
    return tuple(Synapse(int(j), int(weight[j]), int(delay[j]), int(sent[j])) for j in sources)
