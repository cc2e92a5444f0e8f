"""Where everything lies: neurons in lanes and groups, groups in levels, synapses in rows of words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from snnc.errors import LimitError
from snnc.stages import QuantizedGraph
from snnc.stages.population import ADLIF, INPUT, LI, Population

IntArray = npt.NDArray[np.int64]

MOST_ACCUMULATORS = 1 << 26
"""Of all neurons together: a simulation holds them in 4 bytes each."""
MOST_PLACES = 1 << 26
"""For synapses, in all words of all lanes together: here they take 16 bytes each."""


@dataclass(frozen=True, slots=True)
class Level:
    """Groups `first` .. `last`, updated one after another; `spikes`: whether some population does."""

    first: int
    last: int
    spikes: bool


@dataclass(frozen=True, slots=True)
class Place:
    """A population that is no input: its neurons lie in `groups` groups from `first` on."""

    population: Population
    first: int
    groups: int


@dataclass(frozen=True, slots=True)
class Words:
    """The synapse words of all rows, in their order.

    `start`, `count` [rows]: which words are a row's. `group` [words]; `weight` and `delay` [words, lanes],
    0 where a lane has no synapse. A weight is that of the contract, shifted by the exponent.
    `shares_delays`: in every word, all synapses have the same delay, as where delays are those of axons.
    """

    start: IntArray
    count: IntArray
    group: IntArray
    weight: IntArray
    delay: IntArray

    @property
    def shares_delays(self) -> bool:
        return bool(np.all((self.delay == self.delay.max(axis=1, keepdims=True)) | (self.weight == 0)))


@dataclass(frozen=True, slots=True)
class Layout:
    """`graph` on `lanes` lanes.

    Neuron n of a population lies in lane n mod `lanes` of its group n // `lanes`. The rows are those of
    the lanes of all groups, then, from `input_row` on, those of the input lines. `slots`: accumulators that a
    neuron has. The longest delay of the whole network that arrives needs one more than it is; another one
    lets the next step's events be added before this step's sums are read.
    """

    graph: QuantizedGraph
    lanes: int
    places: tuple[Place, ...]
    levels: tuple[Level, ...]
    words: Words
    slots: int

    @property
    def groups(self) -> int:
        return sum(each.groups for each in self.places)

    @property
    def adapts(self) -> bool:
        """Whether some population is `adlif`."""
        return any(each.population.model == ADLIF for each in self.places)

    @property
    def input_row(self) -> int:
        return self.groups * self.lanes

    @property
    def rows(self) -> int:
        return self.input_row + self.graph.inputs

    def by_lane(self, name: str) -> IntArray:
        """int64 [groups, lanes] of a parameter of neurons: 0 in lanes without a neuron, or without it."""
        values = np.zeros((self.groups, self.lanes), np.int64)
        for place in self.places:
            value = getattr(place.population, name)
            if value is not None:
                part = values[place.first : place.first + place.groups].reshape(-1)
                part[: place.population.neurons] = value
        return values


def layout(graph: QuantizedGraph, lanes: int) -> Layout:
    """The layout of `graph` on `lanes`, a power of two from 2 on.

    Raises `LimitError` where it would have more accumulators or places for synapses than can be held.
    """
    places, levels, first = [], list[Level](), 0
    by_level = _levels(graph)
    for number in sorted(set(by_level.values())):
        begin, spikes = first, False
        for name in graph.order:
            if by_level.get(name) == number:
                population = graph.population(name)
                places.append(Place(population, first, -(-population.neurons // lanes)))
                first += places[-1].groups
                spikes |= population.spikes
        levels.append(Level(begin, first - 1, spikes))
    longest = 0
    for projection in graph.projections:
        delays = projection.synapses.as_list().delay
        longest = max(longest, int(delays[delays < graph.time_steps].max(initial=0)))
    slots = longest + 2
    found = first * lanes * slots
    if found > MOST_ACCUMULATORS:
        raise LimitError(
            f"fpga: {first} groups of {lanes} neurons with {slots} accumulators each are {found}, "
            f"at most {MOST_ACCUMULATORS} are held; use shorter delays, fewer lanes, or --target c"
        )
    return Layout(graph, lanes, tuple(places), tuple(levels), _words(graph, lanes, places), slots)


def _levels(graph: QuantizedGraph) -> dict[str, int]:
    """The level of each population that is no input: above those from which synapses of delay 0 lead to it.

    What never spikes comes last, since nothing waits for it.
    """
    levels: dict[str, int] = {}
    for name in graph.order:
        population = graph.population(name)
        if population.model == INPUT:
            continue
        before = [each.source for each in graph.into(name) if each.synapses.has_delay_0]
        levels[name] = max((levels[each] + 1 for each in before if each in levels), default=0)
    last = max(levels.values()) + 1
    return {name: last if graph.population(name).model == LI else level for name, level in levels.items()}


def _words(graph: QuantizedGraph, lanes: int, places: list[Place]) -> Words:
    """A row has the fewest words for each of its groups: as many as one of the lanes has synapses."""
    at = {each.population.name: each for each in places}
    groups = sum(each.groups for each in places)
    parts = []
    for projection in graph.projections:
        synapses = projection.synapses.as_list()
        kept = synapses.delay < graph.time_steps  # others arrive nowhere (clause 2)
        post = synapses.post[kept].astype(np.int64) + at[projection.destination].first * lanes
        pre = synapses.pre[kept].astype(np.int64)
        if graph.population(projection.source).model == INPUT:
            pre += groups * lanes + graph.lines(projection.source).start
        else:
            pre += at[projection.source].first * lanes
        weight = synapses.weight[kept].astype(np.int64) << projection.weight_exp
        parts.append(np.stack([pre, post, synapses.delay[kept].astype(np.int64), weight]))
    rows = groups * lanes + graph.inputs
    pre, post, delay, weight = np.concatenate([np.zeros((4, 0), np.int64), *parts], axis=1)
    order = np.lexsort((delay, post, pre))
    pre, post, delay, weight = pre[order], post[order], delay[order], weight[order]
    pair = pre * (groups * lanes) + post
    first = np.searchsorted(pair, pair)  # the first synapse of the same row and lane
    rank = np.arange(len(pair)) - first
    most = int(rank.max(initial=0)) + 1
    key = (pre * most + rank) * groups + post // lanes
    keys, word = np.unique(key, return_inverse=True)
    if len(keys) * lanes > MOST_PLACES:
        raise LimitError(
            f"fpga: {len(keys)} synapse words of {lanes} lanes have {len(keys) * lanes} places, at most "
            f"{MOST_PLACES} are held; use fewer lanes, or --target c"
        )
    weights, delays = np.zeros((2, len(keys), lanes), np.int64)
    weights[word, post % lanes] = weight
    delays[word, post % lanes] = delay
    row = keys // (groups * most)
    start = np.searchsorted(row, np.arange(rows))
    count = np.searchsorted(row, np.arange(rows), "right") - start
    start[count == 0] = 0
    return Words(start, count, keys % groups, weights, delays)
