"""The machine model fetches a word a cycle."""

from __future__ import annotations

import numpy as np

from snnc.targets.fpga.bound import BEGIN
from snnc.targets.fpga.control import END, control


def test_the_credits_of_events_are_enough_for_a_word_a_cycle() -> None:
    """Each of 200 events has a row of one word, and nobody spikes: only the way to the words comes on top."""
    taken = np.zeros(1, np.int64)
    control(
        np.array([1] * 200 + [END]),
        np.zeros((1, 0, 4), bool),
        np.zeros(4, np.int64),
        np.zeros(1, np.int64),
        0,
        taken,
    )
    assert 200 < taken[0] <= 200 + 1 + BEGIN
