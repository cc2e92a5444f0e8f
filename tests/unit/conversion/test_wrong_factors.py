"""Numbers that differ between neurons, all of them wrong by one factor: the error names it."""

from __future__ import annotations

import re

import pytest
import torch
from slips_of_cells import CELL, KEEPS, error_of
from torch_networks import events

THRESHOLDS = torch.tensor([0.8, 0.9, 1.1, 1.2, 1.0]).double()
"""Of the module, which subtracts them, too; each test tells them, but for one factor."""
RIGHT = {"threshold": THRESHOLDS, "reset_by": THRESHOLDS}


def error(told, **habits):
    return error_of(RIGHT | told, threshold=THRESHOLDS, **habits)[0]


@pytest.mark.parametrize(
    ("told", "habits", "name", "factor"),
    [
        ({"threshold": THRESHOLDS * 1.25}, {}, "threshold", 0.8),
        ({"threshold": THRESHOLDS * 0.8}, {}, "threshold", 1.25),
        ({"threshold": THRESHOLDS * 2, "reset_by": THRESHOLDS * 2}, {}, "threshold, and reset_by,", 0.5),
        ({}, {"gain": KEEPS * 0.8, "taken": KEEPS}, "gain", 1.25),
        ({"keep_u": KEEPS * 0.8}, {"keep_i": KEEPS}, "keep_u", 1.25),
    ],
)
def test_the_factor_is_named(told, habits, name, factor) -> None:
    said = error(told, **habits)
    found = re.search(rf"its factor on {name} is about \S+, not 1 \(.*?; (\S+) \.\. (\S+) give every", said)
    assert found, said
    assert float(found[1]) <= factor <= float(found[2])
    assert float(found[2]) - float(found[1]) < 0.05 * factor


def test_a_small_factor_of_which_many_spikes_are_near() -> None:
    """Of 32 recordings, where spikes tell a threshold within a tenth of a change of 0.5 %."""
    said = error_of(
        RIGHT | {"threshold": THRESHOLDS * 1.005}, events(80, 32, 6).double(), threshold=THRESHOLDS
    )[0]
    assert "its factor on threshold is about 0.995, not 1" in said


def test_one_threshold_of_neurons_with_a_gain_each_is_told_itself() -> None:
    """In the network each is another: it is divided by the gain."""
    said = error_of({"threshold": 1.25}, gain=KEEPS, taken=KEEPS)[0]
    assert f"its threshold is about 1, not 1.25 {CELL}; " in said
