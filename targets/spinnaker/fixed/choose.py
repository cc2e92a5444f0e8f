"""The settings with which a board keeps most of a graph, measured on recordings.

Each population is tried by itself on the contract's own spikes, so that what one loses does not blur the
choice for the next. Equal results are decided by the order of the candidates: the same recordings give the
same settings.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from snnc import formats
from snnc.decoding.trace import recorded
from snnc.stages import LayerTrace, Population, QuantizedGraph
from snnc.stages.population import INPUT
from snnc.targets.spinnaker.fixed import fits
from snnc.targets.spinnaker.fixed.alone import Alone
from snnc.targets.spinnaker.fixed.board import Answer
from snnc.targets.spinnaker.fixed.mapping import UNIT, Sums, largest_gain, sums_of
from snnc.targets.spinnaker.fixed.ring import FULL
from snnc.targets.spinnaker.fixed.run import Spikes
from snnc.targets.spinnaker.fixed.setting import Setting

CORRECTIONS = (0.0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 1 - 1 / 8192)
"""The last turns the board's rounding up into rounding down, where the unit of v is that of the contract."""
MOST_CANDIDATES = 3 * len(CORRECTIONS)
"""For a quantum; there are rarely more of these than one."""
COARSER = 2
"""How much coarser than the finest gain the second is, in bits."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """`settings` of each population that is no input, and how many `candidates` were tried for it."""

    settings: dict[str, Setting]
    candidates: dict[str, int]


def choose(
    graph: QuantizedGraph,
    spikes: npt.NDArray[np.uint8],
    layers: tuple[LayerTrace, ...],
    progress: Callable[[str], None] = lambda message: None,
) -> Chosen:
    """Settings for `graph`; `layers` are those of a trace of the contract on `spikes` [samples, T, inputs].

    Raises `LimitError` where the board has no counterpart of what `graph` computes.
    """
    fits.check(graph)
    sent = {
        each.name: _sent(graph, each, spikes)
        if each.model == INPUT
        else layers[graph.trace_index(each.name)].spikes
        for each in graph.populations
    }
    settings, tried = {}, {}
    for population in graph.stateful:
        right = layers[graph.trace_index(population.name)]
        found = list(candidates(graph, population))
        progress(f"scales of {population.name} on a board: {len(found)} on {len(spikes)} recordings")
        alone = Alone(graph, population.name, sent)
        costs = [_cost(graph, population, alone.answer(each), right) for each in found]
        settings[population.name] = found[min(range(len(found)), key=costs.__getitem__)]
        tried[population.name] = len(found)
    return Chosen(settings, tried)


def candidates(graph: QuantizedGraph, population: Population) -> Iterator[Setting]:
    """Settings to try: those of the finest quantum and the largest gain first."""
    assert population.decay_v is not None
    sums = sums_of(graph, population.name)
    muted = population.spikes and population.end is not None
    leak = np.maximum(population.decay_v, 1) / formats.DECAY_ONE
    for quantum in _quanta(graph, population, sums):
        most = largest_gain(population, sums, quantum, muted)
        gains: list[int | None] = [most, max(most - COARSER, 0)]
        if UNIT / leak.min() <= 2.0**most:
            gains.append(None)
        for gain in gains:
            for correction in CORRECTIONS:
                yield Setting(quantum, gain, correction)


def usual(graph: QuantizedGraph) -> dict[str, Setting]:
    """Settings without recordings: the finest quantum, the largest gain, and what rounding takes on average.

    The contract drops the fraction of v · (4096 - dv) / 4096, a multiple of 2**-n if 2**(12 - n) divides dv:
    on average (1 - 2**-n) / 2 of a unit.
    """
    return {each.name: _usual(graph, each) for each in graph.stateful}


def _usual(graph: QuantizedGraph, population: Population) -> Setting:
    decay = int(np.median(np.asarray(population.decay_v)))
    bits = formats.DECAY_BITS - (((decay & -decay).bit_length() - 1) if decay else formats.DECAY_BITS)
    return replace(next(candidates(graph, population)), correction=(1 - 2.0**-bits) / 2)


def _quanta(graph: QuantizedGraph, population: Population, sums: Sums) -> range:
    """From the largest that rounds no weight to the first with which no exact sum is too large."""
    weights = [
        each.synapses.as_list().weight.astype(np.int64) << each.weight_exp
        for each in graph.into(population.name)
    ]
    every = int(np.bitwise_or.reduce(np.concatenate([*weights, [0]])))
    exact = (every & -every).bit_length() - 1 if every else 0
    largest = int(max(np.abs(each).max(initial=0) for each in weights)) if weights else 0
    needed = math.ceil(math.log2(max(largest, 1) / FULL))
    most = max(int(sums.excitatory.max()), int(sums.inhibitory.max()), 1)
    safe = math.ceil(math.log2(most / FULL))
    first = max(exact, needed)
    return range(first, max(first, safe) + 1)


def _cost(
    graph: QuantizedGraph, population: Population, answer: Answer, right: LayerTrace
) -> tuple[float, int, float]:
    """What `answer` loses: spikes, with those to be expected; classes; and the sum of differences of v."""
    readouts = [of for of in recorded(graph) if of.layer == graph.trace_index(population.name)]
    classes = sum(
        int((of.classes(getattr(answer, of.variable)) != of.classes(getattr(right, of.variable))).sum())
        for of in readouts
    )
    return lost_spikes(population, answer, right), classes, float(np.abs(answer.v - right.v).sum())


def lost_spikes(population: Population, answer: Answer, right: LayerTrace) -> float:
    """Spikes that only one has, and as many as other recordings would add.

    A v of the contract above 0, of which the board's is off by n units when both are whole, would be decided
    otherwise by n of the thresholds there are up to its own: so it counts as n / vth spikes.
    """
    if population.threshold is None:
        return 0.0
    apart = answer.spikes != right.spikes
    near = (right.v > 0) & ~apart
    off = np.abs(np.floor(answer.v + 0.5) - right.v) * near
    threshold = np.maximum(population.threshold.astype(np.float64) * UNIT, 1)
    return float(apart.sum() + (off.sum(axis=(0, 1)) / threshold).sum())


def _sent(graph: QuantizedGraph, population: Population, spikes: npt.NDArray[np.uint8]) -> Spikes:
    sent: Spikes = spikes[:, :, graph.lines(population.name)] != 0
    sent[:, graph.end(population.name) :] = False
    return sent
