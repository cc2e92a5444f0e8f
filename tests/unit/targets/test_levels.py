"""Levels: against every assignment on small graphs, and by hand."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from graph_cases import dense, graph_of, li, lif, source

from snnc.errors import LimitError, PassError
from snnc.targets.levels import Hop, check, hops_of, retime, summary

Names = dict[str, int]


def delays(hop: Hop, level: Names) -> tuple[int, int]:
    """The least and the longest on the chip."""
    hops = level[hop.destination] - level[hop.source] - 1
    return hop.least + hops, hop.longest + hops


def slots(neurons: Names, hops: list[Hop], level: Names) -> int:
    """For each neuron that something leads to, one for each step up to its longest delay."""
    longest: Names = {}
    for hop in hops:
        longest[hop.destination] = max(longest.get(hop.destination, 0), delays(hop, level)[1])
    return sum((steps + 1) * neurons[name] for name, steps in longest.items())


def best(neurons: Names, hops: list[Hop], low: int, high: int, top: int) -> list[Names]:
    """Of all levels below `top`, those that are possible with the fewest slots, and then the least sum."""
    found: dict[tuple[int, int], list[Names]] = {}
    for values in product(range(top), repeat=len(neurons)):
        level = dict(zip(neurons, values, strict=True))
        if all(low <= delay <= high for hop in hops for delay in delays(hop, level)):
            found.setdefault((slots(neurons, hops, level), sum(values)), []).append(level)
    return found[min(found)] if found else []


def drawn(rng: np.random.Generator) -> tuple[Names, list[Hop]]:
    names = [f"p{number}" for number in range(rng.integers(1, 5))]
    hops = []
    for _ in range(rng.integers(0, 6)):
        source, destination = rng.choice(names, 2)
        least = int(rng.integers(0, 4))
        hops.append(Hop(str(source), str(destination), least, least + int(rng.integers(0, 4))))
    return {name: int(rng.integers(1, 6)) for name in names}, hops


def test_levels_are_the_best_of_all() -> None:
    """There is one best; what is refused is impossible."""
    rng = np.random.default_rng(0)
    possible = 0
    for _ in range(120):
        neurons, hops = drawn(rng)
        low, high = int(rng.integers(0, 2)), int(rng.integers(2, 6))
        expected = best(neurons, hops, low, high, 8)
        try:
            found = retime(neurons, hops, low, high)
        except LimitError:
            assert not expected
            continue
        assert [found] == expected
        check(hops, found, low, high)
        assert summary(neurons, hops, found)["slots"] == slots(neurons, hops, found)
        possible += 1
    assert 30 < possible < 90


def test_a_way_beside_a_longer_one_waits() -> None:
    # x -> y takes one hop, x -> h -> y two: the direct synapse waits for a step.
    hops = [Hop("x", "h", 0, 0), Hop("h", "y", 0, 0), Hop("x", "y", 0, 0)]
    level = retime({"x": 1, "h": 1, "y": 1}, hops, 0, 62)
    assert level == {"x": 0, "h": 1, "y": 2}
    assert [delays(hop, level) for hop in hops] == [(0, 0), (0, 0), (1, 1)]
    assert summary({"x": 1, "h": 1, "y": 1}, hops, level) == {
        "levels": 2, "longest_delay": 0, "longest_on_chip": 1, "slots": 3
    }  # fmt: skip


def test_a_common_delay_becomes_a_level_of_the_source() -> None:
    # Every synapse waits 5 steps or more: 4 of them, and the hop, pass without memory where x comes later.
    assert retime({"x": 1, "h": 9}, [Hop("x", "h", 5, 7)], 0, 62) == {"x": 4, "h": 0}


def test_a_cycle_may_be_as_tight_as_its_hops() -> None:
    # Two hops, delays of 0 and 2: a -> b has none left on the chip, nor has b -> a.
    hops = [Hop("a", "b", 0, 0), Hop("b", "a", 2, 2)]
    assert retime({"a": 1, "b": 1}, hops, 0, 62) == {"a": 0, "b": 1}


def test_parts_that_nothing_joins_begin_at_0() -> None:
    hops = [Hop("x", "h", 0, 3), Hop("r", "r", 1, 9)]
    assert retime({"alone": 3, "x": 2, "h": 1, "r": 4}, hops, 0, 62) == {"alone": 0, "x": 0, "h": 1, "r": 0}


@pytest.mark.parametrize(
    ("hops", "words"),
    [
        (
            [Hop("a", "b", 0, 5), Hop("b", "a", 1, 1)],
            ["the least delays of its projections add up to", "= 1 steps, but", "2 hops", "by 1 step in all"],
        ),
        (
            [Hop("a", "b", 0, 0), Hop("b", "c", 0, 9), Hop("c", "a", 1, 9)],
            ["-> a", "= 1 steps", "3 hops", "lengthen the least delays by 2 steps in all"],
        ),
        (
            [Hop("a", "a", 1, 70)],
            ["a -> a (longest delay 70)", "0..62", "by 7 steps in all", "shorten"],
        ),
        (
            [Hop("x", "y", 3, 68)],
            ["x -> y (longest delay 68)", "x -> y (least delay 3)", "by 3 steps in all"],
        ),
        (
            # A hop more beside it takes one of the 62 steps.
            [Hop("x", "y", 62, 62), Hop("x", "h", 0, 0), Hop("h", "y", 0, 0)],
            ["x -> y (longest delay 62)", "x -> h (least delay 0)", "h -> y (least delay 0)", "by 1 step in"],
        ),
    ],
)
def test_what_no_levels_hold_is_named(hops: list[Hop], words: list[str]) -> None:
    neurons = {name: 1 for hop in hops for name in (hop.source, hop.destination)}
    with pytest.raises(LimitError) as error:
        retime(neurons, hops, 0, 62)
    for each in words:
        assert each in str(error.value)


def test_of_a_long_way_the_longest_delays_and_some_others_are_named() -> None:
    way = [Hop(f"p{number}", f"p{number + 1}", 0, 0) for number in range(70)]
    with pytest.raises(LimitError) as error:
        retime({f"p{number}": 1 for number in range(71)}, [*way, Hop("p0", "p70", 9, 9)], 0, 62)
    text = str(error.value)
    assert text.startswith("p0 -> p70 (longest delay 9); p")  # 9 + 70 hops less its own
    assert text.count("least delay 0") == 5
    assert "; and 65 more: on the chip" in text
    assert "by 16 steps in all" in text


def test_hops_are_those_with_synapses() -> None:
    # A weight of 0 is none: its delays of 9 and 0 do not count.
    graph = graph_of(
        [source(), lif("h", 2), li()],
        [
            dense("x", "h", [[1], [0]], [[4], [9]]),
            dense("h", "y", [[3, 0]], [[2, 0]]),
            dense("h", "h", [[0, 0], [0, 0]], 1),
        ],
        3,
    )
    assert hops_of(graph) == [Hop("x", "h", 4, 4), Hop("h", "y", 2, 2)]


@pytest.mark.parametrize(
    ("level", "complaint"),
    [
        ({"a": 0, "b": 0}, r"a -> b: .* is -1, the limits are 0\.\.62"),
        ({"a": 0, "b": 60}, r"a -> b: .* is 64, the limits"),
        ({"a": -1, "b": 0}, "a: its level is -1"),
    ],
)
def test_check_finds_wrong_levels(level: Names, complaint: str) -> None:
    with pytest.raises(PassError, match=complaint):
        check([Hop("a", "b", 0, 5)], level, 0, 62)
