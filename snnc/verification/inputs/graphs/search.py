"""The search for inputs of a graph that reach what others did not; of any graph, by its goals alone.

Of each open goal and each height the train is kept that comes nearest or goes farthest (Mouret and Clune 2015
call this illumination: a train on the way to one goal may be the best of another). In each round some goals
are drawn, and their trains are changed: along the gradient of a state, event by event for an exact value, or
at random, with parts of others.

The first half of the search looks around so, and the farthest are chosen. In the second half one input after
the other is made that reaches as many open goals as can be: that which reaches most is changed, in the same
ways. Candidates run on the event-driven simulator; how many is all that limits the search, so a seed always
gives the same inputs.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from snnc.batches import batch_size
from snnc.hwsim.event_driven import simulate
from snnc.verification.inputs.extremes import farthest
from snnc.verification.inputs.graphs.exact import exactly
from snnc.verification.inputs.graphs.goals import Aim, Goals
from snnc.verification.inputs.graphs.looking import FAR, Into, look
from snnc.verification.inputs.graphs.pull import VARIABLES, Pull
from snnc.verification.inputs.graphs.scores import Flags, Values
from snnc.verification.inputs.graphs.wiring import Ints, Wiring
from snnc.verification.inputs.trains import SHAPES, Rng, Train, largest_events, mutated, plain, shaped

RUNS, LEAST_RUNS = 4096, 64
WORK = 30_000_000_000
"""Synapses times steps that are simulated at most, unless `LEAST_RUNS` take more."""
GRADIENT_WORK = 2_000_000_000
"""The same for gradients."""
BROAD = 8
"""One run in this many is of a random train."""
AIMS, CHANGES = 8, 8
"""Goals of a round, at most; trains that are made for each."""
ALONG, EXACTLY = 4, 3
"""Of these along a gradient, or for an exact value."""
FARTHEST = 3, 8
"""Largest share of the inputs, as (number, of how many), that is chosen by heights."""
ENOUGH = 0.95
"""Of the way to the farthest that was found: so much of a height is enough, if fewer inputs do it."""


def affordable(wiring: Wiring) -> tuple[int, int]:
    """How many trains are simulated, and how many gradients are computed: fewer where the graph is large."""
    size = max(1, wiring.steps * len(wiring.post))
    return min(RUNS, max(LEAST_RUNS, WORK // size)), GRADIENT_WORK // size


class Search:
    """A search under way. `known`: the best values of given inputs; `possible`: which may be reached."""

    def __init__(self, wiring: Wiring, goals: Goals, known: Values, possible: Flags, rng: Rng) -> None:
        self.wiring, self.graph, self.goals, self.rng = wiring, wiring.graph, goals, rng
        self.known, self.pull = known, Pull(wiring)
        self.ends = np.arange(len(known)) < goals.goals
        self.open = np.where(self.ends, possible & (known < 0), True)
        self.best = np.full(len(known), -np.inf)
        self.elite = np.full(len(known), -1)
        self.kept: dict[int, tuple[Train, Values]] = {}
        fed = np.isin(np.arange(wiring.size), self.pull.fed)
        self.exact = goals.exact(fed)
        self.into = Into(wiring, goals.counted(self.open))
        self.leader = -1
        self.made = 0
        self.most = np.broadcast_to(largest_events(self.graph), self.graph.inputs)

    def inputs(self, samples: int, runs: int, gradients: int) -> list[Train]:
        """At most `samples` trains, each of which goes farther than others or reaches an open goal.

        `runs` trains are simulated, and at most `gradients` gradients computed.
        """
        broad = max(len(SHAPES), runs // BROAD)
        self._try([*plain(self.graph), *(self._shaped() for _ in range(broad))])
        self._rounds(runs // 2 - broad, gradients // 2)
        chosen = self._farthest(samples * FARTHEST[0] // FARTHEST[1])
        self.open &= self.ends
        places = samples - len(chosen)
        for _ in range(places):
            self.leader = max(self.kept, key=lambda name: self._gain(self.kept[name][1]), default=-1)
            self._rounds(runs // 2 // places, gradients // 2 // places)
            if self.leader < 0 or not self._take(self.leader):
                break
            chosen.append(self.kept[self.leader][0])
        return chosen

    def _rounds(self, runs: int, gradients: int) -> None:
        left = runs
        while left > CHANGES:
            some = min(AIMS, left // (CHANGES + 1))
            left -= some * (CHANGES + 1)
            spent = (
                gradients * (runs - left) // runs - gradients * (runs - left - some * (CHANGES + 1)) // runs
            )
            trains = list(self._round(some, spent))
            if not trains:
                return
            self._try(trains)

    def _try(self, trains: list[Train]) -> None:
        """Simulate them, and keep those that come nearer to an open goal than others did."""
        size = batch_size(self.graph)
        for first in range(0, len(trains), size):
            part = trains[first : first + size]
            self._keep(part, values_of(self.goals, np.stack(part), self.into))
        used = {self.leader, *self.elite[self.open].tolist()}
        self.kept = {name: one for name, one in self.kept.items() if name in used}

    def _keep(self, trains: list[Train], values: Values) -> None:
        where = values.argmax(axis=0)
        top = values[where, np.arange(values.shape[1])]
        better = self.open & (top > self.best)
        self.best[better] = top[better]
        for k in np.unique(where[better]).tolist():
            self.elite[better & (where == k)] = self._add(trains[k], values[k])
        if self.leader >= 0:
            gains = [self._gain(one) for one in values]
            k = int(np.argmax(gains))
            if gains[k] >= self._gain(self.kept[self.leader][1]):  # as good: it may lead on
                self.leader = self._add(trains[k], values[k])

    def _add(self, train: Train, values: Values) -> int:
        self.made += 1
        self.kept[self.made] = train, values
        return self.made

    def _gain(self, values: Values) -> float:
        """What the open goals are worth that a train reaches."""
        return float(self.goals.weight[self.open & self.ends & (values >= 0)].sum())

    def _take(self, name: int) -> bool:
        """Close the goals that a train reaches; whether there is one."""
        reached = self.open & (self.kept[name][1] >= 0)
        self.open &= ~reached
        return bool(reached.any())

    def _shaped(self) -> Train:
        return shaped(self.graph, SHAPES[self.rng.integers(len(SHAPES))], self.rng)

    def _round(self, count: int, gradients: int) -> Iterator[Train]:
        """Changes of the trains that are nearest to `count` goals; for most, of the leader if any."""
        rng, aims = self.rng, self._drawn(count)
        if not len(aims):
            return
        bases = [self._base(goal, lead=k % 4 > 0) for k, goal in enumerate(aims)]
        trace = simulate(self.graph, np.stack(bases))
        sent = self.wiring.sent(np.stack(bases), trace)
        for k, (goal, base) in enumerate(zip(aims.tolist(), bases, strict=True)):
            aim, states, made = self.goals.aim(goal), self.wiring.states(trace, k), list[Train]()
            if aim is not None and k < gradients:
                number, step = self._place(aim, states)
                slope = self.pull.towards(aim.variable, number, step, aim.sign, sent[k], states)
                made = [self._along(base, slope, every=part == 0) for part in range(ALONG)]
            if self.ends[goal]:
                made += self._exactly(base, states)
            while len(made) < CHANGES:
                other = self._shaped() if rng.random() < 0.5 else self._base(int(rng.choice(aims)))
                made.append(mutated(self.graph, base, other, rng))
            yield from made

    def _drawn(self, count: int = AIMS) -> npt.NDArray[np.int64]:
        """Goals that are open, drawn by their weight: those that no train reached, if there are any. Heights
        come first, and are half of them while they are open."""
        missed = self.open & self.ends & (self.best < 0)
        heights = np.flatnonzero(self.open & ~self.ends & np.isfinite(self.best))
        goals = np.flatnonzero(missed if missed.any() else self.open & self.ends)
        high = count // 2 if len(heights) and len(goals) else count if len(heights) else 0
        drawn = [self.rng.choice(heights, high)] if high else []
        if len(goals) and count > high:
            weight = self.goals.weight[goals]
            drawn.append(self.rng.choice(goals, count - high, p=weight / weight.sum()))
        return np.concatenate([np.zeros(0, np.int64), *drawn])

    def _base(self, goal: int, lead: bool = False) -> Train:
        """The train that came nearest to a goal, or the leader; a random one if none is kept."""
        name = self.leader if lead and self.leader >= 0 else int(self.elite[goal])
        return self.kept[name][0] if name in self.kept else self._shaped()

    def _place(self, aim: Aim, states: tuple[Ints, Ints, Ints]) -> tuple[int, int]:
        """A neuron and a step for an aim: where its state is largest, or another."""
        rng, size = self.rng, self.wiring.size
        state = aim.sign * states[VARIABLES.index(aim.variable)].astype(np.int64)  # [numbers, T]
        ends = np.append(self.wiring.starts, size)
        stop = int(ends[np.searchsorted(ends, aim.start, side="right")])
        if aim.number is not None:
            number = aim.number
        elif rng.random() < 0.5:
            number = aim.start + int(state[aim.start : stop].max(axis=1).argmax())
        else:
            number = int(rng.integers(aim.start, stop))
        steps = self.wiring.steps
        step = int(state[number].argmax()) if rng.random() < 0.5 else int(rng.integers(steps))
        return number, steps - 1 if rng.random() < 0.25 else step

    def _exactly(self, base: Train, states: tuple[Ints, Ints, Ints]) -> list[Train]:
        """`base` changed for some exact values that are open."""
        goals = np.flatnonzero(self.open & self.exact)
        if not len(goals):
            return []
        weight = self.goals.weight[goals]
        made = []
        for goal in self.rng.choice(goals, EXACTLY, p=weight / weight.sum()).tolist():
            aim = self.goals.aim(goal)
            assert aim is not None
            number = self._place(aim, states)[0]
            made.append(exactly(self.pull, base, states, number, self.goals.name(goal), self.rng))
        return [train for train in made if train is not None]

    def _along(self, base: Train, slope: npt.NDArray[np.float64], *, every: bool) -> Train:
        """`base` with events added where the slope is above 0, and left out where it is below: every such
        event, or some of the steepest."""
        changed = base.copy()
        up, down = (slope > 0) & (base < self.most), (slope < 0) & (base > 0)
        at = np.flatnonzero(up | down)
        if len(at):
            share = 1.0 if every else 2 ** -self.rng.uniform(0, np.log2(len(at) + 1))
            steepest = at[np.argsort(-np.abs(slope.ravel()[at]), kind="stable")]
            at = steepest[: max(1, round(share * len(at)))]
            most = np.broadcast_to(self.most, base.shape).ravel()
            changed.ravel()[at] = np.where(up.ravel()[at], most[at], 0)
        return changed

    def _farthest(self, samples: int) -> list[Train]:
        """At most `samples` of those that go farther than known inputs."""
        names = sorted(self.kept)
        if not names or not samples:
            return []
        heights = np.stack([self.kept[name][1][~self.ends] for name in names])
        chosen = beyond(heights, self.known[~self.ends], samples, ENOUGH)
        for k in chosen:
            self._take(names[k])
        return [self.kept[names[k]][0] for k in chosen]


def beyond(heights: Values, known: Values, samples: int, enough: float = 1.0) -> list[int]:
    """Which of `heights` [inputs, heights] to take, at most `samples`, as `farthest` does.

    Some inputs may lack a height, -inf: they count as the lowest that has it.
    """
    every = np.vstack([known, heights])
    has = np.isfinite(every) & (every > -FAR)
    lowest = np.where(has, every, np.inf).min(axis=0)
    which = has.any(axis=0)
    every = np.where(has, every, lowest)[:, which]
    return farthest(every[1:], every[0], samples, enough)


def values_of(goals: Goals, inputs: npt.NDArray[np.uint8], into: Into) -> Values:
    """What each input reaches, float64 [samples, all]; at most 0 of goals, which is enough."""
    wiring = goals.wiring
    trace = simulate(wiring.graph, inputs)
    sent = wiring.sent(inputs, trace)
    found = [look(wiring, sent[k], wiring.states(trace, k), into) for k in range(len(inputs))]
    values = goals.of(np.stack(found))
    goals.put(values, goals.of_readouts(trace))
    values[:, : goals.goals] = np.minimum(values[:, : goals.goals], 0)
    return values
