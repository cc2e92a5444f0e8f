"""Why a board leaves the contract: from its whole record, with one departure left out at a time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from golden import artifact_of
from graph_cases import dense, graph_of, li, lif, source

from snnc.executor import FixedPointExecutor
from snnc.hwsim.oracle import OracleExecutor
from snnc.stages import QuantizedGraph
from snnc.stages.fixed_point import FixedPoint
from snnc.targets.spinnaker.fixed.executor import SpinnakerFixedExecutor
from snnc.verification.comparison import InputGroup, compare_executors
from snnc.verification.diagnosis.explain import explained
from snnc.verification.diagnosis.fixed_point import LEAK, ROUNDING, SUMS, THRESHOLD, WEIGHTS, fixed_point
from snnc.verification.diagnosis.observed import Observed, run_observed


def network(exp: int = 0, **hidden: object) -> QuantizedGraph:
    return graph_of(
        [
            source("x", 3),
            lif("h", 2, **{"decay_v": 1024, "threshold": 12 << exp} | hidden),
            li("y", 2, decay_v=512),
        ],
        [dense("x", "h", [[9, 5, -6], [127, 127, 127]], 1, exp), dense("h", "y", [[3, -2], [-1, 5]])],
        20,
    )


def named(graph: QuantizedGraph, scales: str) -> tuple[list[str], str]:
    """The causes of the first difference on one busy sample, and the variable that it is in."""
    spikes = (np.random.default_rng(4).random((2, 20, 3)) < 0.6).astype(np.uint8)
    artifact = replace(artifact_of(graph), target="spinnaker", manifest={"settings": {"scales": scales}})
    found = compare_executors(artifact, [InputGroup("own", spikes)], ["spinnaker-fixed"])
    divergence = found.results[1].divergence
    assert divergence is not None
    told = explained(artifact, divergence, found.cases["spinnaker-fixed"]).diagnosis
    assert told is not None
    assert all(cause.explained == cause.neurons for cause in told.causes)
    return [cause.name for cause in told.causes], divergence.variable


@pytest.mark.parametrize(
    ("exp", "scales", "causes", "variable"),
    [
        (0, "0/9/0,0/9/0", [ROUNDING], "v"),
        (0, "2/9/0,0/9/0", [WEIGHTS], "u"),  # 9 is 8 there, 5 is 4
        (9, "0/1/0,0/9/0", [SUMS], "u"),  # two of 127 << 9 are more than 65,535
        (9, "9/1/0,0/9/0", [ROUNDING], "v"),
    ],
)
def test_the_departure_that_shows_is_named(exp: int, scales: str, causes: list, variable: str) -> None:
    assert named(network(exp), scales) == (causes, variable)


def one_neuron(dv: int) -> tuple[QuantizedGraph, FixedPoint]:
    """A weight of 1 into a neuron with a threshold of 2, in numbers in which V is the contract's v."""
    graph = graph_of([source(), lif(decay_v=dv, threshold=2)], [dense("x", "h", [[1]])], 4)
    column = np.array([0])
    kept = (4096 - dv) * 8
    return graph, FixedPoint(
        fraction_bits=15,
        weight_unit=1,
        most=65535,
        shift=6,
        resistance=column + 32768 * 32768 // (32768 - kept),
        decay=column + kept,
        threshold=column + 129,
        current=column,
        unit=np.ones(1),
    )


def seen(graph: QuantizedGraph, v: list[int], spikes: list[int]) -> tuple[Observed, Observed]:
    """One input event in every step: what the contract gives, and then what was found."""
    events = np.ones((1, 4, 1), np.uint8)
    right = OracleExecutor().run(artifact_of(graph), events)
    layer = right.layers[0]
    found = replace(layer, v=np.array(v).reshape(1, 4, 1), spikes=np.array(spikes, bool).reshape(1, 4, 1))
    return run_observed(events, right, right)[0], run_observed(
        events, right, replace(right, layers=(found,))
    )[0]


def causes(
    numbers: FixedPoint, graph: QuantizedGraph, observed: Observed, step: int, expected: int
) -> list[str]:
    found = fixed_point(graph, numbers, "h", observed, 0, step, "v", expected)
    return [cause.name for cause in found]


def test_another_decay_is_named() -> None:
    """Half is kept: 64, 96, 112, ...; a board that keeps nothing stays at 2 · 64."""
    graph, numbers = one_neuron(2048)
    right, found = seen(graph, [128, 128, 128, 128], [0, 0, 0, 0])
    assert right.expected[0]["v"].ravel().tolist() == [64, 96, 112, 120]
    forgets = replace(numbers, decay=numbers.decay * 0)
    assert causes(forgets, graph, found, 0, 64) == [LEAK]


def test_a_spike_at_the_threshold_is_named() -> None:
    _, numbers = one_neuron(4096)
    at = graph_of([source(), lif(decay_v=4096, threshold=1)], [dense("x", "h", [[1]])], 4)
    right, found = seen(at, [0, 0, 0, 0], [1, 1, 1, 1])
    assert right.expected[0]["v"].ravel().tolist() == [64, 64, 64, 64]  # not above 64, but at it
    assert causes(replace(numbers, threshold=numbers.threshold * 0 + 64), at, found, 0, 64) == [THRESHOLD]


def test_nothing_is_said_of_a_record_that_the_numbers_do_not_give() -> None:
    graph, numbers = one_neuron(2048)
    _, found = seen(graph, [128, 128, 127, 128], [0, 0, 0, 0])
    assert causes(replace(numbers, decay=numbers.decay * 0), graph, found, 0, 64) == []


def test_the_board_gives_its_numbers() -> None:
    assert isinstance(SpinnakerFixedExecutor(), FixedPointExecutor)
