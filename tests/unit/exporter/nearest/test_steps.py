"""Each step to the nearest network: against every choice there is, and by hand; its check finds faults."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from chip_graphs import graph, limits
from golden import layer
from hypothesis import given, settings
from hypothesis import strategies as st

from snnc.errors import LimitError, PassError
from snnc.exporter.nearest.fan_in import FanIn
from snnc.exporter.nearest.levels import Levels
from snnc.exporter.nearest.no_leak import NoLeak
from snnc.exporter.nearest.one_delay import OneDelay, weighted_steps
from snnc.exporter.options import ExportOptions
from snnc.exporter.passes.base import Plan
from snnc.stages import Convolution, Population, Projection, QuantizedGraph, Readout, SynapseList
from snnc.targets.registry import load_target

TRUENORTH = load_target("truenorth")
weights = st.lists(st.integers(-9, 9), min_size=5, max_size=5).filter(any)


def planned(kind, before, target=TRUENORTH):
    return kind.planned(before, Plan(before, ExportOptions(), (), target), lambda made: made)


def one_layer(rows, delays=None, **others) -> QuantizedGraph:
    return graph(layer(rows, delays, **others), steps=40)


@given(st.lists(weights, min_size=1, max_size=3), st.integers(1, 5))
@settings(max_examples=60, deadline=None)
def test_the_strongest_sources_stay(rows: list[list[int]], most: int) -> None:
    before = one_layer(rows)
    step = FanIn(most)
    after = step.run(before)
    step.check(before, after)
    for row, left in zip(rows, after.layers[0].weight.tolist(), strict=True):
        sources = [source for source, weight in enumerate(row) if weight]
        choices = combinations(sources, min(most, len(sources)))
        lost = min(sum(w * w for s, w in enumerate(row) if s not in kept) for kept in choices)
        assert sum(w * w for w, now in zip(row, left, strict=True) if not now) == lost
        assert sum(map(bool, left)) <= most


def test_equal_sources_stay_by_number() -> None:
    after = FanIn(2).run(one_layer([[2, -3, 3, 3]]))
    assert after.layers[0].weight.tolist() == [[0, -3, 3, 0]]


def two_inputs(first: list[int], second: list[int], exponents=(0, 0)) -> QuantizedGraph:
    """One neuron that hears a line of `a` for each of `first`, one of `b` for each of `second`."""

    def listed(values: list[int]) -> SynapseList:
        count = len(values)
        return SynapseList(range(count), [0] * count, values, [1] * count, count, 1)

    return QuantizedGraph(
        (
            Population("a", "input", len(first), payload_max=1),
            Population("b", "input", len(second), payload_max=1),
            Population("n", "li", 1, decay_u=4096, decay_v=0),
        ),
        (
            Projection("a", "n", listed(first), exponents[0]),
            Projection("b", "n", listed(second), exponents[1]),
        ),
        (Readout("n", "last", 1.0, ("x",)),),
        20,
        0.001,
    )


def test_sources_of_all_projections_count_by_what_they_deliver() -> None:
    """3 << 2 = 12 and 1 << 2 = 4 against 5 and -6."""
    before = two_inputs([3, 1], [5, -6], exponents=(2, 0))
    after = FanIn(2).run(before)
    FanIn(2).check(before, after)
    assert [each.synapses.weight.tolist() for each in after.projections] == [[3], [-6]]


def test_levels_are_shared_by_projections() -> None:
    before = two_inputs([10, 1], [14, -8, 9])
    step = Levels(2)
    after = step.run(before)
    step.check(before, after)
    # 10, 14 and 9 have the mean 11; 1 goes; -8 keeps a level.
    assert [each.synapses.weight.tolist() for each in after.projections] == [[11], [11, -8, 11]]
    assert step.summary(before, after) == {
        "neurons_changed": 1,
        "weights_changed": 4,
        "synapses_removed": 1,
        "squares_lost_percent": round(100 * (1 + 1 + 9 + 4) / (100 + 1 + 196 + 64 + 81), 2),
    }


def test_levels_of_several_scales_are_refused() -> None:
    with pytest.raises(LimitError, match=r"n, neuron 0: .* exponents 0, 2, .*train with one scale"):
        Levels(2).run(two_inputs([1, 2, 3], [4], exponents=(2, 0)))


def test_few_levels_stay() -> None:
    before = one_layer([[5, -5, 5, 7], [1, 2, 3, 4]])
    assert Levels(4).run(before) == before


@given(
    st.lists(
        st.tuples(weights, st.lists(st.integers(0, 20), min_size=5, max_size=5)), min_size=1, max_size=4
    ),
    st.integers(0, 6),
    st.integers(0, 12),
)
@settings(max_examples=60, deadline=None)
def test_no_delay_of_a_source_moves_less(drawn, shortest: int, more: int) -> None:
    rows, delays = [row for row, _ in drawn], [delay for _, delay in drawn]
    before = one_layer(rows, delays)
    step = OneDelay(shortest, shortest + more)
    after = step.run(before)
    step.check(before, after)
    assert np.array_equal(after.layers[0].weight, before.layers[0].weight)
    total = 0
    for source in range(5):
        pairs = [(abs(row[source]), delay[source]) for row, delay in zip(rows, delays, strict=True)]
        costs = {d: sum(w * abs(d - was) for w, was in pairs) for d in range(shortest, shortest + more + 1)}
        total += min(costs.values())
        left = {
            int(d)
            for d, w in zip(after.layers[0].delay[:, source], after.layers[0].weight[:, source], strict=True)
            if w
        }
        assert left <= {min(costs, key=costs.__getitem__)}  # the shortest of the best
    assert weighted_steps(before, after) == total


def test_a_chain_may_grow_by_the_shortest_delay() -> None:
    """Delays of 0 stay in the range 0..14, which is 1..15 on the chip; of 15 those in 1..15."""
    assert planned(OneDelay, one_layer([[1, 1]], [[0, 3]])) == OneDelay(0, 14)
    assert planned(OneDelay, one_layer([[1, 1]], [[15, 3]])) == OneDelay(1, 15)
    # 1 * 1 + 9 * 2 = 19 against 9 * 3 = 27, then 9 * 1 + 1 * 2 = 11 against 1 * 3.
    assert planned(OneDelay, one_layer([[1, 9]], [[0, 17]])) == OneDelay(1, 15)
    assert planned(OneDelay, one_layer([[9, 1]], [[0, 17]])) == OneDelay(0, 14)


def test_another_graph_cannot_grow() -> None:
    before = two_inputs([1], [2])
    found = [replace(each, synapses=replace(each.synapses, delay=[0])) for each in before.projections]
    assert planned(OneDelay, replace(before, projections=tuple(found))) == OneDelay(1, 15)


def test_without_that_limit_delays_stay() -> None:
    before = one_layer([[1, 1], [1, 1]], [[0, 3], [20, 7]])
    target = replace(TRUENORTH, limits=limits(delays_per_source=None))
    assert planned(OneDelay, before, target).run(before) is before


def test_two_synapses_of_a_pair_are_refused() -> None:
    before = two_inputs([1], [2])
    twice = SynapseList([0, 0], [0, 0], [1, 2], [1, 4], 1, 1)
    first = replace(before.projections[0], synapses=twice)
    with pytest.raises(LimitError, match=r"a -> n: several synapses .* train without them"):
        OneDelay(1, 15).run(replace(before, projections=(first, before.projections[1])))


def test_a_convolution_with_several_delays_becomes_a_list() -> None:
    """A kernel of two elements over three lines: line 1 reaches neuron 0 by the second, 1 by the first."""
    kernel = Convolution(
        kernel=np.array([[[[3, 1]]]]),
        delay=np.array([[[[2, 6]]]]),
        grid=(1, 1, 3),
        stride=(1, 1),
        padding=(0, 0),
        groups=1,
    )
    before = QuantizedGraph(
        (
            Population("a", "input", 3, payload_max=1),
            Population("n", "li", 2, decay_u=4096, decay_v=0),
        ),
        (Projection("a", "n", kernel),),
        (Readout("n", "last", 1.0, ("x", "y")),),
        20,
        0.001,
    )
    step = OneDelay(1, 15)
    after = step.run(before)
    step.check(before, after)
    found = after.projections[0].synapses
    assert isinstance(found, SynapseList)
    # (pre, post): (0, 0) has 3 at 2; (1, 0) 1 at 6 and (1, 1) 3 at 2, so 2; (2, 1) has 1 at 6.
    assert found.pre.tolist() == [0, 1, 1, 2]
    assert found.weight.tolist() == [3, 1, 3, 1]
    assert found.delay.tolist() == [2, 2, 2, 6]
    assert Levels(4).run(before) is before


def test_no_state_is_multiplied() -> None:
    before = graph(layer([[1, 2]], dv=2048, du=1024, vth=1), layer([[1]], dv=7))
    step = NoLeak(True)
    after = step.run(before)
    step.check(before, after)
    assert [(each.decay_u, each.decay_v) for each in after.layers] == [(4096, 0), (4096, 0)]
    assert step.summary(before, after) == {"populations_changed": 2, "largest_decay_v": 2048}
    assert NoLeak(False).run(before) is before


BEFORE = one_layer([[9, 8, 1, -3, 4], [1, 2, 3, 4, 5]], [[0, 3, 9, 1, 2], [7, 3, 2, 1, 4]], dv=12)


def edited(after: QuantizedGraph, what: str, value: int) -> QuantizedGraph:
    """`after` with another number in the first synapse."""
    own = after.layers[0]
    table = getattr(own, what).copy()
    table[0, 0] = value
    return after.with_layers([replace(own, **{what: table})])


@pytest.mark.parametrize(
    ("step", "what", "value", "said"),
    [
        (FanIn(3), "weight", 0, "2 of 5 sources stay, 3 should"),
        (FanIn(3), "weight", 7, "another weight"),
        (FanIn(3), "delay", 5, "there was no synapse"),
        (Levels(2), "weight", 2, "different weights"),
        (Levels(2), "weight", 0, "nearest level"),
        (OneDelay(1, 6), "delay", 2, "has the delays"),
        (OneDelay(1, 6), "weight", 2, "weight of its synapses"),
        (NoLeak(True), "weight", 2, "synapses are not as before"),
    ],
)
def test_a_fault_is_found(step, what: str, value: int, said: str) -> None:
    after = step.run(BEFORE)
    step.check(BEFORE, after)
    with pytest.raises(PassError, match=said):
        step.check(BEFORE, edited(after, what, value))


@pytest.mark.parametrize("step", [FanIn(3), Levels(2), OneDelay(1, 6), NoLeak(True)])
def test_a_step_that_was_left_out_is_found(step) -> None:
    with pytest.raises(PassError):
        step.check(BEFORE, BEFORE)


def test_the_weaker_source_is_found() -> None:
    """Of 9, 8, 1, -3, 4 the last stays in the place of the second."""
    own = BEFORE.layers[0]
    weight = np.where([[1, 0, 0, 0, 1], [0, 0, 0, 1, 1]], own.weight, 0)
    with pytest.raises(PassError, match="neuron 0: a source stays that is weaker"):
        FanIn(2).check(BEFORE, BEFORE.with_layers([replace(own, weight=weight)]))


def test_a_delay_that_moves_more_is_found() -> None:
    before = one_layer([[1], [1], [1]], [[3], [3], [9]])
    after = one_layer([[1], [1], [1]], [[5], [5], [5]])
    with pytest.raises(PassError, match="source 0: 4 steps would move less"):
        OneDelay(1, 15).check(before, after)


def test_a_level_that_is_no_mean_is_found() -> None:
    before, after = one_layer([[10, 14]]), one_layer([[11, 11]])
    with pytest.raises(PassError, match="the level 11 is not the mean"):
        Levels(1).check(before, after)
