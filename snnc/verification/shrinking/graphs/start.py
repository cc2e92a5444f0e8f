"""Where the search for a small case of a graph begins: few populations, on the spikes of the others."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

import numpy as np

from snnc.batches import batch_size
from snnc.stages import Population, QuantizedGraph, Trace
from snnc.stages.population import INPUT
from snnc.stages.quantized import INPUT_LIMIT
from snnc.verification.compare import Place
from snnc.verification.shrinking.cases import Case, Spikes, with_steps
from snnc.verification.shrinking.graphs.cases import readout_of, with_neurons
from snnc.verification.shrinking.search import Search


def find_a_start(
    search: Search, graph: QuantizedGraph, inputs: Spikes, place: Place, expected: Trace
) -> None:
    """A first case that differs, if there is one: the neuron alone, else few populations, else all.

    Alone, a neuron gets its own spikes as an input first, then by its own synapses. `expected` is the
    reference's trace of `inputs`; fewer samples are tried first.
    """
    name = [each for each in graph.order if graph.population(each).model != INPUT][place.layer]
    contexts = [(inputs[-1:], expected.part(slice(-1, None)))]
    if len(inputs) > 1:
        contexts.append((inputs, expected))
    for given, trace in contexts:
        for recurrent in (False, True):
            case = part(graph, given, trace, {name}, recurrent=recurrent)
            if case is not None:
                case = with_steps(with_neurons(case, np.array([place.neuron]), name), place.step + 1)
                inputs_tried = _histories(case, trace, graph.trace_index(name), name, place)
                if search.take_one(case.graph, inputs_tried, batch_size(graph)) is not None:
                    return
    for given, trace in contexts:
        if search.take(Case(graph, given)):
            for names in _nearest(graph, name):
                case = part(graph, given, trace, names)
                if case is not None and search.take(case):
                    return
            return


def part(
    graph: QuantizedGraph,
    inputs: Spikes,
    expected: Trace,
    names: Collection[str],
    *,
    recurrent: bool = True,
) -> Case | None:
    """The populations `names`, which are no inputs, on what their other sources sent by the reference.

    Such a source becomes an input. If not `recurrent`, so does a copy of each that leads to one of `names`.
    None if there are more inputs than a graph may have. An input that none of them reads stays only where
    there is no other.
    """
    projections, copies = [], dict[str, str]()
    for each in graph.projections:
        if each.destination in names:
            source = each.source
            if source not in names or not recurrent:
                source = copies.setdefault(source, _free_name(graph, source, names, copies.values()))
            projections.append(replace(each, source=source))
    if not copies:
        copies = {each.name: each.name for each in [*filter(_is_input, graph.populations)][:1]}
    if len(copies) > INPUT_LIMIT:
        return None
    populations, signals = list[Population](), [inputs[:, :, :0]]
    for population in graph.populations:
        if population.name in copies:
            is_input = population.model == INPUT
            copy = Population(copies[population.name], INPUT, population.neurons)
            populations.append(population if is_input else copy)
            signals.append(_sent(graph, inputs, expected, population))
        if population.name in names:
            populations.append(population)
    readouts = [each for each in graph.readouts if each.population in names]
    last = [name for name in graph.order if name in names][-1]
    readouts = readouts or [readout_of(graph.population(last))]
    smaller = replace(
        graph, populations=tuple(populations), projections=tuple(projections), readouts=tuple(readouts)
    )
    return Case(smaller, np.concatenate(signals, axis=2))


def _is_input(population: Population) -> bool:
    return population.model == INPUT


def _nearest(graph: QuantizedGraph, name: str) -> Iterator[set[str]]:
    """The population, then with its sources, then with theirs, and so on; no inputs."""
    names, before = {name}, set[str]()
    while names != before:
        yield names
        before = names
        sources = {each.source for each in graph.projections if each.destination in names}
        names = names | {each for each in sources if graph.population(each).model != INPUT}


def _sent(graph: QuantizedGraph, inputs: Spikes, expected: Trace, population: Population) -> Spikes:
    if population.model == INPUT:
        return inputs[:, :, graph.lines(population.name)]
    return expected.layers[graph.trace_index(population.name)].spikes.astype(np.uint8)


def _free_name(graph: QuantizedGraph, source: str, names: Collection[str], taken: Collection[str]) -> str:
    """The source's own name, unless the source stays, too."""
    if source not in names:
        return source
    known = {each.name for each in graph.populations} | set(taken)
    name = "copy"
    while name in known:
        name += "_"
    return name


def _histories(case: Case, expected: Trace, index: int, name: str, place: Place) -> list[Spikes]:
    """The events that arrive at a neuron in the step of `place`, since its last reset, and all up to then.

    With a sample before, all only.
    """
    if len(case.inputs) > 1:
        return [case.inputs]
    fired = np.flatnonzero(expected.layers[index].spikes[-1, : place.step, place.neuron])
    starts = [place.step, int(fired[-1]) + 1 if len(fired) else 0, 0]
    return [_arrivals(case, name, first, place.step) for first in starts]


def _arrivals(case: Case, name: str, first: int, last: int) -> Spikes:
    """The input events that arrive at `name` in one of the steps `first` .. `last`."""
    graph, kept = case.graph, np.zeros(case.inputs.shape[1:], np.bool_)
    for each in graph.into(name):
        if graph.population(each.source).model == INPUT:
            start, synapses = graph.lines(each.source).start, each.synapses.as_list()
            for wait in np.unique(synapses.delay).tolist():
                lines = start + synapses.pre[synapses.delay == wait]
                kept[max(0, first - wait) : max(0, last + 1 - wait), lines] = True
    return np.where(kept, case.inputs, 0).astype(np.uint8)
