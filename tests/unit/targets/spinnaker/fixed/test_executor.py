"""The executor: states in the contract's units, and what it cannot run."""

from dataclasses import replace

import numpy as np
import pytest
from golden import artifact_of as of_no_target
from graph_cases import dense, graph_of, li, lif, source

from snnc.errors import ExecutorError
from snnc.executor import Executor, PartialExecutor, unavailable_reason
from snnc.hwsim.oracle import OracleExecutor
from snnc.stages import Rung
from snnc.targets.spinnaker.fixed.board import Answer
from snnc.targets.spinnaker.fixed.choose import usual
from snnc.targets.spinnaker.fixed.executor import SpinnakerFixedExecutor, _layer
from snnc.verification.compare import trace_rungs


def artifact_of(graph):
    return replace(of_no_target(graph), target="spinnaker")


def network(**hidden):
    """A chain of four lines, three neurons and two classes; dv is 1024: a quarter of v is lost in a step."""
    weight, readout = [[9, -4, 5, 6], [3, 8, -2, 7], [-6, 5, 9, 4]], [[3, -2, 4], [-1, 5, 2]]
    return graph_of(
        [
            source(neurons=4),
            lif(neurons=3, **{"decay_v": 1024, "threshold": 12} | hidden),
            li(neurons=2, decay_v=512),
        ],
        [dense("x", "h", weight, [[0, 1, 2, 3]] * 3), dense("h", "y", readout, 2)],
        25,
    )


def events(seed, samples=9):
    return (np.random.default_rng(seed).random((samples, 25, 4)) < 0.3).astype(np.uint8)


def test_it_is_an_executor():
    executor = SpinnakerFixedExecutor()
    assert isinstance(executor, Executor)
    assert isinstance(executor, PartialExecutor)
    assert unavailable_reason(executor, artifact_of(network())) is None


def test_states_are_within_a_few_units_and_spikes_agree():
    graph = network()
    found = SpinnakerFixedExecutor().run(artifact_of(graph), events(1))
    right = OracleExecutor().run(artifact_of(graph), events(1))
    assert right.layers[0].spikes.sum() > 50
    for mine, theirs in zip(found.layers, right.layers, strict=True):
        assert np.array_equal(mine.spikes, theirs.spikes)
        assert np.array_equal(mine.u, theirs.u)  # what arrived, of the same spikes
        assert 0 < np.abs(mine.v - theirs.v).max() <= 4  # less than 1 / (1 - kept)
    assert max(trace_rungs(graph, right, found)) is Rung.CLASS  # the readout's v differs
    assert found.info["saturated_sums"] == 0
    assert found.info["levels"] == {"x": 0, "h": 1, "y": 0}


def test_what_it_cannot_run_it_says():
    artifact = artifact_of(network(decay_u=5, reset="none"))
    reason = SpinnakerFixedExecutor().unsupported_reason(artifact)
    assert "h: reset is none" in reason
    assert "; h, neuron 0: decay_u is 5" in reason
    other = SpinnakerFixedExecutor().unsupported_reason(of_no_target(network()))
    assert other == "nowhere was not made for a SpiNNaker board; export with --target spinnaker"


def test_usual_corrections_are_what_rounding_takes_on_average():
    # dv = 1024 leaves quarters: 0, 1, 2 or 3 of them, 3 / 8 on average; 512 leaves eighths: 7 / 16.
    assert {name: each.correction for name, each in usual(network()).items()} == {"h": 0.375, "y": 0.4375}
    assert usual(network(decay_v=4096))["h"].correction == 0
    assert usual(network(decay_v=0))["h"].correction == 0


def test_a_state_beyond_a_trace_is_an_error_that_names_it() -> None:
    held = np.array([[[2.0**31 - 1, -1.5]]])
    silent = np.zeros(held.shape, np.bool_)
    told = _layer("hidden1", Answer(held, silent, 0, held))
    assert told.v.ravel().tolist() == [2**31 - 1, -1]
    with pytest.raises(ExecutorError, match=r"hidden1, v of the board is 2147483648 .* holds 2147483647"):
        _layer("hidden1", Answer(held + 1, silent, 0, np.zeros_like(held)))
