"""NIR: what is written reads back, computes the same in an interpreter of its own, and is guarded."""

from __future__ import annotations

import io
from dataclasses import replace

import h5py
import nir
import numpy as np
import pytest
from golden import artifact_of
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from nir_interpreter import interpret
from strategies import graphs, graphs_with_input

from snnc.errors import ArtifactError, LimitError
from snnc.exporter.nir import reader
from snnc.exporter.nir.blocks import TALL, WIDE, read_matrix, write_matrix
from snnc.exporter.nir.reader import read_nir
from snnc.exporter.nir.writer import write_nir
from snnc.hwsim.oracle import OracleExecutor
from snnc.provenance import graph_hash
from snnc.stages import QuantizedGraph, QuantizedLayer


def expressible(graph: QuantizedGraph) -> bool:
    return all(layer.decay_u > 0 and (layer.decay_v > 0 or layer.decay_u == 4096) for layer in graph.layers)


def small() -> QuantizedGraph:
    hidden = QuantizedLayer("hidden1", [[3, -2], [0, 5]], [[1, 0], [0, 4]], [7, 0], 2, 4096, 2048, 4)
    readout = QuantizedLayer("readout", [[1, -1]], [[2, 2]], [0], 0, 4096, 410, None)
    return QuantizedGraph.chain((hidden, readout), 6, 0.01, 0.25, ("only",))


def shared_delays(graph: QuantizedGraph, by: str) -> QuantizedGraph:
    """`graph` with one delay a source (`by` "source"), or one a neuron and no bias ("neuron")."""

    def change(layer: QuantizedLayer) -> QuantizedLayer:
        delay = layer.delay[:1] if by == "source" else layer.delay[:, :1]
        bias = layer.bias_mant if by == "source" else 0 * layer.bias_mant
        return replace(layer, delay=np.broadcast_to(delay, layer.weight.shape), bias_mant=bias)

    return graph.with_layers(change(layer) for layer in graph.layers)


def as_drawn(graph: QuantizedGraph, by: str) -> QuantizedGraph:
    return graph if by == "synapse" else shared_delays(graph, by)


BY = st.sampled_from(["synapse", "source", "neuron"])


@settings(max_examples=60, deadline=None)
@given(graphs(), BY, st.booleans())
def test_round_trip(graph, by, delays_in_metadata):
    graph = as_drawn(graph, by)
    assume(expressible(graph))
    data = write_nir(graph, delays_in_metadata)
    assert graph_hash(read_nir(data, "graph.nir")) == graph_hash(graph)


@pytest.mark.parametrize("sparse", [False, True])
def test_round_trip_over_many_blocks(sparse):
    """300 sources with delays to 200 are some 26 000 lines, which take several blocks either way."""
    rng = np.random.default_rng(0)
    weight = rng.integers(-128, 128, (150, 300)) * ((rng.random((150, 300)) < 0.1) if sparse else 1)
    q = QuantizedLayer("readout", weight, rng.integers(0, 201, weight.shape), [5] * 150, 2, 4096, 100, None)
    graph = QuantizedGraph.chain((q,), 300, 1e-3, 0.5, tuple(f"c{i}" for i in range(150)))
    data = write_nir(graph)
    found = nir.read(io.BytesIO(data)).nodes
    _, source = np.nonzero(weight)
    pairs = set(zip(source.tolist(), q.delay[weight != 0].tolist(), strict=True))
    assert found["readout_lines"].weight.shape == (len(pairs), 300)
    assert found["readout_weight"].weight.sum() == weight.sum()
    assert graph_hash(read_nir(data, "graph.nir")) == graph_hash(graph)


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


def one_layer(weight, delay, bias=0, decay_u=4096, decay_v=2048):
    """A readout alone; the step is half a second."""
    names = tuple(f"class{i}" for i in range(len(weight)))
    bias = [bias] * len(weight)
    q = QuantizedLayer("readout", weight, delay, bias, 0, decay_u, decay_v, None)
    return QuantizedGraph.chain((q,), 5, 0.5, 1.0, names)


def structure(graph: QuantizedGraph) -> dict[str, nir.NIRNode]:
    """The nodes of the file, without input and output, in the order of the chain."""
    found = nir.read(io.BytesIO(write_nir(graph)))
    follow, name, nodes = dict(found.edges), "input", {}
    while (name := follow[name]) != "output":
        nodes[name.removeprefix("readout_")] = found.nodes[name]
    assert len(nodes) + 2 == len(found.nodes)
    return nodes


def test_without_delays_there_is_only_a_linear():
    nodes = structure(one_layer([[1, 2], [0, 3]], [[0, 0], [7, 0]]))  # a weight of 0 is no synapse
    assert list(nodes) == ["weight", "neuron"]
    assert nodes["weight"].weight.tolist() == [[1, 2], [0, 3]]


def test_one_delay_a_source_stands_before_the_weights():
    nodes = structure(one_layer([[1, 2], [0, 3]], [[4, 1], [9, 1]], bias=64))
    assert list(nodes) == ["delay", "weight", "neuron"]
    assert nodes["delay"].delay.tolist() == [2.0, 0.5]
    assert nodes["weight"].weight.tolist() == [[1, 2], [0, 3]]
    assert nodes["weight"].bias.tolist() == [1, 1]


def test_one_delay_a_neuron_stands_behind_the_weights():
    nodes = structure(one_layer([[1, 2], [5, 3]], [[4, 4], [1, 1]]))
    assert list(nodes) == ["weight", "delay", "neuron"]
    assert nodes["delay"].delay.tolist() == [2.0, 0.5]


def test_a_bias_is_never_delayed():
    nodes = structure(one_layer([[1, 2], [5, 3]], [[4, 4], [1, 1]], bias=64))
    assert list(nodes) == ["lines", "delay", "weight", "neuron"]


def test_a_bias_does_not_pass_through_a_current_with_memory():
    """decay_u 1024: tau_syn is 4 steps. decay_v 2048: tau is 2 steps, and v_leak adds dt / tau of itself."""
    nodes = structure(one_layer([[1]], [[0]], bias=64, decay_u=1024))
    assert type(nodes["weight"]) is nir.Linear
    neuron = nodes["neuron"]
    assert type(neuron) is nir.CubaLI
    assert (neuron.tau_syn, neuron.w_in, neuron.tau_mem, neuron.r, neuron.v_leak) == (2, 4, 1, 2, 2)


def test_no_leak_is_an_integrator():
    nodes = structure(one_layer([[1]], [[0]], decay_v=0))
    assert type(nodes["neuron"]) is nir.I
    assert nodes["neuron"].r == 2  # 1 / dt: a step of dt adds the current whole


@pytest.mark.parametrize(("decay_u", "decay_v"), [(4095, 0), (0, 2048), (0, 0)])
def test_what_no_nir_neuron_says_is_refused(decay_u, decay_v):
    with pytest.raises(LimitError, match=f"readout: decay_u {decay_u} with decay_v {decay_v} cannot be"):
        write_nir(one_layer([[1]], [[0]], decay_u=decay_u, decay_v=decay_v))


def test_delays_in_the_metadata_are_not_in_the_structure():
    found = nir.read(io.BytesIO(write_nir(small(), delays_in_metadata=True)))
    assert not any(isinstance(node, nir.Delay) for node in found.nodes.values())
    assert found.nodes["hidden1_weight"].weight.tolist() == [[3, -2], [0, 5]]
    assert found.metadata["snnc"]["layers"]["000"]["delay"].tolist() == [[1, 0], [0, 4]]


@settings(max_examples=60, deadline=None)
@given(graphs_with_input(large=False), BY)
def test_the_written_graph_computes_the_contract(case, by):
    graph, spikes = case
    graph = as_drawn(graph, by)
    assume(expressible(graph))
    expected = OracleExecutor().run(artifact_of(graph), spikes[:1])
    assume(not any(state.u_wraps or state.v_clips for state in expected))  # NIR's v is unbounded
    found = interpret(nir.read(io.BytesIO(write_nir(graph))), spikes[0], graph.bin_s, fraction=64)
    for layer, state in zip(graph.layers, expected, strict=True):
        np.testing.assert_array_equal(np.round(64 * found[f"{layer.name}_neuron"]), state.v[0])


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 150), st.integers(1, 9000), st.integers(0, 2**32 - 1), st.sampled_from([WIDE, TALL]))
def test_matrices_by_blocks(rows, columns, seed, block):
    """What h5py reads whole is what was written; blocks of zeros are not stored."""
    rng = np.random.default_rng(seed)
    dense = np.zeros((rows, columns))
    dense[rng.integers(0, rows, 20), rng.integers(0, columns, 20)] = rng.integers(-9, 10, 20)

    def entries(start, stop):
        row, column = np.nonzero(dense[start:stop])
        return row + start, column, dense[start:stop][row, column]

    with h5py.File(io.BytesIO(), "w") as file:
        write_matrix(file, "m", dense.shape, block, entries)
        np.testing.assert_array_equal(file["m"][()], dense)
        assert file["m"].id.get_num_chunks() <= 20
        read = np.zeros_like(dense)
        for row, column, value in read_matrix(file["m"]):
            read[row, column] = value
        np.testing.assert_array_equal(read, dense)


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
        ("node/nodes/hidden1_neuron/type", lambda t: "IF", "the neuron is IF, expected LIF"),
        ("node/nodes/hidden1_weight/type", lambda t: "Linear", "the node of its weights is Linear"),
        ("node/metadata/snnc/layers/000/form", lambda f: "axonal", "its nodes are not the chain"),
        (
            "node/metadata/snnc/layers/000/form",
            lambda f: "other",
            "the form 'other' of its delays is unknown",
        ),
        ("node/edges", lambda e: e[:-1], "not the chain of layers"),
        ("node/nodes/hidden1_weight/bias", plus_one, "the bias in the graph and in the metadata differ"),
        ("node/metadata/snnc/layers/000/bias_mant", lambda b: b + 9999, "bias mantissa"),
        ("node/metadata/snnc/version", lambda v: 99, "version is 99, this release reads 2"),
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
    monkeypatch.setattr(reader, "SIZE_LIMIT", 10)
    with pytest.raises(ArtifactError, match="more than the 10 allowed"):
        read_nir(write_nir(small()), "graph.nir")


def test_a_matrix_of_no_rows_and_endless_columns_is_refused():
    """It holds nothing, and an array of its columns would take terabytes."""
    data = io.BytesIO(write_nir(small()))
    with h5py.File(data, "r+") as file:
        nodes = file["node/nodes"]
        name = next(key for key in nodes if key.endswith("_weight"))
        del nodes[name]["weight"]
        nodes[name].create_dataset("weight", (0, 1 << 40), np.float32, maxshape=(None, None))
    with pytest.raises(ArtifactError, match="unpacks to"):
        read_nir(data.getvalue(), "graph.nir")
