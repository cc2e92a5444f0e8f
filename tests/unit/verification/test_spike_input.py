"""`snnc verify --input` and `snnc run -i`: samples of the user's own, and networks that have no others."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import nir
import numpy as np
import pytest
from models import saved, tiny_model
from order_task import order_task
from own_samples import LINES, QUICK, STEPS, classes_by_hand, random_spikes, report, written

from snnc.cli import main
from snnc.exporter.artifact import read_artifact
from snnc.hwsim.oracle import OracleExecutor
from snnc.trainer.data import save_events_npz
from snnc.trainer.model_file import save_model

pytestmark = pytest.mark.slow


@pytest.fixture
def imported(tmp_path: Path) -> Path:
    """An artifact of a NIR file: five lines, three classes."""
    rng, ones = np.random.default_rng(8), np.ones(6)
    hidden = nir.LIF(tau=0.004 * ones, r=2 * ones, v_leak=0 * ones, v_threshold=ones, v_reset=0 * ones)
    readout = nir.LI(tau=0.008 * np.ones(3), r=np.ones(3), v_leak=np.zeros(3))
    chain = nir.Linear(rng.normal(0.4, 1, (6, LINES))), hidden, nir.Linear(rng.normal(0, 1, (3, 6))), readout
    nir.write(tmp_path / "net.nir", nir.NIRGraph.from_list(*chain))
    told = ("--dt", "0.001", "--time-steps", str(STEPS), "--reset", "zero")
    assert main(["export", str(tmp_path / "net.nir"), *told]) == 0
    return tmp_path / "net.loihi"


@pytest.fixture
def by_hand(tmp_path: Path) -> Path:
    """An artifact of a model file that names neither data nor a configuration."""
    bare = replace(tiny_model(), dataset="none", config={})
    assert main(["export", str(saved(bare, tmp_path)), "-o", str(tmp_path / "hand.loihi")]) == 0
    return tmp_path / "hand.loihi"


@pytest.mark.parametrize("name", ["imported", "by_hand", "tiny_artifact"])
def test_own_samples_are_a_group_of_their_own_and_labels_give_an_accuracy(name, request, tmp_path, capsys):
    """With a network of any origin; the tiny one names the digits, which do not fit it: they are left out."""
    artifact, spikes = request.getfixturevalue(name), random_spikes()
    labels = classes_by_hand(artifact, spikes)
    labels[:3] = (labels[:3] + 1) % 3
    path = written(tmp_path / "own.npz", spikes=spikes, labels=labels)
    without = ["--dataset", "none"] if name == "tiny_artifact" else []
    assert main(["verify", str(artifact), *QUICK, *without, "--input", str(path)]) == 0
    found = report(artifact)
    assert found["inputs"] == {"golden": 8, "input": 10}
    (stage,) = found["accuracy"]
    assert (stage["stage"], stage["split"], stage["correct"], stage["total"]) == ("quantised", "input", 7, 10)
    assert f"--input {path}" in found["command"]
    capsys.readouterr()
    assert main(["run", str(artifact), "-i", str(path)]) == 0
    *_, right, unnamed, by, note = capsys.readouterr().out.splitlines()
    assert right == "7 of 10 as labelled: 70.00 %, 95 % interval 39.7 to 89.2 %"
    assert unnamed.startswith("note: no sources are named (field `speaker`)")
    assert by.startswith("computed by hwsim")
    assert note.startswith("note: own.npz has no dt: ")


def test_as_many_of_them_are_compared_as_are_asked_for(imported, tmp_path, capsys, refused):
    """The first: the one that differs is called by its number in the file. Accuracy is of all."""
    spikes = random_spikes(10)
    path = written(tmp_path / "own.npz", spikes=spikes, labels=np.zeros(10, int))
    command = ["verify", str(imported), *QUICK, "-i", str(path)]
    for samples, compared in ((["--samples", "4"], 4), ([], 10), (["--samples", "all"], 10)):
        assert main([*command, *samples]) == 0
        found = report(imported)
        assert found["inputs"]["input"] == compared
        assert ("extremes" in found["inputs"]) == (compared == 4)
        assert [stage["total"] for stage in found["accuracy"]] == [10]
        assert (" --samples " in found["command"]) == bool(samples)
    assert "fewer than" not in capsys.readouterr().out
    assert main([*command, "--samples", "11"]) == 0
    assert f"{path} holds 10 samples, fewer than the 11 asked for" in capsys.readouterr().out.replace(
        "\n", " "
    )
    assert "--samples 0: leaves no sample of --input" in refused(*command, "--samples", "0")


def test_samples_without_labels_give_no_accuracy(imported, tmp_path):
    path = written(tmp_path / "own.npz", spikes=random_spikes(2))
    assert main(["verify", str(imported), *QUICK, "-i", str(path)]) == 0
    assert report(imported)["inputs"] == {"golden": 8, "input": 2}
    assert report(imported)["accuracy"] == []


def test_they_come_on_top_of_the_models_recordings(digits_artifact, tmp_path):
    graph = read_artifact(digits_artifact).graph
    spikes = np.zeros((3, graph.time_steps, graph.inputs), np.uint8)
    path, out = written(tmp_path / "own.npz", spikes=spikes, labels=np.array([0, 1, 2])), tmp_path / "out"
    options = ["--executors", "hwsim", "--generated", "0", "--samples", "2", "-o", str(out)]
    assert main(["verify", str(digits_artifact), *options, "-i", str(path)]) == 0
    found = report(out)
    assert 1 <= found["inputs"].pop("extremes") <= 12
    assert found["inputs"] == {"golden": 8, "test": 2, "input": 2}  # --samples is of both
    assert [(s["stage"], s["split"]) for s in found["accuracy"]][-1] == ("quantised", "input")
    assert found["confusion"]["split"] == "test"


def test_what_differs_on_own_samples_alone_is_found(imported, tmp_path, monkeypatch):
    spikes = random_spikes()
    real = OracleExecutor.run

    def off_by_one(self, artifact, batch):
        trace = real(self, artifact, batch)
        hit = [k for k, sample in enumerate(batch) if np.array_equal(sample, spikes[6])]
        v = trace.layers[1].v.copy()
        v[hit, 5, 2] += 1
        return replace(trace, layers=(trace.layers[0], replace(trace.layers[1], v=v)))

    monkeypatch.setattr(OracleExecutor, "run", off_by_one)
    assert main(["verify", str(imported), *QUICK]) == 0
    path = written(tmp_path / "own.npz", spikes=spikes)
    assert main(["verify", str(imported), *QUICK, "-i", str(path)]) == 1
    (row,) = [row for row in report(imported)["executors"] if row["name"] == "oracle"]
    where = row["divergence"]
    assert (where["split"], where["sample"], where["step"], where["neuron"]) == ("input", 6, 5, 2)


@pytest.mark.parametrize("dataset", ["none", "digits"])
def test_a_model_made_by_hand_is_verified_without_data(dataset, tmp_path, capsys, refused):
    """One that names data but has no configuration, which would say how they are split, as well."""
    bare = replace(tiny_model(), dataset=dataset, config={})
    save_model(bare, tmp_path / "hand.pt")
    assert main(["export", str(tmp_path / "hand.pt")]) == 0
    capsys.readouterr()
    assert main(["verify", str(tmp_path / "hand.loihi"), *QUICK]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert (
        "note: the model names no recordings of its own; `snnc verify` takes all recordings of a file with "
        "--input FILE" in said
    )
    assert report(tmp_path / "hand.loihi")["inputs"] == {"golden": 8}
    assert "with --input FILE" in refused("test", tmp_path / "hand.pt")
    assert "no training configuration" in refused("verify", tmp_path / "hand.loihi", "--dataset", "digits")


@pytest.mark.parametrize("name", ["net.nir", "spikes.npy", "spikes"])
def test_a_file_of_another_kind_is_told_what_is_read(name, tiny_artifact, tmp_path, refused):
    (tmp_path / name).touch()
    said = refused("run", tiny_artifact, "-i", tmp_path / name)
    takes = "an npz with `spikes` [samples, steps, lines] or a file of events (.npz, .h5"
    assert f"{name}: is empty; `snnc run` takes {takes}" in said


def test_values_that_are_no_spikes_name_the_file(tiny_artifact, tmp_path, refused):
    path = written(tmp_path / "own.npz", spikes=random_spikes(2) * 3)
    assert "own.npz: input: holds values other than 0 and 1, first" in refused(
        "run", tiny_artifact, "-i", path
    )


def test_the_file_of_the_samples_is_not_written_over(imported, tmp_path, refused):
    path = written(tmp_path / "own.npz", spikes=random_spikes(1))
    before = path.read_bytes()
    said = refused("verify", imported, "-i", path, "--junit", path)
    assert "is also read or written by this command; choose another name" in said
    assert path.read_bytes() == before


def test_events_for_a_network_without_a_model_file(tmp_path, capsys):
    """A NIR file's network has a step and T of its own, and numbers for classes."""
    events = order_task(6)
    readout = nir.I(r=np.full(2, 100.0))
    chain = nir.Linear(np.array([[1.0] * 3 + [-1.0] * 3, [-1.0] * 3 + [1.0] * 3])), readout
    nir.write(tmp_path / "net.nir", nir.NIRGraph.from_list(*chain))
    assert main(["export", str(tmp_path / "net.nir"), "--dt", "0.01", "--time-steps", "14"]) == 0
    save_events_npz(replace(events, class_names=("0", "1")), tmp_path / "events.npz")
    capsys.readouterr()
    assert main(["run", str(tmp_path / "net.loihi"), "-i", str(tmp_path / "events.npz")]) == 0
    # Until the second burst the readout of the class lies above; behind it both are 0.
    told = "6 of 6 as labelled: 100.00 %, 95 % interval 61.0 to 100.0 %"
    assert told in capsys.readouterr().out.splitlines()
