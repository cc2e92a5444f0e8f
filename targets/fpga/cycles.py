"""How many cycles each step takes, from the spikes alone, and a bound for all spikes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from snnc.stages import LayerTrace
from snnc.stages.population import INPUT
from snnc.targets.fpga.control import END, control
from snnc.targets.fpga.layout import Layout

IntArray = npt.NDArray[np.int64]

BEGIN = 25
"""Cycles of a step, at most, in which no event is chosen, no word fetched and no group updated before the
first update: the events' way to their words, or the state's way to its memory."""
LEVEL = 30
"""The same from the last update of a level that spikes to the next level: the masks' way to their words."""


def cycles(of: Layout, events: npt.NDArray[np.uint8], layers: Sequence[LayerTrace]) -> IntArray:
    """int64 [samples, T], the cycles of each step for `events` [samples, T, inputs] and a run's trace."""
    samples, steps, _ = events.shape
    taken = np.zeros(samples * steps, np.int64)
    spiking = [level for level in of.levels if level.spikes]
    groups = sum(level.last - level.first + 1 for level in spiking)
    masks = np.zeros((samples, steps, groups * of.lanes), bool)
    for place in of.places:
        if place.population.spikes:
            trace = layers[of.graph.trace_index(place.population.name)]
            begin = place.first * of.lanes
            masks[:, :, begin : begin + place.population.neurons] = trace.spikes
    last = np.array([level.last for level in of.levels])
    by_group = masks.reshape(samples * steps, groups, of.lanes)
    control(_words(of, events), by_group, of.words.count, last, len(spiking), taken)
    return taken.reshape(samples, steps)


def _words(of: Layout, events: npt.NDArray[np.uint8]) -> IntArray:
    """For each event in its order the words of its row; 0 if it is dropped; `END` after those of a step."""
    samples, steps, inputs = events.shape
    words = np.full((samples, steps, inputs + 1), END)
    words[:, :, :inputs] = of.words.count[of.input_row :]
    for population in of.graph.populations:
        if population.model == INPUT:
            words[:, of.graph.end(population.name) :, of.graph.lines(population.name)] = 0
    there = np.ones(words.shape, bool)
    there[:, :, :inputs] = events != 0
    found: IntArray = words[there]
    return found


def most_cycles(of: Layout) -> int:
    """More cycles than this no step takes, whatever the input.

    In every cycle of a step a word is fetched, a group updated, a source chosen that has no word, or none of
    these. The last happens in `BEGIN` cycles and, for each level that spikes, `LEVEL` and one for each of its
    groups at most: where there is a source to choose, one is chosen in each cycle, unless rows wait for the
    fetch. The words of the next step's events may all be fetched in this one.
    """
    return own_cycles(of) + int(of.words.count[of.input_row :].sum())


def own_cycles(of: Layout) -> int:
    """`most_cycles` without the next step's events: so many a step, on average over many steps."""
    words = np.maximum(of.words.count, 1)
    sources = int(words[of.input_row :].sum())
    for place in of.places:
        if place.population.spikes:
            begin = place.first * of.lanes
            sources += int(words[begin : begin + place.population.neurons].sum())
    waits = sum(LEVEL + level.last - level.first for level in of.levels if level.spikes)
    return sources + of.groups + BEGIN + waits
