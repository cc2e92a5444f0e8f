"""Which populations are computed together, in what order, and by which program."""

from __future__ import annotations

from typing import Any

import pytest
from golden import FORGET, HOLD
from graph_cases import adlif, dense, graph_of, li, lif, source

from snnc.hwsim.group_program import GroupProgram
from snnc.hwsim.layer_program import LayerProgram
from snnc.hwsim.schedule import Schedule, components
from snnc.stages.population import SUBTRACT


def names(graph: Any) -> list[list[str]]:
    return [[each.name for each in part] for part in components(graph)]


def test_a_graph_that_leads_forward_is_in_the_order_of_its_list() -> None:
    graph = graph_of([source(), lif("a"), li()], [dense("x", "a", [[1]]), dense("a", "y", [[1]])], 1)
    assert names(graph) == [["x"], ["a"], ["y"]]


def test_sources_come_first_and_cycles_are_together_in_the_contract_order() -> None:
    """c -> b -> a -> c is a cycle; y is first in the list; d leads to itself. Only b -> a has no delay."""
    graph = graph_of(
        [li(), lif("a"), lif("b"), lif("c"), lif("d"), source()],
        [
            dense("c", "b", [[1]], 1),
            dense("b", "a", [[1]], 0),
            dense("a", "c", [[1]], 1),
            dense("x", "c", [[1]], 2),
            dense("d", "d", [[1]], 1),
            dense("a", "d", [[1]], 3),
            dense("d", "y", [[1]], 4),
        ],
        9,
    )
    assert names(graph) == [["x"], ["b", "a", "c"], ["d"], ["y"]]
    schedule = Schedule(graph)
    assert schedule.columns == [[2, 1, 3], [4], [0]]
    assert [program.sources for program in schedule.programs] == [("x",), ("a",), ("d",)]


@pytest.mark.parametrize(
    ("population", "program"),
    [
        (lif(), LayerProgram),
        (li("h", 2, bias_mant=[3, 4]), LayerProgram),
        (lif(neurons=2, decay_u=HOLD, decay_v=[HOLD, HOLD]), LayerProgram),
        (lif(neurons=2, decay_v=[HOLD, FORGET]), GroupProgram),
        (lif(neurons=2, decay_u=[HOLD, FORGET]), GroupProgram),
        (lif(neurons=2, threshold=[1, 2]), GroupProgram),
        (lif(reset=SUBTRACT, reset_by=0), GroupProgram),
        (lif(reset="none"), GroupProgram),
        (lif(input_bias_mant=1), GroupProgram),
        (lif(end=1), GroupProgram),
        (adlif(), GroupProgram),
    ],
)
def test_the_loops_of_a_layer_run_what_a_layer_can_be(population: Any, program: type) -> None:
    graph = graph_of([source(), population], [dense("x", "h", [[1]] * population.neurons)], 2)
    assert [type(each) for each in Schedule(graph).programs] == [program]


def test_recurrence_and_a_lack_of_sources_need_the_general_loop() -> None:
    alone = graph_of([source(), lif()], [], 2)
    own = graph_of([source(), lif()], [dense("x", "h", [[1]]), dense("h", "h", [[1]], 1)], 2)
    for graph in (alone, own):
        assert [type(each) for each in Schedule(graph).programs] == [GroupProgram]
