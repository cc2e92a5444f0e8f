"""Comparison of traces: first divergence and ladder, on traces changed by hand."""

from __future__ import annotations

import numpy as np
import pytest
from golden import artifact_of
from trace_files import changed, two_layers

from snnc.errors import StageError
from snnc.hwsim.oracle import OracleExecutor
from snnc.stages import LayerTrace, QuantizedGraph, Rung, Synapse, Trace
from snnc.verification.compare import first_divergence, trace_rungs


@pytest.fixture
def graph() -> QuantizedGraph:
    return two_layers()


@pytest.fixture
def spikes() -> np.ndarray:
    spikes = np.zeros((2, 5, 2), np.uint8)
    spikes[:, 0, 0] = spikes[:, 1, 1] = 1
    return spikes


@pytest.fixture
def trace(graph, spikes) -> Trace:
    return OracleExecutor().run(artifact_of(graph), spikes)


def test_equal_traces(graph, spikes, trace):
    assert first_divergence(graph, trace, changed(trace), spikes, "golden") is None
    assert max(trace_rungs(graph, trace, changed(trace))) is Rung.BIT_EXACT


def test_first_is_sample_then_step_then_layer_then_neuron_then_variable(graph, spikes, trace):
    everywhere = [
        (0, "u", (1, 0, 0)),  # a later sample
        (0, "u", (0, 3, 0)),  # a later step
        (1, "u", (0, 2, 0)),  # a later layer
        (0, "u", (0, 2, 1)),  # a later neuron
        (0, "spikes", (0, 2, 0)),  # a later variable
        (0, "v", (0, 2, 0)),
    ]
    found = first_divergence(graph, trace, changed(trace, *everywhere), spikes, "golden")
    assert found is not None
    assert (found.sample, found.step, found.layer, found.neuron, found.variable) == (0, 2, "hidden1", 0, "v")
    assert found.found - found.expected == 1
    assert found.split == "golden"


def test_contributing_synapses_by_hand(graph, spikes, trace):
    """At step 2 neuron 0 gets input 0's spike of step 0 (delay 2) and input 1's of step 1 (delay 1)."""
    found = first_divergence(graph, trace, changed(trace, (0, "u", (1, 2, 0))), spikes, "golden")
    assert found is not None
    assert found.synapses == (Synapse(0, 5, 2, 0), Synapse(1, -3, 1, 1))
    assert found.synapse_count == 2


def test_synapses_of_a_later_layer_come_from_spikes_of_the_one_before(graph, spikes, trace):
    assert trace.layers[0].spikes[0, 0].tolist() == [False, True]  # 4 << 6 > 3 << 6, at once
    found = first_divergence(graph, trace, changed(trace, (1, "v", (0, 0, 0))), spikes, "golden")
    assert found is not None
    assert found.synapses == (Synapse(1, 2, 0, 0),)


@pytest.mark.parametrize(
    ("changes", "rung"),
    [
        ([(0, "u", (0, 2, 0))], Rung.SHIFTED_SPIKES),
        ([(0, "spikes", (0, 2, 0))], Rung.READOUT),
        ([(1, "v", (0, 0, 0))], Rung.CLASS),
    ],
)
def test_rungs(graph, trace, changes, rung):
    assert max(trace_rungs(graph, trace, changed(trace, *changes))) is rung


def test_the_lowest_rungs(graph, trace):
    silent = Trace(
        "silent",
        tuple(
            LayerTrace(t.u, np.array(t.v) * (-9 if i else 1), np.zeros_like(t.spikes))
            for i, t in enumerate(trace)
        ),
    )
    assert max(trace_rungs(graph, trace, silent)) is Rung.NOTHING
    swapped = Trace(
        "swapped", (trace.layers[0], LayerTrace(t := trace.layers[1].u, -9 * t, trace.layers[1].spikes))
    )
    assert max(trace_rungs(graph, trace, swapped)) is Rung.ACTIVITY


def test_traces_of_other_shapes_are_refused(graph, spikes, trace):
    short = Trace("short", tuple(LayerTrace(t.u[:, :3], t.v[:, :3], t.spikes[:, :3]) for t in trace))
    with pytest.raises(StageError, match="trace of short: shapes"):
        first_divergence(graph, trace, short, spikes, "golden")
