"""The contract order: by the words of docs/semantics.md, one population after another."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snnc.errors import StageError
from snnc.stages.order import contract_order

EDGES = st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from("abcdef")), max_size=9)


def slow_order(names: str, edges: list[tuple[str, str]]) -> tuple[str, ...] | None:
    """Each time the first of the list to which nothing leads from what is not taken; None: there is none."""
    taken: list[str] = []
    while len(taken) < len(names):
        for name in names:
            waits = any(source not in taken for source, destination in edges if destination == name)
            if name not in taken and not waits:
                taken.append(name)
                break
        else:
            return None
    return tuple(taken)


@given(EDGES)
def test_the_order_is_that_of_the_page(edges):
    expected = slow_order("abcdef", edges)
    if expected is not None:
        assert contract_order("abcdef", edges) == expected
        return
    with pytest.raises(
        StageError, match=r"delay 0 go round through .*; give all of one projection"
    ) as caught:
        contract_order("abcdef", edges)
    way = re.search("through (.*);", str(caught.value))[1].split(" -> ")
    assert way[0] == way[-1]
    assert len(set(way)) == len(way) - 1
    assert set(pairwise(way)) <= set(edges)


def test_the_first_of_the_list_comes_first():
    assert contract_order("abc", []) == ("a", "b", "c")
    assert contract_order("abc", [("c", "a")]) == ("b", "c", "a")
    assert contract_order("abcd", [("d", "b"), ("d", "a")]) == ("c", "d", "a", "b")


def test_a_population_that_drives_itself_at_once_is_a_cycle():
    with pytest.raises(StageError, match="go round through b -> b; give"):
        contract_order("abc", [("a", "b"), ("b", "b"), ("b", "c")])


def test_what_only_follows_a_cycle_is_not_named():
    with pytest.raises(StageError, match="go round through c -> b -> c; give"):
        contract_order("abcd", [("b", "c"), ("c", "b"), ("b", "a"), ("a", "d")])
