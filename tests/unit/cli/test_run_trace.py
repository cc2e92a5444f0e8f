"""`snnc run --trace`: what is recorded, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from recorded_runs import run

from snnc.exporter.artifact import read_artifact
from snnc.io.traces.file import TraceFile
from snnc.trainer.integer_model import run_graph


def test_a_run_is_recorded_batch_by_batch(tiny_artifact, tmp_path, spikes, monkeypatch, capsys):
    monkeypatch.setattr("snnc.batches.MOST", 2)
    expected = run_graph(read_artifact(tiny_artifact).graph, spikes)
    path = run(tiny_artifact, tmp_path, "t.h5", "-o", str(tmp_path / "t.npz"))
    with TraceFile(path) as file, np.load(tmp_path / "t.npz") as arrays:
        assert (file.executor, file.samples.tolist()) == ("hwsim", [0, 1, 2])
        assert file.graph_hash == read_artifact(tiny_artifact).manifest["graph_hash"]
        for index, layer in enumerate(expected):
            np.testing.assert_array_equal(file.read(index, "u", slice(0, 3)), layer.u)
            np.testing.assert_array_equal(arrays[f"v_{index}"], layer.v)
        np.testing.assert_array_equal(file.read(0, "spikes", slice(0, 3)), expected.layers[0].spikes)
    said = capsys.readouterr().out.splitlines()
    told = ["sample"] * 3 + ["class"] * 3 + ["computed", "note:"] + ["wrote"] * 2
    assert [line.split()[0] for line in said] == told


def test_a_part_is_recorded(tiny_artifact, tmp_path, spikes):
    options = ["--layers", "hidden1", "--variables", "v,spikes", "--trace-steps", "2:9"]
    expected = run_graph(read_artifact(tiny_artifact).graph, spikes)
    with TraceFile(run(tiny_artifact, tmp_path, "t.h5", *options)) as file:
        assert not file.holds(0, "u")
        assert not file.holds(1, "v")
        np.testing.assert_array_equal(file.read(0, "v", slice(0, 3)), expected.layers[0].v[:, 2:9])


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--trace-steps", "2:9"], "add --trace FILE"),
        (["--trace", "t.h5", "--layers", "hidden"], "'hidden' is unknown"),
        (["--trace", "spikes.npz"], "is the input"),
        (["--trace", "tiny.loihi/graph.nir"], "is a file of the artifact"),
        (["--trace", "t.h5", "-o", "t.h5"], "named by -o and by --trace"),
        (["--trace", "nowhere/t.h5"], "cannot be written"),
    ],
)
def test_runs_that_are_refused(refused, tiny_artifact, tmp_path, spikes, monkeypatch, options, problem):
    monkeypatch.chdir(tmp_path)
    assert problem in refused("run", tiny_artifact, "-i", "spikes.npz", *options)
    assert not (tmp_path / "t.h5").exists()
