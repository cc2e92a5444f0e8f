"""Cases: a network and a short input, and what makes smaller ones of them.

Nothing here knows whether a fault still shows; `shrink` asks an executor. Every result is a valid graph: at
least one step, one input line and one neuron a layer. What has to do with layers is for chains; for other
graphs see `graphs/`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from snnc.stages import QuantizedGraph, QuantizedLayer, SynapseMatrix, Trace
from snnc.stages.synapses import Synapses

Spikes = npt.NDArray[np.uint8]
Indices = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Case:
    """A graph and its input, uint8 [samples, T, inputs]; the samples run in a row."""

    graph: QuantizedGraph
    inputs: Spikes

    @property
    def size(self) -> tuple[int, ...]:
        """Samples, neurons, input lines, synapses, steps, events and the sum of all delays."""
        synapses = [each.synapses for each in self.graph.projections]
        return (
            len(self.inputs),
            sum(each.neurons for each in self.graph.stateful),
            self.graph.inputs,
            sum(each.count for each in synapses),
            self.graph.time_steps,
            int(np.count_nonzero(self.inputs)),
            sum(_total_delay(each) for each in synapses),
        )

    def same_as(self, other: Case) -> bool:
        """Whether nothing was left out or changed of one to make the other."""
        return self.size == other.size and self.graph == other.graph


def part(graph: QuantizedGraph, inputs: Spikes, expected: Trace, first: int, last: int, neuron: int) -> Case:
    """The layers `first` .. `last`, on what the layer before them sent.

    If `last` is no readout, one neuron that listens to `neuron` with weight 1 follows as readout.
    """
    layers, names = list(graph.layers[first : last + 1]), graph.class_names
    if last < len(graph.layers) - 1:
        layers.append(_listener(graph.layers[-1], layers[-1], neuron))
        names = (f"{layers[-2].name} {neuron}",)
    signal = inputs if first == 0 else expected.layers[first - 1].spikes.astype(np.uint8)
    payload_max = graph.payload_max if first == 0 else 1
    return Case(graph.changed(layers=layers, class_names=names, payload_max=payload_max), np.array(signal))


def neuron_alone(graph: QuantizedGraph, inputs: Spikes, expected: Trace, index: int, neuron: int) -> Case:
    """A neuron of layer `index` with its synapses, on what the layer before it sent."""
    layer = part(graph, inputs, expected, index, index, neuron)
    return with_neurons(layer, np.array([neuron]), 0)


def _listener(readout: QuantizedLayer, before: QuantizedLayer, neuron: int) -> QuantizedLayer:
    """A readout of one neuron, with the decays of the graph's own."""
    weight = np.zeros((1, before.neurons), np.int32)
    weight[0, neuron] = 1
    nothing = np.zeros_like(weight)
    return replace(readout, weight=weight, delay=nothing, bias_mant=nothing[:, 0], bias_exp=0)


def arrivals(case: Case, first: int, last: int) -> Spikes:
    """The input events that arrive, by any synapse, in one of the steps `first` .. `last`."""
    weight, delay = case.graph.layers[0].weight, case.graph.layers[0].delay
    kept = np.zeros(case.inputs.shape[1:], np.bool_)
    for wait in np.unique(delay[weight != 0]).tolist():
        lines = ((weight != 0) & (delay == wait)).any(axis=0)
        kept[max(0, first - wait) : max(0, last + 1 - wait)] |= lines
    return np.where(kept, case.inputs, 0).astype(np.uint8)


def with_steps(case: Case, steps: int) -> Case:
    """The first `steps` steps."""
    return Case(_of_steps(case.graph, 0, steps), case.inputs[:, :steps])


def from_first_event(case: Case) -> Case:
    """Without the steps before the first event of any sample; each population keeps one before its end."""
    busy = case.inputs.any(axis=(0, 2))
    first = int(busy.argmax()) if busy.any() else 0
    first = min([first, *(each.end - 1 for each in case.graph.populations if each.end is not None)])
    return Case(_of_steps(case.graph, first, case.graph.time_steps), case.inputs[:, first:])


def _of_steps(graph: QuantizedGraph, first: int, end: int) -> QuantizedGraph:
    """Over the steps `first` .. `end` - 1."""
    populations = tuple(
        each if each.end is None else replace(each, end=min(each.end, end) - first)
        for each in graph.populations
    )
    return replace(graph, populations=populations, time_steps=end - first)


def without_silent_lines(case: Case) -> Case:
    """Without input lines that have no event; one stays in any case."""
    lines = np.flatnonzero(case.inputs.any(axis=(0, 1)))
    return with_lines(case, lines if len(lines) else np.zeros(1, np.intp))


def without_common_delays(case: Case) -> Case:
    """The delay that all synapses of an input line share is taken from them, and its events come later."""
    layer = case.graph.layers[0]
    delay = np.where(layer.weight != 0, layer.delay, np.iinfo(np.int32).max).min(axis=0)
    shared = np.where((layer.weight != 0).any(axis=0), delay, 0)
    inputs = np.zeros_like(case.inputs)
    for line, wait in enumerate(shared.tolist()):
        inputs[:, wait:, line] = case.inputs[:, : max(0, case.graph.time_steps - wait), line]
    shorter = np.where(layer.weight != 0, layer.delay - shared, 0)
    return Case(_with_layer(case.graph, 0, replace(layer, delay=shorter)), inputs)


def with_lines(case: Case, lines: Indices) -> Case:
    """Of the input, `lines` only."""
    first = case.graph.layers[0]
    layer = replace(first, weight=first.weight[:, lines], delay=first.delay[:, lines])
    return Case(_with_layer(case.graph, 0, layer), case.inputs[:, :, lines])


def with_neurons(case: Case, neurons: Indices, index: int) -> Case:
    """Of layer `index`, `neurons` only; the next layer loses its synapses from the others."""
    layers, names = list(case.graph.layers), case.graph.class_names
    layer = layers[index]
    layers[index] = replace(
        layer,
        weight=layer.weight[neurons],
        delay=layer.delay[neurons],
        bias_mant=layer.bias_mant[neurons],
    )
    if index + 1 < len(layers):
        after = layers[index + 1]
        layers[index + 1] = replace(after, weight=after.weight[:, neurons], delay=after.delay[:, neurons])
    else:
        names = tuple(names[neuron] for neuron in neurons)
    return Case(case.graph.changed(layers=layers, class_names=names), case.inputs)


def synapses(graph: QuantizedGraph) -> Indices:
    """(layer, neuron, source) of every synapse, [synapses, 3]."""
    return np.array(
        [(index, *at) for index, layer in enumerate(graph.layers) for at in np.argwhere(layer.weight)],
        np.intp,
    ).reshape(-1, 3)


def with_synapses(case: Case, kept: Indices) -> Case:
    """The synapses `kept` (as `synapses` gives them) only; the neurons stay."""
    layers: list[QuantizedLayer] = []
    for index, layer in enumerate(case.graph.layers):
        neuron, source = kept[kept[:, 0] == index, 1:].T
        stays = np.zeros(layer.weight.shape, np.bool_)
        stays[neuron, source] = True
        layers.append(replace(layer, weight=np.where(stays, layer.weight, 0)))
    return Case(case.graph.with_layers(layers), case.inputs)


def shorter_delays(case: Case) -> Iterator[Case]:
    """One synapse's delay each time: none, half, one step less."""
    for index, layer in enumerate(case.graph.layers):
        for neuron, source in np.argwhere(layer.delay):
            delay = int(layer.delay[neuron, source])
            for shorter in sorted({0, delay // 2, delay - 1}):
                changed = np.array(layer.delay)
                changed[neuron, source] = shorter
                yield Case(_with_layer(case.graph, index, replace(layer, delay=changed)), case.inputs)


def with_events(case: Case, kept: Indices) -> Spikes:
    """The input with the events `kept` only, rows of (sample, step, line)."""
    inputs = np.zeros_like(case.inputs)
    at = tuple(kept.T)
    inputs[at] = case.inputs[at]
    return inputs


def moved_up(case: Case, kept: Sequence[Indices]) -> Spikes:
    """Of each sample the steps `kept`, moved together; silence follows."""
    inputs = np.zeros_like(case.inputs)
    for sample, steps in enumerate(kept):
        inputs[sample, : len(steps)] = case.inputs[sample, steps]
    return inputs


def _total_delay(synapses: Synapses) -> int:
    delay = synapses.delay if isinstance(synapses, SynapseMatrix) else synapses.as_list().delay
    return int(delay.sum())


def _with_layer(graph: QuantizedGraph, index: int, layer: QuantizedLayer) -> QuantizedGraph:
    layers = list(graph.layers)
    layers[index] = layer
    return graph.with_layers(layers)
