"""Smaller graphs: without populations, readouts, projections, input lines or neurons.

Every function is pure and gives a valid graph: with a population with a state, an input where the graph had
one, and a readout. Where none is left, None. What is left out never makes the sum of clause 2 larger, nor a
new cycle of delay 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from snnc.stages import Population, Projection, QuantizedGraph, Readout, SynapseList, SynapseMatrix
from snnc.stages.bounds import IntArray
from snnc.stages.population import INPUT, OF_NEURONS
from snnc.stages.synapses import Synapses
from snnc.verification.shrinking.cases import Case, Indices, Spikes


def with_populations(case: Case, kept: Indices) -> Case | None:
    """The populations with the numbers `kept`, and what leads from one of them to another."""
    graph = case.graph
    populations = [graph.populations[number] for number in kept]
    names = {each.name for each in populations}
    inputs = [each.name for each in populations if each.model == INPUT]
    if len(inputs) == len(names) or (graph.inputs and not inputs):
        return None
    projections = [each for each in graph.projections if {each.source, each.destination} <= names]
    readouts = [each for each in graph.readouts if each.population in names]
    last = [name for name in graph.order if name in names and name not in inputs][-1]
    lines = np.concatenate([np.zeros(0, np.intp), *(_lines(graph, name) for name in inputs)])
    return Case(
        replace(
            graph,
            populations=tuple(populations),
            projections=tuple(projections),
            readouts=tuple(readouts or [readout_of(graph.population(last))]),
        ),
        case.inputs[:, :, lines],
    )


def readout_of(population: Population) -> Readout:
    """One of a population that had none: its spikes counted, or its v added up."""
    names = tuple(f"neuron {number}" for number in range(population.neurons))
    if population.spikes:
        return Readout(population.name, "count", None, names)
    return Readout(population.name, "sum", 1.0, names)


def with_readouts(case: Case, kept: Indices) -> Case:
    """The readouts with the numbers `kept`; one at least."""
    readouts = tuple(case.graph.readouts[number] for number in kept)
    return Case(replace(case.graph, readouts=readouts), case.inputs)


def with_projections(case: Case, kept: Indices) -> Case:
    """The projections with the numbers `kept`."""
    projections = tuple(case.graph.projections[number] for number in kept)
    return Case(replace(case.graph, projections=projections), case.inputs)


def with_lines(case: Case, kept: Indices) -> Case:
    """Of all input lines, `kept`; one at least. An input population goes with its last line."""
    without = []
    for number, each in enumerate(case.graph.populations):
        if each.model == INPUT and not np.isin(_lines(case.graph, each.name), kept).any():
            without.append(number)
    stay = np.setdiff1d(np.arange(len(case.graph.populations)), without)
    smaller = with_populations(case, stay)
    assert smaller is not None
    for each in smaller.graph.populations:
        if each.model == INPUT:
            lines = _lines(case.graph, each.name)
            smaller = with_neurons(smaller, np.flatnonzero(np.isin(lines, kept)), each.name)
    return smaller


def with_neurons(case: Case, kept: Indices, name: str) -> Case:
    """Of the population `name`, the neurons (or input lines) `kept`; one at least.

    Convolutions from it or into it become lists.
    """
    graph = case.graph
    if len(kept) == graph.population(name).neurons:
        return case
    inputs: Spikes = case.inputs
    if graph.population(name).model == INPUT:
        left_out = np.delete(_lines(graph, name), kept)
        inputs = np.delete(inputs, left_out, axis=2)
    smaller = replace(
        graph,
        populations=tuple(
            _of_neurons(each, kept) if each.name == name else each for each in graph.populations
        ),
        projections=tuple(_of_ends(each, kept, name) for each in graph.projections),
        readouts=tuple(
            _of_classes(each, kept) if each.population == name else each for each in graph.readouts
        ),
    )
    return Case(smaller, inputs)


def without_silent_lines(case: Case) -> Case:
    """Without input lines that have no event; one stays in any case."""
    if not case.graph.inputs:
        return case
    lines = np.flatnonzero(case.inputs.any(axis=(0, 1)))
    return with_lines(case, lines if len(lines) else np.zeros(1, np.intp))


def _lines(graph: QuantizedGraph, name: str) -> Indices:
    of = graph.lines(name)
    return np.arange(of.start, of.stop)


def _of_neurons(population: Population, kept: Indices) -> Population:
    values = {name: getattr(population, name) for name in OF_NEURONS}
    parts = {name: value[kept] for name, value in values.items() if value is not None}
    return replace(population, neurons=len(kept), **parts)


def _of_classes(readout: Readout, kept: Indices) -> Readout:
    scale = readout.scale[kept] if isinstance(readout.scale, np.ndarray) else readout.scale
    return replace(readout, scale=scale, class_names=tuple(readout.class_names[number] for number in kept))


def _of_ends(projection: Projection, kept: Indices, name: str) -> Projection:
    pre, post = (kept if end == name else None for end in (projection.source, projection.destination))
    if pre is None and post is None:
        return projection
    return replace(projection, synapses=between(projection.synapses, pre, post))


def between(synapses: Synapses, pre: Indices | None, post: Indices | None) -> Synapses:
    """Those from `pre` to `post`, numbered anew; None stands for all."""
    pre = np.arange(synapses.pre_neurons) if pre is None else pre
    post = np.arange(synapses.post_neurons) if post is None else post
    if isinstance(synapses, SynapseMatrix):
        where = np.ix_(post, pre)
        return SynapseMatrix(synapses.weight[where], synapses.delay[where])
    found = synapses.as_list()
    sources, targets = _numbered(found.pre_neurons, pre), _numbered(found.post_neurons, post)
    stay = (sources[found.pre] >= 0) & (targets[found.post] >= 0)
    return SynapseList(
        sources[found.pre[stay]],
        targets[found.post[stay]],
        found.weight[stay],
        found.delay[stay],
        len(pre),
        len(post),
    )


def _numbered(count: int, kept: Indices) -> IntArray:
    """The new number of each of `count`; -1 of what is left out."""
    numbers = np.full(count, -1, np.int32)
    numbers[kept] = np.arange(len(kept))
    return numbers


def with_projection(case: Case, number: int, synapses: Synapses) -> Case:
    """`synapses` as those of the projection `number`."""
    projections: Sequence[Projection] = [
        replace(each, synapses=synapses) if at == number else each
        for at, each in enumerate(case.graph.projections)
    ]
    return Case(replace(case.graph, projections=tuple(projections)), case.inputs)
