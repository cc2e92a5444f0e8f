"""What inputs of a graph are to reach, as numbers: a goal is reached at 0; below it, a larger one is nearer.

A number is comparable to others of the same goal alone. There is one of each kind for a neuron (that it
spikes, that v meets its threshold) or for a population (that some u wraps), and some for a projection or a
readout. Of *heights*, such as the largest u of a population, there is no end: more is farther.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from snnc.decoding.trace import recorded
from snnc.stages import Trace
from snnc.verification.inputs.graphs.looking import TOP, Row
from snnc.verification.inputs.graphs.scores import Flags, Values, closeness
from snnc.verification.inputs.graphs.wiring import Of, Whole, Wiring

JUST = 63
"""The largest distance that is "just" above or below a threshold: less than a weight of 1."""
MANY = 8
"""So many spikes that arrive in one step are sought; or as many as a neuron has synapses."""

EACH = ("spiked", "early", "met", "just above", "just below")
"""Goals of each neuron, and the first two of each line; "early": for its synapse of the longest delay."""
ANY = (
    *("met", "one above", "just above", "just below", "after the end"),
    *("u wraps above", "u wraps below", "u at 2^23", "u at -2^23"),
    *("v clips above", "v clips below", "w clips above", "w clips below"),
    *("two arrive", "many arrive", "last arrives", "first step", "last step"),
    *("twice", "stays", "under"),
)
"""Goals of a population that are reached if a neuron reaches them, and then those of `RESTS`."""
EXACT = {"met", "one above", "just above", "just below", "u at 2^23", "u at -2^23"}
"""Those that ask for an exact value, or nearly so."""
RESTS = tuple(range(Row.U_REST_BELOW, Row.SCALE_ABOVE + 1))
HEIGHTS = (Row.U_HIGH, Row.V_HIGH, Row.W_HIGH, Row.A_HIGH)
DEPTHS = (Row.U_LOW, Row.V_LOW, Row.W_LOW, Row.A_LOW)
"""Of each population the largest, and the least, are heights."""


@dataclass(frozen=True, slots=True)
class Aim:
    """What a goal asks of the states: `sign` times `variable` ("u", "v" or "w") is to be large.

    It is that of neuron `number`; of any in the population that begins at `start`, where that is None.
    """

    variable: str
    sign: int
    start: int
    number: int | None = None


class Goals:
    """The goals and heights of a graph, in this order: `EACH` by neuron; `ANY` and `RESTS` by population; one
    for each projection, that a synapse of the longest delay delivers; one for each readout, that two classes
    tie; then heights by population; for each readout the nearest two scores in both orders.

    `goals` is how many goals there are; `weight`, float64 [all], what each is worth: those of all neurons of
    a population together as much as one of the population.
    """

    def __init__(self, wiring: Wiring) -> None:
        self.wiring, of = wiring, wiring.neurons
        graph = wiring.graph
        self.readouts = recorded(graph)
        self.spiking, self.state = of[Of.LEVEL] >= 0, of[Of.STATE] == 1
        self.longest, self.fan_in = _longest(wiring), np.bincount(wiring.post, minlength=wiring.size)
        self._far = [_farthest(wiring, k) for k in range(len(graph.projections))]
        populations = len(wiring.starts)
        self.goals = (
            len(EACH) * wiring.size
            + (len(ANY) + len(RESTS)) * populations
            + len(self._far)
            + len(self.readouts)
        )
        self.heights = (len(HEIGHTS) + len(DEPTHS)) * populations + 2 * len(self.readouts)
        sizes = np.diff(np.append(wiring.starts, wiring.size))
        shared = np.tile(np.repeat(1 / sizes, sizes), len(EACH))
        self.weight = np.concatenate(
            [shared, np.ones(self.goals - len(shared)), np.ones(self.heights)], dtype=np.float64
        )

    def of(self, found: Whole) -> Values:
        """All but those of readouts, which are -inf: float64 [samples, all], of [samples, Row, numbers]."""
        steps, join = self.wiring.steps, self.wiring.by_population
        spiking, state = self.spiking, self.state
        first = found[:, Row.FIRST]
        spiked = np.where(spiking, found[:, Row.HIGHEST] - 1, np.where(state, -np.inf, steps - 1 - first))
        early = np.where(state & ~spiking, -np.inf, steps - 1 - self.longest - first)
        near = np.where(spiking, -found[:, Row.NEAR], -np.inf)
        above = np.where(spiking, JUST - found[:, Row.ABOVE], -np.inf)
        below = np.where(spiking, JUST - found[:, Row.BELOW], -np.inf)
        each = [spiked, early, near, above, below]

        def largest(values: npt.NDArray, where: Flags = state) -> Values:
            made: Values = join(np.maximum, np.where(where, values, -np.inf))
            return made

        of, many = self.wiring.neurons, np.minimum(MANY, self.fan_in)
        adapts = of[Of.ADAPTS] == 1
        any_of = [
            largest(near),
            largest(1 - found[:, Row.ABOVE], spiking),
            largest(above),
            largest(below),
            largest(found[:, Row.LATE] - 1, spiking & (of[Of.END] < steps)),
            largest(found[:, Row.U_HIGH] - TOP - 1),
            largest(-TOP - found[:, Row.U_LOW]),
            largest(-found[:, Row.U_TOP]),
            largest(-found[:, Row.U_BOTTOM]),
            largest(found[:, Row.V_HIGH] - TOP),
            largest(-TOP - found[:, Row.V_LOW]),
            largest(found[:, Row.W_HIGH] - TOP, adapts),
            largest(-TOP - found[:, Row.W_LOW], adapts),
            largest(found[:, Row.COUNT] - 2, self.fan_in >= 2),
            largest(found[:, Row.COUNT] - many, self.fan_in > 2),
            largest(found[:, Row.ARRIVED_LAST] - 1, self.fan_in >= 1),
            largest(-first, spiking | ~state),
            largest(found[:, Row.LAST] - 1, (spiking | ~state) & (of[Of.END] == steps)),
            largest(found[:, Row.TWICE] - 1, spiking),
            largest(found[:, Row.STAYS] - 1, spiking & (of[Of.RESET] > 0)),
            largest(found[:, Row.UNDER] - 1, spiking & (of[Of.RESET] > 0)),
        ]
        any_of += [largest(found[:, row] - 1, adapts if row > Row.V_REST_ABOVE else state) for row in RESTS]
        far = [steps - 1 - delay - first[:, which].min(axis=1, initial=steps) for delay, which in self._far]
        heights = [largest(found[:, row], adapts if row == Row.W_HIGH else state) for row in HEIGHTS]
        heights += [largest(-found[:, row], adapts if row == Row.W_LOW else state) for row in DEPTHS]
        unread = np.full((len(found), len(self.readouts)), -np.inf)
        columns = [*each, *any_of, *(one[:, None] for one in far), unread, *heights, unread, unread]
        return np.concatenate(columns, axis=1, dtype=np.float64)

    def name(self, goal: int) -> str:
        """Which of `EACH` or `ANY` a goal is of; "" for others."""
        if goal < len(EACH) * self.wiring.size:
            return EACH[goal // self.wiring.size]
        which = (goal - len(EACH) * self.wiring.size) // len(self.wiring.starts)
        return ANY[which] if which < len(ANY) else ""

    def exact(self, neurons: Flags) -> Flags:
        """Which goals ask for an exact value of some `neurons`, or of populations with one: bool [all]."""
        some = self.wiring.by_population(np.logical_or, neurons)
        each = [np.asarray(neurons & (name in EXACT)) for name in EACH]
        any_of = [np.asarray(some & (name in EXACT)) for name in ANY]
        found: Flags = np.concatenate([*each, *any_of])
        return np.append(found, np.zeros(self.goals + self.heights - len(found), np.bool_))

    def counted(self, open_goals: Flags) -> Flags:
        """The neurons at which arriving spikes are to be counted for what is open, bool [numbers]."""
        starts, size = self.wiring.starts, self.wiring.size
        names = ("two arrive", "many arrive", "last arrives")
        first = [len(EACH) * size + ANY.index(name) * len(starts) for name in names]
        some = np.any([open_goals[at : at + len(starts)] for at in first], axis=0)
        found: Flags = np.repeat(some, np.diff(np.append(starts, size))) & (self.fan_in > 0)
        return found

    def of_readouts(self, trace: Trace) -> Values:
        """Of each sample what readouts reach, in the order of `put`: [samples, 3 * readouts]."""
        pairs = [closeness(each, getattr(trace.layers[each.layer], each.variable)) for each in self.readouts]
        columns = [[tie for tie, _ in pairs], *([orders[:, k] for _, orders in pairs] for k in (0, 1))]
        return np.stack([column for part in columns for column in part], axis=1)

    def put(self, values: Values, read: Values) -> None:
        """Write what `of_readouts` gives to its places among all."""
        count = len(self.readouts)
        values[..., self.goals - count : self.goals] = read[..., :count]
        values[..., -2 * count :] = read[..., count:]

    def of_population(self, name: str) -> dict[str, int]:
        """The goals of a population, by their names: those of `ANY`, and of `RESTS` that of the row."""
        place, count = list(self.wiring.places).index(name), len(self.wiring.starts)
        names = (*ANY, *(Row(row).name for row in RESTS))
        first = len(EACH) * self.wiring.size + place
        return {goal: first + k * count for k, goal in enumerate(names)}

    def ties(self, name: str) -> list[int]:
        """The goal that classes of a population tie, if it is a readout."""
        first = self.goals - len(self.readouts)
        return [first + k for k, each in enumerate(self.wiring.graph.readouts) if each.population == name]

    def aim(self, goal: int) -> Aim | None:
        """What state would bring a goal nearer; None for those that name none."""
        size, starts = self.wiring.size, self.wiring.starts
        if goal < len(EACH) * size:
            number = goal % size
            start = int(starts[np.searchsorted(starts, number, side="right") - 1])
            return Aim("v", 1, start, number)
        goal -= len(EACH) * size
        which, population = divmod(goal, len(starts))
        start = int(starts[population])
        if which < len(ANY):
            name = ANY[which]
            variable = name[0] if name[1] == " " else "v"
            return Aim(variable, -1 if name.endswith(("below", "under", "-2^23")) else 1, start)
        which = goal + len(EACH) * size - self.goals
        if which < 0:
            return None
        which, population = divmod(which, len(starts))
        rows = (*HEIGHTS, *DEPTHS)
        if which >= len(rows):
            return None
        name = rows[which].name[0].lower()
        return Aim("u" if name == "a" else name, 1 if which < len(HEIGHTS) else -1, int(starts[population]))


def _longest(wiring: Wiring) -> Whole:
    """Of each source the longest delay of its synapses, 0 for none."""
    found = np.zeros(wiring.size, np.int64)
    np.maximum.at(found, wiring.pre, wiring.delay)
    return found


def _farthest(wiring: Wiring, projection: int) -> tuple[int, Whole]:
    """The longest delay of a projection with which something arrives, and the sources of such synapses."""
    of, listed = wiring.graph.projections[projection], wiring.listed[projection]
    delay = int(listed.delay[listed.delay < wiring.steps].max(initial=-1))
    first = wiring.places[of.source].start
    return delay, first + np.unique(listed.pre[listed.delay == delay]).astype(np.int64)
