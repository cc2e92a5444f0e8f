"""The target `onnx` and its executors: the contract's vectors, random networks, and the graph itself."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from typing import Any

import numpy as np
import onnx
import pytest
from golden import GOLDEN, GoldenCase, artifact_of, assert_same_trace
from hypothesis import HealthCheck, given, settings
from loihi_artifacts import chain, layer, placed, random_chain, random_input
from places import TESTS
from strategies import graphs_with_input

from snnc.decoding import softmax
from snnc.errors import ArtifactError, ExecutorError, LimitError, NotInstalledError, StageError
from snnc.hwsim.oracle import run_graph
from snnc.plugins.executors import load_executor
from snnc.provenance import graph_hash
from snnc.targets.onnx import emitter, memory
from snnc.targets.onnx.emitter import MODEL, PROBE, emit, model_bytes
from snnc.targets.onnx.network import OPSET, onnx_model
from snnc.targets.registry import load_target

NAMES = ("onnxruntime", "onnx-reference")

INTEGERS = {"INT32", "INT64", "BOOL"}
OPERATORS = {
    *("Abs", "Add", "Cast", "Concat", "Div", "Equal", "Gather", "Greater", "Identity", "Less", "MatMul"),
    *("Max", "Min", "Mul", "Not", "ReduceSum", "Sign", "Slice", "Squeeze", "Sub", "Where"),
}
"""All that a step may use. None of them rounds: what `Div` divides is never negative."""


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("case", GOLDEN, ids=lambda case: case.name)
def test_golden(case: GoldenCase, name: str) -> None:
    trace = load_executor(name).run(artifact_of(case.graph), case.input)
    assert trace.executor == name
    assert_same_trace(trace, case.layers)


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(graphs_with_input())
def test_equals_the_oracle(drawn: tuple[Any, Any]) -> None:
    graph, spikes = drawn
    expected = run_graph(graph, spikes)
    for name in NAMES:
        assert_same_trace(load_executor(name).run(artifact_of(graph), spikes), expected.layers)


def test_random_networks_wrap_clip_and_carry_payloads() -> None:
    """A network of the kind that Hypothesis draws, in which all of it happens: the test above can fail."""
    weights = np.random.default_rng(3).integers(-128, 128, (12, 12)) * 170
    first = layer(weights, 3, name="layer0", threshold=131071, decay_u=4)
    graph = chain(first, layer(weights, 1, name="layer1", decay_u=0), time_steps=20)
    spikes = random_input(graph, 3, 0.5)
    for name in NAMES:
        trace = load_executor(name).run(artifact_of(graph), spikes)
        assert_same_trace(trace, run_graph(graph, spikes).layers)
        assert all(count for each in trace for count in (each.u_wraps, each.v_clips))


@pytest.mark.parametrize("name", NAMES)
def test_batches_are_put_together(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    graph = random_chain(1, (5, 4, 3), time_steps=9, max_delay=12, threshold=100)
    spikes = random_input(graph, 7)
    together = load_executor(name).run(artifact_of(graph), spikes)
    monkeypatch.setattr(memory, "GATHERED", 2 * 5 * 4)
    assert memory.batch_size(graph) == 2
    apart = load_executor(name).run(artifact_of(graph), spikes)
    assert_same_trace(apart, together.layers)
    assert together.layers[0].spikes.any()


@pytest.mark.parametrize("name", NAMES)
def test_no_samples_give_an_empty_trace(name: str) -> None:
    graph = random_chain(1, (5, 4, 3), time_steps=9, max_delay=3, bias=4000, bias_exp=7)
    trace = load_executor(name).run(artifact_of(graph), np.zeros((0, 9, 5), np.uint8))
    assert [each.u.shape for each in trace] == [(0, 9, 4), (0, 9, 3)]
    assert [each.v_clips for each in trace] == [0, 0]


@pytest.mark.parametrize("name", NAMES)
def test_wrong_input_is_refused(name: str) -> None:
    graph = random_chain(1, (5, 4, 3), time_steps=9, max_delay=3)
    with pytest.raises(StageError, match="values other than 0 and 1"):
        load_executor(name).run(artifact_of(graph), np.full((1, 9, 5), 2, np.uint8))


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_package_is_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_executor(name).unavailable_reason() is None
    monkeypatch.setitem(sys.modules, "onnx", None)  # importing it fails
    why = load_executor(name).unavailable_reason()
    assert why is not None
    assert why.endswith("onnx, not installed here; install it: pip install 'snnc[onnx]'")
    graph = random_chain(1, (5, 3), time_steps=9, max_delay=3)
    with pytest.raises(NotInstalledError, match=r"^target onnx: needs onnx.*pip install 'snnc\[onnx\]'$"):
        model_bytes(graph)


def test_scores_and_class_by_hand() -> None:
    """v = 0, ln 2 / scale in one step: softmax is 1/3, 2/3; then v = 0, 0: 1/2, 1/2. The sums: 5/6, 7/6."""
    scale = np.log(2) / 64
    graph = chain(layer([[0], [1]], decay_v=4096), time_steps=2).changed(readout_scale=scale)
    spikes = np.array([[[1], [0]], [[0], [0]]], np.uint8)  # the second is silent: a tie, so the first class
    for name in NAMES:
        out = load_executor(name).load(model_bytes(graph))(spikes)
        np.testing.assert_array_equal(out["v"], [[[0, 64], [0, 0]], [[0, 0], [0, 0]]])
        np.testing.assert_allclose(out["scores"], [[5 / 6, 7 / 6], [1, 1]], rtol=1e-14)
        np.testing.assert_array_equal(out["class"], [1, 0])
        assert [out[key].dtype for key in ("v", "scores", "class")] == [np.int32, np.float64, np.int64]


def test_scores_are_those_of_the_host() -> None:
    graph = random_chain(4, (8, 6, 5), time_steps=30, max_delay=9).changed(readout_scale=1e-4)
    spikes = random_input(graph, 6)
    v = run_graph(graph, spikes).readout
    for name in NAMES:
        out = load_executor(name).load(model_bytes(graph))(spikes)
        np.testing.assert_allclose(out["scores"], softmax.scores(v, 1e-4), rtol=1e-12)
        np.testing.assert_array_equal(out["class"], softmax.classes(v, 1e-4))


@pytest.mark.parametrize("probe", [False, True])
def test_the_model_is_sound_and_computes_states_in_integers(probe: bool) -> None:
    model = onnx_model(random_chain(1, (5, 4, 3), time_steps=9, max_delay=3), probe=probe)
    onnx.checker.check_model(model, full_check=True)
    assert [(each.domain, each.version) for each in model.opset_import] == [("", OPSET)]
    (body,) = [node.attribute for node in model.graph.node if node.op_type == "Scan"]
    step = next(each.g for each in body if each.name == "body")
    assert {node.op_type for node in step.node} <= OPERATORS
    kinds = onnx.TensorProto.DataType.Name
    types = {each.data_type for each in step.initializer} | {
        each.type.tensor_type.elem_type for each in (*step.input, *step.output)
    }
    assert {kinds(each) for each in types} <= INTEGERS | {"INT8"}
    targets = {attribute.i for node in step.node for attribute in node.attribute if attribute.name == "to"}
    assert {kinds(each) for each in targets} <= INTEGERS


def test_the_probe_is_the_model_with_more_outputs() -> None:
    graph = random_chain(1, (5, 4, 3), time_steps=9, max_delay=3)
    model, probe = (onnx_model(graph, probe=each).graph for each in (False, True))
    assert [each.name for each in model.output] == ["v", "scores", "class"]
    more = ["v_0", "u_0", "s_0", "u_wraps_0", "v_clips_0", "v_1", "u_1", "u_wraps_1", "v_clips_1"]
    assert [each.name for each in probe.output] == ["v", "scores", "class", *more]
    nodes, constants = _contents(model)
    more_nodes, same_constants = _contents(probe)
    assert nodes < more_nodes
    assert constants == same_constants


def _contents(graph: onnx.GraphProto) -> tuple[set[bytes], list[bytes]]:
    """Nodes, those of the step included and the loop itself left out; and constants; each as bytes."""
    step = next(each.g for node in graph.node for each in node.attribute if each.name == "body")
    nodes = {node.SerializeToString() for node in (*graph.node, *step.node) if node.op_type != "Scan"}
    return nodes, [each.SerializeToString() for each in (*graph.initializer, *step.initializer)]


def test_equal_graphs_give_equal_bytes_in_every_process() -> None:
    code = (
        "import sys; from loihi_artifacts import placed, random_chain;"
        "from snnc.targets.onnx.emitter import emit;"
        "files = emit(placed(random_chain(1, (5, 4, 3), time_steps=9, max_delay=3)));"
        "sys.stdout.buffer.write(b''.join(files[name] for name in sorted(files)))"
    )
    here = emit(placed(random_chain(1, (5, 4, 3), time_steps=9, max_delay=3)))
    assert sorted(here) == [MODEL, PROBE]
    for seed in ("1", "2"):
        environment = {"PYTHONPATH": str(TESTS), "PYTHONHASHSEED": seed}
        there = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, env=environment)
        assert there.stdout == here[MODEL] + here[PROBE]


def test_the_model_says_what_it_is() -> None:
    graph = random_chain(1, (5, 4, 2), time_steps=9, max_delay=3, weights=(-9, 9)).changed(
        class_names=("ja", "nein, [nö]"), payload_max=3
    )
    model = onnx.load_model_from_string(model_bytes(graph))
    said = {each.key: each.value for each in model.metadata_props}
    assert json.loads(said.pop("class_names")) == ["ja", "nein, [nö]"]
    assert json.loads(said.pop("layer_names")) == ["layer0", "layer1"]
    assert said == {
        "graph_hash": graph_hash(graph),
        "semantics_version": "1",
        "bin_s": "0.001",
        "time_steps": "9",
        "payload_max": "3",
    }
    assert (model.producer_name, model.ir_version) == ("snnc", 8)


def test_a_delay_beyond_the_last_step_takes_no_room() -> None:
    """Nothing arrives at step T or later, whatever the delay."""
    weight, delay = [[3, 5]], [[2**31 - 2, 1]]
    graph = chain(layer(weight, np.array(delay)), time_steps=4)
    spikes = np.ones((1, 4, 2), np.uint8)
    for name in NAMES:
        trace = load_executor(name).run(artifact_of(graph), spikes)
        np.testing.assert_array_equal(trace.layers[0].u[0, :, 0], [0, 320, 320, 320])


@pytest.mark.parametrize("large", [127, 128, -128, -129, 32767, 32768])
def test_weights_of_every_width(large: int) -> None:
    graph = chain(layer([[large], [1]]), time_steps=1)
    for name in NAMES:
        trace = load_executor(name).run(artifact_of(graph), np.ones((1, 1, 1), np.uint8))
        np.testing.assert_array_equal(trace.layers[0].u[0, 0], [64 * large, 64])


def test_what_no_onnx_file_holds_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = random_chain(1, (5, 4, 3), time_steps=9, max_delay=3)
    target = load_target("onnx")
    target.check(graph)
    table = 4 * 5 * (4 + 1)
    monkeypatch.setattr(emitter, "FILE_LIMIT", table)
    with pytest.raises(LimitError, match=f"layer1: .* takes {table + 3 * 4 * 5} bytes and more.*{table}"):
        target.check(graph)
    with pytest.raises(LimitError):
        emit(placed(graph))
    with pytest.raises(ExecutorError, match="layer1"):
        load_executor("onnxruntime").run(artifact_of(graph), np.zeros((1, 9, 5), np.uint8))
    monkeypatch.undo()
    monkeypatch.setattr(emitter, "PLACES", 19)
    with pytest.raises(LimitError, match="layer0: 5 inputs times delays of up to 3 steps"):
        target.check(graph)


def test_onnxruntime_refuses_other_numbers_of_steps() -> None:
    graph = random_chain(1, (5, 3), time_steps=9, max_delay=3)
    run = load_executor("onnxruntime").load(model_bytes(graph))
    with pytest.raises(Exception, match="invalid dimensions"):
        run(np.zeros((1, 8, 5), np.uint8))


@pytest.mark.parametrize("name", NAMES)
def test_files_of_an_artifact_are_what_runs(name: str) -> None:
    graph = random_chain(1, (5, 4, 3), time_steps=9, max_delay=3)
    program = emit(placed(graph))
    artifact, spikes = replace(artifact_of(graph), target="onnx"), random_input(graph, 2)
    other = model_bytes(random_chain(1, (5, 4, 2), time_steps=9, max_delay=3))

    def run(**changed: bytes) -> Any:
        return load_executor(name).run(replace(artifact, program={**program, **changed}), spikes)

    assert_same_trace(run(), run_graph(graph, spikes).layers)
    with pytest.raises(ExecutorError, match=f"{name}: the model does not run"):
        run(**{MODEL: b"no model"})
    with pytest.raises(ExecutorError, match=r"output 'v' of the ONNX model: shape \(1, 9, 2\)"):
        run(**{MODEL: other})
    for absent in (MODEL, PROBE):
        program = {file: data for file, data in emit(placed(graph)).items() if file != absent}
        with pytest.raises(ArtifactError, match=f"has no {absent}; export it"):
            run()
