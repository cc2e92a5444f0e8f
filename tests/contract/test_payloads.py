"""Input events with payloads, from the command line to Lava."""

from __future__ import annotations

from importlib.resources import files

import numpy as np
import pytest
from models import saved, tiny_model
from range_cases import chain, layer

from snnc.cli import main
from snnc.errors import InputError, LimitError, StageError
from snnc.exporter.artifact import read_artifact
from snnc.exporter.relay import add_relays
from snnc.hwsim.oracle import run_graph
from snnc.hwsim.ring_step import RingStepper
from snnc.io.traces.file import TraceFile
from snnc.provenance import graph_hash
from snnc.stages import check_input
from snnc.target import read_limits
from snnc.targets.loihi.emitter import check_graph
from snnc.verification.compare_files import compare_files

MOST = 9


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """The tiny network, 5 lines and 12 steps, for payloads up to 9; the folder also has `spikes.npz`."""
    folder = tmp_path_factory.mktemp("graded")
    model, artifact = saved(tiny_model(), folder), folder / "graded.loihi"
    assert main(["export", str(model), "-o", str(artifact), "--payload-max", str(MOST)]) == 0
    spikes = np.random.default_rng(0).integers(0, MOST + 1, (3, 12, 5))
    np.savez(folder / "spikes.npz", spikes=spikes)
    return artifact


def test_golden_vectors_carry_every_payload(graded):
    artifact = read_artifact(graded)
    assert artifact.graph.payload_max == MOST
    assert set(np.unique(artifact.golden_input)) == set(range(MOST + 1))


def test_the_first_sum_is_that_of_payloads_times_weights(graded, tmp_path):
    """u of the first layer, worked out here as weight times payload, each in the step of its arrival."""
    command = ["run", str(graded), "-i", str(graded.parent / "spikes.npz"), "-o", str(tmp_path / "out.npz")]
    for executor in ("oracle", "hwsim", "torch", "onnxruntime", "onnx-reference"):
        assert main([*command, "-e", executor]) == 0
        first = read_artifact(graded).graph.layers[0]
        expected = np.zeros((3, 12, first.neurons), int)
        with np.load(graded.parent / "spikes.npz") as file:
            for (i, j), w in np.ndenumerate(first.weight):
                d = int(first.delay[i, j])
                expected[:, d:, i] += 64 * w * file["spikes"][:, : 12 - d, j]
        with np.load(tmp_path / "out.npz") as trace:
            np.testing.assert_array_equal(trace["u_0"], expected)


@pytest.mark.lava
def test_lava_agrees(graded, tmp_path):
    command = ["verify", str(graded), "--dataset", "none", "-o", str(tmp_path)]
    assert main([*command, "--executors", "oracle,hwsim,lava"]) == 0


ENCODE = "such values are no events: encode them as events"
CORRECT = "such values are no events: correct them, or leave the sample out"


@pytest.mark.parametrize(
    ("value", "remedy"),
    [
        (MOST + 1, "export with a larger --payload-max"),
        (-1, CORRECT),
        (0.5, ENCODE),
        (256, CORRECT),
        (float("nan"), CORRECT),
        (float("inf"), CORRECT),
    ],
)
def test_what_is_no_payload_is_refused(refused, graded, tmp_path, value, remedy):
    np.savez(tmp_path / "spikes.npz", spikes=np.full((1, 12, 5), value))
    said = refused("run", graded, "-i", tmp_path / "spikes.npz")
    assert "values other than whole numbers 0..9" in said
    assert remedy in said
    assert ("--payload-max" in said) == (value == MOST + 1)


@pytest.mark.parametrize("value", ["0", "256"])
def test_a_payload_of_no_bits_or_nine_is_refused(refused, tmp_path, value):
    assert "1 .. 255" in refused("export", saved(tiny_model(), tmp_path), "--payload-max", value)


def test_loihi_1_takes_spikes_only():
    limits = read_limits(files("snnc.targets.loihi").joinpath("limits.toml").read_text("utf-8"), "loihi1")
    graph = chain(layer([[1]]), steps=2, payload_max=2)
    with pytest.raises(LimitError, match=r"payloads of up to 2, the limit is 1; export with --payload-max 1"):
        check_graph(graph, limits)


def test_sums_beyond_the_contract_are_refused():
    """2000 * 127 = 254000 is within 2**18 = 262144, twice that is not."""
    wide = layer([[127] * 2000])
    chain(wide, steps=1)
    with pytest.raises(StageError, match=r"the sum of \|weight\| times 2 is 508000"):
        chain(wide, steps=1, payload_max=2)


def test_relays_would_lose_payloads():
    graph = chain(layer([[1]], [[5]]), steps=9, payload_max=3)
    with pytest.raises(LimitError, match="would lose payloads of up to 3"):
        add_relays(graph, 4)
    assert add_relays(graph, 5) == graph


def test_a_graph_for_spikes_is_another_than_one_for_payloads():
    graph = chain(layer([[1]]), steps=2)
    assert graph_hash(graph) != graph_hash(graph.changed(payload_max=2))
    assert check_input(graph, np.ones((1, 2, 1))).dtype == np.uint8
    with pytest.raises(
        StageError,
        match=r"0 and 1, first .*; binarise .*--payload-max \(from_torch takes",
    ):
        check_input(graph, np.full((1, 2, 1), 2))
    for odd in (-1, 0.5, np.nan, np.inf):
        with pytest.raises(StageError, match=r"line 0; such values are no events"):
            check_input(graph, np.full((1, 2, 1), odd))


def test_a_trace_file_keeps_payloads(graded, tmp_path):
    """Bits alone would take two inputs for one: 2 and 3 on a line are both an event."""
    with np.load(graded.parent / "spikes.npz") as file:
        spikes = file["spikes"]
    other = np.where(spikes == 3, 2, spikes)
    np.savez(tmp_path / "other.npz", spikes=other)
    for name, path in (("a", graded.parent / "spikes.npz"), ("b", tmp_path / "other.npz")):
        command = ["run", str(graded), "-i", str(path), "--trace", str(tmp_path / f"{name}.h5")]
        assert main(command) == 0
    with TraceFile(tmp_path / "a.h5") as trace:
        np.testing.assert_array_equal(trace.read_input(slice(0, 3)), spikes)
        with TraceFile(tmp_path / "b.h5") as another, pytest.raises(InputError, match="on different inputs"):
            compare_files(trace, another)


def test_stepping_counts_payloads(graded):
    graph = read_artifact(graded).graph
    spikes = np.load(graded.parent / "spikes.npz")["spikes"].astype(np.uint8)
    stepper = RingStepper(graph)
    expected = run_graph(graph, spikes)
    for step in range(graph.time_steps):
        after = stepper.advance(spikes[0, step])
        for one, found in zip(expected, after, strict=True):
            assert found.u.tolist() == one.u[0, step].tolist()
