"""The data a trained model is measured on, and the stages of its accuracy."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from models import digits_model, exported
from order_task import config, order_task

from snnc.errors import InputError
from snnc.exporter.artifact import read_artifact
from snnc.stages import AccuracyStage, TrainedLayer, TrainedModel
from snnc.trainer.data import load_events_npz, save_events_npz
from snnc.trainer.integer_model import run_graph
from snnc.trainer.loop import train
from snnc.trainer.samples import load_samples
from snnc.verification.accuracy import confusion, stages, stages_and_confusion, trained_stages
from snnc.verification.figures import figures


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TrainedModel:
    """A model of data/order.npz, a path relative to the folder of the test."""
    monkeypatch.chdir(tmp_path)
    Path("data").mkdir()
    save_events_npz(order_task(40), "data/order.npz")
    data = load_events_npz("data/order.npz")
    return train(config(dataset="data/order.npz", epochs=1, finetune_epochs=0), data=data)


def test_the_test_split_of_the_own_data(own: TrainedModel) -> None:
    samples = load_samples(own, "test")
    assert samples.name == "test"
    assert set(samples.events.speaker.tolist()) == {8, 9}


@pytest.mark.parametrize("place", ["model/data/order.npz", "model/order.npz"])
def test_data_beside_the_model(own: TrainedModel, place: str) -> None:
    Path(place).parent.mkdir(parents=True)
    os.replace("data/order.npz", place)
    with pytest.raises(InputError, match=r"data/order\.npz: no such file.*--dataset"):
        load_samples(own, "test")
    assert len(load_samples(own, "test", near=Path("model"))) == 8


def test_changed_data_are_refused_unless_wanted(own: TrainedModel) -> None:
    changed = order_task(40)
    save_events_npz(replace(changed, speaker=changed.speaker[::-1].copy()), "data/order.npz")
    with pytest.raises(InputError, match=r"not those that the model was trained on .*--dataset"):
        load_samples(own, "test")
    assert len(load_samples(own, "test", "data/order.npz")) == 8


def test_classes_go_by_their_names(own: TrainedModel) -> None:
    """Numbers in another order, classes that are missing, and one without recordings."""
    task = order_task(40)
    save_events_npz(
        replace(task, class_names=("falling", "level", "rising"), labels=np.array([2, 0])[task.labels]),
        "other.npz",
    )
    found, wanted = load_samples(own, "test", "other.npz"), load_samples(own, "test")
    assert found.events.class_names == ("rising", "falling")
    assert found.events.labels.tolist() == wanted.events.labels.tolist()
    assert (found.name, found.events.sha256()) == ("test", wanted.events.sha256())  # the same recordings
    one = task.select(task.labels == 1)
    save_events_npz(replace(one, class_names=("falling",), labels=np.zeros(20, int)), "one.npz")
    assert load_samples(own, "test", "one.npz").events.labels.tolist() == [1] * 20


def test_files_that_tell_classes_of_the_model_are_encoded_again(own: TrainedModel) -> None:
    files = tuple(f"house_3/{('rising', 'falling')[n % 2]}_{n}.wav" for n in range(40))
    data = replace(order_task(40), class_names=("house_3",), labels=np.zeros(40, int), files=files)
    save_events_npz(data, "other.npz")
    said = 'tell classes of the model .*: encode their folder again, with --layout "{speaker}/{class}_{}"'
    with pytest.raises(InputError, match=said):
        load_samples(own, "test", "other.npz")


def test_files_that_are_called_as_those_of_training_are_encoded_as_those(own: TrainedModel) -> None:
    files = tuple(f"{('rising', 'falling')[n % 2]}/house_{n % 3}/falling_{n}.wav" for n in range(40))
    data = replace(order_task(40), class_names=("other",), labels=np.zeros(40, int), files=files)
    save_events_npz(data, "other.npz")
    recorded = {**own.metrics, "data": {**own.metrics["data"], "layout": "{}/{speaker}/{class}_{}"}}
    said = r'encode their folder again, with --layout "{}/{speaker}/{class}_{}"'
    with pytest.raises(InputError, match=said):
        load_samples(replace(own, metrics=recorded), "test", "other.npz")


def test_a_slip_in_the_class_of_one_recording_names_its_file(own: TrainedModel) -> None:
    """To encode the folder again by the same layout would change nothing."""
    names = [("rising", "falling")[n % 2] for n in range(40)]
    names[7] = "faling"
    files = tuple(f"house_3/{name}_{n}.wav" for n, name in enumerate(names))
    classes = ("rising", "falling", "faling")
    labels = np.array([classes.index(name) for name in names])
    save_events_npz(replace(order_task(40), class_names=classes, labels=labels, files=files), "other.npz")
    said = (
        r"has a class 'faling' \(did you mean 'falling'\?\), which is none of the model's: rising, falling; "
        "rename these recordings, or leave them out "
        r"\(1 of 40 are of such classes, faling; first: house_3/faling_7.wav\)$"
    )
    with pytest.raises(InputError, match=said):
        load_samples(own, "test", "other.npz")


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (
            ("falling", "level"),
            "has a class 'level', which is none of the model's: rising, falling; leave its recordings out "
            r"\(20 of 40 are of such classes, level; first: recording \d+\), or name the classes as",
        ),
        (("0", "1"), "has a class '0', which is none of the model's"),
        (("?",), "has no labels, so nothing tells which answers are right; `snnc run` of an export tells"),
        (
            ("Falling", "rising"),
            "none of the model's: rising, falling; leave its recordings out",
        ),
    ],
)
def test_other_classes_are_refused(own: TrainedModel, names: tuple[str, ...], words: str) -> None:
    task = order_task(40)
    save_events_npz(replace(task, class_names=names, labels=task.labels % len(names)), "other.npz")
    with pytest.raises(InputError, match=words):
        load_samples(own, "test", "other.npz")


def test_an_empty_name_is_not_that_of_the_own_data(own: TrainedModel) -> None:
    """As a script gives it whose variable is not set."""
    with pytest.raises(InputError, match="data '': is no name; give one, or leave it out"):
        load_samples(own, "test", "")


def test_shared_speakers_are_named(own: TrainedModel) -> None:
    """Under the name of its own data, these are divided as in training."""
    save_events_npz(replace(order_task(40), speaker=np.zeros(40, int)), "data/order.npz")
    assert load_samples(own, "test", "data/order.npz").name == "test (same sources)"


def shifted(layers: tuple[TrainedLayer, ...], steps: float, sigma: float) -> tuple[TrainedLayer, ...]:
    return tuple(replace(layer, position=layer.position + steps, sigma=sigma) for layer in layers)


def test_stages_are_of_three_networks(own: TrainedModel, monkeypatch: pytest.MonkeyPatch) -> None:
    """Scores are replaced by what they are asked for, so that each stage shows its network."""
    asked = []

    def scores(model: TrainedModel, spikes: np.ndarray, rounded: bool) -> np.ndarray:
        asked.append((model.layers[0].sigma, rounded))
        return np.eye(2)[np.full(len(spikes), len(asked) % 2)]

    monkeypatch.setattr("snnc.trainer.inference.scores", scores)
    samples = load_samples(own, "test")
    model = replace(own, gaussian=shifted(own.layers, 0.25, 0.125))
    assert [stage.stage for stage in trained_stages(model, samples)] == ["float", "rounded", "finished"]
    assert asked == [(0.125, False), (0.125, True), (0.0, True)]
    plain = replace(own, gaussian=None)
    assert [stage.stage for stage in trained_stages(plain, samples)] == ["float", "rounded"]


def test_a_stage_names_what_it_lost_of_the_first(own: TrainedModel, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first network gets all but the last two right; rounded, three are lost and the last found."""
    samples = load_samples(own, "test")
    count = len(samples)
    wrong = [{count - 2, count - 1}, {0, 1, 2, count - 2}]
    answers = [
        np.array([1 - label if k in each else label for k, label in enumerate(samples.events.labels)])
        for each in wrong
    ]
    monkeypatch.setattr("snnc.trainer.inference.scores", lambda *_: np.eye(2)[answers.pop(0)])
    assert trained_stages(replace(own, gaussian=None), samples) == (
        AccuracyStage("float", "test", count - 2, count, lost=0, moved=0, lost_at_end=3),
        AccuracyStage("rounded", "test", count - 4, count, lost=3, moved=4, lost_at_end=0),
    )


def test_confusions_are_of_the_exported_network(own: TrainedModel, tmp_path: Path) -> None:
    artifact = read_artifact(exported(own, tmp_path))
    samples = load_samples(own, "test")
    found, matrix = stages_and_confusion(artifact, samples)
    assert found == stages(artifact, samples)
    # By the oracle's peer in PyTorch, a recording after the other.
    counts = {name: [0, 0] for name in own.class_names}
    for k, label in enumerate(samples.events.labels):
        v = (
            run_graph(artifact.graph, samples.frames(np.array([k]))[0]).readout[0]
            * artifact.graph.readout_scale
        )
        share = np.exp(v) / np.exp(v).sum(axis=1, keepdims=True)
        counts[own.class_names[label]][share.sum(axis=0).argmax()] += 1
    assert matrix.split == "test"
    assert {name: list(row) for name, row in matrix.counts.items()} == counts
    assert tuple(matrix.counts) == matrix.classes == own.class_names
    assert sum(matrix.counts[name][k] for k, name in enumerate(matrix.classes)) == found[-1].correct


def test_rows_are_the_classes_and_columns_what_they_are_taken_for(own: TrainedModel, tmp_path: Path) -> None:
    artifact = read_artifact(exported(own, tmp_path))
    samples = load_samples(own, "test")
    first, second = own.class_names
    found = confusion(artifact.graph, np.zeros(len(samples), np.int64), samples)
    count = samples.events.labels.tolist().count
    assert found.counts == {first: (count(0), 0), second: (count(1), 0)}


def test_rasters_hold_what_an_executor_found(own: TrainedModel, tmp_path: Path) -> None:
    artifact = read_artifact(exported(own, tmp_path))
    spikes, _ = load_samples(own, "test").frames(np.array([0]))
    trace = run_graph(artifact.graph, spikes)
    layer = trace.layers[0]
    changed = layer.spikes.copy()
    changed[0, 2, 1] ^= True
    found = replace(trace, layers=(replace(layer, spikes=changed), *trace.layers[1:]))
    drawn = figures(artifact, spikes[0], None, found)
    assert drawn["time_steps"] == artifact.graph.time_steps
    entry, hidden, *_ = drawn["raster"]
    assert "found_steps" not in entry
    pairs = [
        set(zip(hidden[f"{side}steps"], hidden[f"{side}neurons"], strict=True)) for side in ("", "found_")
    ]
    assert pairs[0] ^ pairs[1] == {(2, 1)}
    assert "found_steps" not in figures(artifact, spikes[0], None)["raster"][1]


def test_rounding_can_cost_accuracy(own: TrainedModel) -> None:
    """A Gaussian network whose delays all lie between two steps scores otherwise than its rounded one."""
    samples = load_samples(own, "train")
    spikes, labels = samples.frames(np.arange(len(samples)))
    best = max(np.linspace(0.1, 0.45, 8), key=lambda s: _gap(own, s, spikes, labels))
    learned, rounded, _ = trained_stages(replace(own, gaussian=shifted(own.layers, best, 0.5)), samples)
    assert learned.correct != rounded.correct


def _gap(model: TrainedModel, steps: float, spikes: np.ndarray, labels: np.ndarray) -> int:
    from snnc.trainer.inference import scores

    network = replace(model, layers=shifted(model.layers, steps, 0.5), gaussian=None)
    right = [int((scores(network, spikes, rounded).argmax(1) == labels).sum()) for rounded in (False, True)]
    return abs(right[0] - right[1])


def test_histograms_before_are_of_the_gaussian_network(tmp_path: Path) -> None:
    model = digits_model()
    half = model.layers[0].kernel_size // 2
    learned = tuple(
        replace(layer, position=np.full_like(layer.position, -1.25), sigma=0.23) for layer in model.layers
    )
    artifact = read_artifact(exported(replace(model, gaussian=learned), tmp_path))
    spikes = np.zeros((model.time_steps, 140), np.uint8)
    row = figures(artifact, spikes, None)["histograms"][0]
    filled = [x for x, y in zip(row["delay_before"]["x"], row["delay_before"]["y"], strict=True) if y]
    assert filled == [half + 1]  # delay half + 1.25, in the bin of whole steps around it
    assert len([y for y in row["delay_after"]["y"] if y]) > 1
