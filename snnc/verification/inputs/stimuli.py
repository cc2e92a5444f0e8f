"""Inputs generated to reach what others did not: a search guided by coverage, and random ones beside them.

The first are those that drive the network farthest (`ascent.py`), beyond what others did; and those on which
the two best classes are nearest to each other (`close_scores.py`).

Then one input after the other is sought. From trains of several shapes and volleys aimed at a neuron that is
still silent (or spikes too late for some synapse) the best is taken and changed as long as that reaches more,
or brings the aim nearer to its threshold. Candidates run on the event-driven simulator; how many is all that
limits the search, so a seed always gives the same inputs. Random trains fill the places that are left: they
show faults of which no coverage thinks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from snnc import formats
from snnc.batches import batch_size, batches
from snnc.errors import InputError
from snnc.hwsim.event_driven import simulate
from snnc.stages import LayerTrace, QuantizedGraph
from snnc.verification.inputs.ascent import driven
from snnc.verification.inputs.close_scores import close
from snnc.verification.inputs.coverage import Count, Reached, carried, reached, reached_by_each
from snnc.verification.inputs.exact_states import FirstLayer, met_exactly
from snnc.verification.inputs.extremes import Heights, farthest, heights, rest
from snnc.verification.inputs.reachable import Reachable
from snnc.verification.inputs.trains import SHAPES, Rng, Train, drive, mutated, plain, shaped, volley
from snnc.verification.inputs.worth import Worth

SAMPLES, RUNS = 16, 4096
STARTS, CHANGES = 32, 16
"""Candidates to start from, and those made of the best one in each round."""
POOL = 48
"""Candidates that reach something new and are kept for later places, at most."""
RANDOM = 8
"""One input in this many is random, whatever the search finds."""
FARTHEST, CLOSEST = (3, 8), (3, 16)
"""Largest share of the inputs, as (number, of how many), for extremes and for close scores."""
CLOSE_RUNS = 4
"""One run in this many is for these."""
ENOUGH = 0.95
"""Of the way to the farthest that was found: so much of it is enough, if fewer inputs do it."""
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
    first_layer: FirstLayer
    gain: float
    nearness: float

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
    driven_to: Heights | None = None,
) -> npt.NDArray[np.uint8]:
    """Inputs beside those that reached `found` and `driven_to`, uint8 [`samples`, T, inputs].

    First those of `extremes` and of `close`, the shares `FARTHEST` and `CLOSEST` at most, and of `search`;
    then random ones of the `SHAPES` in turn, one in `RANDOM` at least.

    Raises
    ------
    InputError
        If `samples` or `runs` is not positive.
    """
    _check(samples=samples, runs=1 if runs is None else runs)
    far = extremes(graph, samples * FARTHEST[0] // FARTHEST[1], driven_to)
    near = _close(graph, samples * CLOSEST[0] // CLOSEST[1], found, seed, runs)
    made = np.concatenate([far, near])
    if len(made):
        for part in batches(graph, len(made)):
            found = found + reached(graph, made[part], simulate(graph, made[part]))
    places = samples - samples // RANDOM - len(made)
    sought = search(graph, found, seed=seed, samples=places, runs=runs, reachable=reachable)
    rng = np.random.default_rng([seed, 1])
    fill = [shaped(graph, SHAPES[k % len(SHAPES)], rng) for k in range(samples - len(made) - len(sought))]
    return np.concatenate([made, sought, np.array(fill, np.uint8).reshape(-1, *sought.shape[1:])])


def extremes(graph: QuantizedGraph, samples: int, driven_to: Heights | None = None) -> npt.NDArray[np.uint8]:
    """Inputs that drive `graph` farther than others did, uint8 [at most `samples`, T, inputs]."""
    if samples < 1:
        return _trains(graph, [])
    trains = np.stack(driven(graph))
    before = rest(graph) if driven_to is None else driven_to
    parts = list(batches(graph, len(trains)))
    each = np.concatenate([heights(graph, trains[part], simulate(graph, trains[part])) for part in parts])
    return _trains(graph, [trains[k] for k in farthest(each, before, samples, ENOUGH)])


def _close(
    graph: QuantizedGraph, samples: int, found: Reached, seed: int, runs: int | None
) -> npt.NDArray[np.uint8]:
    """Inputs whose two best scores are close; one in which they are equal, if `found` has none, included."""
    if samples < 1:
        return _trains(graph, [])
    budget = affordable_runs(graph, samples) if runs is None else runs
    rng = np.random.default_rng([seed, 2])
    made = close(graph, rng, budget // CLOSE_RUNS, tie=not found.counts[-1, Count.TIES])
    return _trains(graph, made[:samples])


def _trains(graph: QuantizedGraph, made: list[Train]) -> npt.NDArray[np.uint8]:
    """As uint8 [trains, T, inputs]."""
    return np.array(made, np.uint8).reshape(-1, graph.time_steps, graph.inputs)


def _check(**counts: int) -> None:
    for name, value in counts.items():
        if value < 1:
            raise InputError(f"generated inputs: {name} is {value}, expected 1 or more")


def search(
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
    _check(samples=samples, runs=runs)
    samples = min(samples, max(1, runs // STARTS))
    rng = np.random.default_rng(seed)
    under_way = _Search(graph, found, reachable or Reachable.anything(graph), rng)
    broad = (runs - STARTS * samples) * 2 // 3
    under_way.look_around(broad)
    each = (runs - broad) // samples
    chosen = [train for _ in range(samples) if (train := under_way.next_input(each)) is not None]
    return np.stack(chosen) if chosen else np.zeros((0, graph.time_steps, graph.inputs), np.uint8)


def affordable_runs(graph: QuantizedGraph, samples: int) -> int:
    """How many inputs are simulated in the search for `samples`: fewer where the graph is large."""
    size = graph.time_steps * sum(int(np.count_nonzero(layer.weight)) for layer in graph.layers)
    return min(max(RUNS, STARTS * samples), max(STARTS, WORK // max(1, size)))


class _Search:
    def __init__(self, graph: QuantizedGraph, found: Reached, reachable: Reachable, rng: Rng) -> None:
        self.graph, self.found, self.reachable, self.rng = graph, found, reachable, rng
        self.worth = Worth(graph, reachable)
        self.nearest: dict[tuple[int, int], Train] = {}  # the best train so far of each aim
        self.pool: list[_Candidate] = []  # not chosen, though they reached something new

    def look_around(self, runs: int) -> None:
        """Run `runs` random trains, some of which may reach rare states."""
        while runs > 0:
            trains = [self._shaped() for _ in range(min(runs, batch_size(self.graph)))]
            runs -= len(trains)
            self.pool += self._run(trains, None, least=1e-9)
            self._pooled()

    def next_input(self, runs: int) -> Train | None:
        """An input that reaches something new, or None if `runs` candidates do not."""
        if self.worth.all_reached(self.found):
            return None
        aims = self._open()
        aim = aims[self.rng.integers(len(aims))] if aims else None
        best = max(self._pooled(), key=lambda one: one.value, default=None)
        trains = self._starts(aim)
        while runs > 0:
            trains = trains[: min(runs, batch_size(self.graph))]
            runs -= len(trains)
            made = list(self._run(trains, aim))
            self.pool += [one for one in made if one.gain > 0]
            # A change that is as good is taken too: it leads on.
            best = max((*made, *([best] if best else ())), key=lambda one: one.value)
            trains = self._changes(best, aim, aims)
        if best is None:
            return None
        if aim is not None:
            self.nearest[aim.layer, aim.neuron] = best.train
        if best.gain <= 0:
            return None
        self.found = self.found + best.reached
        return best.train

    def _pooled(self) -> list[_Candidate]:
        """Those of earlier searches that still reach something new, the best first; the rest is let go."""
        if not self.pool:
            return []
        together = Reached.stacked([one.reached for one in self.pool])
        gains = self.worth.of(self.found + together) - self.worth.of(self.found)
        kept = [k for k in np.argsort(-gains, kind="stable")[:POOL] if gains[k] > 0]
        self.pool = [replace(self.pool[k], gain=float(gains[k]), nearness=0.0) for k in kept]
        return self.pool

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
            trains += [self._shaped(), self._drive(aim)]
        return trains + plain(self.graph)

    def _shaped(self) -> Train:
        return shaped(self.graph, SHAPES[self.rng.integers(len(SHAPES))], self.rng)

    def _drive(self, aim: _Aim | None) -> Train:
        """A volley for the aim; where there is none, a first layer's neuron driven as far as can be."""
        if aim is None:
            return drive(self.graph, self.rng)
        step = aim.step if self.rng.random() < 0.5 else int(self.rng.integers(aim.step + 1))
        return volley(self.graph, aim.layer, aim.neuron, step, self.rng)

    def _changes(self, best: _Candidate, aim: _Aim | None, aims: list[_Aim]) -> list[Train]:
        graph, rng, trains = self.graph, self.rng, []
        for k in range(CHANGES):
            if k % 2 == 0:
                other = self._shaped() if rng.random() < 0.5 else self._drive(aim)
                trains.append(mutated(graph, best.train, other, rng))
            elif k % 4 == 1 and aims:
                another = self._drive(aims[rng.integers(len(aims))])
                trains.append(np.maximum(best.train, another))
            else:
                base = self.pool[rng.integers(len(self.pool))] if k % 8 == 7 and self.pool else best
                made = self._exact(base)
                trains.append(mutated(graph, best.train, self._shaped(), rng) if made is None else made)
        return trains

    def _exact(self, base: _Candidate) -> Train | None:
        found = self.found + base.reached
        return met_exactly(self.graph, base.train, base.first_layer, found, self.reachable, self.rng)

    def _run(self, trains: list[Train], aim: _Aim | None, least: float = 0) -> Iterator[_Candidate]:
        """Those that gain so much at `least`."""
        inputs = np.stack(trains)
        trace = simulate(self.graph, inputs)
        each = reached_by_each(self.graph, inputs, trace, self.found)
        gains = self.worth.of(self.found + each) - self.worth.of(self.found)
        state = trace.layers[0]
        for k in np.flatnonzero(gains >= least).tolist():
            near = 0.0 if aim is None else self._nearness(aim, trace.layers[aim.layer], k)
            first_layer = FirstLayer(state.u[k].copy(), state.v[k].copy())
            yield _Candidate(trains[k], each.sample(k), first_layer, float(gains[k]), near)

    def _nearness(self, aim: _Aim, state: LayerTrace, sample: int) -> float:
        """How near v of the aim came to its threshold, 0 to 1; 1 if it fired in time."""
        layer = self.graph.layers[aim.layer]
        until = sample, slice(aim.step + 1), aim.neuron
        if state.spikes[until].any():
            return 1.0
        missing = ((layer.threshold or 0) << formats.STATE_FRACTION_BITS) - int(state.v[until].max())
        strongest = int(np.abs(layer.weight[aim.neuron]).max()) << formats.STATE_FRACTION_BITS
        return 1 / (2 + missing / max(strongest, 1))
