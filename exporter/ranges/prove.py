"""Proof that no input train makes u wrap, or v or w clip (contract, clause 9).

The recurrences of the contract are run on the two ends of intervals. Let [x] be the claim "x lies in this
interval in this step, whatever the input". Each line keeps the claim, by the clauses of `docs/semantics.md`:

Clause 1, 2, 6 (a), `arrivals.py`. In one step a synapse delivers its weight at most once, or of an
input its weight times a payload of at most payload_max: a lies between the sum of the negative and the sum of
the positive weights, times that, that can arrive, and the input bias is added to both. A spike of source j
arrives in step s + D, where s is a step in which j spiked; with e_j the first step in which j *can* spike (0
for inputs), the synapse delivers nothing before e_j + D, nor, with E the end of its population, in E + D and
later. So the sums run over the synapses with e_j + D <= t < E + D: e_j = T says that j never spikes, and what
would arrive at T or later is in no sum. In a cycle of populations e_j is found step by step: a synapse of
delay D adds to a step that is computed later, by D steps or by its place in the contract order.

Clause 3, 4 (u), `steps.py`. decay is odd, and |x| -> (|x| * (4096 - k)) >> 12 never falls when |x|
grows, so decay never falls when x grows; x << 6 neither. So the ends of [u[t-1]] and [a[t]] give those of
decay + (a << 6). If they reach beyond -2^23+1 .. 2^23, wrap24 may act, and of that u all that is claimed is
this range itself.

Clause 5 (v). Again monotone in each term; the bias is a constant of every step, the first included. clip is
monotone: it is applied to both ends.

Clause 5a (v, w), `adaptation.py`. As v and w move each other, intervals alone grow much wider than the
states, so forms p * v + q * w are bounded as well: they leave a polygon around (v, w).

Clause 6. What does not fire is at most vth << 6, what fires becomes 0, or r << 6 less, or stays. If the upper
end lies above the threshold the neuron may fire: the claim becomes the hull of what the part above it becomes
and of the part at or below it, and the former alone if the lower end lies above the threshold as well. If the
upper end does not lie above the threshold, or the population is at its end, nothing changes and the neuron
does not fire in this step: e_i is the first step in which it may.

Clause 7. `li` has no threshold: no cap, no reset.

Clause 8. All claims start with u = v = w = 0, and steps stop at T. If states and sums repeat, all later steps
do.

The ends of [a] and [u] are reached in a population whose sources are inputs: all excitatory lines on,
inhibitory ones off. So is [v] where nothing fires. Where it may, v is reached up to what sums of weights miss
of the threshold in the step before, if u keeps nothing (du = 4096); a current that lasts cannot be large
while v is still below the threshold. Behind other populations sources are not free, and bounds are only
bounds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from snnc import formats
from snnc.errors import RangeProofError
from snnc.exporter.ranges.arrivals import Steps, source_of
from snnc.exporter.ranges.certificate import PopulationRanges
from snnc.exporter.ranges.steps import top
from snnc.exporter.ranges.walk import components, walk
from snnc.stages import Population, QuantizedGraph
from snnc.stages.population import INPUT

_LIMITS = {
    "u": (formats.U_MIN, formats.U_MAX),
    "w": (-formats.V_LIMIT, formats.V_LIMIT),
    "v": (-formats.V_LIMIT, formats.V_LIMIT),
}


@dataclass(frozen=True, slots=True)
class Overflow:
    """`variable` of a neuron can reach `value`, beyond `limit`."""

    population: str
    neuron: int
    variable: str
    value: int
    limit: int

    def __str__(self) -> str:
        return (
            f"{self.population}, neuron {self.neuron}: {self.variable} can reach {self.value}, "
            f"the limit is {self.limit}"
        )


def graph_bounds(graph: QuantizedGraph) -> tuple[PopulationRanges, ...]:
    """Intervals of every population that is no input, in the order of the list; see the top of this file."""
    sources = {
        each.name: source_of(each, np.zeros(each.neurons, np.int64), graph.time_steps)
        for each in graph.populations
        if each.model == INPUT
    }
    found: dict[str, PopulationRanges] = {}
    for names in components(graph):
        found |= {each.population: each for each in walk(graph, names, sources)}
    return tuple(found[each.name] for each in graph.populations if each.model != INPUT)


def earliest_spikes(graph: QuantizedGraph, ranges: Sequence[PopulationRanges]) -> tuple[Steps, ...]:
    """For each population that is no input int64 [neurons], a step before which no input makes the neuron
    spike; T for never. `ranges` are those of `graph_bounds`.
    """
    populations = (each for each in graph.populations if each.model != INPUT)
    return tuple(
        _first_spikes(population, bounds, graph.end(population.name), graph.time_steps)
        for population, bounds in zip(populations, ranges, strict=True)
    )


def find_overflow(ranges: Sequence[PopulationRanges]) -> Overflow | None:
    """The first population and variable whose intervals allow a wrap or a clip; the worst neuron there."""
    for each in ranges:
        for variable, excess in _excesses(each):
            neuron = int(excess.max(axis=0).argmax())
            if excess[:, neuron].max() > 0:
                return _overflow(each, variable, excess, neuron)
    return None


def overflows(each: PopulationRanges) -> npt.NDArray[np.bool_]:
    """Neurons of which the intervals of a variable allow a wrap or a clip, bool [neurons]."""
    found: npt.NDArray[np.bool_] = np.max([x.max(axis=0) for _, x in _excesses(each)], axis=0) > 0
    return found


def overflow_of(each: PopulationRanges, neuron: int) -> Overflow:
    """That of the first variable of `neuron`, which is one of `overflows`."""
    found = ((name, excess) for name, excess in _excesses(each) if excess[:, neuron].max() > 0)
    return _overflow(each, *next(found), neuron)


def _excesses(each: PopulationRanges) -> Iterator[tuple[str, npt.NDArray[np.int64]]]:
    """Of each variable, by how much it can exceed its limits, the highest and the lowest [2, neurons]."""
    for variable, (lowest, highest) in _LIMITS.items():
        if variable in each.variables:
            least, largest = each.worst(variable)
            yield variable, np.stack((largest - highest, lowest - least))


def _overflow(each: PopulationRanges, variable: str, excess: npt.NDArray[np.int64], neuron: int) -> Overflow:
    above, below = excess[:, neuron].tolist()
    lowest, highest = _LIMITS[variable]
    if above >= below:
        return Overflow(each.population, neuron, variable, highest + above, highest)
    return Overflow(each.population, neuron, variable, lowest - below, lowest)


def overflow_excluded(ranges: Sequence[PopulationRanges]) -> bool:
    """Whether no input train makes u wrap, or v or w clip."""
    return find_overflow(ranges) is None


def refuse_overflow(ranges: Sequence[PopulationRanges]) -> None:
    """Raise unless `overflow_excluded`. `rescale.prove` also looks for a remedy, which takes longer.

    Raises
    ------
    RangeProofError
        It names population, neuron, bound and limit.
    """
    overflow = find_overflow(ranges)
    if overflow is not None:
        raise RangeProofError(
            f"{overflow}; make its weights smaller, or pass --allow-saturation to count overflows in runs"
        )


def _first_spikes(of: Population, ranges: PopulationRanges, end: int, time_steps: int) -> Steps:
    """The first step in which each neuron may spike, `time_steps` for never; int64 [neurons]."""
    if not of.spikes:
        return np.full(of.neurons, time_steps)
    may = ranges.v_hi[:end] > top(of)
    return np.where(may.any(axis=0), may.argmax(axis=0), time_steps)
