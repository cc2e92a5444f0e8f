"""The scalar oracle against hand-computed vectors and against the contract read as predicates."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from fractions import Fraction

import numpy as np
import pytest
from golden import GOLDEN, GoldenCase, L, artifact_of, assert_same_trace, named
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis.errors import NoSuchExample
from strategies import graphs_with_input

from snnc.errors import StageError
from snnc.hwsim.oracle import OracleExecutor, clip, decay, run_graph, wrap24
from snnc.plugins.executors import load_executor
from snnc.stages import LayerTrace, QuantizedGraph

TWO_NEURONS = named("decay rounds toward zero for either sign")
"""A layer of two neurons, one line, four steps."""


@pytest.mark.parametrize("case", GOLDEN, ids=lambda case: case.name)
def test_golden(case: GoldenCase) -> None:
    trace = OracleExecutor().run(artifact_of(case.graph), case.input)
    assert trace.executor == "oracle"
    assert_same_trace(trace, case.layers)


@pytest.mark.parametrize(
    ("x", "k", "expected"),
    [
        (0, 0, 0),
        (5, 0, 5),
        (-5, 0, -5),
        (5, 4096, 0),
        (-5, 4096, 0),
        (1, 1, 0),  # 4095 >> 12
        (-1, 1, 0),
        (4096, 1, 4095),  # exact
        (-4096, 1, -4095),
        (3, 2048, 1),  # 1.5
        (-3, 2048, -1),
        (L, 1, 8386560),  # 2**23 * 4095 / 2**12 = 2**11 * 4095
        (-L + 1, 1, -8386559),  # 8386560 - 4095 / 4096
    ],
)
def test_decay(x: int, k: int, expected: int) -> None:
    assert decay(x, k) == expected


@pytest.mark.parametrize(
    ("x", "expected"),
    [
        (0, 0),
        (L, L),
        (L + 1, -L + 1),
        (-L + 1, -L + 1),
        (-L, L),
        (-L - 1, L - 1),
        (3 * L, L),  # most that clauses 2 and 4 allow
        (-3 * L + 1, -L + 1),  # least
    ],
)
def test_wrap24(x: int, expected: int) -> None:
    assert wrap24(x) == expected


@pytest.mark.parametrize(
    ("x", "expected"), [(7, 7), (L - 1, L - 1), (L, L - 1), (-L + 1, -L + 1), (-L, -L + 1)]
)
def test_clip(x: int, expected: int) -> None:
    assert clip(x) == expected


def test_registered_and_always_available() -> None:
    executor = load_executor("oracle")
    assert isinstance(executor, OracleExecutor)
    assert executor.unavailable_reason() is None


def test_no_samples_give_an_empty_trace() -> None:
    case = TWO_NEURONS
    assert run_graph(case.graph, case.input[:0]).readout.shape == (0, 4, 2)


def test_input_that_does_not_fit_is_refused() -> None:
    case = TWO_NEURONS
    with pytest.raises(
        StageError, match="sample 0 has 3 steps of 1 lines, the network takes 4 steps of 1 lines"
    ):
        run_graph(case.graph, case.input[:, :3])
    with pytest.raises(StageError, match="other than 0 and 1"):
        run_graph(case.graph, case.input * np.uint8(2))


@given(graphs_with_input())
@settings(max_examples=60, deadline=None)
def test_every_step_satisfies_the_contract(pair: tuple[QuantizedGraph, np.ndarray]) -> None:
    """Clauses 2 to 7 as relations between consecutive states, with exact fractions for the decay."""
    graph, spikes = pair
    trace = run_graph(graph, spikes)
    for sample in range(len(spikes)):
        arriving = spikes[sample].astype(int)
        for layer, found in zip(graph.layers, trace, strict=True):
            vth = None if layer.threshold is None else 64 * layer.threshold
            for i in range(layer.neurons):
                u = v = 0
                for t in range(graph.time_steps):
                    due = [(j, t - int(layer.delay[i, j])) for j in range(layer.inputs)]
                    a = sum(int(layer.weight[i, j] * arriving[s, j]) for j, s in due if s >= 0)
                    x = int(Fraction(u * (4096 - layer.decay_u), 4096)) + 64 * a
                    u = int(found.u[sample, t, i])
                    assert -L < u <= L
                    assert (u - x) % (2 * L) == 0
                    x = int(Fraction(v * (4096 - layer.decay_v), 4096)) + u
                    x = sorted((1 - L, x + int(layer.bias_mant[i]) * 2**layer.bias_exp, L - 1))[1]
                    fires = vth is not None and x > vth
                    v = int(found.v[sample, t, i])
                    assert (bool(found.spikes[sample, t, i]), v) == (fires, 0 if fires else x)
            arriving = found.spikes[sample]


@given(graphs_with_input())
@settings(max_examples=40, deadline=None)
def test_samples_are_independent(pair: tuple[QuantizedGraph, np.ndarray]) -> None:
    graph, spikes = pair
    together = run_graph(graph, np.concatenate([spikes, spikes[:1]]))
    for sample in range(len(spikes)):
        alone = run_graph(graph, spikes[sample : sample + 1])
        for ours, theirs in zip(together, alone, strict=True):
            np.testing.assert_array_equal(ours.u[sample], theirs.u[0])
            np.testing.assert_array_equal(ours.v[sample], theirs.v[0])
            np.testing.assert_array_equal(ours.spikes[sample], theirs.spikes[0])
    np.testing.assert_array_equal(together.readout[-1], together.readout[0])


Reaches = Callable[[QuantizedGraph, tuple[LayerTrace, ...]], bool]


CORNERS: dict[str, Reaches] = {
    "u wraps": lambda g, ls: any(x.u_wraps for x in ls),
    "v clips alone": lambda g, ls: any(x.v_clips and not x.u_wraps for x in ls),
    "spikes reach a fourth layer": lambda g, ls: len(ls) == 4 and bool(ls[-2].spikes.any()),
    "a layer fires always": lambda g, ls: len(ls) > 1 and bool(ls[0].spikes.all()),
    "a layer is silent": lambda g, ls: len(ls) > 2 and not ls[1].spikes.any(),
    "a layer has no synapse": lambda g, ls: any(not x.weight.any() for x in g.layers),
    "a delay of T or more": lambda g, ls: g.layers[0].max_delay >= g.time_steps > 9,
    "v meets a threshold": lambda g, ls: any(
        ((x.v == 64 * y.threshold) & ~x.spikes & (x.v > 0)).any()
        for x, y in zip(ls[:-1], g.layers, strict=False)
    ),
}


@pytest.fixture(scope="module")
def reached() -> set[str]:
    """Which of `CORNERS` up to 1000 graphs reach, drawn until all are reached."""
    found = set[str]()

    def all_are(pair: tuple[QuantizedGraph, np.ndarray]) -> bool:
        layers = run_graph(*pair).layers
        found.update(name for name in CORNERS.keys() - found if CORNERS[name](pair[0], layers))
        return found == CORNERS.keys()

    with suppress(NoSuchExample):
        find(
            graphs_with_input(),
            all_are,
            settings=settings(
                max_examples=1000,
                derandomize=True,
                database=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            ),
        )
    return found


@pytest.mark.parametrize("name", CORNERS)
def test_strategies_reach_the_corners(name: str, reached: set[str]) -> None:
    """The differential tests are worth little if the graphs drawn never get there."""
    assert name in reached
