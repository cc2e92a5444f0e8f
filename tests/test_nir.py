"""NIR: what is written reads back, computes the same in an interpreter of its own, and is guarded."""

from __future__ import annotations

import io

import h5py
import nir
import numpy as np
import pytest
from golden import artifact_of
from hypothesis import assume, given, settings
from strategies import graphs, graphs_with_input

from snnc.errors import ArtifactError, LimitError
from snnc.exporter import nir_reader
from snnc.exporter.nir_reader import read_nir
from snnc.exporter.nir_writer import write_nir
from snnc.hwsim.oracle import OracleExecutor
from snnc.provenance import graph_hash
from snnc.stages import QuantizedGraph, QuantizedLayer


def expressible(graph: QuantizedGraph) -> bool:
    return all(layer.decay_u > 0 and layer.decay_v > 0 for layer in graph.layers)


def small() -> QuantizedGraph:
    hidden = QuantizedLayer("hidden1", [[3, -2], [0, 5]], [[1, 0], [0, 4]], [7, 0], 2, 4096, 2048, 4)
    readout = QuantizedLayer("readout", [[1, -1]], [[2, 2]], [0], 0, 4096, 410, None)
    return QuantizedGraph((hidden, readout), 6, 0.01, 0.25, ("only",))


@settings(max_examples=60, deadline=None)
@given(graphs())
def test_round_trip(graph):
    assume(expressible(graph))
    assert graph_hash(read_nir(write_nir(graph), "graph.nir")) == graph_hash(graph)


def test_same_graph_same_bytes():
    assert write_nir(small()) == write_nir(small())


def test_structure_by_hand():
    """Lines (source, delay) of hidden1: (0, 1), (1, 0), (1, 4)."""
    graph = nir.read(io.BytesIO(write_nir(small())))
    assert graph.nodes["hidden1_lines"].weight.tolist() == [[1, 0], [0, 1], [0, 1]]
    np.testing.assert_allclose(graph.nodes["hidden1_delay"].delay, [0.01, 0, 0.04])
    assert graph.nodes["hidden1_weight"].weight.tolist() == [[3, -2, 0], [0, 0, 5]]
    assert graph.nodes["hidden1_weight"].bias.tolist() == [28 / 64, 0]
    assert type(graph.nodes["readout_weight"]) is nir.Linear
    assert graph.nodes["hidden1_neuron"].v_threshold.tolist() == [4, 4]
    np.testing.assert_allclose(graph.nodes["hidden1_neuron"].tau, 0.02)
    assert type(graph.nodes["readout_neuron"]) is nir.LI


def interpret(graph: nir.NIRGraph, spikes: np.ndarray, dt: float) -> dict[str, np.ndarray]:
    """Forward Euler over the chain of nodes by the equations in NIR's own documentation, in float64.

    Decays are truncated as on the chip (in units of 1/64), the one thing NIR does not say.
    """
    follow = dict(graph.edges)
    signal, name, states = spikes.astype(float), follow["input"], {}
    while name != "output":
        node = graph.nodes[name]
        if isinstance(node, nir.Linear):
            signal = signal @ node.weight.T
        elif isinstance(node, nir.Affine):
            signal = signal @ node.weight.T + node.bias
        elif isinstance(node, nir.Delay):
            delayed = np.zeros_like(signal)
            for line, seconds in enumerate(node.delay):
                d = round(seconds / dt)
                delayed[d:, line] = signal[: max(len(signal) - d, 0), line]
            signal = delayed
        else:
            v, out = np.zeros(signal.shape[1]), np.zeros_like(signal)
            trace = np.zeros_like(signal)
            for t, current in enumerate(signal):
                keep = 1 - dt / node.tau
                v = np.trunc(np.round(v * keep * 64, 6)) / 64 + dt / node.tau * node.r * current
                if isinstance(node, nir.LIF):
                    out[t] = np.round(v, 6) > node.v_threshold
                    v = np.where(out[t] > 0, 0, v)
                trace[t] = v
            states[name] = np.round(trace * 64)
            signal = out
        name = follow[name]
    return states


@settings(max_examples=60, deadline=None)
@given(graphs_with_input(large=False))
def test_the_written_graph_computes_the_contract(case):
    graph, spikes = case
    stateless = all(layer.decay_u == 4096 and layer.decay_v > 0 for layer in graph.layers)
    if not stateless:
        layers = [
            QuantizedLayer(
                q.name, q.weight, q.delay, q.bias_mant, q.bias_exp, 4096, max(q.decay_v, 1), q.threshold
            )
            for q in graph.layers
        ]
        graph = QuantizedGraph(tuple(layers), graph.time_steps, graph.bin_s, 1.0, graph.class_names)
    expected = OracleExecutor().run(artifact_of(graph), spikes[:1])
    assume(not any(state.u_wraps or state.v_clips for state in expected))  # NIR's v is unbounded
    found = interpret(nir.read(io.BytesIO(write_nir(graph))), spikes[0], graph.bin_s)
    for layer, state in zip(graph.layers, expected, strict=True):
        np.testing.assert_array_equal(found[f"{layer.name}_neuron"], state.v[0])


def test_no_leak_is_refused():
    q = QuantizedLayer("readout", [[1]], [[0]], [0], 0, 4096, 0, None)
    with pytest.raises(LimitError, match=r"readout: decay 0 \(no leak"):
        write_nir(QuantizedGraph((q,), 3, 0.01, 1.0, ("a",)))


def altered(path: str, change) -> bytes:
    buffer = io.BytesIO(write_nir(small()))
    with h5py.File(buffer, "r+") as file:
        value = change(file[path][()])
        del file[path]
        file[path] = value
    return buffer.getvalue()


def plus_one(value):
    value.flat[0] += 1
    return value


@pytest.mark.parametrize(
    ("path", "change", "message"),
    [
        ("node/nodes/hidden1_weight/weight", plus_one, "does not match its recorded hash"),
        ("node/nodes/hidden1_weight/weight", lambda w: w * 1.5, "weight: values do not fit int32"),
        ("node/nodes/hidden1_delay/delay", lambda d: d + 0.01, "does not match its recorded hash"),
        ("node/nodes/hidden1_delay/delay", lambda d: d + 0.004, "not a whole number of steps"),
        ("node/nodes/hidden1_lines/weight", lambda w: w * 2, "not one-hot"),
        ("node/nodes/hidden1_neuron/v_threshold", plus_one, "v_threshold contradicts"),
        ("node/nodes/hidden1_neuron/tau", plus_one, "tau contradicts"),
        ("node/nodes/hidden1_weight/bias", plus_one, "the bias in the graph and in the metadata differ"),
        ("node/metadata/snnc/layers/000/bias_mant", lambda b: b + 9999, "bias mantissa"),
        ("node/metadata/snnc/version", lambda v: 99, "version is 99, this release reads 1"),
        ("node/metadata/snnc/semantics_version", lambda v: 2, "semantics_version is 2"),
        ("node/metadata/snnc/time_steps", lambda t: 0, "time_steps is 0"),
    ],
)
def test_a_changed_file_is_refused(path, change, message):
    with pytest.raises(ArtifactError, match=message):
        read_nir(altered(path, change), "graph.nir")


@pytest.mark.parametrize("data", [b"", b"not hdf5", write_nir(small())[:3000]])
def test_rubbish_is_refused(data):
    with pytest.raises(ArtifactError, match=r"graph\.nir: not a NIR file written by snnc"):
        read_nir(data, "graph.nir")


def test_a_file_that_unpacks_too_far_is_refused(monkeypatch):
    monkeypatch.setattr(nir_reader, "SIZE_LIMIT", 10)
    with pytest.raises(ArtifactError, match="more than the 10 allowed"):
        read_nir(write_nir(small()), "graph.nir")
