"""A watch of the inputs of a graph that is no chain: what they reached, by population, and which to add."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from snnc.batches import batches
from snnc.errors import InputError
from snnc.exporter.ranges.prove import earliest_spikes, graph_bounds, overflow_excluded
from snnc.stages import Coverage, LayerCoverage, Population, QuantizedGraph, Trace
from snnc.verification.inputs.coverage import ONE_WEIGHT
from snnc.verification.inputs.extremes import MOST
from snnc.verification.inputs.graphs.goals import MANY, Goals
from snnc.verification.inputs.graphs.looking import Into, Row, joined, look, nothing
from snnc.verification.inputs.graphs.possible import most
from snnc.verification.inputs.graphs.scores import Flags, Values
from snnc.verification.inputs.graphs.search import Search, affordable, beyond, values_of
from snnc.verification.inputs.graphs.wiring import Whole, Wiring
from snnc.verification.inputs.graphs.words import crossed, unreached
from snnc.verification.inputs.stimuli import RANDOM
from snnc.verification.inputs.trains import SHAPES, shaped
from snnc.verification.inputs.unreached import LINES

if TYPE_CHECKING:
    from snnc.verification.inputs.extremes import Inputs

Spikes = npt.NDArray[np.uint8]


@dataclass(slots=True)
class GraphWatch:
    """A `Watch` of a graph that is no chain."""

    graph: QuantizedGraph
    samples: int = 0
    wiring: Wiring = field(init=False)
    goals: Goals = field(init=False)
    found: Whole = field(init=False)
    best: Whole | None = None
    read: Values = field(init=False)
    _into: Into = field(init=False)

    def __post_init__(self) -> None:
        self.wiring = Wiring(self.graph)
        self.goals = Goals(self.wiring)
        self.found = nothing(self.wiring)
        self.read = np.full(3 * len(self.graph.readouts), -np.inf)
        self._into = Into(self.wiring, self.goals.fan_in > 0)

    def see(self, spikes: Spikes, trace: Trace) -> None:
        self.samples += len(spikes)
        if not len(spikes):
            return
        counted = ~self._counted()
        if (counted != self._into.counted).any():
            self._into = Into(self.wiring, counted)
        sent = self.wiring.sent(spikes, trace)
        for k in range(len(spikes)):
            one = look(self.wiring, sent[k], self.wiring.states(trace, k), self._into)
            self.found = joined(self.found, one)
        self.read = np.maximum(self.read, self.goals.of_readouts(trace).max(axis=0))

    def _counted(self) -> Flags:
        """The neurons at which nothing is left to count of what arrives."""
        enough = self.found[Row.COUNT] >= np.minimum(self.goals.fan_in, MANY)
        done: Flags = enough & ((self.found[Row.ARRIVED_LAST] == 1) | (self.goals.fan_in == 0))
        return done

    def farthest(self, wholes: Sequence[Inputs], known: Sequence[Inputs]) -> list[tuple[int, int]]:
        reached = np.vstack([self._heights(inputs) for inputs in known]).max(axis=0)
        places = [(which, index) for which, whole in enumerate(wholes) for index in range(len(whole))]
        every = np.concatenate([self._heights(whole) for whole in wholes])
        return [places[k] for k in beyond(every, reached, MOST)]

    def _heights(self, inputs: Inputs) -> Values:
        """The heights of each sample, by the simulator, batch by batch."""
        nowhere = Into(self.wiring, np.zeros(self.wiring.size, np.bool_))
        found = [np.zeros((0, self.goals.heights))]
        for part in batches(self.graph, len(inputs)):
            found.append(values_of(self.goals, inputs[part], nowhere)[:, self.goals.goals :])
        return np.concatenate(found)

    def finish(self) -> bool:
        bounds = graph_bounds(self.graph)  # computed again: the manifest is not trusted
        self.best = most(self.wiring, bounds, earliest_spikes(self.graph, bounds))
        return overflow_excluded(bounds)

    def _most(self) -> Whole:
        if self.best is None:
            self.finish()
        assert self.best is not None
        return self.best

    def values(self) -> tuple[Values, Flags]:
        """The best so far of every goal and height, and which of them some input may reach."""
        known, best = self.goals.of(np.stack([self.found, self._most()]))
        self.goals.put(known, self.read)
        classes = [self.graph.population(each.population).neurons for each in self.graph.readouts]
        self.goals.put(best, np.tile(np.array(classes) - 2.0, 3))  # two may tie
        return known, best >= 0

    def coverage(self, inputs: str) -> Coverage:
        by_name = {each.name: self._population(each) for each in self.graph.stateful}
        layers = tuple(by_name[name] for name in self.graph.order if name in by_name)
        lines = list(self._unreached())
        if len(lines) > LINES:
            lines[LINES - 1 :] = [f"and {len(lines) - LINES + 1} more lines like these"]
        return Coverage(inputs, self.samples, layers, tuple(lines))

    def _population(self, population: Population) -> LayerCoverage:
        graph, steps, name = self.graph, self.wiring.steps, population.name
        found = self.found[:, self.wiring.places[name]]
        sums = found.sum(axis=1)
        sources = dict.fromkeys(each.source for each in graph.into(name))
        sent = [self.found[:, self.wiring.places[source]] for source in sources]
        pairs = list(
            zip(
                [listed for _, listed in self.wiring.into(name)],
                crossed(self.wiring, name, self.found),
                strict=True,
            )
        )
        possible = crossed(self.wiring, name, self._most())
        never = sum(int((~used & ~may).sum()) for (_, used), may in zip(pairs, possible, strict=True))
        return LayerCoverage(
            layer=name,
            neurons=population.neurons,
            spiked=int(np.count_nonzero(found[Row.FIRST] < steps)),
            synapses=sum(listed.count for listed, _ in pairs),
            carried=sum(int(used.sum()) for _, used in pairs),
            delays=len({d for listed, _ in pairs for d in np.unique(listed.delay).tolist()}),
            delays_carried=len({d for at, used in pairs for d in np.unique(at.delay[used]).tolist()}),
            met=int(np.count_nonzero(found[Row.NEAR] == 0)),
            equalities=int(sums[Row.EQUAL]),
            negative_roundings=int(sums[Row.U_REST_BELOW] + sums[Row.V_REST_BELOW]),
            u_wraps=int(sums[Row.U_WRAPS]),
            v_clips=int(sums[Row.V_CLIPS]),
            positive_roundings=int(sums[Row.U_REST_ABOVE] + sums[Row.V_REST_ABOVE]),
            just_above=int(np.count_nonzero(found[Row.ABOVE] < ONE_WEIGHT)),
            just_below=int(np.count_nonzero(found[Row.BELOW] < ONE_WEIGHT)),
            one_above=int(np.count_nonzero(found[Row.ABOVE] == 1)),
            together=int(np.count_nonzero(found[Row.COUNT] >= 2)),
            sources=sum(each.shape[1] for each in sent),
            first_step=sum(int(np.count_nonzero(each[Row.FIRST] == 0)) for each in sent),
            last_step=sum(int(each[Row.LAST].sum()) for each in sent),
            u_at_wrap=int(sums[Row.AT_WRAP]),
            w_clips=None if population.decay_w is None else int(sums[Row.W_CLIPS]),
            unreachable=never,
        )

    def _unreached(self) -> Iterator[str]:
        known, possible = self.values()
        for name in self.graph.order:
            missed = {
                goal: bool(possible[k] and known[k] < 0) for goal, k in self.goals.of_population(name).items()
            }
            yield from unreached(self.wiring, name, self.found, self._most(), missed.__getitem__)
            for k in self.goals.ties(name):
                if possible[k] and known[k] < 0:
                    yield f"{name}: no two classes tied for the best score, whatever the rounding"

    def made(self, samples: int, seed: int) -> Spikes:
        graph = self.graph
        if samples < 1:
            raise InputError(f"generated inputs: samples is {samples}, expected 1 or more")
        if not graph.inputs:
            return np.zeros((0, graph.time_steps, 0), np.uint8)
        search = Search(self.wiring, self.goals, *self.values(), np.random.default_rng(seed))
        sought = search.inputs(samples - samples // RANDOM, *affordable(self.wiring))
        rng = np.random.default_rng([seed, 1])
        fill = (shaped(graph, SHAPES[k % len(SHAPES)], rng) for k in range(samples - len(sought)))
        return np.stack([*sought, *fill])
