"""Comparison of two traces: the first divergence, and the highest rung of the ladder that holds.

The ladder and the order of "first" are defined in `docs/semantics.md`.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from snnc import decode
from snnc.errors import StageError
from snnc.stages import Divergence, QuantizedGraph, Rung, Synapse, Trace

ACTIVITY_TOLERANCE = 0.01
SYNAPSES_SHOWN = 20


def first_divergence(
    graph: QuantizedGraph, expected: Trace, found: Trace, inputs: npt.NDArray[np.uint8], split: str
) -> Divergence | None:
    """The first difference of `found` from `expected`, or None if every u, v and spike agrees.

    `inputs` uint8 [samples, T, inputs] is what both ran on; it names the contributing synapses.

    Raises
    ------
    StageError
        If the traces differ in layers or shape, or do not fit `graph`.
    """
    check_comparable(graph, expected, found)
    best: tuple[int, int, int, int, int] | None = None
    for index, (a, b) in enumerate(zip(expected, found, strict=True)):
        differs = (a.u != b.u) | (a.v != b.v) | (a.spikes != b.spikes)
        if not differs.any():
            continue
        sample, step, neuron = (int(i) for i in np.unravel_index(int(differs.argmax()), differs.shape))
        where = sample, step, neuron
        variable = 0 if a.u[where] != b.u[where] else 1 if a.v[where] != b.v[where] else 2
        best = min(best or (sample, step, index, neuron, variable), (sample, step, index, neuron, variable))
    if best is None:
        return None
    sample, step, index, neuron, variable = best
    name = ("u", "v", "spikes")[variable]
    left = getattr(expected.layers[index], name)[sample, step, neuron]
    right = getattr(found.layers[index], name)[sample, step, neuron]
    signal = inputs if index == 0 else expected.layers[index - 1].spikes
    synapses = arriving_synapses(graph, index, signal[sample], neuron, step)
    return Divergence(
        split=split,
        sample=sample,
        step=step,
        layer=graph.layers[index].name,
        neuron=neuron,
        variable="spike" if name == "spikes" else name,
        expected=int(left),
        found=int(right),
        synapses=synapses[:SYNAPSES_SHOWN],
        synapse_count=len(synapses),
    )


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


def highest_rung(graph: QuantizedGraph, expected: Trace, found: Trace) -> Rung:
    """The highest rung that holds for every sample of two comparable traces.

    Our executors never declare a shift, so "spikes after a shift" means a shift of 0: spikes and
    readout agree although some other u or v does not.
    """
    pairs = list(zip(expected, found, strict=True))
    readout = np.array_equal(expected.readout, found.readout)
    if readout and all(np.array_equal(a.spikes, b.spikes) for a, b in pairs):
        if all(np.array_equal(a.u, b.u) and np.array_equal(a.v, b.v) for a, b in pairs):
            return Rung.BIT_EXACT
        return Rung.SHIFTED_SPIKES
    if readout:
        return Rung.READOUT
    left, right = (decode.classes(trace.readout, graph.readout_scale) for trace in (expected, found))
    if np.array_equal(left, right):
        return Rung.CLASS
    if all(_same_activity(a.spikes, b.spikes) for a, b in pairs):
        return Rung.ACTIVITY
    return Rung.NOTHING


def _same_activity(expected: npt.NDArray[np.bool_], found: npt.NDArray[np.bool_]) -> bool:
    """Whether the spike counts of every sample agree within the tolerance."""
    count = expected.sum(axis=(1, 2))
    return bool((np.abs(found.sum(axis=(1, 2)) - count) <= ACTIVITY_TOLERANCE * count).all())


def check_comparable(graph: QuantizedGraph, expected: Trace, found: Trace) -> None:
    """Raise `StageError` unless both traces have the layers and shapes of `graph`."""
    for trace in (expected, found):
        shapes = [layer.v.shape for layer in trace]
        wanted = [(expected.samples, graph.time_steps, layer.neurons) for layer in graph.layers]
        if shapes != wanted:
            raise StageError(f"trace of {trace.executor}: shapes {shapes}, expected {wanted}")
