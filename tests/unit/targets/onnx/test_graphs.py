"""ONNX files of graphs that are no chains: what they hold and say, and how the executors run them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import onnx
import pytest
from golden import artifact_of, assert_same_trace
from graph_cases import dense, graph_of, li, lif, readout, source, state

from snnc.provenance import graph_hash
from snnc.stages import Convolution, Projection, QuantizedGraph, SynapseList
from snnc.targets.onnx.emitter import MODEL, PROBE, model_bytes
from snnc.targets.onnx.executor import OnnxReferenceExecutor, OnnxRuntimeExecutor
from snnc.targets.onnx.memory import batch_size
from snnc.targets.onnx.network import onnx_model

EXECUTORS = (OnnxRuntimeExecutor(threads=1), OnnxReferenceExecutor())
each_executor = pytest.mark.parametrize("executor", EXECUTORS, ids=lambda each: each.name)
FLOATS = {"FLOAT", "DOUBLE", "FLOAT16", "BFLOAT16"}


@each_executor
def test_no_input_lines(executor: OnnxRuntimeExecutor) -> None:
    """bias 3 << 1 = 6 in each step, and vth 0: a spike in each step, of each of two samples, until 2."""
    graph = graph_of([lif("h", bias_mant=3, bias_exp=1, end=2)], [], 3)
    found = executor.run_graph(graph, np.zeros((2, 3, 0), np.uint8))
    expected = state(u=[[[0, 0, 0]]] * 2, v=[[[0, 0, 6]]] * 2, spikes=[[[1, 1, 0]]] * 2)
    assert_same_trace(found, (expected,))


def recurrent(steps: int = 4) -> QuantizedGraph:
    """Convolutions of two delays, a recurrence and two readouts."""
    kernel = np.arange(-4, 5).reshape(1, 1, 3, 3)
    both = Convolution(kernel, kernel % 2, (1, 5, 5), padding=(1, 1))
    again = Convolution(kernel, 1, (1, 5, 5), padding=(1, 1))
    return graph_of(
        [source(neurons=25), lif("h", 25, reset="subtract", reset_by=1), li("y", 2)],
        [Projection("x", "h", both), Projection("h", "h", again), dense("h", "y", [[1] * 25, [-1] * 25])],
        steps,
        [readout("y", "last", 2, 0.5), readout("h", "count", 25)],
    )


@each_executor
def test_files_of_an_artifact_run(executor: OnnxRuntimeExecutor) -> None:
    """What a readout gives is that of model.onnx: one whose h never spikes shows in both readouts."""
    graph, events = recurrent(), np.ones((1, 4, 25), np.uint8)
    expected = executor.run_graph(graph, events)
    assert_same_trace(executor.run(artifact_of(graph), events), expected.layers)
    files = {MODEL: model_bytes(graph), PROBE: model_bytes(graph, probe=True)}
    artifact = replace(artifact_of(graph), target="onnx", program=files)
    assert_same_trace(executor.run(artifact, events), expected.layers)
    h, y = expected.layers
    assert h.spikes.any()
    assert y.v.any()
    h_silent = replace(graph.populations[1], threshold=2**17 - 1)
    silent = replace(graph, populations=(graph.populations[0], h_silent, graph.populations[2]))
    found = executor.run(replace(artifact, program={**files, MODEL: model_bytes(silent)}), events).layers
    assert not found[0].spikes.any()
    assert not found[1].v.any()
    np.testing.assert_array_equal(found[0].v, h.v)
    np.testing.assert_array_equal(found[1].u, y.u)


@each_executor
def test_no_samples_and_batches(executor: OnnxRuntimeExecutor, monkeypatch: pytest.MonkeyPatch) -> None:
    graph = recurrent()
    empty = executor.run_graph(graph, np.zeros((0, 4, 25), np.uint8))
    assert [each.u.shape for each in empty] == [(0, 4, 25), (0, 4, 2)]
    events = (np.random.default_rng(1).random((5, 4, 25)) < 0.4).astype(np.uint8)
    together = executor.run_graph(graph, events)
    assert together.layers[0].spikes.any()
    monkeypatch.setattr("snnc.targets.onnx.memory.RECORDED", 2 * 27 * 4)
    assert batch_size(graph) == 2
    assert_same_trace(executor.run_graph(graph, events), together.layers)


def test_a_file_holds_a_kernel_for_each_delay_and_not_the_synapses() -> None:
    kernel = np.random.default_rng(0).integers(1, 99, (8, 4, 3, 3))
    delay = np.where(kernel % 2, 2, 5)
    graph = graph_of(
        [source(neurons=4 * 32 * 32), lif("y", 8 * 32 * 32)],
        [Projection("x", "y", Convolution(kernel, delay, (4, 32, 32), padding=(1, 1)))],
        8,
    )
    assert graph.projections[0].synapses.count > 250_000
    model = onnx_model(graph)
    (body,) = [each.g for node in model.graph.node for each in node.attribute if each.name == "body"]
    held = {each.name: onnx.numpy_helper.to_array(each) for each in body.initializer}
    np.testing.assert_array_equal(held["kernel_0.2"], np.where(kernel % 2, kernel, 0))
    np.testing.assert_array_equal(held["kernel_0.5"], np.where(kernel % 2, 0, kernel))
    assert len(model.SerializeToString()) < graph.projections[0].synapses.count


def test_only_convolutions_are_in_floating_point() -> None:
    (body,) = [
        each.g
        for node in onnx_model(recurrent(), probe=True).graph.node
        for each in node.attribute
        if each.name == "body"
    ]
    inferred = onnx.shape_inference.infer_shapes(onnx.helper.make_model(body)).graph
    kinds = {
        each.name: onnx.TensorProto.DataType.Name(each.type.tensor_type.elem_type)
        for each in inferred.value_info
    }
    floating = {node.op_type for node in inferred.node if kinds.get(node.output[0]) in FLOATS}
    assert floating == {"Cast", "Transpose", "Reshape", "Conv", "Sum"}


def test_what_the_files_say_and_give() -> None:
    graph = recurrent()
    model, probe = (onnx_model(graph, probe=each) for each in (False, True))
    said = {each.key: each.value for each in model.metadata_props}
    assert said["graph_hash"] == graph_hash(graph)
    assert (said["semantics_version"], said["time_steps"], said["bin_s"]) == ("2", "4", "0.001")
    assert json.loads(said["population_names"]) == ["h", "y"]
    assert json.loads(said["inputs"]) == [{"population": "x", "lines": 25, "payload_max": 1}]
    names = [f"class{number}" for number in range(25)]
    assert json.loads(said["readouts"]) == [
        {"number": 1, "population": "y", "decoder": "last", "class_names": names[:2]},
        {"number": 0, "population": "h", "decoder": "count", "class_names": names},
    ]
    outputs = ["v_1", "scores_1", "class_1", "s_0", "scores_0", "class_0"]
    assert [each.name for each in model.graph.output] == outputs
    more = ["v_0", "u_0", "u_wraps_0", "v_clips_0", "u_1", "u_wraps_1", "v_clips_1"]
    assert [each.name for each in probe.graph.output] == outputs + more


class Unknown:
    """Synapses in a storage of which the target knows the list alone."""

    def __init__(self, synapses: SynapseList) -> None:
        self.synapses = synapses

    def __getattr__(self, name: str) -> Any:
        return getattr(self.synapses, name)


def test_the_storage_of_synapses_has_no_effect() -> None:
    graph = recurrent(steps=9)
    events = (np.random.default_rng(2).random((3, 9, 25)) < 0.4).astype(np.uint8)
    found = EXECUTORS[0].run_graph(graph, events)
    for stored in (SynapseList.as_list, Unknown):
        others = [replace(each, synapses=stored(each.synapses.as_list())) for each in graph.projections]
        other = replace(graph, projections=tuple(others))
        assert_same_trace(EXECUTORS[0].run_graph(other, events), found.layers)
