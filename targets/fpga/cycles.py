"""How many cycles each step takes, from the spikes alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from snnc.stages import LayerTrace
from snnc.stages.population import INPUT
from snnc.targets.fpga.control import END, control
from snnc.targets.fpga.layout import Layout

IntArray = npt.NDArray[np.int64]


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
