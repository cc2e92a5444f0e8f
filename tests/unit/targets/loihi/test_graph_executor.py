"""Programs of graphs run in Lava, every u, w, v and spike against vectors by hand and the scalar oracle.

A start of Lava takes a second, and each of its processes a part of one: so graphs run side by side, and only
some of them. `python tests/unions.py` runs all golden vectors and as many random graphs as it is told to.
"""

from __future__ import annotations

import numpy as np
import pytest
from golden import FORGET, HOLD, assert_same_trace
from graph_cases import case, dense, graph_of, li, lif, source, state
from graph_golden import GRAPH_GOLDEN
from unions import Pair, drawn, longest_delay, parts, union

from snnc.hwsim import oracle
from snnc.stages import Projection, QuantizedGraph, SynapseMatrix, Trace
from snnc.targets.loihi.executor import LavaEventExecutor, LavaStockExecutor
from snnc.targets.loihi.graph_emitter import fitting_levels, stock_reason
from snnc.targets.loihi.target import LIMITS

pytestmark = pytest.mark.lava

BOTH = (LavaEventExecutor, LavaStockExecutor)
Executor = type[LavaEventExecutor] | type[LavaStockExecutor]

# One unit is 64. Without the bias before its first step, which would reach 64 earlier, and without b, a is
# above 64 in every second step.
# a: 64; 128, a spike, 0; 64; 64 + 64 - 64 from the spike of b two steps ago = 64; 128, a spike, 0; 64.
# b, a level later, gets 2 units in the step of each of these spikes: 128, a spike.
# Levels 0 and 1: the cycle has two hops and a delay of 2.
PRE_ROLL = case(
    "a cycle without slack, whose bias begins with each sample",
    [
        lif("a", decay_v=HOLD, bias_mant=64, threshold=1),
        lif("b", decay_v=HOLD, threshold=1),
    ],
    [dense("a", "b", [[2]]), dense("b", "a", [[-1]], 2)],
    np.zeros((3, 0, 6)),
    [
        state(
            u=[[[0, 0, 0, -64, 0, 0]]] * 3,
            v=[[[64, 0, 64, 64, 0, 64]]] * 3,
            spikes=[[[0, 1, 0, 0, 1, 0]]] * 3,
        ),
        state(
            u=[[[0, 128, 0, 0, 128, 0]]] * 3,
            v=[[[0, 0, 0, 0, 0, 0]]] * 3,
            spikes=[[[0, 1, 0, 0, 1, 0]]] * 3,
        ),
    ],
)
# h, of level 1, sends in step 1 to y, of level 2, and x sends to y directly, which waits a step on the chip.
# y: 5 + 3 units at once, and an input bias of 1 unit in each step, which begins at its level.
SKIP = case(
    "two ways of a different number of hops meet in one step",
    [source(), lif(), li(input_bias_mant=1)],
    [dense("x", "h", [[1]]), dense("h", "y", [[5]]), dense("x", "y", [[3]])],
    [[[0, 1, 0, 0, 0, 0]], [[0, 0, 0, 0, 0, 0]]],
    [
        state(
            u=[[[0, 64, 0, 0, 0, 0]], [[0, 0, 0, 0, 0, 0]]],
            v=[[[0, 0, 0, 0, 0, 0]], [[0, 0, 0, 0, 0, 0]]],
            spikes=[[[0, 1, 0, 0, 0, 0]], [[0, 0, 0, 0, 0, 0]]],
        ),
        state(
            u=[[[64, 576, 64, 64, 64, 64]], [[64, 64, 64, 64, 64, 64]]],
            v=[[[64, 640, 704, 768, 832, 896]], [[64, 128, 192, 256, 320, 384]]],
        ),
    ],
)
# h leads to itself by 3 steps and spikes in each step, as u is above 0: 64; 32; 16 + 64 = 80; then half of
# what is left, and 64 by the spike of three steps ago. The spikes of the last three steps are due in the 3
# after the sample, and must not act in the next, where nothing happens.
FLIGHT = case(
    "no spike in flight, and no current, reaches the next sample",
    [source(), lif(decay_u=2048)],
    [dense("x", "h", [[1]]), dense("h", "h", [[1]], 3)],
    [[[1, 0, 1, 0, 0, 0]], [[0, 0, 0, 0, 0, 0]]],
    [
        state(
            u=[[[64, 32, 80, 104, 116, 122]], [[0, 0, 0, 0, 0, 0]]],
            v=[[[0, 0, 0, 0, 0, 0]], [[0, 0, 0, 0, 0, 0]]],
            spikes=[[[1, 1, 1, 1, 1, 1]], [[0, 0, 0, 0, 0, 0]]],
        )
    ],
)
# The delay of 3 is a hop and 2 levels of x: it sends in steps 3 and 6 of the chip what is due in 4 and 7.
LATE = case(
    "an input may begin later than what it leads to",
    [source(), li()],
    [dense("x", "y", [[1]], 3)],
    [[[0, 1, 0, 0, 1, 0]], [[1, 0, 0, 0, 0, 0]]],
    [
        state(
            u=[[[0, 0, 0, 0, 64, 0]], [[0, 0, 0, 64, 0, 0]]],
            v=[[[0, 0, 0, 0, 64, 64]], [[0, 0, 0, 64, 64, 64]]],
        )
    ],
)
HERE = (PRE_ROLL, SKIP, FLIGHT, LATE)
"""All of 6 steps, the most that their union with golden vectors has: what a sample leaves meets the next."""


@pytest.mark.parametrize("executor", BOTH)
def test_vectors_by_hand(executor: Executor) -> None:
    """Those above, and some golden vectors of each kind, side by side."""
    able = [each for each in GRAPH_GOLDEN if not executor().graph_reason(each.graph)]
    golden = [each for each in able if each.graph.time_steps <= 6 and longest_delay(each.graph) <= 3][::8]
    assert len(golden) >= 3
    taken = [*HERE, *golden]
    for each, found in zip(taken, ran(executor, [(each.graph, each.input) for each in taken]), strict=True):
        assert_same_trace(found, each.layers)


def test_levels_of_the_vectors() -> None:
    assert fitting_levels(PRE_ROLL.graph, LIMITS) == {"a": 0, "b": 1}
    assert fitting_levels(SKIP.graph, LIMITS) == {"x": 0, "h": 1, "y": 2}
    assert fitting_levels(LATE.graph, LIMITS) == {"x": 2, "y": 0}


@pytest.mark.parametrize(("executor", "count"), [(LavaEventExecutor, 3), (LavaStockExecutor, 2)])
def test_random_graphs(executor: Executor, count: int) -> None:
    """Without the longest delays, for each of which all of them would go on."""
    pairs, _ = drawn(count, 7, stock=executor is LavaStockExecutor, longest=9)
    for (graph, spikes), found in zip(pairs, ran(executor, pairs), strict=True):
        assert_same_trace(found, oracle.run_graph(graph, spikes).layers)


@pytest.mark.parametrize("executor", BOTH)
def test_every_population_leads_to_every_other(executor: Executor) -> None:
    """Nine projections among three, with biases and neurons that all differ; three samples."""
    graph = mutual(9)
    assert stock_reason(graph) is None
    spikes = (np.random.default_rng(1).random((3, graph.time_steps, graph.inputs)) < 0.3).astype(np.uint8)
    expected = oracle.run_graph(graph, spikes)
    assert all(layer.spikes.any() for layer in expected.layers)
    found = executor().run_graph(graph, spikes)
    assert "one sample a run" not in found.info["messages"]
    assert_same_trace(found, expected.layers)


def mutual(seed: int) -> QuantizedGraph:
    rng = np.random.default_rng(seed)
    populations = [source(neurons=4)]
    for name, neurons in (("a", 5), ("b", 4), ("c", 3)):
        populations.append(
            lif(
                name,
                neurons,
                decay_u=rng.integers(1000, 4097, neurons),
                decay_v=rng.integers(0, 2000, neurons),
                threshold=rng.integers(5, 40, neurons),
                bias_mant=rng.integers(-99, 100, neurons),
                bias_exp=2,
                input_bias_mant=rng.integers(-3, 4, neurons),
            )
        )
    projections = [random_dense(rng, populations[0], populations[1], 0)]
    for before in populations[1:]:
        projections += [random_dense(rng, before, after, 1) for after in populations[1:]]
    return graph_of(populations, projections, 20)


def random_dense(rng: np.random.Generator, before, after, least: int) -> Projection:  # type: ignore[no-untyped-def]
    shape = after.neurons, before.neurons
    return Projection(
        before.name,
        after.name,
        SynapseMatrix(rng.integers(-20, 30, shape), rng.integers(least, least + 6, shape)),
    )


def test_samples_are_run_apart_where_no_gate_is_safe() -> None:
    # u keeps 99 % of itself: with the gate that so many strong synapses need it would pass -2**23.
    rng = np.random.default_rng(3)
    weight = rng.integers(-128, 128, (4, 800))
    delay = rng.integers(0, 9, (4, 800))
    graph = graph_of(
        [source("x", 800), lif("h", 4, decay_u=40, decay_v=FORGET, bias_mant=300, bias_exp=2, threshold=9)],
        [
            Projection("x", "h", SynapseMatrix(weight, delay)),
            dense("h", "h", np.eye(4, dtype=int).tolist(), 2),
        ],
        8,
    )
    spikes = (rng.random((3, 8, 800)) < 0.3).astype(np.uint8)
    found = LavaStockExecutor().run_graph(graph, spikes)
    assert "h: no gate keeps them silent between samples; one sample a run" in found.info["messages"]
    assert_same_trace(found, oracle.run_graph(graph, spikes).layers)


def ran(executor: Executor, pairs: list[Pair]) -> list[Trace]:
    return parts(pairs, executor().run_graph(*union(pairs)))
