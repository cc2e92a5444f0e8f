"""Comparison of traces: first divergence and ladder, on traces changed by hand."""

from __future__ import annotations

import numpy as np
import pytest
from golden import artifact_of

from snnc.errors import StageError
from snnc.hwsim.compare import first_divergence, highest_rung
from snnc.hwsim.oracle import OracleExecutor
from snnc.stages import LayerTrace, QuantizedGraph, QuantizedLayer, Rung, Synapse, Trace


@pytest.fixture
def graph() -> QuantizedGraph:
    hidden = QuantizedLayer("hidden1", [[5, -3], [4, 0]], [[2, 1], [0, 0]], [0, 0], 0, 4096, 2048, 3)
    readout = QuantizedLayer("readout", [[1, 2], [2, 1]], [[0, 0], [1, 1]], [0, 0], 0, 4096, 2048, None)
    return QuantizedGraph((hidden, readout), 5, 0.01, 0.01, ("a", "b"))


@pytest.fixture
def spikes() -> np.ndarray:
    spikes = np.zeros((2, 5, 2), np.uint8)
    spikes[:, 0, 0] = spikes[:, 1, 1] = 1
    return spikes


@pytest.fixture
def trace(graph, spikes) -> Trace:
    return OracleExecutor().run(artifact_of(graph), spikes)


def changed(trace: Trace, *changes: tuple[int, str, tuple[int, int, int]]) -> Trace:
    """`trace` with 1 added (or a spike flipped) at each (layer, variable, (sample, step, neuron))."""
    layers = []
    for index, layer in enumerate(trace):
        arrays = {name: np.array(getattr(layer, name)) for name in ("u", "v", "spikes")}
        for at, name, where in changes:
            if at == index:
                arrays[name][where] = not arrays[name][where] if name == "spikes" else arrays[name][where] + 1
        layers.append(LayerTrace(**arrays))
    return Trace("other", tuple(layers))


def test_equal_traces(graph, spikes, trace):
    assert first_divergence(graph, trace, changed(trace), spikes, "golden") is None
    assert highest_rung(graph, trace, changed(trace)) is Rung.BIT_EXACT


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
    assert highest_rung(graph, trace, changed(trace, *changes)) is rung


def test_the_lowest_rungs(graph, trace):
    silent = Trace(
        "silent",
        tuple(
            LayerTrace(t.u, np.array(t.v) * (-9 if i else 1), np.zeros_like(t.spikes))
            for i, t in enumerate(trace)
        ),
    )
    assert highest_rung(graph, trace, silent) is Rung.NOTHING
    swapped = Trace(
        "swapped", (trace.layers[0], LayerTrace(t := trace.layers[1].u, -9 * t, trace.layers[1].spikes))
    )
    assert highest_rung(graph, trace, swapped) is Rung.ACTIVITY


def test_traces_of_other_shapes_are_refused(graph, spikes, trace):
    short = Trace("short", tuple(LayerTrace(t.u[:, :3], t.v[:, :3], t.spikes[:, :3]) for t in trace))
    with pytest.raises(StageError, match="trace of short: shapes"):
        first_divergence(graph, trace, short, spikes, "golden")
