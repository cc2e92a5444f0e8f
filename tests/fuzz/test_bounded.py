"""Work, memory and output have bounds, whatever the sizes in a file: told before anything is reserved."""

from __future__ import annotations

import io
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from loihi_artifacts import chain, layer, random_chain
from models import saved, tiny_model
from onnx import TensorProto, helper

from snnc import batches
from snnc.cli import main
from snnc.cli.inspect.description import ROWS, Description
from snnc.errors import ArtifactError, LimitError, StageError
from snnc.exporter import artifact as artifacts
from snnc.exporter import golden
from snnc.exporter.artifact import read_artifact
from snnc.exporter.artifact_writing import write_artifact
from snnc.exporter.options import ExportOptions
from snnc.exporter.passes.place import Place
from snnc.exporter.pipeline import export_file
from snnc.stages import TrainedLayer, TrainedModel
from snnc.stages.chain import LAYER_LIMIT
from snnc.stages.names import NAME_LIMIT, check_class_names
from snnc.targets.registry import load_target
from snnc.trainer import integer_model, network
from snnc.trainer.data.events import EventDataset
from snnc.trainer.samples import Samples


def steps(model: TrainedModel, count: int) -> TrainedModel:
    return replace(model, time_steps=count)


def deep(count: int, synapses: int = 4) -> TrainedModel:
    """A chain of `count` layers."""
    side = int(synapses**0.5)
    weight = np.full((side, side), 0.5)
    layers = [
        TrainedLayer(f"l{i}", weight, 0 * weight, 1, 0.0, 2.0, None if i == count - 1 else 1.0, None)
        for i in range(count)
    ]
    return TrainedModel(tuple(layers), 4, 0.02, 1, tuple(map(str, range(side))), "none", {})


# --- samples


def test_a_sample_too_large_is_refused_before_anything_is_reserved(tmp_path, refused, monkeypatch) -> None:
    monkeypatch.setattr(golden, "golden_input", lambda graph: pytest.fail("frames were reserved"))
    monkeypatch.setattr(batches, "SAMPLE_LIMIT", 12 * (9 * 9 + 5) - 1)
    said = refused("export", saved(tiny_model(), tmp_path), "-o", tmp_path / "out", "--target", "onnx")
    assert "12 steps of 5 lines and 9 neurons take 1032 bytes a sample, the limit is 1031" in said
    assert "coarser time " in said
    assert not (tmp_path / "out").exists()


def test_an_artifact_with_a_sample_too_large_is_refused(tiny_artifact, monkeypatch) -> None:
    monkeypatch.setattr(batches, "SAMPLE_LIMIT", 1000)
    with pytest.raises(ArtifactError, match="the limit is 1000"):
        artifacts.read_artifact(tiny_artifact)


def test_the_limit_is_of_the_whole_network() -> None:
    graph = random_chain(0, (7, 5, 3), time_steps=11, max_delay=2)
    assert batches.sample_bytes(graph) == 11 * (7 + 9 * 5 + 9 * 3)
    batches.check_sample(graph)
    with pytest.raises(LimitError):
        batches.check_sample(replace(graph, time_steps=1 << 25))


@pytest.mark.parametrize(("time_steps", "size"), [(10, 128), (1 << 16, 4), (1 << 20, 2), (1 << 21, 2)])
def test_of_large_samples_fewer_are_run_at_once(time_steps: int, size: int) -> None:
    one = layer(np.ones((10, 10), np.int32))
    graph = chain(one, time_steps=time_steps)  # 100 bytes a step
    assert batches.batch_size(graph) == size


def test_golden_answers_are_computed_batch_by_batch(monkeypatch) -> None:
    graph = random_chain(0, (7, 5, 3), time_steps=11, max_delay=2)
    spikes = golden.golden_input(graph)
    (expected,) = golden.golden_readouts(graph, spikes)
    monkeypatch.setattr(batches, "LARGE_BYTES", 1)
    monkeypatch.setattr(batches, "TRACE_BYTES", 1)
    run, sizes = integer_model.run_graph, []

    def counted(graph, spikes):
        sizes.append(len(spikes))
        return run(graph, spikes)

    monkeypatch.setattr(integer_model, "run_graph", counted)
    assert np.array_equal(golden.golden_readouts(graph, spikes), [expected])
    assert sizes == [2] * (len(spikes) // 2)


def test_recordings_are_framed_in_batches_of_bounded_bytes() -> None:
    none = np.zeros(0, np.float32)
    count = np.arange(10)
    events = EventDataset(
        none, none.astype(np.uint16), 0 * np.arange(11), 0 * count, 0 * count, 0 * count,
        0 * count.astype(np.float32), 1.0, 1000, ("a",), "silence",
    )  # fmt: skip
    samples = Samples("test", events, 0.01, 60_000, 1)
    parts = [len(labels) for _, labels in samples.batches()]
    assert parts == [2] * 5
    assert len(samples.pick(200)[1]) == 8


# --- names and layers


def test_many_class_names_are_compared_in_linear_time() -> None:
    """Of 200,000 names the last two are equal: counting each would take an hour."""
    names = [*map(str, range(200_000)), "199999"]
    began = time.process_time()
    with pytest.raises(StageError, match="two classes have the name '199999'"):
        check_class_names(names)
    assert time.process_time() - began < 60


@pytest.mark.parametrize("what", ["layer", "class"])
def test_a_name_too_long_is_refused_where_it_is_read(tmp_path, refused, what) -> None:
    model, longest = tiny_model(), "n" * NAME_LIMIT

    def named(name: str) -> TrainedModel:
        if what == "class":
            return replace(model, class_names=(name, "b", "c"))
        return replace(model, layers=(replace(model.layers[0], name=name), model.layers[1]))

    export_file(saved(named(longest), tmp_path), "c", tmp_path / "out", ExportOptions(budget=False))
    with pytest.raises(StageError, match=f"has {NAME_LIMIT + 1} characters, the limit is {NAME_LIMIT}"):
        named(f"{longest}n")


def test_what_cannot_be_read_back_replaces_nothing(tiny_artifact, monkeypatch) -> None:
    before = {p.name: p.read_bytes() for p in tiny_artifact.iterdir() if p.is_file()}
    artifact = artifacts.read_artifact(tiny_artifact)
    contents = {name: before[name] for name in ("graph.nir", "ranges.npz")}
    record = {name: artifact.manifest[name] for name in ("range_proof", "placement", "traffic", "provenance")}
    with pytest.raises(ArtifactError, match=f"^{tiny_artifact}: the manifest lists no golden.npz"):
        write_artifact(tiny_artifact, "loihi", artifact.graph, contents, record)
    assert {p.name: p.read_bytes() for p in tiny_artifact.iterdir() if p.is_file()} == before
    assert not [p for p in tiny_artifact.parent.iterdir() if p.name.endswith(".part")]


def test_layers_have_a_limit() -> None:
    deep(LAYER_LIMIT)
    with pytest.raises(StageError, match=f"has {LAYER_LIMIT + 1} layers, the limit is {LAYER_LIMIT}"):
        deep(LAYER_LIMIT + 1)


def test_a_program_on_one_core_needs_no_search(monkeypatch) -> None:
    def search(*given: object) -> None:
        pytest.fail("cores were searched")

    for name in ("merge", "refine"):
        monkeypatch.setattr(f"snnc.exporter.passes.place.{name}", search)
    graph = random_chain(0, (7, *[5] * 40, 3), time_steps=11, max_delay=2)
    assert len(Place(load_target("c")).run(graph).cores) == 1


# --- what is printed


@pytest.fixture
def silence(tmp_path: Path, tiny_artifact: Path) -> Path:
    """Many samples in few bytes, for `tiny_artifact`."""
    np.savez_compressed(tmp_path / "silence.npz", spikes=np.zeros((3000, 12, 5), np.uint8), dt=0.02)
    return tmp_path / "silence.npz"


@pytest.mark.parametrize(("options", "listed"), [([], 10), (["--rows", "7"], 7), (["--rows", "0"], 3000)])
def test_run_lists_a_bounded_number_of_samples(tiny_artifact, silence, capsys, options, listed) -> None:
    assert main(["run", str(tiny_artifact), "-i", str(silence), *options]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines[:listed]] == [f"sample {n}" for n in range(listed)]
    rest = [] if listed == 3000 else [f"{3000 - listed} samples more, not listed; --rows 0 lists all"]
    names = read_artifact(tiny_artifact).graph.class_names
    assert lines[listed : listed + len(rest)] == rest
    told = [
        *(f"class {n}" for n in names),
        "computed by hwsim; --executor lava-stock runs the program itself",
        "note",
    ]
    assert [line.split(":")[0] for line in lines[listed + len(rest) :]] == told


def test_run_keeps_no_more_in_memory_than_it_may(tiny_artifact, silence, tmp_path, refused, monkeypatch):
    """3,000 samples of 12 steps, 5 lines and 9 neurons, of each 9 bytes."""
    monkeypatch.setattr("snnc.cli.run.TRACE_LIMIT", 3000 * 12 * (5 + 9 * 9) - 1)
    said = refused("run", tiny_artifact, "-i", silence, "-o", tmp_path / "out.npz")
    assert "the traces of 3000 samples take 3096000 bytes of memory, the limit is 3095999" in said
    assert "--trace FILE" in said
    assert not (tmp_path / "out.npz").exists()
    assert main(["run", str(tiny_artifact), "-i", str(silence), "--trace", str(tmp_path / "out.h5")]) == 0


def test_inspect_prints_a_bounded_number_of_facts(tmp_path, capsys) -> None:
    assert main(["inspect", str(saved(deep(200), tmp_path))]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1 + ROWS + 1 + 1  # what it is, facts, how many more, what next
    assert lines[1].startswith("layer l0: ")
    assert lines[ROWS + 1].startswith("export to ")
    assert f"... {200 + 6 - ROWS} more ..." in lines
    few = Description("a", {str(n): n for n in range(ROWS)})
    assert len(few.lines(Path("a"))) == ROWS + 1


@pytest.mark.parametrize(("count", "synapses"), [(17, 4), (1, 1 << 20)])
def test_inspect_does_not_try_what_takes_long(tmp_path, capsys, monkeypatch, count, synapses) -> None:
    monkeypatch.setattr(
        "snnc.exporter.pipeline.compile_model", lambda *given: pytest.fail("the passes were run")
    )
    path = saved(deep(count, synapses), tmp_path)
    assert main(["inspect", str(path)]) == 0
    said = capsys.readouterr().out
    assert f"export to loihi: not tried, of {count} layers and {count * synapses} synapses" in said
    assert f"next: snnc check {path} --target loihi" in said


def test_metadata_of_an_onnx_file_cannot_forge_a_command(tmp_path, capsys) -> None:
    info = helper.make_tensor_value_info("a", TensorProto.FLOAT, [1])
    model = helper.make_model(helper.make_graph([helper.make_node("Abs", ["a"], ["b"])], "g", [info], [
        helper.make_tensor_value_info("b", TensorProto.FLOAT, [1])
    ]))  # fmt: skip
    helper.set_model_props(model, {"next": "rm -rf ~", "nodes": "7", "x\nnext": "rm"})
    buffer = io.BytesIO()
    onnx.save_model(model, buffer)
    (tmp_path / "m.onnx").write_bytes(buffer.getvalue())
    assert main(["inspect", str(tmp_path / "m.onnx")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert not [line for line in lines if line.startswith("next")]
    assert "nodes: 1" in lines
    assert "metadata next: rm -rf ~" in lines


# --- training


def test_a_network_too_large_for_its_checkpoint_is_refused(refused, tmp_path) -> None:
    """140 * 65536 + 65536 ** 2 + 65536 * 20 synapses, of which nothing is reserved."""
    said = refused("train", "digits", "--set", "hidden=[65536, 65536]", "-o", tmp_path / "m.pt")
    assert f"have 4305453056 synapses, the limit is {network.SYNAPSE_LIMIT}" in said


@pytest.mark.parametrize("size", [1, 3, 7, 20])
def test_the_readout_is_the_recurrence_in_blocks_too(monkeypatch, size) -> None:
    monkeypatch.setattr(network, "UNROLLED", size)
    rng = np.random.default_rng(0)
    current = rng.normal(size=(17, 2, 3)).astype(np.float32)
    readout = network.Readout(lambda x, rounded: x, tau=4.0)
    found = readout(torch.from_numpy(current)).numpy()
    v = np.zeros((2, 3))
    for step, arriving in enumerate(current):
        v = 0.75 * v + arriving
        assert np.allclose(found[step], v, atol=1e-5)


def test_the_readout_of_many_steps_takes_no_square_of_them() -> None:
    current = torch.ones(1 << 16, 1, 1)  # a matrix [steps, steps] would be 16 GiB
    found = network.Readout(lambda x, rounded: x, tau=2.0)(current)
    assert found.shape == (1 << 16, 1, 1)
    assert float(found[-1]) == pytest.approx(2.0)
