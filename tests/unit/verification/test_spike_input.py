"""`snnc verify --input` and `snnc run -i`: samples of the user's own, and networks that have no others."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import nir
import numpy as np
import pytest
from models import saved, tiny_model
from order_task import config, order_task

from snnc.cli import main
from snnc.errors import InputError, NoDataError
from snnc.exporter.artifact import read_artifact
from snnc.hwsim.oracle import OracleExecutor
from snnc.trainer.data import save_events_npz
from snnc.trainer.loop import train
from snnc.trainer.model_file import save_model
from snnc.trainer.samples import load_samples

pytestmark = pytest.mark.slow

STEPS, LINES = 12, 5
QUICK = ("--executors", "oracle", "--generated", "0")


def random_spikes(samples: int = 10) -> np.ndarray:
    return (np.random.default_rng(4).random((samples, STEPS, LINES)) < 0.4).astype(np.uint8)


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


def written(path: Path, **arrays: object) -> Path:
    np.savez(path, **arrays)
    return path


def classes_by_hand(artifact: Path, spikes: np.ndarray) -> np.ndarray:
    """Clause 7 on the oracle's v."""
    read = read_artifact(artifact)
    v = OracleExecutor().run(read, spikes).layers[-1].v * read.graph.readout_scale
    share = np.exp(v - v.max(axis=2, keepdims=True))
    return (share / share.sum(axis=2, keepdims=True)).sum(axis=1).argmax(axis=1)


def report(artifact: Path) -> dict:
    return json.loads((artifact / "report.json").read_text())


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
    assert capsys.readouterr().out.splitlines()[-1] == "7 of 10 as labelled"


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
    assert found["inputs"] == {"golden": 8, "test": 2, "input": 3}
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
        "note: the model names no recordings of its own; `snnc verify` takes yours with --input FILE" in said
    )
    assert report(tmp_path / "hand.loihi")["inputs"] == {"golden": 8}
    assert "with --input FILE" in refused("test", tmp_path / "hand.pt")
    assert "no training configuration" in refused("verify", tmp_path / "hand.loihi", "--dataset", "digits")


@pytest.mark.parametrize("command", ["run", "verify"])
@pytest.mark.parametrize(
    ("shape", "remedy"),
    [
        (
            (40, 50, LINES),
            "[40, 50, 5], read as [samples, steps, lines]; sample 0 has 50 steps of 5 lines, the network "
            "takes 12 steps of 5 lines; cut",
        ),
        (
            (40, 9, LINES),
            "[40, 9, 5], read as [samples, steps, lines]; sample 0 has 9 steps of 5 lines, the network "
            "takes 12 steps of 5 lines; add",
        ),
        (
            (7, LINES, STEPS),
            "[7, 5, 12], read as [samples, steps, lines]; sample 0 has 5 steps of 12 lines, the network "
            "takes 12 steps of 5 lines; swap",
        ),
        (
            (STEPS, 40, LINES),
            "[12, 40, 5], read as [samples, steps, lines]; sample 0 has 40 steps of 5 lines, the network "
            "takes 12 steps of 5 lines; if the first axis is time, swap the first two",
        ),
        (
            (7, STEPS, 8),
            "[7, 12, 8], read as [samples, steps, lines]; sample 0 has 12 steps of 8 lines, the network "
            "takes 12 steps of 5 lines\n",
        ),
        ((LINES,), "[5], read as"),
    ],
)
def test_another_shape_is_told_with_the_networks(command, shape, remedy, tiny_artifact, tmp_path, refused):
    path = written(tmp_path / "own.npz", spikes=np.zeros(shape, np.uint8))
    without = ("--dataset", "none") if command == "verify" else ()
    assert f"--input {path}: its spikes are {remedy}" in refused(command, tiny_artifact, "-i", path, *without)


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        (np.array([0, 3]), "labels[1] is 3; classes are numbered 0..2"),
        (np.array([-1, 0]), "labels[0] is -1"),
        (np.array([2**64 - 1, 0], np.uint64), "labels[0] is 18446744073709551615"),
        (np.array([0]), "labels are int64 [1]; give a whole number for each of the 2 samples"),
        (np.array([0.0, 1.0]), "labels are float64 [2]"),
        (np.array(["c", "bb"]), "labels[1] is 'bb', none of the classes (did you mean 'b'?): a, b, c"),
    ],
)
def test_labels_that_name_no_class(labels, said, tiny_artifact, tmp_path, refused):
    path = written(tmp_path / "own.npz", spikes=random_spikes(2), labels=labels)
    assert said in refused("run", tiny_artifact, "-i", path)


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
    assert capsys.readouterr().out.splitlines()[-1] == "6 of 6 as labelled"


def test_training_on_recordings_in_memory_records_what_they_are(tmp_path, capsys, monkeypatch, refused):
    monkeypatch.chdir(tmp_path)
    data = replace(order_task(40), name="mine")
    model = train(config(dataset="digits", epochs=1, finetune_epochs=0), data=data)
    assert (model.dataset, model.config["dataset"]) == ("mine", "mine")
    assert model.metrics["data"]["sha256"] == data.sha256()
    with pytest.raises(
        NoDataError, match=rf"given in memory \(mine, SHA-256 {data.sha256()[:12]}\.\.\.\); --dataset"
    ):
        load_samples(model, "test")
    save_events_npz(data, "events.npz")
    assert len(load_samples(model, "test", "events.npz")) == 8
    save_model(model, "m.pt")
    assert main(["export", "m.pt", "--no-budget"]) == 0
    capsys.readouterr()
    assert main(["verify", "m.loihi", *QUICK]) == 0
    assert (
        "note: the model was trained on recordings that were given in memory (mine" in capsys.readouterr().out
    )
    assert main(["verify", "m.loihi", *QUICK, "--dataset", "events.npz"]) == 0
    assert report(Path("m.loihi"))["inputs"] == {"golden": 8, "test": 8}
    assert "--dataset FILE names a file of them" in refused("test", "m.pt")


def test_recordings_in_memory_that_a_file_holds_are_named_by_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    save_events_npz(order_task(40), "events.npz")
    told = config(dataset="events.npz", epochs=1, finetune_epochs=0)
    model = train(told, data=replace(order_task(40), name="mine"))
    assert model.dataset == "events.npz"
    assert len(load_samples(model, "test")) == 8


def test_a_name_that_happens_to_be_a_data_set_is_not_taken_for_it(tmp_path):
    """Recordings called as a shipped data set are not that data set."""
    model = train(config(dataset="digits", epochs=1, finetune_epochs=0), data=order_task(40))
    assert model.dataset == "order"
    with pytest.raises(InputError, match="given in memory"):
        load_samples(model, "test")


def test_classes_that_the_file_names_are_the_networks_of_those_names(tiny_artifact, tmp_path, capsys) -> None:
    """Their numbers are the file's own; the network numbers the same names in another order."""
    classes = read_artifact(tiny_artifact).graph.class_names
    spikes = random_spikes(6)
    answers = classes_by_hand(tiny_artifact, spikes)
    mine = classes[::-1]
    labels = np.array([mine.index(classes[each]) for each in answers])
    path = written(tmp_path / "own.npz", spikes=spikes, labels=labels, classes=np.array(mine))
    assert main(["run", str(tiny_artifact), "-i", str(path)]) == 0
    assert "6 of 6 as labelled" in capsys.readouterr().out
    written(path, spikes=spikes, labels=labels, classes=np.array(["other", *mine[1:]]))
    assert main(["run", str(tiny_artifact), "-i", str(path)]) == (
        2 if mine[0] in np.array(mine)[labels] else 0
    )


@pytest.mark.parametrize("command", ["run", "verify"])
def test_steps_of_another_length_are_put_into_the_networks(command, tiny_artifact, tmp_path, capsys) -> None:
    """Two steps of half the length are one; without a length the number of steps would not fit."""
    graph = read_artifact(tiny_artifact).graph
    spikes = random_spikes(4)
    fine = np.zeros((4, 2 * STEPS, LINES), np.uint8)
    fine[:, ::2] = spikes
    for name, arrays in (("coarse", {"spikes": spikes}), ("fine", {"spikes": fine, "dt": graph.bin_s / 2})):
        path = written(tmp_path / f"{name}.npz", **arrays)
        options = (
            [*QUICK, "--dataset", "none"]
            if command == "verify"
            else ["-o", str(tmp_path / f"{name}_run.npz")]
        )
        assert main([command, str(tiny_artifact), "--input", str(path), *options]) == 0
        said = capsys.readouterr().out
        assert ("its events are put into those by their times" in said) == (name == "fine")
    if command == "run":
        coarse, same = (np.load(tmp_path / f"{name}_run.npz") for name in ("coarse", "fine"))
        assert all(np.array_equal(coarse[key], same[key]) for key in coarse.files)


@pytest.mark.parametrize("shape", [(), (3,), (1, 2, 3, 4)])
def test_no_samples_in_steps_of_another_length_are_refused(shape, tiny_artifact, tmp_path, refused) -> None:
    path = written(tmp_path / "own.npz", spikes=np.zeros(shape, np.uint8), dt=1.0)
    assert f"its spikes are {list(shape)}, read as [samples, steps, lines]" in refused(
        "run", tiny_artifact, "-i", path
    )


def test_one_sample_in_steps_of_another_length_is_read(tiny_artifact, tmp_path, capsys) -> None:
    bin_s = read_artifact(tiny_artifact).graph.bin_s
    path = written(tmp_path / "one.npz", spikes=np.zeros((2 * STEPS, LINES), np.uint8), dt=bin_s / 2)
    assert main(["run", str(tiny_artifact), "-i", str(path)]) == 0
    assert "count as one" in capsys.readouterr().out
