"""Inputs generated to reach what others did not: a search guided by coverage.

One input after the other is sought. From plain trains, noise and volleys aimed at a neuron that is still
silent (or spikes too late for some synapse) the best is taken and changed as long as that reaches more, or
brings the aim nearer to its threshold. Candidates run on the event-driven simulator; how many is all that
limits the search, so a seed always gives the same inputs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from snnc import formats
from snnc.batches import batch_size
from snnc.errors import InputError
from snnc.hwsim.coverage import Reachable, Reached, carried, reached, reached_by_each
from snnc.hwsim.event_driven import simulate
from snnc.hwsim.stimulus_moves import (
    Rng,
    Train,
    drive,
    meet_thresholds,
    mutated,
    noise,
    plain,
    volley,
)
from snnc.stages import LayerTrace, QuantizedGraph, Trace

SAMPLES, RUNS = 16, 2048
STARTS, CHANGES = 32, 16
"""Candidates to start from, and those made of the best one in each round."""
WORK = 100_000_000_000
"""Synapses times steps that are simulated at most: some 100 runs of 10 million synapses over 100 steps."""


@dataclass(frozen=True, slots=True)
class _Aim:
    """A neuron of a layer that is to spike in `step` or before."""

    layer: int
    neuron: int
    step: int


@dataclass(frozen=True, slots=True)
class _Candidate:
    train: Train
    reached: Reached
    gain: float
    nearness: float
    v: npt.NDArray[np.int32]
    """Of the first layer, [T, neurons], as `fired`."""
    fired: npt.NDArray[np.bool_]

    @property
    def value(self) -> float:
        return self.gain + self.nearness


def generate(
    graph: QuantizedGraph,
    found: Reached,
    *,
    seed: int,
    samples: int = SAMPLES,
    runs: int | None = None,
    reachable: Reachable | None = None,
) -> npt.NDArray[np.uint8]:
    """Inputs that reach what `found` does not contain, uint8 [at most `samples`, T, inputs].

    Each reaches something that neither `found` nor those before it did. `runs` is how many inputs are
    simulated on the way, by default what the size of the graph allows; there are `STARTS` for each input, or
    there are fewer inputs. `reachable` keeps the search from what no input reaches.

    Raises
    ------
    InputError
        If `samples` or `runs` is not positive.
    """
    runs = affordable_runs(graph, samples) if runs is None else runs
    for name, value in (("samples", samples), ("runs", runs)):
        if value < 1:
            raise InputError(f"generated inputs: {name} is {value}, expected 1 or more")
    samples = min(samples, max(1, runs // STARTS))
    search = _Search(graph, found, reachable or Reachable.anything(graph), np.random.default_rng(seed))
    chosen = [train for _ in range(samples) if (train := search.next_input(runs // samples)) is not None]
    return np.stack(chosen) if chosen else np.zeros((0, graph.time_steps, graph.inputs), np.uint8)


def affordable_runs(graph: QuantizedGraph, samples: int) -> int:
    """How many inputs are simulated in the search for `samples`: fewer where the graph is large."""
    size = graph.time_steps * sum(int(np.count_nonzero(layer.weight)) for layer in graph.layers)
    return min(max(RUNS, STARTS * samples), max(STARTS, WORK // max(1, size)))


class _Search:
    def __init__(self, graph: QuantizedGraph, found: Reached, reachable: Reachable, rng: Rng) -> None:
        self.graph, self.found, self.reachable, self.rng = graph, found, reachable, rng
        self.synapses = [_delivered(graph, index) for index in range(len(graph.layers))]
        self.nearest: dict[tuple[int, int], Train] = {}  # the best train so far of each aim

    def next_input(self, runs: int) -> Train | None:
        """An input that reaches something new, or None if `runs` candidates do not."""
        aims, best = self._open(), None
        aim = aims[self.rng.integers(len(aims))] if aims else None
        while runs > 0:
            trains = self._starts(aim) if best is None else self._changes(best, aim, aims)
            trains = trains[: min(runs, batch_size(self.graph))]
            runs -= len(trains)
            # A change that is as good is taken too: it leads on.
            best = max((*self._run(trains, aim), *([best] if best else ())), key=lambda one: one.value)
        if best is None:
            return None
        if aim is not None:
            self.nearest[aim.layer, aim.neuron] = best.train
        if best.gain <= 0:
            return None
        self.found = self.found + best.reached
        return best.train

    def _open(self) -> list[_Aim]:
        """Neurons that have not spiked, or too late for some of their synapses."""
        steps, wanted = self.graph.time_steps, []
        for index, after in enumerate(self.graph.layers[1:]):
            first, earliest = self.found.first[index + 1], self.reachable.earliest[index]
            missing = (after.weight != 0) & ~carried(self.graph, index + 1, first)
            shortest = np.where(missing, after.delay, steps).min(axis=0)
            last = np.where(first >= steps, steps - 1, steps - 1 - shortest)
            which = np.flatnonzero((last < first) & (last >= earliest))
            wanted += [_Aim(index, int(i), int(last[i])) for i in which]
        return wanted

    def _starts(self, aim: _Aim | None) -> list[Train]:
        trains = []
        if aim is not None and (aim.layer, aim.neuron) in self.nearest:
            trains.append(self.nearest[aim.layer, aim.neuron])
        while len(trains) < STARTS - 4:
            trains += [noise(self.graph, self.rng), self._drive(aim)]
        return trains + plain(self.graph)

    def _drive(self, aim: _Aim | None) -> Train:
        """A volley for the aim; where there is none, a first layer's neuron driven as far as can be."""
        if aim is None:
            return drive(self.graph, self.rng)
        step = aim.step if self.rng.random() < 0.5 else int(self.rng.integers(aim.step + 1))
        return volley(self.graph, aim.layer, aim.neuron, step, self.rng)

    def _changes(self, best: _Candidate, aim: _Aim | None, aims: list[_Aim]) -> list[Train]:
        graph, rng, trains = self.graph, self.rng, []
        unmet = ~best.fired & ~(self.found.met[0] | best.reached.met[0])
        for k in range(CHANGES):
            if k % 2 == 0:
                other = noise(graph, rng) if rng.random() < 0.5 else self._drive(aim)
                trains.append(mutated(graph, best.train, other, rng))
            elif k % 4 == 1 and aims:
                another = self._drive(aims[rng.integers(len(aims))])
                trains.append(np.maximum(best.train, another))
            else:
                trains.append(meet_thresholds(graph, best.train, best.v, unmet, rng))
        return trains

    def _run(self, trains: list[Train], aim: _Aim | None) -> Iterator[_Candidate]:
        inputs = np.stack(trains)
        trace = simulate(self.graph, inputs)
        before = self._score(self.found)
        for k, one in enumerate(self._reached(inputs, trace)):
            near = 0.0 if aim is None else self._nearness(aim, trace.layers[aim.layer], k)
            gain = self._score(self.found + one) - before
            yield _Candidate(trains[k], one, gain, near, trace.layers[0].v[k], trace.layers[0].spikes[k])

    def _reached(self, inputs: npt.NDArray[np.uint8], trace: Trace) -> list[Reached]:
        saturations = np.array([(layer.u_wraps, layer.v_clips) for layer in trace])
        new = (saturations > 0) & (self.found.counts[:, 2:] == 0)
        if new.any():  # a trace counts them over all its samples
            alone = (inputs[k : k + 1] for k in range(len(inputs)))
            return [reached(self.graph, one, simulate(self.graph, one)) for one in alone]
        return reached_by_each(self.graph, inputs, trace)

    def _nearness(self, aim: _Aim, state: LayerTrace, sample: int) -> float:
        """How near v of the aim came to its threshold, 0 to 1; 1 if it fired in time."""
        layer = self.graph.layers[aim.layer]
        until = sample, slice(aim.step + 1), aim.neuron
        if state.spikes[until].any():
            return 1.0
        missing = ((layer.threshold or 0) << formats.STATE_FRACTION_BITS) - int(state.v[until].max())
        strongest = int(np.abs(layer.weight[aim.neuron]).max()) << formats.STATE_FRACTION_BITS
        return 1 / (2 + missing / max(strongest, 1))

    def _score(self, found: Reached) -> float:
        """The sum, over layers and what can be reached of them, of the shares that are."""
        score = 0.0
        for index, delivered in enumerate(self.synapses):
            first, spiked = found.first[index], found.first[index + 1] < self.graph.time_steps
            synapses = delivered[np.arange(len(first)), first].sum() / max(1, delivered[:, 0].sum())
            score += synapses + spiked.mean() + found.met[index].mean() + (found.counts[index, 1:] > 0).sum()
        return score


def _delivered(graph: QuantizedGraph, index: int) -> npt.NDArray[np.int64]:
    """How many synapses of a source carry a spike if it spikes first in a step; [sources, T + 1]."""
    layer, steps = graph.layers[index], graph.time_steps
    exists = (layer.weight != 0) & (layer.delay < steps)
    found = np.zeros((layer.inputs, steps + 1), np.int64)
    # One with delay d is carried up to step T - 1 - d.
    np.add.at(found, (np.nonzero(exists)[1], steps - 1 - layer.delay[exists]), 1)
    return found[:, ::-1].cumsum(axis=1)[:, ::-1]
