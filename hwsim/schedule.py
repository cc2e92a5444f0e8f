"""In which parts, and in what order, the simulator computes the populations of a graph."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

import numpy as np
import numpy.typing as npt

from snnc.hwsim.delivery import Delivery, Inlet
from snnc.hwsim.group_program import GroupProgram
from snnc.hwsim.layer_program import LayerProgram
from snnc.hwsim.spikes import Spikes, joined
from snnc.stages import Population, QuantizedGraph
from snnc.stages.order import contract_order
from snnc.stages.population import INPUT


class Known(dict[str, Spikes]):
    """The spikes of a block that are known so far, by population."""

    def of(self, sources: Sequence[str]) -> Spikes:
        """Those of some side by side."""
        return joined([self[name] for name in sources])

    def add(self, populations: Sequence[Population], fired: npt.NDArray[np.uint8]) -> None:
        """Those of populations that were computed together, [samples, T, neurons]."""
        for each, start in zip(populations, _starts(populations), strict=True):
            if each.spikes:
                self[each.name] = Spikes(np.ascontiguousarray(fired[:, :, start : start + each.neurons]))


class Schedule:
    """Programs of all populations that are no inputs, each after its sources.

    A population outside cycles has a program of its own, and those of a cycle have one together.
    `populations` are all that are no inputs, in the order of the list, and `readouts` those that are decoded,
    in that of the readouts. `columns` are the numbers of each program's among the first.
    """

    def __init__(self, graph: QuantizedGraph) -> None:
        self.populations = [each for each in graph.populations if each.model != INPUT]
        self.neurons = sum(each.neurons for each in self.populations)
        self.readouts = [graph.population(each.population) for each in graph.readouts]
        self.programs = [_program(graph, part) for part in components(graph) if part[0].model != INPUT]
        number = {each.name: number for number, each in enumerate(self.populations)}
        self.columns = [[number[each.name] for each in program.populations] for program in self.programs]
        self._inputs = [(each, graph.lines(each.name)) for each in graph.populations if each.model == INPUT]

    def inputs(self, events: npt.NDArray[np.uint8]) -> Known:
        """Spikes of the input populations, up to their ends; `events` [samples, T, lines]."""
        known = Known()
        for each, lines in self._inputs:
            # Contiguous: otherwise the kernels would be compiled again for the strides.
            spikes = np.ascontiguousarray(events[:, :, lines])
            if each.end is not None:
                spikes = spikes.copy()
                spikes[:, each.end :] = 0
            known[each.name] = Spikes(spikes)
        return known


def components(graph: QuantizedGraph) -> list[list[Population]]:
    """Populations that lead to each other, together in the contract order; each after all that lead to it."""
    names = [each.name for each in graph.populations]
    place = {name: number for number, name in enumerate(names)}
    pairs = {(place[each.source], place[each.destination]) for each in graph.projections}
    if all(source < destination for source, destination in pairs):
        return [[each] for each in graph.populations]
    from scipy.sparse import coo_array  # here: scipy is heavy, and chains do without
    from scipy.sparse.csgraph import connected_components

    ends = np.array(sorted(pairs)).T
    leads = coo_array((np.ones(len(pairs), np.int8), tuple(ends)), shape=(len(names), len(names)))
    count, label = connected_components(leads.tocsr(), directed=True, connection="strong")
    parts: list[list[Population]] = [[] for _ in range(count)]
    for name in graph.order:
        parts[label[place[name]]].append(graph.population(name))
    between = {(parts[label[a]][0].name, parts[label[b]][0].name) for a, b in pairs if label[a] != label[b]}
    named = {part[0].name: part for part in parts}
    return [named[name] for name in contract_order(list(named), between)]


def _program(graph: QuantizedGraph, part: Sequence[Population]) -> LayerProgram | GroupProgram:
    members = {each.name: start for each, start in zip(part, _starts(part), strict=True)}
    into = [each for name in members for each in graph.into(name)]
    outside = [graph.population(name) for name in dict.fromkeys(each.source for each in into)]
    outside = [each for each in outside if each.name not in members]
    starts = {each.name: start for each, start in zip(outside, _starts(outside), strict=True)}
    name, neurons, steps = " and ".join(members), sum(each.neurons for each in part), graph.time_steps

    def delivery(sources: Sequence[Population], starts: dict[str, int]) -> Delivery:
        inlets = [
            Inlet(
                each.synapses,
                each.weight_exp,
                starts[each.source],
                members[each.destination],
                graph.population(each.source).payload_max or 1,
            )
            for each in into
            if each.source in starts
        ]
        return Delivery(name, inlets, sum(each.neurons for each in sources), neurons, steps)

    brought = delivery(outside, starts) if outside else None
    inside = delivery(part, members)
    if brought is not None and inside.empty and LayerProgram.fits(part[0]):
        return LayerProgram(part[0], brought, tuple(starts), steps)
    return GroupProgram(part, brought, tuple(starts), inside, steps)


def _starts(populations: Sequence[Population]) -> list[int]:
    """The number of each one's first neuron, side by side."""
    return list(accumulate((each.neurons for each in populations), initial=0))[:-1]
