"""More cycles than any step takes, whatever its spikes."""

from __future__ import annotations

import numpy as np

from snnc.targets.fpga.layout import Layout

BEGIN = 25
"""Cycles of a step, at most, in which no event is chosen, no word fetched and no group updated before the
first update: the events' way to their words, or the state's way to its memory."""
LEVEL = 30
"""The same from the last update of a level that spikes to the next level: the masks' way to their words."""


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


def most_of_a_sample(of: Layout) -> int:
    """More cycles than this no sample takes, whatever the input."""
    own = own_cycles(of)
    return own * of.graph.time_steps + most_cycles(of) - own
