"""What is measured of other data than those of training, and of data of which nobody is kept for testing."""

import json
import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from order_task import config, later_task, order_task, toml

import snnc
from snnc.api.network import Network
from snnc.cli import main
from snnc.errors import InputError, NoDataError, UnlikelyWarning
from snnc.stages import TrainedModel
from snnc.trainer import fingerprints, other_data, tuning
from snnc.trainer.config import make_config
from snnc.trainer.data import load_events_npz, save_events_npz
from snnc.trainer.data.copies import digests
from snnc.trainer.loop import train
from snnc.trainer.model_file import model_bytes, save_model
from snnc.trainer.samples import load_samples, load_splits


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of train.npz: speakers 0 .. 6 train, 7 validates, 8 and 9 test. Others.npz: six speakers."""
    folder = tmp_path_factory.mktemp("files")
    save_events_npz(order_task(40), folder / "train.npz")
    save_events_npz(later_task(), folder / "others.npz")
    told = config(dataset=str(folder / "train.npz"), epochs=1, finetune_epochs=0, quantise_epochs=0)
    save_model(train(told), folder / "m.pt")
    return folder


@pytest.fixture
def model(place: Path) -> TrainedModel:
    return snnc.load(place / "m.pt").model


def test_all_of_another_file_is_tested(model: TrainedModel, place: Path) -> None:
    """By the rule of training, the last fifth of its six speakers: ten recordings."""
    found = load_samples(model, "test", str(place / "others.npz"))
    assert len(found) == 60
    assert found.name == "all of others.npz"
    assert found.other.counts == "60 of 60 recordings of others.npz"
    assert found.other.text.endswith(
        "; none of them trained or validated the network, compared event by event and in steps of 10 ms; "
        "sources known by number alone (field `speaker`, in .h5 `extra/speaker`) are not compared with those "
        "of training, as each file may count its own: store names in their place, as text, in both"
    )


def test_its_own_data_are_divided_as_in_training(model: TrainedModel, place: Path) -> None:
    copy = place / "copy.npz"
    copy.write_bytes((place / "train.npz").read_bytes())
    for data in (None, str(place / "train.npz"), str(copy), load_events_npz(copy)):
        found = load_samples(model, "test", data)
        assert (found.name, found.other) == ("test", None)
        assert set(found.events.speaker.tolist()) == {8, 9}


def test_recordings_of_training_in_another_file_are_told(model: TrainedModel, place: Path) -> None:
    """Of speakers 6 .. 9 one trains, one validates and two test; order and names do not matter.

    In steps of 10 ms each of those that test is one of 28 that train, too: there are 8 patterns in all.
    """
    some = order_task(40)
    patterns = [tuple(each) for each in (some.times // 10).reshape(-1, 6)]
    known = {each for each, speaker in zip(patterns, some.speaker, strict=True) if speaker < 8}
    assert {each for each, speaker in zip(patterns, some.speaker, strict=True) if speaker > 7} <= known
    some = some.select(np.flatnonzero(some.speaker >= 6)[::-1])
    save_events_npz(replace(some, speaker=np.zeros(len(some), int)), place / "some.npz")
    found = load_samples(model, "test", str(place / "some.npz"))
    assert (len(found), found.other.seen, found.other.exact) == (16, 16, 8)
    told = "16 of them are, in steps of 10 ms (8 event by event), recordings that trained or validated"
    assert (
        found.other.text == f"16 of 16 recordings of some.npz; {told} the network, so accuracy is optimistic"
    )
    network = Network(model, "m.pt", content=model_bytes(model))
    with pytest.warns(UnlikelyWarning, match=re.escape(told)):
        snnc.test(network, str(place / "some.npz"))


def test_without_the_data_of_training_nobody_knows(model: TrainedModel, place: Path) -> None:
    gone = replace(model, dataset="gone.npz")
    found = load_samples(gone, "test", str(place / "others.npz"))
    assert found.other.seen is None
    assert "whether its recordings trained the network is not known" in found.other.text


def test_a_test_part_that_comes_with_the_data_stays(model: TrainedModel) -> None:
    data = replace(later_task(), held_out=((0,), (3, 4)))
    found = load_samples(model, "test", data)
    assert found.name == "test"
    assert set(found.events.speaker.tolist()) == {3, 4}
    assert found.other.counts == "20 of 60 recordings of others: its own test part"


def test_another_split_of_other_data_says_how_it_was_made(model: TrainedModel, place: Path) -> None:
    found = load_samples(model, "validation", str(place / "others.npz"))
    assert set(found.events.speaker.tolist()) == {4}
    said = "10 of 60 recordings of others.npz: validation, by the rules of training; none of them trained"
    assert found.other.text.startswith(said)
    for part in load_splits(model, ("train", "validation"), str(place / "others.npz"), to_train=True):
        assert part.other.text.endswith(", by the rules of training")


def test_all_splits_of_other_data_are_one(model: TrainedModel, place: Path) -> None:
    (found,) = load_splits(model, ("train", "validation", "test"), str(place / "others.npz"))
    assert len(found) == 60


def test_a_recording_is_known_by_its_events_and_class() -> None:
    """In other units, order and type it is the same; with another class or event it is not."""
    task = order_task(2)
    backwards = np.r_[5:-1:-1, 11:5:-1]
    same = replace(
        task,
        times=(task.times[backwards] * np.float32(1e-3)).astype(np.float32),
        units=task.units[backwards],
        tick_s=1.0,
    )
    assert list(digests(same)) == list(digests(task))
    other = replace(task, times=task.times + (np.arange(12) == 3).astype(np.uint16))
    assert list(digests(other))[1:] == list(digests(task))[1:]
    assert list(digests(other)) != list(digests(task))
    # Classes in another order, or called otherwise, do not make a recording of training a new one.
    assert list(digests(replace(task, labels=1 - task.labels))) == list(digests(task))


def test_the_command_says_what_is_tested(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model, result = str(place / "m.pt"), place / "result.json"
    assert main(["test", model, "--dataset", str(place / "others.npz"), "-v", "--json", str(result)]) == 0
    first, *lines = capsys.readouterr().out.splitlines()
    assert first.startswith("60 of 60 recordings of others.npz; none of them trained")
    stages = [line for line in lines if "all of others.npz)" in line]
    assert [line[:14].strip() for line in stages] == ["float", "delays rounded", "finished"]
    assert all(" of 60, all of others.npz)  95 % interval " in line for line in stages)
    told = json.loads(result.read_text())
    late = sum(
        later_task().seconds[first:last].max() >= 0.08 for first, last in pairwise(later_task().offsets)
    )
    (note,) = told["data"].pop("notes")
    assert note.startswith(f"event data 'others': {late} of 60 recordings are longer than all that trained")
    assert told["data"] == {
        "name": "others.npz",
        "used": 60,
        "available": 60,
        "part": "",
        "seen": 0,
        "seen_by": {"training": 0, "fine-tuning": 0, "choice": 0},
        "looked_up": True,
        "exact": 0,
        "steps_s": [0.01],
        "counted": False,
        "changed": False,
        "sources": [],
        "of_sources": 0,
        "numbered": True,
        "silent": 0,
    }
    right = told["stages"][-1]["correct"]
    for kind, names in (("classes", ["rising", "falling"]), ("speakers", list("012345"))):
        rows = told["groups"][kind]
        assert [row["name"] for row in rows] == names
        assert {row["total"] for row in rows} == {60 // len(names)}
        assert sum(row["correct"] for row in rows) == right
        for row in rows:
            (line,) = (line for line in lines if line.split()[0] == row["name"])
            assert f"({row['correct']} of {row['total']})  95 % interval" in line
    assert main(["test", model]) == 0
    *lines, of_floats, note, folds = capsys.readouterr().out.splitlines()
    command = f"snnc folds {model}"
    assert folds == f"note: folds test each source in turn: `{command}` writes a sweep of them"
    assert "in real numbers" in of_floats
    assert [line[:14].strip() for line in lines] == ["float", "delays rounded", "finished"]
    told = "8 recordings of 2 sources (field `speaker`: 8, 9); accuracy on other sources may differ"
    assert note == f"note: {told}"
    assert all(" of 8, test)  95 % interval " in line for line in lines)


def test_the_interval_is_that_of_wilson() -> None:
    """65 of 80 by hand: p 0.8125, z 1.96, z^2/n 0.04802; centre 0.79818, half 0.0848."""
    from snnc.cli.test import interval

    assert interval(65, 80) == "95 % interval 71.3 to 88.3 %"


# Nobody is kept for testing.


def test_the_test_of_such_a_model_needs_a_file(
    model: TrainedModel, place: Path, refused, capsys: pytest.CaptureFixture[str]
) -> None:
    own = replace(model, config={**model.config, "testing": "none"})
    with pytest.raises(NoDataError, match=r"no recording was kept for testing \(test_speakers = \[\]\)"):
        load_samples(own, "test")
    assert [each.name for each in load_splits(own, ("train", "validation", "test"))] == [
        "train",
        "validation",
    ]
    save_model(own, place / "own.pt")
    assert "--dataset FILE names a file to test with" in refused("test", place / "own.pt")
    assert main(["test", str(place / "own.pt"), "--dataset", str(place / "others.npz")]) == 0
    assert "60 of 60 recordings" in capsys.readouterr().out


def test_the_toml_file_says_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    save_events_npz(order_task(40), "order.npz")
    Path("mine.toml").write_text(toml(epochs=1, finetune_epochs=0) + "test_speakers = []\n")
    assert main(["train", "mine.toml", "-o", "m.pt"]) == 0
    said = capsys.readouterr()
    (line,) = (line for line in said.err.splitlines() if line.startswith("recordings: "))
    nobody = "no recording was kept for testing (test_speakers = [])"
    assert line == f"recordings: 36 train, 4 validate; {nobody}"
    assert said.out.splitlines()[-1] == "next: snnc export m.pt --target c  # or loihi, fpga"
    assert snnc.load("m.pt").model.config["testing"] == "none"


def test_empty_data_are_refused(model: TrainedModel) -> None:
    with pytest.raises(InputError, match="event data 'others' have no recordings; give some to test with"):
        load_samples(model, "test", later_task().select([]))


BASE = {"channel_shift": 0, "bin_s": 0.01}


def test_recordings_beyond_all_that_trained_are_told(tmp_path: Path, capsys) -> None:
    """With 4 steps of padding, what starts 40 ms later fits the network, which never learned it."""
    task = order_task(40)
    told = config(time_steps=None, padding_steps=4, epochs=1, finetune_epochs=0, quantise_epochs=0)
    model = train(told, data=task)
    save_model(model, tmp_path / "m.pt")
    later = task.times + np.repeat(np.where(np.arange(40) == 7, 40, 0), np.diff(task.offsets))
    learned = (model.time_steps - 4) * model.bin_s
    assert task.seconds.max() < learned <= later.max() * task.tick_s
    save_events_npz(replace(task, times=later.astype(np.uint16), name="later"), tmp_path / "later.npz")
    named = replace(task, times=later.astype(np.uint16), files=tuple(f"{each}.wav" for each in range(40)))
    save_events_npz(named, tmp_path / "named.npz")
    save_events_npz(replace(task, name="alike"), tmp_path / "alike.npz")
    names = [str(each) for each in task.class_names]
    for own, dt in (("in_steps", {"dt": model.bin_s}), ("without_dt", {})):  # the network's, to the last one
        for name, times in ((f"{own}.npz", later), (f"{own}_alike.npz", task.times)):
            spikes = replace(task, times=times).frames(np.arange(40), model.bin_s, model.time_steps)
            np.savez(tmp_path / name, spikes=spikes, labels=task.labels, classes=names, **dt)
    said = f"1 of 40 recordings is longer than all that trained the network, which end before {learned:.6g} s"
    assert main(["export", str(tmp_path / "m.pt"), "--no-budget", "-o", str(tmp_path / "a")]) == 0
    for command in (["test", "m.pt", "--dataset"], ["run", "a", "-i"]):
        in_steps = ("in_steps.npz", "in_steps_alike.npz", "without_dt.npz", "without_dt_alike.npz")
        for name in ("later.npz", "alike.npz", "named.npz", *in_steps):
            capsys.readouterr()
            assert main([command[0], str(tmp_path / command[1]), command[2], str(tmp_path / name)]) == 0
            found = capsys.readouterr()
            text = " ".join((found.out + found.err).split())
            assert (said in text) == ("alike" not in name), (command, name)
            assert ("(first: recording 7)" in text) == ("alike" not in name and name != "named.npz")
            assert ("(first: 7.wav)" in text) == (name == "named.npz")


def test_silence_is_in_many_data_and_no_recording_of_training(
    model: TrainedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = order_task(4)
    nothing = {"offsets": np.zeros_like(task.offsets), "times": task.times[:0], "units": task.units[:0]}
    silent = replace(task, **nothing)
    monkeypatch.setattr(other_data, "own_parts", lambda *_: [silent, task])
    known = make_config(model.config, "the model")
    told = "; 4 without an event are not compared, as all such are equal"
    for events, trained in ((task, 4), (silent, 0)):
        seen = other_data.seen_in(model, known, events, None)
        assert (told in seen.words()) == (events is silent)
        assert seen.by_cause == {"training": trained, "fine-tuning": 0, "choice": 0}
    prints = list(fingerprints.fingerprints(np.zeros((2, 3, 4), np.uint8)))
    use = {"data": "a", "train": 2, "validation": 0, "epochs": 1, "trained": fingerprints.packed(prints)}
    assert not tuning.used_in({tuning.USES: [use]}, prints).any()
