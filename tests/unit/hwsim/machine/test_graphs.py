"""The machine model on graphs that are no chain, by hand; constants as in `test_run.py`."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from golden import FORGET, HOLD
from graph_cases import adlif, dense, graph_of, li, lif, listed, source
from machine_programs import COSTS, placed

from snnc.errors import StageError
from snnc.hwsim.machine.activity import activity_in
from snnc.hwsim.machine.counts import NAMES
from snnc.hwsim.machine.layout import Layout, layout_of
from snnc.hwsim.machine.run import ChipRun, run
from snnc.hwsim.machine.summary import ADAPTATION, estimate, steps_of
from snnc.hwsim.oracle import run_graph
from snnc.stages import PlacedProgram, Population, Projection, QuantizedGraph
from snnc.stages.chip import Workload

LEVELS = {"x": 0, "a": 1, "b": 2}
EVENTS = np.array([[1], [0], [0], [0]])


def loop() -> QuantizedGraph:
    """x excites a; a excites b at once and, by a second projection, a step later; b excites a 2 steps later.

    x spikes in step 0. So a fires in 0, and in 2 and 3 by the spikes of b in 0 and 1; b fires in 0, 1, 2, 3.
    """
    return graph_of(
        [source("x"), lif("a"), lif("b")],
        [
            dense("x", "a", [[1]]),
            dense("a", "b", [[1]]),
            dense("a", "b", [[1]], 1),
            dense("b", "a", [[1]], 2),
        ],
        4,
    )


def apart() -> PlacedProgram:
    return placed(loop(), (0, 0, {"a": [0]}), (1, 0, {"b": [0]}))


def on_chip(program: PlacedProgram, events: np.ndarray, levels: Mapping[str, int]) -> ChipRun:
    layout = layout_of(program, 64, levels)
    return run(layout, activity_in(layout, events, run_graph(program.graph, events[None]), 0), COSTS)


def test_recurrence_on_two_cores() -> None:
    found = on_chip(apart(), EVENTS, LEVELS)
    # A word holds what a spike reads: 13 + 17 + 19 = 49 a message. a computes its step t in step t + 1 of the
    # chip, b in t + 2. So a fires in 1, 3, 4 and b in 2, 3, 4, 5; each is active when it fires.
    #
    # Step 0: the line's message enters at 7, is in core 0 at 18, done at 67; both neurons rest: 1.
    # a fires: active 2, spike 5, one message for each projection at 10 and 15. The first crosses at 10, the
    #   second waits from 15 to 60; at (1, 0) at 110 and 160, in the core at 121 and 171: done at 170 and 220.
    # b fires: 2, 5, sent at 10; at (0, 0) at 110, in the core at 121, done at 170.
    assert found.timing.neuron_done.T.tolist() == [[1, 15, 1, 15, 15, 1], [1, 1, 10, 10, 10, 10]]
    assert found.timing.synapse_done.T.tolist() == [[67, 0, 170, 170, 170, 170], [0, 220, 0, 220, 220, 0]]
    # Two tiles: a barrier of 2000.
    assert found.timing.steps.tolist() == [2067, 2220, 2170, 2220, 2220, 2170]
    assert found.latency == 13067
    assert found.timing.waited[:, 0, 0, 0].tolist() == [0, 45, 0, 45, 45, 0]
    assert found.timing.waited.sum() == 3 * 45
    total = dict(zip(NAMES, found.counts.sum(axis=(0, 1)).tolist(), strict=True))
    # 2 neurons in 6 steps, 3 + 4 times active; 3 spikes with 2 messages, 4 with 1, and one from outside.
    assert total == {
        "update_inactive": 5,
        "update_active": 7,
        "spike": 7,
        "message": 10,
        "injection": 1,
        "delivery": 11,
        "hop_x": 10,
        "hop_y": 0,
        "axon_lookup": 11,
        "memory_read": 11,
        "synapse_dense": 11,
        "synapse_sparse": 0,
    }
    received = found.counts[:, :2, NAMES.index("delivery")].T.tolist()
    assert received == [[1, 0, 1, 1, 1, 1], [0, 2, 0, 2, 2, 0]]


def test_on_one_core_a_neuron_hears_itself() -> None:
    graph = graph_of([source("x"), lif("a")], [dense("x", "a", [[1]]), dense("a", "a", [[1]], 1)], 3)
    found = on_chip(placed(graph, (0, 0, {"a": [0]})), np.array([[1], [0], [0]]), {"x": 0, "a": 1})
    # a fires in each of its steps, the chip's 1, 2, 3: 2 + 3 + 5 = 10, in the core at 21, done at 70.
    assert found.timing.neuron_done[:, 0].tolist() == [1, 10, 10, 10]
    assert found.timing.synapse_done[:, 0].tolist() == [67, 70, 70, 70]
    assert not found.timing.crossed.any()


def test_levels_are_not_those_of_the_list() -> None:
    """b is one level later than it must be, and the input too: 3 + 4 steps of the chip."""
    found = on_chip(apart(), EVENTS, {"x": 1, "a": 2, "b": 3})
    assert found.timing.steps.tolist() == [2001, 2067, 2220, 2170, 2220, 2220, 2170]


def test_steps_and_estimate_of_a_graph() -> None:
    steps = steps_of(apart(), EVENTS, COSTS, LEVELS)
    assert [each.time for each in steps] == [2067, 2220, 2170, 2220, 2220, 2170]
    assert [each.messages for each in steps] == [1, 2, 1, 3, 3, 1]
    # Two messages take a core 98, and a link 100; one takes the link 50, the core 49.
    assert [each.critical for each in steps] == [
        "synapses of core 0.0",
        "link 0, 0 → 1, 0",
        "link 1, 0 → 0, 0",
        "link 0, 0 → 1, 0",
        "link 0, 0 → 1, 0",
        "link 1, 0 → 0, 0",
    ]
    found = estimate(apart(), EVENTS[None], COSTS, levels=LEVELS)
    assert (found.steps, found.latency, found.notes) == (6, 13067, ())
    assert [dict(core.holds) for core in found.cores] == [{"a": "0"}, {"b": "0"}]
    assert [(link.column, link.to_column, link.messages, link.waited) for link in found.links] == [
        (0, 1, 6, 135),
        (1, 0, 4, 0),
    ]


def test_workload_by_hand() -> None:
    """Of the pair (0, 0) there are two synapses, of (1, 0) none; h has input biases; y never spikes."""
    graph = graph_of(
        [source("x", 2), lif("h", 1, input_bias_mant=1, threshold=9), li("y")],
        [
            Projection("x", "h", listed(2, 1, (0, 0, 1, 0), (0, 0, 2, 3))),
            dense("h", "h", [[1]], 1),
            dense("h", "y", [[1]]),
        ],
        2,
    )
    program = placed(graph, (0, 0, {"h": [0], "y": [0]}))
    levels = {"x": 0, "h": 1, "y": 2}
    events = np.array([[[1, 1], [1, 0]]])
    # Weights: two places, one of them with a synapse more; 1; 1. Line 0 spikes twice, to 2 synapses each.
    assert estimate(program, events, COSTS, levels=levels).workload == Workload(
        dense=2 * 5, effective=4, spikes=0, activations=2, zeros=1, weights=5, footprint=2 * 5 + 2 * 3
    )


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        # The spike of step 0 gives w in step 1, where it is work; then nothing is left of it.
        ({"kb": 1, "decay_w": FORGET}, [1, 1, 0, 0]),
        # In the order "old" v of step 2 takes it.
        ({"kb": 1, "decay_w": FORGET, "order": "old"}, [1, 1, 1, 0]),
        # w stays; or goes back and forth by v, which is -1 in step 1.
        ({"kb": 1, "decay_w": HOLD}, [1, 1, 1, 1]),
        ({"kb": 1, "decay_w": FORGET, "ka": 4096}, [1, 1, 1, 1]),
        ({"kb": 0, "decay_w": HOLD}, [1, 0, 0, 0]),
    ],
)
def test_when_an_adaptive_neuron_is_active(values: dict[str, object], expected: list[int]) -> None:
    graph = graph_of([source("x"), adlif("h", threshold=1, **values)], [dense("x", "h", [[2]])], 4)
    assert active(graph, EVENTS)["h"].T.tolist() == [[0, *expected]]
    found = estimate(placed(graph, (0, 0, {"h": [0]})), EVENTS[None], COSTS, levels={"x": 0, "h": 1})
    assert found.notes == (ADAPTATION,)


@pytest.mark.parametrize(
    ("of", "expected"),
    [
        (lif("h", 2, threshold=9, input_bias_mant=[0, 1]), [[0, 1, 0, 0], [1, 1, 1, 1]]),
        (lif("h", 2, threshold=9, bias_mant=[0, 1]), [[0, 1, 0, 0], [1, 1, 1, 1]]),
        (lif("h", 2, threshold=9, decay_u=[FORGET, 1]), [[0, 1, 0, 0], [0, 1, 1, 1]]),
        (lif("h", 2, threshold=9, decay_v=[FORGET, 1]), [[0, 1, 0, 0], [0, 1, 1, 1]]),
    ],
)
def test_each_neuron_by_its_own_parameters(of: Population, expected: list[list[int]]) -> None:
    graph = graph_of([source("x"), of], [dense("x", "h", [[1], [1]], 1)], 4)
    assert active(graph, EVENTS)["h"][1:].T.tolist() == expected


def test_after_its_end_an_input_sends_nothing() -> None:
    graph = graph_of([source("p"), source("x", end=2), li()], [dense("x", "y", [[1]])], 3)
    layout = layout_of(placed(graph, (0, 0, {"y": [0]})), 64, {"p": 0, "x": 0, "y": 1})
    events = np.array([[1, 1], [0, 1], [1, 1]])
    fired = activity_in(layout, events, run_graph(graph, events[None]), 0).fired
    assert fired[:, layout.of("p")].T.tolist() == [[1, 0, 1, 0]]
    assert fired[:, layout.of("x")].T.tolist() == [[1, 1, 0, 0]]


def active(graph: QuantizedGraph, events: np.ndarray) -> dict[str, np.ndarray]:
    """Of x -> h: in which steps of the chip each neuron of h is active."""
    layout: Layout = layout_of(
        placed(graph, (0, 0, {"h": range(graph.population("h").neurons)})), 64, {"x": 0, "h": 1}
    )
    found = activity_in(layout, events, run_graph(graph, events[None]), 0).active
    return {"h": found[:, layout.of("h")].astype(int)}


def test_levels_are_checked() -> None:
    with pytest.raises(StageError, match="is no chain, so the chip's steps do not follow from it"):
        layout_of(apart(), 64)
    with pytest.raises(StageError, match="expected a number of 0 or more for each of"):
        layout_of(apart(), 64, {"x": 0, "a": 1})
    with pytest.raises(StageError, match="expected a number of 0 or more for each of"):
        layout_of(apart(), 64, {"x": -1, "a": 1, "b": 2})
    with pytest.raises(StageError, match="b -> a: with its levels a delay on the chip is -1 steps"):
        layout_of(apart(), 64, {"x": 0, "a": 1, "b": 3})
