"""Populations through the steps, those of a cycle together, for `prove.py`."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from snnc.exporter.ranges.adaptation import Blocks
from snnc.exporter.ranges.arrivals import Arriving, Source, source_of, steps_of_changes
from snnc.exporter.ranges.certificate import PopulationRanges
from snnc.exporter.ranges.steps import Ends, Intervals, Stepped, top
from snnc.stages import Population, Projection, QuantizedGraph, SynapseList
from snnc.stages.order import contract_order
from snnc.stages.population import ADLIF, INPUT

ENDS = ("lo", "hi")


def components(graph: QuantizedGraph) -> list[tuple[str, ...]]:
    """Names of the populations with a state: those of a cycle together, in the contract order.

    A component stands after all that lead to it.
    """
    place = {name: number for number, name in enumerate(graph.order)}
    ways = [(place[each.source], place[each.destination]) for each in graph.projections]
    if all(source < destination for source, destination in ways):
        return [(name,) for name in graph.order if graph.population(name).model != INPUT]
    from scipy.sparse.csgraph import connected_components  # takes long to load

    matrix = np.zeros((len(place), len(place)), np.int8)
    matrix[tuple(np.array(ways).T)] = 1
    _, label = connected_components(matrix, directed=True, connection="strong")
    members: dict[str, list[str]] = {}
    for name, number in zip(graph.order, label, strict=True):
        members.setdefault(str(number), []).append(name)
    between = {(str(label[pre]), str(label[post])) for pre, post in ways if label[pre] != label[post]}
    order = (members[number] for number in contract_order(list(members), between))
    return [tuple(names) for names in order if graph.population(names[0]).model != INPUT]


@dataclass(slots=True)
class _Walk:
    """One population: what can arrive, its state, and what is claimed of each step so far.

    `source`: what is known so far of its spikes. `inner`: its projections to populations of the same cycle.
    """

    of: Population
    source: Source
    arriving: Arriving
    model: Stepped
    inner: list[tuple[Projection, SynapseList]]
    a: Ends
    a_worst: Ends | None = None
    rows: list[dict[str, npt.NDArray[np.int32]]] = field(default_factory=list)

    def step(self, t: int) -> npt.NDArray[np.bool_]:
        """Take step `t`; bool [neurons], which neurons may spike in it and could not before."""
        if t < len(self.arriving.changes):
            self.a = self.a + self.arriving.changes[t]
            worst = self.a if self.a_worst is None else self.a_worst
            self.a_worst = np.stack((np.minimum(worst[0], self.a[0]), np.maximum(worst[1], self.a[1])))
        ended = t >= self.source.end
        row = self.model.step(self.a, ended)
        self.rows.append({name: ends.astype(np.int32) for name, ends in row.items()})
        if not self.of.spikes or ended:
            return np.zeros(self.of.neurons, np.bool_)
        new: npt.NDArray[np.bool_] = (row["v"][1] > top(self.of)) & (self.source.first > t)
        self.source.first[new] = t
        return new

    def ranges(self) -> PopulationRanges:
        """What is claimed of all steps."""
        assert self.a_worst is not None
        claims = {"a": self.a_worst.astype(np.int32)} | {
            name: np.stack([row[name] for row in self.rows], axis=1) for name in self.rows[0]
        }
        ends = {f"{name}_{end}": x[side] for name, x in claims.items() for side, end in enumerate(ENDS)}
        if isinstance(self.model, Blocks):
            ends["forms"] = self.model.forms.astype(np.int32)
        return PopulationRanges(self.of.name, **ends)


def walk(graph: QuantizedGraph, names: tuple[str, ...], sources: dict[str, Source]) -> list[PopulationRanges]:
    """Ranges of the component `names`. `sources`: all that lead to it; what it sends itself is added."""
    steps, until, walks = graph.time_steps, 1, dict[str, _Walk]()
    for name in names:
        outer = [each for each in graph.into(name) if each.source not in names]
        still = max([1, *(steps_of_changes(each, sources[each.source], steps) for each in outer)])
        walks[name] = _at_rest(graph, name, names, still)
        for projection in outer:
            walks[name].arriving.add(projection, sources[projection.source])
        until = max(until, still, graph.end(name) + 1 if graph.end(name) < steps else 1)
    for t in range(steps):
        before = [state for each in walks.values() for state in each.model.state()]
        for each in walks.values():
            new = each.step(t)
            if new.any():
                until = max(until, _send(each, new, walks, steps))
        after = [state for each in walks.values() for state in each.model.state()]
        if t + 1 >= until and all(map(np.array_equal, before, after)):
            break  # every later step repeats this one
    sources |= {name: each.source for name, each in walks.items()}
    return [each.ranges() for each in walks.values()]


def _at_rest(graph: QuantizedGraph, name: str, names: tuple[str, ...], still: int) -> _Walk:
    of, steps = graph.population(name), graph.time_steps
    inner = [(each, each.synapses.as_list()) for each in graph.out_of(name) if each.destination in names]
    recurrent = any(each.source in names for each in graph.into(name))
    return _Walk(
        of,
        source_of(of, np.full(of.neurons, steps, np.int64), steps),
        Arriving.nothing(steps if recurrent else still, of.neurons),
        Blocks(of, steps) if of.model == ADLIF else Intervals(of),
        inner,
        np.stack([of.input_bias.astype(np.int64)] * 2),
    )


def _send(sender: _Walk, new: npt.NDArray[np.bool_], walks: dict[str, _Walk], steps: int) -> int:
    """Let first spikes of the neurons `new` arrive in the cycle; the step from on which no change is due."""
    until = 1
    for projection, synapses in sender.inner:
        which = np.flatnonzero(new[synapses.pre])
        walks[projection.destination].arriving.add_list(
            synapses, sender.source, sender.source.most << projection.weight_exp, which
        )
        until = max(until, steps_of_changes(projection, sender.source, steps))
    return until
