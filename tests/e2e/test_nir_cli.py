"""`snnc export` of NIR files, and what artifacts hold for readers of NIR."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import h5py
import nir
import numpy as np
import pytest
from models import ON_GOLDEN, saved, tamper, tiny_model
from pass_names import OF_FLOAT_GRAPH

from snnc.cli import main
from snnc.errors import ArtifactError
from snnc.exporter.artifact import read_artifact
from snnc.exporter.golden import check_golden_data, golden_data
from snnc.hwsim.oracle import run_graph
from snnc.targets.c.executor import CExecutor

ONES = np.ones(2)


@pytest.fixture
def net(tmp_path: Path) -> Path:
    """Two inputs, two neurons that spike, half a step of delay for the second."""
    neurons = nir.LIF(tau=0.004 * ONES, r=2 * ONES, v_leak=0 * ONES, v_threshold=ONES, v_reset=0 * ONES)
    delay = nir.Delay(delay=np.array([0.003, 0.0015]))
    nir.write(tmp_path / "net.nir", nir.NIRGraph.from_list(delay, nir.Linear(weight=np.eye(2)), neurons))
    return tmp_path / "net.nir"


def export(*arguments: object) -> int:
    return main(["export", *(str(argument) for argument in arguments)])


def test_a_nir_file_needs_to_be_told_its_step(net, refused):
    assert "net.nir: a NIR file names neither the time step nor the number of steps; pass --dt" in refused(
        "export", net
    )


def test_delays_between_steps(net, refused, capsys):
    told = ("--dt", "0.001", "--time-steps", "9", "--reset", "zero")
    assert "node 'delay', line 1: a delay of 0.0015 s is 1.5000 steps" in refused("export", net, *told)
    assert export(net, *told, "--round-delays") == 0
    shown = capsys.readouterr().out
    assert "imported: 1 delays rounded to whole steps, by at most 0.5 steps" in shown
    assert "imported: Euler steps (1 - dt/tau); --integration exact or impulse" in shown
    artifact = read_artifact(net.with_suffix(".loihi"))
    assert artifact.graph.layers[0].delay.tolist() == [[3, 0], [0, 2]]
    assert artifact.manifest["provenance"]["imported"]["delays_rounded"] == 1
    assert (artifact.path / "source.nir").read_bytes() == net.read_bytes()
    assert "integration_as_told" not in artifact.manifest["provenance"]["imported"]
    exact = (*told, "--round-delays", "--integration", "exact")
    assert "was exported with integration_as_told = null" in refused("export", net, *exact)
    assert export(net, *exact, "--overwrite") == 0
    assert "imported: steps are solved as --integration exact says" in capsys.readouterr().out
    artifact = read_artifact(net.with_suffix(".loihi"))
    assert artifact.manifest["provenance"]["imported"]["integration_as_told"] == "exact"
    assert artifact.graph.layers[0].decay_v == round(4096 * (1 - np.exp(-0.25)))


def test_an_imported_net_has_no_data_of_its_own(net, refused, capsys):
    assert (
        export(net, "--dt", "0.0005", "--time-steps", "9", "--reset", "zero", "--dump-after", "discretise")
        == 0
    )
    artifact = net.with_suffix(".loihi")
    capsys.readouterr()
    assert main(["verify", str(artifact), "--executors", "hwsim", "--generated", "1", "-v"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "its recordings are unknown; `snnc verify` takes yours with --input FILE" in said
    assert "note: compared on golden and generated inputs only" in said
    assert "inputs compared: golden 8" in said
    assert "`snnc verify` takes yours with --input FILE" in refused("test", artifact)
    assert "`snnc verify` takes yours with --input FILE" in refused("verify", artifact, "--dataset", "digits")
    assert (net.parent / "net.loihi.passes" / "discretise.npz").is_file()


OPTIONS = (
    *(("--dt", "1"), ("--time-steps", "5"), ("--reset", "zero"), ("--fires", "above")),
    ("--integration", "exact"),
    ("--round-delays",),
)


def test_a_nir_file_is_compared_with_targets(net, capsys, refused):
    told = ("--dt", "0.001", "--time-steps", "9", "--round-delays")
    assert "pass --reset zero" in refused("targets", "--for", net, *told)
    assert main(["targets", "--for", str(net), *told, "--reset", "zero"]) == 0
    assert "truenorth" in capsys.readouterr().out
    assert main(["check", str(net), "--target", "loihi", *told, "--reset", "zero"]) == 0
    for option in OPTIONS:
        assert f"{option[0]}: needs --for MODEL" in refused("targets", *option)


@pytest.fixture
def loop(tmp_path):
    """Two neurons, which hear themselves, and a convolution before them."""
    two, one = np.ones(2), np.ones((2, 1, 1))
    nodes = {
        "in": nir.Input(np.array([1, 2, 1])),
        "conv": nir.Conv2d((2, 1), one[..., None], [1, 1], [0, 0], [1, 1], 1, np.zeros(2)),
        "flat": nir.Flatten({"input": np.array([2, 2, 1])}, 0, -1),
        "fc": nir.Linear(np.array([[0.9, 0.2003, 0.1, 0.3], [0.1, 0.8, 0.3003, 0.2]])),
        "a": nir.LIF(0.004 * two, 3 * two, 0 * two, two, 0 * two),
        "rec": nir.Linear(np.array([[0.0, 0.7], [-0.7, 0.0]])),
        "out": nir.Output(np.array([2])),
    }
    edges = [
        ("in", "conv"),
        ("conv", "flat"),
        ("flat", "fc"),
        ("fc", "a"),
        ("a", "rec"),
        ("rec", "a"),
        ("a", "out"),
    ]
    nir.write(tmp_path / "loop.nir", nir.NIRGraph(nodes, edges, type_check=False))
    return tmp_path / "loop.nir"


def test_a_network_that_is_no_chain_is_exported(loop, capsys, refused):
    told = ("--dt", "0.001", "--time-steps", "9", "--reset", "subtract", "--fires", "above")
    command = ("export", loop, "-t", "c", *told)
    assert main([str(word) for word in command]) == 0
    said = capsys.readouterr().out
    assert "imported: neurons of a have the reset subtract, as --reset subtract says" in said
    assert "imported: spikes take a step back along a -> a" in said
    assert "largest error" not in said  # -v tells it
    artifact = read_artifact(loop.with_suffix(".c"))
    record = artifact.manifest["provenance"]
    assert record["imported"]["reset_subtract_as_told"] == "a"
    assert [each["name"] for each in record["passes"]] == OF_FLOAT_GRAPH
    assert (artifact.path / "source.nir").read_bytes() == loop.read_bytes()
    spikes = (np.random.default_rng(3).random((3, 9, 2)) < 0.6).astype(np.uint8)
    ours, want = CExecutor().run(artifact, spikes).layers, run_graph(artifact.graph, spikes).layers
    np.testing.assert_array_equal(ours[0].v, want[0].v)
    assert want[0].spikes.any()
    assert main([str(word) for word in command]) == 0  # the same export may take its place
    assert "was exported with fires_above_as_told" in refused(*command[:-1], "at")
    assert "--scale task: is for chains of layers" in refused(*command, "--overwrite", "--scale", "task")
    assert "--power-of-two: is for chains of layers" in refused(*command, "--overwrite", "--power-of-two")
    assert "--dataset digits: the network is no chain of layers; give an npz with `spikes`" in refused(
        *command, "--overwrite", "--dataset", "digits"
    )
    assert "--max-drop: the file names no data to measure on; give --dataset FILE, an npz" in refused(
        *command, "--overwrite", "--max-drop", "1"
    )
    few = ("--overwrite", "--weight-bits", "3", "--scale", "percentile", "--percentile", "60")
    assert main([*map(str, command), *few]) == 0
    assert (
        "weights   3 bits, rounded to them after training with the scale of percentile"
        in capsys.readouterr().out
    )
    record = read_artifact(loop.with_suffix(".c")).manifest["provenance"]
    assert (
        record["passes"][0]["changes"]["weights_clipped"] == 2
    )  # 0.9 + 0.1 and 0.8 + 0.2, where 0.7 is held
    assert main([*map(str, command), "--overwrite", "--nir-delays", "metadata"]) == 0
    assert "warning: graph.nir has its delays in the metadata" in capsys.readouterr().out


def test_options_for_nir_files_are_not_for_models(tmp_path, refused):
    model = saved(tiny_model(), tmp_path)
    for option in OPTIONS:
        assert "is no network of another framework; --dt, --time-steps, --reset, --fires, " in refused(
            "export", model, *option
        )
    assert "--nir-delays x: there are 'structure' and 'metadata'" in refused(
        "export", model, "--nir-delays", "x"
    )


def test_delays_in_the_metadata(tmp_path, capsys):
    model, folder = saved(tiny_model(), tmp_path), tmp_path / "model.loihi"
    assert export(model, "-o", tmp_path / "usual.loihi") == 0
    assert "warning" not in capsys.readouterr().out
    assert export(model, "-o", folder, "--nir-delays", "metadata") == 0
    assert "warning: graph.nir has its delays in the metadata" in capsys.readouterr().out.replace("\n", " ")
    assert not any(isinstance(node, nir.Delay) for node in nir.read(folder / "graph.nir").nodes.values())
    hashes = [
        read_artifact(tmp_path / name).manifest["graph_hash"] for name in ("usual.loihi", "model.loihi")
    ]
    assert hashes[0] == hashes[1]
    assert main(["verify", str(folder), *ON_GOLDEN, "--executors", "hwsim"]) == 0


def test_golden_vectors_as_nir_data(tiny_artifact):
    artifact = read_artifact(tiny_artifact)
    data, graph = nir.read_data(tiny_artifact / "golden.nirdata"), nir.read(tiny_artifact / "graph.nir")
    data.check_nodes(graph)
    spikes, v = data.nodes["input"].observables["spikes"], data.nodes["readout_neuron"].observables["v"]
    assert spikes.dt == v.dt == artifact.graph.bin_s
    np.testing.assert_array_equal(spikes.data, artifact.golden_input)
    np.testing.assert_array_equal(64 * v.data, artifact.golden_readout)
    again = golden_data(artifact.graph, artifact.golden_input, artifact.golden_readouts)
    assert again == (tiny_artifact / "golden.nirdata").read_bytes()


@pytest.mark.parametrize(
    ("path", "change", "message"),
    [
        ("input/observables/spikes/data", lambda data: data ^ True, "spikes of input differ"),
        (
            "readout_neuron/observables/v/data",
            lambda data: data + 1 / 64,
            "v of readout_neuron differ",
        ),
        ("readout_neuron/observables/v/data", lambda data: data[1:], "v of readout_neuron differ"),
        ("readout_neuron/observables/v/data", lambda data: data.astype("f4"), "v of readout_neuron differ"),
        ("readout_neuron", None, "damaged"),
    ],
)
def test_other_golden_nir_data_are_refused(refused, tiny_artifact, path, change, message):
    """The manifest is made to agree with the changed file."""
    name = "golden.nirdata"

    def changed(content: bytes) -> bytes:
        with h5py.File(buffer := io.BytesIO(content), "r+") as file:
            node = file["nodes"]
            values = None if change is None else change(node[path][()])
            del node[path]
            if values is not None:
                node[path] = values
        return buffer.getvalue()

    tamper(tiny_artifact, name, changed)
    said = refused("verify", tiny_artifact, "--dataset", "none")
    assert name in said
    assert message in said


def test_another_time_step_of_the_golden_nir_data_is_refused(tiny_artifact):
    artifact = read_artifact(tiny_artifact)
    graph, golden = artifact.graph, (artifact.golden_input, artifact.golden_readouts)
    data = golden_data(replace(graph, bin_s=2 * graph.bin_s), *golden)
    with pytest.raises(ArtifactError, match="spikes of input differ from the golden vectors"):
        check_golden_data(data, graph, *golden, "golden.nirdata")
