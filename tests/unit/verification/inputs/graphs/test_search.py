"""The search reaches what random inputs do not: faults that show there alone, extremes, and by hand."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from graph_cases import adlif, dense, graph_of, li, lif, listed, readout, source
from graph_mutants import MUTANTS, shown
from graph_scalar import GraphScalar

from snnc.exporter.golden import golden_input
from snnc.hwsim.event_driven import simulate
from snnc.stages import Projection, QuantizedGraph
from snnc.verification.inputs.graphs.watch import GraphWatch
from snnc.verification.inputs.trains import SHAPES, shaped

pytestmark = pytest.mark.slow

LINES, STEPS = 40, 16


@cache
def selective() -> QuantizedGraph:
    """Each neuron of h fires on a pattern alone: 18 of its 20 lines, and few of the 20 others.

    After a spike w runs to its limit, and v with it. Two spikes take u of a neuron of g to 2^23 exactly, one
    that of another to -2^23; g is reset to below 0, and ends early.
    """
    rng = np.random.default_rng(4)
    weight = np.stack([rng.permutation(np.repeat([20, -20], LINES // 2)) for _ in range(6)])
    return graph_of(
        [
            source("x", LINES),
            adlif(
                "h",
                6,
                threshold=340,
                decay_v=2048,
                ka=0,
                kb=-(2**20),
                decay_w=0,
                reset="subtract",
                reset_by=340,
            ),
            lif("g", 2, threshold=1, decay_u=0, decay_v=1024, reset="subtract", reset_by=131000, end=9),
            li("y", 2, decay_v=3000),
        ],
        [
            dense("x", "h", weight.tolist(), rng.integers(0, 4, weight.shape).tolist()),
            Projection("h", "g", listed(6, 2, (0, 0, 64, 0), (1, 0, 64, 1), (3, 1, -128, 2)), 10),
            Projection("h", "y", listed(6, 2, (0, 0, 9, 10), (2, 1, 5, 0), (4, 0, -7, 4))),
            Projection("g", "y", listed(2, 2, (0, 0, 11, 1), (1, 1, -6, 0))),
        ],
        STEPS,
        [readout("y", "max", 2, 0.5)],
    )


@cache
def made() -> np.ndarray:
    """As `verify` has them where there are no recordings."""
    graph = selective()
    watch, golden = GraphWatch(graph), golden_input(graph)
    watch.see(golden, simulate(graph, golden))
    return watch.made(16, seed=0)


@cache
def drawn() -> np.ndarray:
    """Golden inputs and 48 random ones: three times as many as are searched."""
    graph, rng = selective(), np.random.default_rng(1)
    random = [shaped(graph, SHAPES[k % len(SHAPES)], rng) for k in range(48)]
    return np.concatenate([golden_input(graph), np.stack(random)])


FAULTS = (
    "v >= threshold",
    "v > threshold + 1",
    "v > threshold + 3",
    "v >> 6 > vth",
    "v > threshold - 2",
    "v > 64 * (vth - 1)",
    "wrap at 2^23",
    "no wrap at -2^23",
    "wrap above alone",
    "wrap below alone",
    "v clipped above alone",
    "v clipped below alone",
    "w clipped above alone",
    "w clipped at 2^23",
    "decay in 32 bits",
    "sums of 13 bits",
    "sums of 18 bits",
    "no end",
    "a reset leaves 0 at least",
)


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_that_random_inputs_miss_are_shown(fault: str) -> None:
    assert not shown(selective(), drawn(), MUTANTS[fault]())
    assert shown(selective(), made(), MUTANTS[fault]())


def test_the_scalar_without_a_fault_is_the_contract() -> None:
    assert not shown(selective(), made(), GraphScalar())


def test_the_same_seed_gives_the_same_inputs() -> None:
    graph = small()
    first, again, other = (GraphWatch(graph).made(9, seed=seed) for seed in (1, 1, 2))
    assert first.shape == (9, 5, 4)
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_the_farthest_are_found() -> None:
    """x sends up to 3, p up to 1: u of h is within 64 * (-7 * 3) = -1344 and 64 * (9 * 3 + 5) = 2048.

    y holds v and gets 2 or -4 for each spike of h, in the step after: within 4 * -4 * 64 and 4 * 2 * 64. 95 %
    of the way are enough.
    """
    graph = small()
    inputs = GraphWatch(graph).made(24, seed=0)
    trace = simulate(graph, inputs)
    h, y = (trace.layers[graph.trace_index(name)] for name in "hy")
    assert 0.95 * 2048 <= h.u.max() <= 2048
    assert -1344 <= h.u.min() <= 0.95 * -1344
    assert (y.v.max(), y.v.min()) == (512, -1024)


def small() -> QuantizedGraph:
    """h forgets all. Its neuron 0 spikes on line 0 or 3, its neuron 1 on line 2."""
    return graph_of(
        [
            source("x", 3, payload_max=3),
            source("p", 1),
            lif("h", 2, threshold=4),
            li("y", 1),
        ],
        [
            dense("x", "h", [[9, -7, 0], [0, 0, 5]], [[2, 0, 0], [0, 0, 0]]),
            dense("p", "h", [[5], [0]]),
            dense("h", "y", [[2, -4]], 1),
        ],
        5,
    )
