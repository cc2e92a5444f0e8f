"""What no input reaches of a network, as far as its ranges and the multiples that v can be tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from snnc import formats
from snnc.stages import QuantizedGraph, QuantizedLayer
from snnc.verification.inputs.coverage import ONE_WEIGHT, Count, Flags, carried
from snnc.verification.inputs.distances import FAR, Gaps

Whole = npt.NDArray[np.int64]


class Ranges(Protocol):
    """u before the wrap, v before clip and reset: intervals [rows, neurons] (`PopulationRanges`)."""

    @property
    def u_lo(self) -> npt.NDArray[np.int32]: ...
    @property
    def u_hi(self) -> npt.NDArray[np.int32]: ...
    @property
    def v_lo(self) -> npt.NDArray[np.int32]: ...
    @property
    def v_hi(self) -> npt.NDArray[np.int32]: ...


@dataclass(frozen=True, slots=True)
class Reachable:
    """What some input could reach, as far as is known: the names are those of `Reached`.

    Attributes
    ----------
    earliest
        For each layer int [neurons], a step before which no input makes the neuron spike, T for never.
    met, above, below, most
        For each layer [neurons]: whether v may meet the threshold, the least distance on either side of it
        that v may have (`FAR` for none), and the most spikes that may arrive in one step.
    counts
        bool [layers, Count], whether each may be above 0.
    """

    earliest: tuple[npt.NDArray[np.integer], ...]
    met: tuple[Flags, ...]
    above: tuple[Gaps, ...]
    below: tuple[Gaps, ...]
    most: tuple[Whole, ...]
    counts: Flags

    @classmethod
    def anything(cls, graph: QuantizedGraph) -> Reachable:
        """What is to be assumed where nothing was proved."""
        widths = [layer.neurons for layer in graph.layers]
        least = tuple(np.full(n, FAR if layer.threshold is None else 1) for n, layer in _sized(graph))
        met = tuple(np.full(n, bool(layer.threshold)) for n, layer in _sized(graph))
        earliest = tuple(np.zeros(n, np.int32) for n in widths)
        counts = np.ones((len(widths), len(Count)), np.bool_)
        return cls(earliest, met, least, least, _most(graph, earliest), counts & _rounds(graph))

    @classmethod
    def within(
        cls, graph: QuantizedGraph, ranges: Sequence[Ranges], earliest: Sequence[npt.NDArray[np.integer]]
    ) -> Reachable:
        """What `ranges` of each layer, and the `earliest` steps of their spikes, leave."""
        layers = list(zip(graph.layers, ranges, strict=True))
        least = [_distances(*pair, graph.time_steps) for pair in layers]
        counts = np.stack([_counts(*pair, graph.time_steps) for pair in layers])
        met = tuple(one[0] for one in least)
        above, below = tuple(one[1] for one in least), tuple(one[2] for one in least)
        most = _most(graph, earliest)
        return cls(tuple(earliest), met, above, below, most, counts & _rounds(graph))


def _sized(graph: QuantizedGraph) -> list[tuple[int, QuantizedLayer]]:
    return [(layer.neurons, layer) for layer in graph.layers]


def _most(graph: QuantizedGraph, earliest: Sequence[npt.NDArray[np.integer]]) -> tuple[Whole, ...]:
    """How many spikes may arrive at each neuron in one step, at most."""
    sources = [np.zeros(graph.inputs, np.int32), *earliest]
    return tuple(carried(graph, index, sources[index]).sum(axis=1) for index in range(len(graph.layers)))


def _rounds(graph: QuantizedGraph) -> Flags:
    """Counts that some decay may raise: whether it leaves rests at all; the others are left to others."""
    may = np.ones((len(graph.layers), len(Count)), np.bool_)
    for row, layer in zip(may, graph.layers, strict=True):
        row[Count.U_RESTS_BELOW : Count.V_RESTS_BELOW] = 0 < layer.decay_u < formats.DECAY_ONE
        row[Count.V_RESTS_BELOW : Count.U_AT_TOP] = 0 < layer.decay_v < formats.DECAY_ONE
        row[Count.EQUALITIES] = bool(layer.threshold)
        row[Count.TIES] = layer.threshold is None and layer.neurons > 1
    return may


def _distances(layer: QuantizedLayer, ranges: Ranges, steps: int) -> tuple[Flags, Gaps, Gaps]:
    """Whether v may meet the threshold, and the least distances above and below it that it may have."""
    none = np.full(layer.neurons, FAR, np.int32)
    if layer.threshold is None:
        return none < 0, none, none
    level = layer.threshold * ONE_WEIGHT
    base, unit = _multiples(layer, ranges, steps)
    low, high = ranges.v_lo.min(axis=0).astype(np.int64), ranges.v_hi.max(axis=0).astype(np.int64)
    beyond = _least(base - level, unit)
    short = _least(level - base, unit)
    above = np.where(level + beyond <= high, beyond, FAR).astype(np.int32)
    below = np.where(level - short >= low, short, FAR).astype(np.int32)
    aligned = np.where(unit > 0, (level - base) % np.maximum(unit, 1) == 0, level == base)
    return aligned & (low <= level) & (level <= high) & (level > 0), above, below


def _least(distance: Whole, unit: Whole) -> Whole:
    """The least positive number that is `distance` plus a multiple of `unit`; `FAR` if there is none."""
    rest = distance % np.maximum(unit, 1)
    return np.where(unit > 0, np.where(rest == 0, unit, rest), np.where(distance > 0, distance, FAR))


def _multiples(layer: QuantizedLayer, ranges: Ranges, steps: int) -> tuple[Whole, Whole]:
    """v is always `base` plus a multiple of `unit`; 0 for v = base in every step. [neurons] each.

    Current comes in multiples of 64 times the greatest common divisor of the weights, if nothing of it is
    left a step later, or all of it; so v does, if it keeps nothing or all, and the bias. A wrap adds a
    multiple of 2^24; a clip may make anything.
    """
    unit = _current_multiples(layer, ranges, steps)
    bias = layer.bias.astype(np.int64)
    clips = (ranges.v_hi.max(axis=0) > formats.V_LIMIT) | (ranges.v_lo.min(axis=0) < -formats.V_LIMIT)
    if layer.decay_v == formats.DECAY_ONE:
        base = bias
    elif layer.decay_v == 0:
        base, unit = np.zeros_like(bias), np.gcd(unit, bias)
    else:
        base, unit = np.zeros_like(bias), np.ones_like(bias)
    return np.where(clips, 0, base), np.where(clips, 1, unit)


def _current_multiples(layer: QuantizedLayer, ranges: Ranges, steps: int) -> Whole:
    """A number of which u is always a multiple, 0 for u = 0; [neurons]."""
    if layer.decay_u not in (0, formats.DECAY_ONE):
        return np.ones(layer.neurons, np.int64)
    arriving = np.where(layer.delay < steps, layer.weight, 0)
    unit: Whole = ONE_WEIGHT * np.gcd.reduce(arriving, axis=1, dtype=np.int64)
    wraps = (ranges.u_hi.max(axis=0) > formats.U_MAX) | (ranges.u_lo.min(axis=0) < formats.U_MIN)
    return np.where(wraps, np.gcd(unit, formats.U_WRAP), unit)


def _counts(layer: QuantizedLayer, ranges: Ranges, steps: int) -> Flags:
    """Which counts the intervals of a layer leave possible."""
    u = ranges.u_lo.min(axis=0).astype(np.int64), ranges.u_hi.max(axis=0).astype(np.int64)
    v = ranges.v_lo.min(axis=0).astype(np.int64), ranges.v_hi.max(axis=0).astype(np.int64)
    unit = _current_multiples(layer, ranges, steps)
    aligned = (unit > 0) & (formats.U_MAX % np.maximum(unit, 1) == 0)
    may = {
        Count.EQUALITIES: _distances(layer, ranges, steps)[0],
        Count.U_RESTS_BELOW: u[0] < 0,
        Count.U_RESTS_ABOVE: u[1] > 0,
        Count.V_RESTS_BELOW: v[0] < 0,
        Count.V_RESTS_ABOVE: v[1] > 0,
        Count.U_AT_TOP: aligned & (u[1] >= formats.U_MAX),
        Count.U_AT_BOTTOM: aligned & (u[0] <= -formats.U_MAX),
        Count.U_ABOVE: u[1] > formats.U_MAX,
        Count.U_BELOW: u[0] <= -formats.U_MAX,
        Count.V_ABOVE: v[1] > formats.V_LIMIT,
        Count.V_BELOW: v[0] < -formats.V_LIMIT,
    }
    return np.array([count not in may or may[count].any() for count in Count])
