"""`snnc train FOLDER` and `snnc train FILE`: what is encoded, chosen and told."""

from __future__ import annotations

import shlex

import numpy as np
import pytest
from wav_files import packed, tone, wav, write

import snnc
from snnc.cli import main
from snnc.cli.train_data import from_data
from snnc.trainer.config import load_config
from snnc.trainer.data import load, save_events_npz
from snnc.trainer.model_file import load_model

STEREO = wav(packed(np.stack([tone(), tone(hertz=900.0)], 1), 16), channels=2)
QUICK = ["--epochs", "1", "--set", "hidden=[4]", "--set", "padding_steps=2"]


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for label, hertz in (("low", 300), ("high", 3000)):
        for number, name in enumerate(("ann", "bob", "cy")):
            for take in range(2):
                write(tmp_path / "data" / label / name / f"{take}.wav", hertz + 7 * take + number)
    return tmp_path


def dense(path, steps=20, lines=6, **more):
    """Two classes: the first lines fire early or late."""
    labels = np.arange(30) % 2
    spikes = np.zeros((30, steps, lines), np.uint8)
    spikes[labels == 0, 2, :3] = spikes[labels == 1, steps - 1, :3] = 1
    np.savez(path, spikes=spikes, labels=labels, **more)
    return path


def test_a_folder_is_encoded_beside_the_model(here, capsys):
    (here / "models").mkdir()
    command = ["train", "data", "-o", "models/m.pt", *QUICK]
    assert main(command) == 0
    told = " ".join(capsys.readouterr().err.split())
    for line in (
        "classes 2: high 6, low 6",
        "sources 3 (field `speaker`): ann, bob, cy",
        "events: models/data.npz",
        "settings: those of the preset digits, but bin_s = 0.005, batch_size = 8 to suit the data",
    ):
        assert line in told
    model = load_model(here / "models/m.pt")
    assert (model.dataset, model.class_names, model.bin_s) == ("models/data.npz", ("high", "low"), 0.005)
    before = (here / "models/data.npz").stat().st_mtime_ns
    assert main(command) == 0  # the same again, whose events are the same
    assert (here / "models/data.npz").stat().st_mtime_ns == before
    assert main(["test", "models/m.pt"]) == 0


def error(capsys, *words):
    """The error of a command that first tells what it found in the folder."""
    capsys.readouterr()
    assert main(list(words)) == 2
    *told, last = capsys.readouterr().err.splitlines()
    assert told[0].startswith("classes ")
    assert last.startswith("snnc: ")
    return last


def test_events_that_are_others_are_not_replaced(here, refused, capsys):
    np.savez(here / "data.npz", other=np.zeros(3))
    for words in (QUICK, [*QUICK, "--overwrite"]):
        assert "data.npz: unknown array 'other'" in refused("train", "data", *words)
    (here / "data.npz").unlink()
    assert main(["encode", "data", "-o", "data.npz", "--layout", "{class}/{}"]) == 0
    assert "data.npz: exists, and holds other events than data" in error(capsys, "train", "data", *QUICK)
    assert main(["train", "data", *QUICK, "--overwrite"]) == 0
    assert load(here / "data.npz").speaker_names == ("ann", "bob", "cy")


def test_what_needs_an_option_of_encode_names_both_commands(here, capsys):
    (here / "data/low/ann/1.wav").write_text("no sound")
    said = error(capsys, "train", "data")
    assert "--skip leaves such recordings out" in said
    assert "snnc encode data -o data.npz --skip, and then snnc train data.npz" in said
    assert sorted(each.name for each in here.iterdir()) == ["data"]


def test_the_commands_that_are_named_for_stereo_encode_and_train(here, capsys):
    """A file that is there stays, and the options are those that the user gave."""
    assert main(["encode", "data", "-o", "data.npz"]) == 0
    before = (here / "data.npz").read_bytes()
    (here / "data/low/ann/0.wav").write_bytes(STEREO)
    assert main(["train", "data", "-o", "m.pt", *QUICK, "--overwrite"]) == 2
    told = capsys.readouterr().err
    encode, train = told.strip().partition("These are options of `snnc encode`: ")[2].split(", and then ")
    assert encode == "snnc encode data -o data-2.npz --mix"
    options = "--epochs 1 --set 'hidden=[4]' --set padding_steps=2 --overwrite"
    assert train == f"snnc train data-2.npz -o m.pt {options}"
    for named in (encode, train):
        assert main(shlex.split(named)[1:]) == 0
    assert (here / "data.npz").read_bytes() == before
    assert main(["inspect", "data"]) == 0
    shown = capsys.readouterr().out.splitlines()[-2:]
    assert shown == [
        "next: snnc encode data -o data-3.npz --mix",
        "next: snnc train data-3.npz -o model.pt",
    ]


def test_the_command_that_is_named_reads_speakers_of_names_of_files(here, capsys, refused):
    """And takes stereo: it is the one that works for this folder, wherever it is named."""
    for label in ("low", "high"):
        for number, name in enumerate(("ann 1", "bob 1", "bob 2", "cy 1")):
            write(here / "flat" / label / f"{name}.wav", 300 + 50 * number + 900 * len(label))
    (here / "flat/low/ann 1.wav").write_bytes(STEREO)
    encode = "snnc encode flat -o flat.npz --layout '{class}/{speaker} {}' --mix"
    assert main(["train", "flat", "-o", "m.pt", *QUICK]) == 2
    assert f"{encode}, and then snnc train flat.npz -o m.pt" in " ".join(capsys.readouterr().err.split())
    assert f"For this folder: {encode}" in refused("train", "digits", "--dataset", "flat")
    assert main(["inspect", "flat"]) == 0
    assert capsys.readouterr().out.splitlines()[-2:] == [
        f"next: {encode}",
        "next: snnc train flat.npz -o model.pt",
    ]
    assert main(shlex.split(encode)[1:]) == 0
    assert load(here / "flat.npz").speaker_names == ("ann", "bob", "cy")


def test_one_class_trains_nothing(here, capsys):
    write(here / "tones/low/1.wav")
    assert main(["train", "tones", *QUICK]) == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert last == "snnc: tones: has one class, and a network tells classes apart; give it one more"


def test_data_are_named_once(here, refused):
    assert "is data, and --dataset names digits" in refused("train", "data", "--dataset", "digits")


def test_settings_suit_the_data(here):
    told: list[str] = []
    dense("short.npz", dt=0.001)
    config, fields = from_data("short.npz", here / "m.pt", {}, False, told.append)
    assert config == "digits"
    # 19 ms of 1 ms: no step is shorter than the data's. 30 samples make no 8 batches of 8.
    suited = {"channel_shift": 0, "bin_s": 0.001, "batch_size": 8}
    # All 20 steps and no more; the last event is in the last, and a kernel of the preset has 25.
    own = {"time_steps": 20, "padding_steps": 0, "kernel_size": 19, "time_shift": 0}
    assert fields == {"dataset": "short.npz", **suited, **own}
    line, augmented = told
    assert augmented == "augmentation of what trains: event_dropout = 0.2; off: --set event_dropout=0"
    assert line.startswith("settings: those of the preset digits, but ")
    assert line.endswith(" to suit the data")
    assert sorted(line[42:-17].split(", ")) == sorted(f"{k} = {v}" for k, v in (suited | own).items())
    dense("long.npz", steps=2000, dt=0.1)  # 199.9 s in at most 500 steps
    assert from_data("long.npz", here / "m.pt", {}, False, told.append)[1]["bin_s"] == 0.5
    dense("longer.npz", steps=2000, dt=1)  # 1999 s; no step may be longer than 1 s
    assert from_data("longer.npz", here / "m.pt", {}, False, told.append)[1]["bin_s"] == 1.0
    assert "time_steps" not in from_data("long.npz", here / "m.pt", {}, False, told.append)[1]
    given = {"bin_s": 0.002, "channel_shift": 1, "batch_size": 3}
    assert from_data("short.npz", here / "m.pt", given, False, told.append)[1] == {
        "dataset": "short.npz",
        **given,
    }
    assert told[-2:] == [
        "settings: those of the preset digits",
        "augmentation of what trains: time_shift = 3, channel_shift = 1, event_dropout = 0.2; "
        "off: --set time_shift=0 --set channel_shift=0 --set event_dropout=0",
    ]
    off = dict.fromkeys(("time_shift", "channel_shift", "event_dropout"), 0)
    from_data("short.npz", here / "m.pt", given | off, False, told.append)
    assert told[-1] == "settings: those of the preset digits"
    assert from_data("digits", here / "m.pt", {"epochs": 1}, False, told.append) == ("digits", {"epochs": 1})


@pytest.mark.parametrize(("recordings", "size"), [(91, 8), (92, 8), (366, 32), (365, 16), (1463, 128)])
def test_an_epoch_has_eight_batches_or_more(here, recordings, size):
    """7 of 10 recordings train; 256 of 366 make 8 batches of 32. A preset's own size is the largest."""
    spikes, labels = np.ones((recordings, 20, 6), np.uint8), np.arange(recordings) % 2
    np.savez("d.npz", spikes=spikes, labels=labels, dt=0.02)
    fields = from_data("d.npz", here / "m.pt", {}, False, lambda line: None)[1]
    assert fields.get("batch_size", 128) == size


def test_seconds_in_floats_have_no_finest_step(here):
    """Of these the tick, 1 s, is only the unit of their times: 0.19 s are 20 steps, not one."""
    times = np.tile(np.array([0.05, 0.19], np.float32), 30)
    np.savez(
        "floats.npz",
        times=times,
        tick_s=1.0,
        units=np.tile([0, 1], 30),
        offsets=np.arange(0, 61, 2),
        labels=np.arange(30) % 2,
    )
    _, fields = from_data("floats.npz", here / "m.pt", {}, False, lambda _: None)
    assert fields["bin_s"] == 0.01


def test_samples_in_steps_need_to_know_how_long_one_is(here, refused, capsys):
    dense("dense.npz")
    for command in (["train", "dense.npz"], ["train", "digits", "--dataset", "dense.npz"]):
        assert "nothing says how long one is; add it to the file" in refused(*command, *QUICK)
        assert "--dt" in refused(*command, *QUICK)
    assert main(["train", "dense.npz", "--dt", "0.004", *QUICK, "--set", "time_shift=0"]) == 0
    model = load_model(here / "model.pt")
    assert (model.bin_s, model.time_steps, model.inputs) == (0.004, 22, 6)
    capsys.readouterr()
    assert main(["test", "model.pt"]) == 0  # in the model's steps, and the same data by their hash
    assert main(["test", "model.pt", "--dataset", "dense.npz"]) == 0
    assert main(["export", "model.pt", "--dataset", "dense.npz"]) == 0
    quick = ["--executors", "oracle", "--samples", "2", "--generated", "0"]
    assert main(["verify", "model.loihi", "--dataset", "dense.npz", *quick]) == 0
    capsys.readouterr()
    assert main(["run", "model.loihi", "--input", "dense.npz"]) == 0  # 20 steps, and silence
    assert "of these, train (sources unknown): " in capsys.readouterr().out
    dense("other.npz", steps=19)
    assert "the network takes 22 steps" in refused("run", "model.loihi", "--input", "other.npz")


def test_new_samples_of_the_shape_that_it_was_trained_on_are_taken(here, capsys):
    """The samples have 40 steps, the last event is in step 30."""
    spikes, labels = np.zeros((30, 40, 6), np.uint8), np.arange(30) % 2
    spikes[labels == 0, 2, :3] = spikes[labels == 1, 30, :3] = 1
    np.savez("dense.npz", spikes=spikes, labels=labels)
    np.savez("new.npz", spikes=spikes[:4])
    assert main(["train", "dense.npz", "--dt", "0.005", "--epochs", "1", "--set", "hidden=[4]"]) == 0
    told = capsys.readouterr().err
    assert "time_steps = 40, padding_steps = 0" in " ".join(told.split())
    model = load_model(here / "model.pt")
    assert model.time_steps == 40
    assert main(["export", "model.pt"]) == 0
    assert main(["run", "model.loihi", "--input", "new.npz"]) == 0


def test_who_sets_the_steps_has_them(here):
    dense("short.npz", dt=0.001)
    for given, length in (
        ({"padding_steps": 2}, (None, 2)),
        ({"time_steps": 25}, (25, 0)),
        ({"time_steps": 25, "padding_steps": 0}, (25, 0)),
    ):
        fields = from_data("short.npz", here / "m.pt", given, False, lambda line: None)[1]
        found = load_config("digits", fields)
        assert (found.time_steps, found.padding_steps) == length
        assert "time_shift" not in fields


@pytest.mark.parametrize("more", [{}, {"dt": 0.001}])
def test_a_step_that_is_no_number_is_refused(here, refused, more):
    dense("dense.npz", **more)
    assert "bin_s = 'abc': input should be a valid number" in refused(
        "train", "dense.npz", "--set", "bin_s=abc"
    )


def test_a_folder_given_as_a_data_set_is_answered_with_encode(here, refused):
    said = refused("train", "digits", "--dataset", "data")
    assert "folder of recordings (WAV)" in said
    assert "snnc encode data -o data.npz" in said


def test_recordings_of_no_known_class_are_called_unlabelled(here, refused):
    save_events_npz(snnc.from_events([[1], [2]], [[0], [1]], None, tick_s=1), "new.npz")
    said = refused("train", "new.npz")
    assert "new.npz: its recordings are unlabelled, and training needs their classes" in said
    assert "snnc run ARTIFACT --input new.npz" in said


@pytest.mark.parametrize(
    ("speakers", "said"),
    [
        ('["Ann"]', "has no speaker 'Ann' (did you mean 'ann'?); it has 0 (ann), 1 (bob), 2 (cy)"),
        ('["ann"]', "test_speakers are given without validation_speakers; name both, as "),
        ("[[1]]", "give the number or the name of"),
    ],
)
def test_a_speaker_that_nobody_is_comes_before_what_the_lists_lack(here, capsys, speakers, said):
    assert main(["encode", "data", "-o", "own.npz"]) == 0
    capsys.readouterr()
    assert main(["train", "own.npz", "-o", "m.pt", "--set", f"test_speakers={speakers}"]) == 2
    assert said in capsys.readouterr().err


def test_the_settings_that_are_named_beside_test_speakers_work(here, capsys, refused):
    """Of ann, bob and cy, where bob tests, cy validates."""
    assert main(["encode", "data", "-o", "own.npz"]) == 0
    said = refused("train", "own.npz", "-o", "m.pt", *QUICK, "--set", 'test_speakers=["bob"]')
    assert "preset" not in said
    both, _, all_others = said.partition("name both, as ")[2].partition(", or train with all others: ")
    assert both == """--set 'validation_speakers=["cy"]' --set 'test_speakers=["bob"]'"""
    for settings, trains in ((both, "4 train, 4 validate (cy), 4 are kept"), (all_others, "8 train, ")):
        capsys.readouterr()
        assert main(["train", "own.npz", "-o", "m.pt", "--overwrite", *QUICK, *shlex.split(settings)]) == 0
        assert trains in capsys.readouterr().err


def test_a_preset_is_not_at_fault_for_what_is_set_beside_it(here, refused):
    said = refused("train", "digits", "-o", "m.pt", "--set", "test_speakers=[1]")
    assert said.startswith(
        "snnc: preset 'digits' with other settings: test_speakers are given without validation_speakers; "
        "name both (--set 'validation_speakers=[...]'), or set validation = 'training'"
    )
