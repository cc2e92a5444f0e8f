"""What a graph in real numbers answers on many samples at once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import sparse

from snnc.exporter.float_reference import FloatTrace, State
from snnc.exporter.graph_recordings import Classes, float_classes
from snnc.stages import FloatGraph, FloatProjection
from snnc.stages.float_synapses import FloatArray
from snnc.stages.population import INPUT

BATCH_BYTES = 64 << 20
"""Of the states that are held at a time."""


def float_answers_of(graph: FloatGraph, events: npt.NDArray[np.uint8]) -> Classes:
    """Classes that the readouts of `graph` tell of `events` [samples, T, lines]: int64 [samples, readouts].

    As `graph_recordings.float_answers`, in another order of sums.
    """
    size = max(1, BATCH_BYTES // (32 * graph.time_steps * sum(each.neurons for each in graph.populations)))
    parts = range(0, len(events), size)
    return np.concatenate([_answers(graph, events[first : first + size]) for first in parts])


def _answers(graph: FloatGraph, events: npt.NDArray[np.uint8]) -> Classes:
    samples, steps, _ = events.shape
    states, first = {}, 0
    for each in graph.populations:
        lines = None
        if each.model == INPUT:
            lines = events[:, :, first : first + each.neurons].astype(np.float64).swapaxes(0, 1)
            first += each.neurons
        states[each.name] = State(each, steps, lines, samples)
    into = {name: [_Matrices(each, steps) for each in graph.into(name)] for name in graph.order}
    for t in range(steps):
        for name in graph.order:
            if states[name].population.model != INPUT:
                arriving = sum(wires.arriving(states[wires.source].spikes, t) for wires in into[name])
                states[name].step(t, arriving)
    names = [each.population for each in graph.readouts]
    return np.stack([float_classes(graph, _of_sample(states, names, k)) for k in range(samples)])


def _of_sample(states: dict[str, State], names: list[str], k: int) -> dict[str, FloatTrace]:
    nothing = np.zeros((0, 0))
    return {
        name: FloatTrace(nothing, states[name].v[:, k], nothing, states[name].spikes[:, k] > 0)
        for name in names
    }


class _Matrices:
    """The synapses of a projection: a matrix [post, pre] for each delay."""

    def __init__(self, projection: FloatProjection, steps: int) -> None:
        self.source = projection.source
        synapses = projection.synapses.as_list()
        shape = (synapses.post_neurons, synapses.pre_neurons)
        self._parts = []
        for delay in np.unique(synapses.delay[synapses.delay < steps]).tolist():
            some = synapses.delay == delay
            pairs = (synapses.weight[some], (synapses.post[some], synapses.pre[some]))
            self._parts.append((delay, sparse.csr_array(pairs, shape=shape)))
        self._post = synapses.post_neurons

    def arriving(self, spikes: FloatArray, t: int) -> FloatArray:
        """float64 [samples, post], the sum of clause 2 in step `t` of `spikes` [T, samples, pre]."""
        total = np.zeros((self._post, spikes.shape[1]))
        for delay, matrix in self._parts:
            if delay <= t:
                total += matrix @ spikes[t - delay].T
        return total.T
