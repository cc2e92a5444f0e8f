"""What is computed together, and for how many steps at a time."""

from __future__ import annotations

import torch

from snnc.stages import Projection, SynapseList
from snnc.trainer.integer_projection import IntegerProjection
from snnc.trainer.integer_schedule import schedule

STEPS = 12


def way(source: str, destination: str, *delays: int) -> IntegerProjection:
    """One synapse of each delay."""
    zeros, ones = [0] * len(delays), [1] * len(delays)
    synapses = SynapseList(zeros, zeros, ones, delays, 1, 1)
    return IntegerProjection(Projection(source, destination, synapses), STEPS, torch.device("cpu"))


def groups(order: str, *ways: IntegerProjection) -> list[tuple[str, int]]:
    return [("".join(group.names), group.block) for group in schedule(list(order), ways, STEPS)]


def test_outside_cycles_each_is_computed_alone_over_all_steps():
    # By its delay, b could come first in a step; over all steps its source a must.
    assert groups("ba", way("a", "b", 2)) == [("a", 12), ("b", 12)]
    assert groups("abc") == [("a", 12), ("b", 12), ("c", 12)]


def test_direct_recurrence_is_computed_for_as_long_as_its_shortest_delay():
    assert groups("ab", way("a", "a", 5, 3), way("a", "b", 0)) == [("a", 3), ("b", 12)]


def test_a_cycle_is_computed_together():
    """Only what leads back limits the block; what leads forward may act at once."""
    ways = way("b", "a", 0), way("a", "b", 4), way("a", "c", 1)
    assert groups("bca", *ways) == [("ba", 4), ("c", 12)]
    found = schedule("bca", ways, STEPS)[0]
    assert found.inner == ways[:2]


def test_two_cycles_in_one_population_are_one_group():
    ways = way("a", "b", 0), way("b", "a", 3), way("b", "c", 0), way("c", "b", 2), way("x", "c", 0)
    assert groups("abxc", *ways) == [("x", 12), ("abc", 2)]


def test_what_arrives_nowhere_closes_no_cycle():
    assert groups("ab", way("a", "b", 0), way("b", "a", 12)) == [("a", 12), ("b", 12)]
    assert groups("ab", way("a", "b", 0), way("b", "a")) == [("a", 12), ("b", 12)]


def test_many_delays_make_blocks_shorter():
    """A block of b steps and d delays arrives in b * d places, of which there are to be T at most."""
    assert groups("a", way("a", "a", 6, 7, 8, 9)) == [("a", 3)]
