"""Graphs of populations in a NIR file: read back, and read by others."""

from __future__ import annotations

import io

import h5py
import nir
import numpy as np
import pytest
from graph_cases import adlif, dense, graph_of, li, lif, readout, source
from graph_golden import GRAPH_GOLDEN
from hypothesis import HealthCheck, given, settings
from networks import networks
from nir_interpreter import interpret_graph
from nir_structures import convolved, recurrent

from snnc.exporter.nir import projections
from snnc.exporter.nir.reader import read_nir
from snnc.exporter.nir.writer import write_nir
from snnc.hwsim.oracle import run_graph
from snnc.provenance import graph_hash, semantics_version
from snnc.stages import Convolution, Projection, QuantizedGraph

pytestmark = pytest.mark.slow


def test_golden_vectors_read_back() -> None:
    for case in GRAPH_GOLDEN:
        found = read_nir(write_nir(case.graph), "graph.nir")
        assert found == case.graph, case.name
        assert graph_hash(found) == graph_hash(case.graph)


@given(networks())
@settings(max_examples=25, suppress_health_check=list(HealthCheck))
def test_random_networks_read_back(graph: QuantizedGraph) -> None:
    data = write_nir(graph)
    assert read_nir(data, "graph.nir") == graph
    assert write_nir(read_nir(data, "graph.nir")) == data


def test_the_structure_by_hand() -> None:
    """Lines (source, delay) of x -> h: (0, 0), (0, 2), (1, 1). Its `Affine` has the input bias."""
    graph = nir.read(io.BytesIO(write_nir(recurrent())))
    nodes, edges = graph.nodes, graph.edges
    assert {name for name in nodes if name.startswith("projection0")} == {
        "projection0_x_h_lines",
        "projection0_x_h_delay",
        "projection0_x_h_weight",
    }
    assert nodes["projection0_x_h_lines"].weight.tolist() == [[1, 0], [1, 0], [0, 1]]
    np.testing.assert_allclose(nodes["projection0_x_h_delay"].delay, [0, 0.002, 0.001])
    assert nodes["projection0_x_h_weight"].weight.tolist() == [[6, 8, 0], [0, 0, 18]]
    assert nodes["projection0_x_h_weight"].bias.tolist() == [1, -2]
    assert type(nodes["projection4_h_y_weight"]) is nir.Linear
    assert ("population1_h", "projection1_h_h_delay") in edges
    assert ("projection1_h_h_weight", "population1_h") in edges
    assert ("population2_k", "output0_k") in edges
    assert type(nodes["population1_h"]) is nir.CubaLIF
    np.testing.assert_allclose(nodes["population1_h"].tau_mem, 0.004)
    np.testing.assert_allclose(nodes["population1_h"].v_leak, [4, 8])  # 1 and 2 weight steps a step, tau is 4
    assert type(nodes["population2_k"]) is nir.LIF


@given(networks())
@settings(max_examples=10, suppress_health_check=list(HealthCheck))
def test_random_networks_read_back_with_delays_in_the_metadata(graph: QuantizedGraph) -> None:
    data = write_nir(graph, delays_in_metadata=True)
    assert read_nir(data, "graph.nir") == graph
    if not graph.is_chain:
        with h5py.File(io.BytesIO(data)) as file:
            kinds = [node["type"][()] for node in file["node/nodes"].values()]
        assert b"Delay" not in kinds


def test_with_delays_in_the_metadata_synapses_of_a_pair_add_up() -> None:
    """3 after 0 steps and 4 after 2, both times 2; a kernel is whole."""
    nodes = nir.read(io.BytesIO(write_nir(recurrent(), delays_in_metadata=True))).nodes
    assert nodes["projection0_x_h_weight"].weight.tolist() == [[14, 0], [0, 18]]
    kernel = Convolution(np.array([[[[3, -2], [1, 5]]]]), np.array([[[[0, 7], [7, 1]]]]), (1, 2, 2))
    graph = graph_of((source("x", 4), li("y")), (Projection("x", "y", kernel),), 9)
    data = write_nir(graph, delays_in_metadata=True)
    node = nir.read(io.BytesIO(data)).nodes["projection0_x_y_weight0"]
    assert node.weight.tolist() == kernel.kernel.tolist()
    note = "x -> y: its delays of up to 7 steps are not in the nodes"
    assert note in notes_of(graph, delays_in_metadata=True)
    assert read_nir(data, "graph.nir") == graph


def notes_of(graph: QuantizedGraph, delays_in_metadata: bool = False) -> list[str]:
    data = write_nir(graph, delays_in_metadata)
    return list(nir.read(io.BytesIO(data)).metadata["snnc"]["notes"].astype(str))


def test_what_the_nodes_do_not_say_is_told() -> None:
    assert notes_of(recurrent()) == [
        "x: events are whole numbers of up to 3",
        "k: sends no spikes from step 7 of 9 on",
        "x -> h: weights of the nodes are multiplied by 2^1, its exponent",
        "recurrent projections: Delay nodes hold whole delays; a reader that adds a step of its own to "
        "cycles must take it off",
    ]
    adapted = adlif("h", 1, reset="subtract", reset_by=3, input_bias_mant=5)
    assert notes_of(graph_of((adapted,), (), 3)) == [
        "h: a spike subtracts a number from v; the node's equations reset v to 0",
        "h: has an adaptation current w, which the node lacks",
        "h: its input bias is in no node",
    ]
    assert "x -> h: its delays of up to 2 steps are not in the nodes" in notes_of(recurrent(), True)


def test_a_convolution_stays_one() -> None:
    kernel = np.array([[[[1, 2], [3, 4]]], [[[5, 0], [0, 6]]]])
    delay = np.where(kernel > 3, 2, 0)
    flat = nir.read(io.BytesIO(write_nir(convolved(kernel, delay)))).nodes
    assert flat["projection0_x_h_weight0"].weight.tolist() == [[[[1, 2], [3, 0]]], [[[0, 0], [0, 0]]]]
    assert flat["projection0_x_h_weight2"].weight.tolist() == [[[[0, 0], [0, 4]]], [[[5, 0], [0, 6]]]]
    assert (flat["projection0_x_h_delay2"].delay == 0.002).all()
    assert flat["population0_x"].input_type["input"].tolist() == [1, 3, 3]
    assert type(flat["projection0_x_h_flat2"]) is nir.Flatten
    assert flat["population1_h"].v_threshold.shape == (8,)
    grid = nir.read(io.BytesIO(write_nir(convolved(kernel, delay, after="convolution")))).nodes
    assert grid["population1_h"].v_threshold.shape == (2, 2, 2)
    assert "projection0_x_h_flat2" not in grid


def test_one_grid_by_two_storages_is_a_chain_of_version_1() -> None:
    """Its file holds the kernel, and not a matrix; what it computes is version 1."""
    graph = graph_of(
        (source("input", 9), lif("h", 4, threshold=1), li("y", 2)),
        (
            Projection("input", "h", Convolution(np.ones((1, 1, 2, 2)), 0, (1, 3, 3))),
            dense("h", "y", [[1, 2, 3, 4], [4, 3, 2, 1]]),
        ),
        6,
        [readout("y", "softmax", 2, 0.5)],
    )
    found = read_nir(write_nir(graph), "graph.nir")
    assert semantics_version(found) == 1
    assert found == graph
    assert type(found.projections[0].synapses) is Convolution


def test_matrices_beyond_the_limit_are_in_the_metadata_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """x -> h takes 3 x 2 numbers and 3 x 2 for its lines; h -> h 4, h -> k and k -> h 2 each, h -> y 4."""
    monkeypatch.setattr(projections, "STRUCTURE_LIMIT", 20)
    graph = recurrent()
    data = write_nir(graph)
    notes = nir.read(io.BytesIO(data)).metadata["snnc"]["notes"].astype(str).tolist()
    assert (
        "h -> y: none of its 4 synapses is in the nodes: all matrices would take more than 20 numbers"
        in notes
    )
    assert not any(note.startswith(("x -> h: none", "k -> h: none")) for note in notes)
    assert read_nir(data, "graph.nir") == graph


def nir_says_all(case) -> bool:
    """Whether nothing saturates, and every note is one that the interpreter below knows how to read."""
    known = ("events are", "multiplied by 2^", "time constant of 2^32", "recurrent projections")
    saturates = any(state.u_wraps or state.v_clips for state in case.layers)
    return not saturates and all(any(word in note for word in known) for note in notes_of(case.graph))


def test_a_structure_without_notes_computes_the_contract() -> None:
    """By an interpreter of its own."""
    said = [case for case in GRAPH_GOLDEN if nir_says_all(case)]
    assert len(said) >= 15
    for case in said:
        found = nir.read(io.BytesIO(write_nir(case.graph)))
        parts = {
            f"population{number}_{each.name}": case.input[0][:, case.graph.lines(each.name)]
            for number, each in enumerate(case.graph.populations)
            if each.model == "input"
        }
        computed = interpret_graph(found, parts, case.graph.bin_s, case.graph.time_steps, fraction=64)
        expected = run_graph(case.graph, case.input)
        for number, population in enumerate(case.graph.populations):
            if population.model != "input":
                v = expected.layers[case.graph.trace_index(population.name)].v[0]
                mine = np.round(64 * computed[f"population{number}_{population.name}"])
                np.testing.assert_array_equal(mine.reshape(v.shape), v, err_msg=case.name)


def test_projections_beyond_the_limit_of_nodes_are_in_the_metadata_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """x -> h takes 3 nodes, h -> h and h -> k 2 each."""
    monkeypatch.setattr(projections, "NODES_LIMIT", 6)
    graph = recurrent()
    data = write_nir(graph)
    notes = nir.read(io.BytesIO(data)).metadata["snnc"]["notes"].astype(str).tolist()
    assert (
        "h -> k: none of its 2 synapses is in the nodes: all projections would take more than 6 nodes"
        in notes
    )
    assert read_nir(data, "graph.nir") == graph
