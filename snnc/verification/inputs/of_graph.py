"""What inputs reached of a graph that is no chain, by population; and random inputs for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from snnc.stages import Coverage, LayerCoverage, Population, Projection, QuantizedGraph, SynapseList, Trace
from snnc.stages.population import INPUT
from snnc.verification.inputs.coverage import FAR, ONE_WEIGHT, Flags, Gaps, Steps, first_spikes
from snnc.verification.inputs.population_states import distances, met_threshold, on_the_wrap, rests
from snnc.verification.inputs.trains import SHAPES, plain, shaped
from snnc.verification.inputs.unreached import LINES, impossible, some

if TYPE_CHECKING:
    from snnc.trainer.integer_projection import IntegerProjection
    from snnc.verification.inputs.extremes import Inputs

Spikes = npt.NDArray[np.uint8]

NOTES = (
    "inputs that drive the network farthest, that bring scores near each other or that reach what others "
    "missed are not searched in graphs that are no chain yet; generated inputs are random",
)


@dataclass(slots=True)
class _Reached:
    """What one population did so far: the names are those of `coverage.Reached`; [neurons] each."""

    first: Steps
    last: Flags
    met: Flags
    above: Gaps
    below: Gaps
    most: npt.NDArray[np.int64]
    equalities: int = 0
    rests: tuple[int, int] = (0, 0)
    u_at_wrap: int = 0
    u_wraps: int = 0
    v_clips: int = 0
    w_clips: int = 0

    @classmethod
    def nothing(cls, neurons: int, steps: int) -> _Reached:
        no, far = np.zeros(neurons, np.bool_), np.full(neurons, FAR, np.int32)
        return cls(np.full(neurons, steps, np.int32), no, no, far, far, np.zeros(neurons, np.int64))


@dataclass(slots=True)
class GraphWatch:
    """A `Watch` of a graph that is no chain."""

    graph: QuantizedGraph
    notes: tuple[str, ...] = NOTES
    samples: int = 0
    reached: dict[str, _Reached] = field(init=False)
    earliest: dict[str, npt.NDArray[np.integer]] = field(default_factory=dict)
    _listed: list[SynapseList] = field(init=False)
    _counting: list[IntegerProjection] = field(init=False)

    def __post_init__(self) -> None:
        import torch

        from snnc.trainer.integer_projection import IntegerProjection

        graph = self.graph
        self.reached = {
            each.name: _Reached.nothing(each.neurons, graph.time_steps) for each in graph.populations
        }
        self._listed = [each.synapses.as_list() for each in graph.projections]
        self._counting = [
            IntegerProjection(_counting(each, listed), graph.time_steps, torch.device("cpu"))
            for each, listed in zip(graph.projections, self._listed, strict=True)
        ]

    def see(self, spikes: Spikes, trace: Trace) -> None:
        graph = self.graph
        self.samples += len(spikes)
        trains = {}
        for each in graph.populations:
            if each.model == INPUT:
                train = np.array(spikes[:, :, graph.lines(each.name)] != 0)
                train[:, graph.end(each.name) :] = False
            else:
                train = trace.layers[graph.trace_index(each.name)].spikes
            trains[each.name] = train
            found = self.reached[each.name]
            found.first = np.minimum(found.first, first_spikes(train).min(axis=0, initial=graph.time_steps))
            found.last = found.last | train[:, -1].any(axis=0)
        for each in graph.stateful:
            self._see_states(each, trace)
            found = self.reached[each.name]
            found.most = np.maximum(found.most, self._most(each, trains, len(spikes)))

    def _see_states(self, population: Population, trace: Trace) -> None:
        state, found = trace.layers[self.graph.trace_index(population.name)], self.reached[population.name]
        end = self.graph.end(population.name)
        met = met_threshold(population, state, end)
        found.met = found.met | met.any(axis=(0, 1))
        found.equalities += int(np.count_nonzero(met))
        above, below = distances(population, state, end)
        found.above, found.below = np.minimum(found.above, above), np.minimum(found.below, below)
        negative, positive = rests(population, state)
        found.rests = found.rests[0] + negative, found.rests[1] + positive
        found.u_at_wrap += on_the_wrap(state)
        found.u_wraps += state.u_wraps or 0
        found.v_clips += state.v_clips or 0
        found.w_clips += state.w_clips or 0

    def _most(self, population: Population, trains: dict[str, Flags], samples: int) -> npt.NDArray[np.int64]:
        """The most spikes that arrived in one step at each neuron."""
        import torch

        if not samples:
            return np.zeros(population.neurons, np.int64)
        total = torch.zeros(population.neurons, self.graph.time_steps, samples)
        for each in self._counting:
            if each.destination == population.name and each.delays:
                each.deliver(torch.from_numpy(np.array(trains[each.source])), total)
        return total.amax(dim=(1, 2)).to(torch.int64).numpy()

    def farthest(self, wholes: Sequence[Inputs], known: Sequence[Inputs]) -> list[tuple[int, int]]:
        """None: `notes` say so."""
        return []

    def finish(self) -> bool:
        from snnc.exporter.ranges.prove import earliest_spikes, graph_bounds, overflow_excluded

        bounds = graph_bounds(self.graph)  # computed again: the manifest is not trusted
        earliest = earliest_spikes(self.graph, bounds)
        names = [each.name for each in self.graph.stateful]
        self.earliest = dict(zip(names, earliest, strict=True))
        return overflow_excluded(bounds)

    def coverage(self, inputs: str) -> Coverage:
        by_name = {each.name: self._population(each) for each in self.graph.stateful}
        layers = tuple(by_name[name] for name in self.graph.order if name in by_name)
        lines = [line for name in self.graph.order for line in self._unreached(name)]
        if len(lines) > LINES:
            lines[LINES - 1 :] = [f"and {len(lines) - LINES + 1} more lines like these"]
        return Coverage(inputs, self.samples, layers, tuple(lines))

    def _into(self, name: str, *, spiked: bool = True) -> list[tuple[SynapseList, Flags]]:
        """The synapses of each projection into a population, and which a spike crossed; or could cross."""
        steps = self.graph.time_steps
        found = []
        for each, listed in zip(self.graph.projections, self._listed, strict=True):
            if each.destination == name:
                first: npt.NDArray[np.integer] = self.reached[each.source].first
                if not spiked:
                    first = self.earliest.get(each.source, np.zeros(len(first), np.int32))
                found.append((listed, first[listed.pre].astype(np.int64) + listed.delay < steps))
        return found

    def _population(self, population: Population) -> LayerCoverage:
        found, into = self.reached[population.name], self._into(population.name)
        sources = [self.reached[s] for s in dict.fromkeys(p.source for p in self.graph.into(population.name))]
        return LayerCoverage(
            layer=population.name,
            neurons=population.neurons,
            spiked=int(np.count_nonzero(found.first < self.graph.time_steps)),
            synapses=sum(listed.count for listed, _ in into),
            carried=sum(int(crossed.sum()) for _, crossed in into),
            delays=len({d for listed, _ in into for d in np.unique(listed.delay).tolist()}),
            delays_carried=len({d for at, crossed in into for d in np.unique(at.delay[crossed]).tolist()}),
            met=int(np.count_nonzero(found.met)),
            equalities=found.equalities,
            negative_roundings=found.rests[0],
            u_wraps=found.u_wraps,
            v_clips=found.v_clips,
            positive_roundings=found.rests[1],
            just_above=int(np.count_nonzero(found.above < ONE_WEIGHT)),
            just_below=int(np.count_nonzero(found.below < ONE_WEIGHT)),
            one_above=int(np.count_nonzero(found.above == 1)),
            together=int(np.count_nonzero(found.most >= 2)),
            sources=sum(len(each.first) for each in sources),
            first_step=sum(int(np.count_nonzero(each.first == 0)) for each in sources),
            last_step=sum(int(np.count_nonzero(each.last)) for each in sources),
            u_at_wrap=found.u_at_wrap,
            w_clips=None if population.decay_w is None else found.w_clips,
        )

    def _unreached(self, name: str) -> Iterator[str]:
        population, found, steps = self.graph.population(name), self.reached[name], self.graph.time_steps
        silent = found.first >= steps
        which, count = np.flatnonzero(silent), f"{int(silent.sum()):,} of {population.neurons:,}"
        if population.model == INPUT:
            if len(which):
                yield f"{name}: {count} lines had no event ({some(which)})"
            return
        if population.spikes and len(which):
            never = silent & (self.earliest.get(name, np.zeros(len(silent))) >= steps)
            yield f"{name}: {count} neurons never spiked ({some(which)}){impossible(int(never.sum()))}"
        into, possible = self._into(name), self._into(name, spiked=False)
        missing = sum(int((~crossed).sum()) for _, crossed in into)
        if missing:
            never_used = sum(int((~crossed).sum()) for _, crossed in possible)
            yield (
                f"{name}: {missing:,} of {sum(at.count for at, _ in into):,} synapses carried no spike"
                f"{impossible(never_used)}"
            )
            used = {d for at, crossed in into for d in at.delay[crossed].tolist()}
            delays = {d for at, crossed in into for d in at.delay[~crossed].tolist()} - used
            if delays:
                yield f"{name}: no synapse carried a spike with a delay of {some(np.array(sorted(delays)))}"
        if population.threshold is not None and population.threshold.any() and not found.met.any():
            yield f"{name}: no v met its threshold exactly"

    def made(self, samples: int, seed: int) -> Spikes:
        graph = self.graph
        if not graph.inputs:
            return np.zeros((0, graph.time_steps, 0), np.uint8)
        rng = np.random.default_rng([seed, 1])
        random = [shaped(graph, SHAPES[k % len(SHAPES)], rng) for k in range(max(0, samples - 4))]
        return np.stack([*plain(graph), *random])[:samples]


def _counting(projection: Projection, listed: SynapseList) -> Projection:
    """A projection that delivers 1 where `projection` delivers anything."""
    ones = np.ones(listed.count, np.int32)
    synapses = SynapseList(
        listed.pre, listed.post, ones, listed.delay, listed.pre_neurons, listed.post_neurons
    )
    return Projection(projection.source, projection.destination, synapses)
