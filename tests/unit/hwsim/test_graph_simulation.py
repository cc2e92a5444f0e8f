"""The simulator on graphs that are no chains, against states computed by hand, by both kernels."""

from __future__ import annotations

import numpy as np
import pytest
from golden import FORGET, assert_same_trace
from graph_cases import GraphCase, adlif, dense, graph_of, li, lif, source
from simulated_cases import CASES

from snnc.errors import InputError
from snnc.hwsim.delivery import KERNELS
from snnc.hwsim.event_driven import EventDrivenExecutor, run_graph, summarise
from snnc.stages import Trace
from snnc.stages.population import ADLIF


@pytest.mark.parametrize("kernel", [*KERNELS, None])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_state_is_as_computed_by_hand(case: GraphCase, kernel: str | None) -> None:
    assert_same_trace(run_graph(case.graph, case.input, kernel=kernel), case.layers)


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("kernel", KERNELS)
def test_samples_of_several_blocks(kernel: str, threads: int) -> None:
    """Sample b begins in step b: the neuron repeats it every 3 steps, and y has it a step later."""
    steps = samples = 70
    graph = graph_of(
        [source(), lif(), li(decay_v=FORGET)],
        [dense("x", "h", [[1]]), dense("h", "h", [[1]], 3), dense("h", "y", [[5]], 1)],
        steps,
    )
    spikes = np.eye(samples, steps, dtype=np.uint8)[:, :, None]
    since = np.arange(steps) - np.arange(samples)[:, None]
    fires = (since >= 0) & (since % 3 == 0)
    heard = np.pad(fires, ((0, 0), (1, 0)))[:, :-1]
    hidden, readout = run_graph(graph, spikes, kernel=kernel, threads=threads)
    np.testing.assert_array_equal(hidden.spikes[:, :, 0], fires)
    np.testing.assert_array_equal(readout.v[:, :, 0], 320 * heard)
    brief = summarise(graph, spikes, kernel=kernel, threads=threads)
    np.testing.assert_array_equal(brief.readout[:, :, 0], 320 * heard)
    np.testing.assert_array_equal(brief.spike_counts, np.stack([fires.sum(axis=1), 0 * fires[:, 0]], axis=1))


def test_states_of_a_cycle_are_told_apart() -> None:
    """Three populations of different size and model in one cycle; only the adaptive one has a w."""
    graph = graph_of(
        [source(), lif("a", 2), adlif("b", 3, bias_mant=1), lif("c", 1)],
        [
            dense("x", "a", [[1], [0]]),
            dense("a", "b", [[1, 0]] * 3),
            dense("b", "c", [[0, 0, 7]]),
            dense("c", "a", [[0], [2]], 1),
        ],
        2,
    )
    a, b, c = run_graph(graph, np.array([[[1], [0]]]))
    np.testing.assert_array_equal(a.u[0], [[64, 0], [0, 128]])
    np.testing.assert_array_equal(b.u[0], [[64] * 3, [0] * 3])
    np.testing.assert_array_equal(c.u[0], [[7 * 64], [7 * 64]])  # b also spikes by its bias of 1
    assert [each.w is None for each in (a, b, c)] == [True, False, True]
    assert [each.spikes.shape[2] for each in (a, b, c)] == [2, 3, 1]


def test_no_samples_give_an_empty_trace() -> None:
    graph = CASES[4].graph
    none = np.zeros((0, 5, 1), np.uint8)
    assert run_graph(graph, none).readout.shape == (0, 5, 1)
    assert summarise(graph, none).readouts[0].shape == (0, 5, 1)


def test_unknown_kernels_are_refused() -> None:
    with pytest.raises(InputError, match="kernel 'fast' is unknown; there are events, bits"):
        run_graph(CASES[0].graph, CASES[0].input, kernel="fast")


def test_the_trace_is_of_the_executor() -> None:
    trace = run_graph(CASES[0].graph, CASES[0].input)
    assert isinstance(trace, Trace)
    assert trace.executor == EventDrivenExecutor.name
    assert CASES[-2].graph.population("h").model == ADLIF
