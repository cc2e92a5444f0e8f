"""The nodes and edges of a NIR file of populations: what another reader of NIR can take of a graph.

They are made of the graph alone. So the writer writes them, and the reader makes them again of the metadata
and compares. `Layout.notes` tells what they do not say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from snnc.exporter.nir.populations import node_name, node_of, part_name, shape_of, unsaid
from snnc.exporter.nir.projections import ABSENT, Node, Path, Paths, with_bias
from snnc.stages import Convolution, QuantizedGraph
from snnc.stages.population import INPUT

Edge = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Layout:
    """`edges` of the nodes, the `forms` of all projections, and sentences on what is not in the structure."""

    edges: tuple[Edge, ...]
    forms: tuple[str, ...]
    notes: tuple[str, ...]


def as_layers(graph: QuantizedGraph) -> bool:
    """Whether `graph` is written in the older layout, by layers: a chain of matrices."""
    if any(isinstance(each.synapses, Convolution) for each in graph.projections):
        return False
    return graph.is_chain


def observed_nodes(graph: QuantizedGraph) -> tuple[list[str], list[str]]:
    """Names of the nodes of all inputs, and of all readouts."""
    if as_layers(graph):
        return ["input"], [f"{graph.layers[-1].name}_neuron"]
    inputs = [node_name(graph, each.name) for each in graph.populations if each.model == INPUT]
    return inputs, [node_name(graph, each.population) for each in graph.readouts]


def lay_out(graph: QuantizedGraph, delays_in_metadata: bool, put: Callable[[Node], object]) -> Layout:
    """Call `put` with every node, one after the other: populations, projections, outputs."""
    shapes = {each.name: shape_of(graph, each.name) for each in graph.populations}
    names = {each.name: node_name(graph, each.name) for each in graph.populations}
    edges, forms, notes = list[Edge](), list[str](), list[str]()
    for population in graph.populations:
        put(Node(names[population.name], node_of(population, shapes[population.name], graph.bin_s)))
        notes += unsaid(population, graph.time_steps)
    paths = Paths(graph.bin_s, delays_in_metadata)
    biased = {each.name for each in graph.populations if each.input_bias.any()}
    for number, projection in enumerate(graph.projections):
        source, destination = projection.source, projection.destination
        path = paths.add(number, projection, shapes[source], shapes[destination], bias=destination in biased)
        if destination in biased and path.takes_bias:
            path = with_bias(path, graph.population(destination).input_bias)
            biased.remove(destination)
        edges += _edges(path, names[source], names[destination])
        forms.append(path.form)
        notes += _notes(path, projection.name, projection.weight_exp)
        for branch in path.branches:
            for node in branch:
                put(node)
    notes += [f"{name}: its input bias is in no node" for name in names if name in biased]
    for number, readout in enumerate(graph.readouts):
        name = part_name(f"output{number}", readout.population)
        put(Node(name, _output(shapes[readout.population])))
        edges.append((names[readout.population], name))
    if graph.order != tuple(names) or _has_cycle(graph):
        notes.append(
            "recurrent projections: Delay nodes hold whole delays; a reader that adds a step of its own to "
            "cycles must take it off"
        )
    return Layout(tuple(edges), tuple(forms), tuple(notes))


def _output(shape: tuple[int, ...]) -> dict[str, Any]:
    return {"type": "Output", "shape": np.array(shape)}


def _edges(path: Path, source: str, destination: str) -> Iterator[Edge]:
    for branch in path.branches:
        yield from pairwise([source, *(node.name for node in branch), destination])


def _notes(path: Path, name: str, weight_exp: int) -> Iterator[str]:
    if path.note:
        yield path.note
    if weight_exp and path.form != ABSENT:
        yield f"{name}: weights of the nodes are multiplied by 2^{weight_exp}, its exponent"


def _has_cycle(graph: QuantizedGraph) -> bool:
    """Whether a population leads to itself, over any projections: taking what has no source left ends."""
    sources = {name: {each.source for each in graph.into(name)} for name in graph.order}
    left = set(sources)
    while True:
        free = {name for name in left if left.isdisjoint(sources[name])}
        if not free:
            return bool(left)
        left -= free
