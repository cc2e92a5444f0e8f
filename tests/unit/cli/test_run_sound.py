"""`snnc run --input new.wav`: sound of no known class, encoded as the network's own data were."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from models import saved, tiny_model
from wav_files import packed, tone, wav, write

from snnc.cli import main
from snnc.exporter.artifact import read_artifact
from snnc.trainer.data import load_events_npz, save_events_npz
from snnc.trainer.data.cochlea import Cochlea
from snnc.trainer.data.cochlea_settings import settings_of
from snnc.trainer.data.encoding import encode_folder
from snnc.verification.verify import verify

POOL = 28
"""The tiny network has five lines, the cochlea 140."""
NO_SPEAKERS = (
    "no speakers are named: if several samples are of one speaker, subject or session, the interval is too "
    "narrow"
)
WHATEVER = "note: the network names one of its classes for every recording, whatever it is, and a high score "


@pytest.fixture
def make(tmp_path, monkeypatch):
    """Makes an artifact, `a`, of a network that reads the cochlea's lines, with these metrics."""
    monkeypatch.chdir(tmp_path)

    def made(data: dict[str, object] | None) -> None:
        metrics = {} if data is None else {"data": data}
        model = replace(tiny_model(), unit_pool=POOL, metrics=metrics)
        saved(model, tmp_path).rename("m.pt")
        assert main(["export", "m.pt", "-o", "a", "--no-budget"]) == 0

    return made


def rows(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_a_file_alone_is_named_with_its_class(make, tmp_path, capsys):
    make({"encoder": settings_of(Cochlea())})
    write(tmp_path / "new.wav", 300, seconds=0.02)
    capsys.readouterr()
    assert main(["run", "a", "--input", "new.wav", "--predictions", "out.csv"]) == 0
    out = capsys.readouterr().out
    (row,) = rows(tmp_path / "out.csv")
    assert (row["file"], row["label"], row["correct"]) == ("new.wav", "", "")
    assert f"sample 0 (new.wav): {row['predicted']}\n" in out
    assert "labelled" not in out
    assert out.count(WHATEVER) == 1


def test_a_folder_needs_no_classes(make, tmp_path):
    make({"encoder": settings_of(Cochlea())})
    for name in ("b.wav", "deep/a.wav"):
        write(tmp_path / "new" / name, 300, seconds=0.02)
    assert main(["run", "a", "--input", "new", "--predictions", "out.csv"]) == 0
    assert [row["file"] for row in rows(tmp_path / "out.csv")] == ["b.wav", "deep/a.wav"]


def classes_of_folders(tmp_path, *names):
    """These recordings, and what is said of their labels where `new` is run."""
    for number, name in enumerate(names):
        write(tmp_path / "new" / name, 300 + 400 * number, seconds=0.02)


def test_folders_called_as_classes_label_what_they_hold(make, tmp_path, capsys):
    """As a file of the same recordings, which `snnc encode` wrote, does."""
    make({"encoder": settings_of(Cochlea())})
    first, second = tiny_model().class_names[:2]
    classes_of_folders(tmp_path, f"{first}/1.wav", f"{first}/2.wav", f"{second}/1.wav")
    save_events_npz(encode_folder(tmp_path / "new", workers=1).events, "new.npz")
    said = {}
    for given in ("new", "new/", "new.npz"):
        capsys.readouterr()
        assert main(["run", "a", "--input", given, "--predictions", f"{Path(given).name}.csv"]) == 0
        said[given] = capsys.readouterr().out
        assert f"sample 2 ({second}/1.wav): " in said[given]
        assert f"(labelled {second})" in said[given]
    found = rows(tmp_path / "new.csv")
    assert [row["label"] for row in found] == [first, first, second]
    right = sum(row["predicted"] == row["label"] for row in found)
    assert [row["correct"] for row in found] == [
        str(row["predicted"] == row["label"]).lower() for row in found
    ]
    assert f"{right} of 3 as labelled" in said["new"]
    assert f"{right} of 3 as labelled" in said["new.npz"]
    assert f"note: labels are the names of the folders: {first}, {second}\n" in said["new/"]
    assert found == rows(tmp_path / "new.npz.csv")
    assert not any(WHATEVER in each for each in said.values())


def test_other_folders_and_files_beside_those_of_classes(make, tmp_path, capsys):
    make({"encoder": settings_of(Cochlea())})
    first = tiny_model().class_names[0]
    classes_of_folders(tmp_path, f"{first}/1.wav", "noise/1.wav", "loose.wav", f"{first}/ann/2.wav")
    assert main(["run", "a", "--input", "new", "--predictions", "new.csv"]) == 0
    out = capsys.readouterr().out
    labels = {row["file"]: row["label"] for row in rows(tmp_path / "new.csv")}
    assert labels == {
        f"{first}/1.wav": first,
        f"{first}/ann/2.wav": first,
        "noise/1.wav": "noise",
        "loose.wav": "",
    }
    assert " of 2 as labelled" in out
    assert "1 of 3 labels are not compared: the network has no class called noise" in out
    assert "note: 1 recording lies in no folder of a class, so without a label (loose.wav)" in out
    assert out.count(WHATEVER) == 1


@pytest.mark.parametrize(
    ("names", "given", "said"),
    [
        (["monday/1.wav"], "new", "no labels, as no folder (monday) is called as a class of the network (C"),
        (["CLASSx/1.wav"], "new", "as no folder (CLASSx (did you mean 'CLASS'?)) is called as a class"),
        (["test/CLASS/1.wav", "train/CLASS/1.wav"], "new", "classes lie deeper: give new/test by itself"),
        (["CLASS/1.wav"], "new/CLASS", "lie in new/CLASS itself: give the folder that holds 'CLASS'"),
        (["1.wav"], "new", None),
    ],
)
def test_why_recordings_of_a_folder_have_no_labels(make, tmp_path, capsys, names, given, said):
    make({"encoder": settings_of(Cochlea())})
    first = tiny_model().class_names[0]
    classes_of_folders(tmp_path, *(name.replace("CLASS", first) for name in names))
    assert main(["run", "a", "--input", given.replace("CLASS", first)]) == 0
    out = capsys.readouterr().out
    assert "labelled" not in out
    if said is None:
        assert "no labels" not in out
    else:
        assert said.replace("CLASS", first).replace("(C", f"({first}") in out


def test_folders_name_speakers_and_recordings_that_trained_are_told(make, tmp_path, capsys):
    """As `snnc encode` reads them: where each recording lies in a folder below its class."""
    make({"encoder": settings_of(Cochlea())})
    first, second = tiny_model().class_names[:2]
    classes_of_folders(tmp_path, f"{first}/ann/1.wav", f"{second}/bo/1.wav")
    assert main(["run", "a", "--input", "new", "--predictions", "new.csv"]) == 0
    assert [row["speaker"] for row in rows(tmp_path / "new.csv")] == ["ann", "bo"]
    assert "whether its recordings trained the network is not known" in capsys.readouterr().out


def test_speakers_that_names_of_files_tell_have_their_caveats(make, tmp_path, capsys):
    """As `snnc test` tells them: few speakers say little of others. A class's own name is no speaker's."""
    make({"encoder": settings_of(Cochlea())})
    first, second = tiny_model().class_names[:2]
    names = [
        f"{label}/{speaker} {take}.wav"
        for label in (first, second)
        for speaker in ("ann", "bo")
        for take in (1,)
    ]
    classes_of_folders(tmp_path, *names)
    assert main(["run", "a", "--input", "new", "--predictions", "new.csv"]) == 0
    out = capsys.readouterr().out
    assert [row["speaker"] for row in rows(tmp_path / "new.csv")] == ["ann", "bo"] * 2
    assert "note: 4 recordings of 2 speakers (ann, bo); the interval says nothing of other speakers\n" in out
    told = "note: speakers are those that names of files tell, read as {class}/{speaker} {}: ann, bo\n"
    assert told in out
    for name in names:
        label = name.partition("/")[0]
        (tmp_path / "new" / name).rename(tmp_path / "new" / name.replace("/", f"/{label}_"))
    assert main(["run", "a", "--input", "new"]) == 0
    out = capsys.readouterr().out
    assert "speakers are those" not in out
    assert f"note: {NO_SPEAKERS}\n" in out


def test_sound_that_is_short_is_told(make, tmp_path, capsys):
    """The network takes 0.24 s: a file of less than a tenth, and one of less than a tenth of the others."""
    make({"encoder": settings_of(Cochlea())})
    write(tmp_path / "new.wav", 300, seconds=0.02)
    write(tmp_path / "long.wav", 300, seconds=0.2)
    for name in ("a", "b"):
        write(tmp_path / "new" / f"{name}.wav", 300, seconds=0.2)
    write(tmp_path / "new" / "c.wav", 300, seconds=0.015)
    capsys.readouterr()
    told = {}
    for place in ("new.wav", "long.wav", "new"):
        assert main(["run", "a", "--input", place]) == 0
        told[place] = capsys.readouterr().err
    assert "note: event data 'new.wav': the last event of all recordings is at 0.0" in told["new.wav"]
    assert " s, and the network is for up to 0.24 s: look at them\n" in told["new.wav"]
    assert "note: event data" not in told["long.wav"]
    short = (
        "1 of 3 recordings last less than a tenth of the median, 0.2 s (first: c.wav, 0.015 s): look at them"
    )
    assert told["new"].count("note: ") == 1
    assert f"note: event data 'new': {short}" in told["new"]


def test_the_events_are_those_of_encode(make, tmp_path):
    """The same sound by way of `snnc encode` gives the same spikes of the input."""
    make({"encoder": settings_of(Cochlea())})
    for label in ("x", "y"):
        write(tmp_path / "data" / label / "1.wav", 300 if label == "x" else 3000, seconds=0.02)
    save_events_npz(encode_folder(tmp_path / "data", workers=1).events, "events.npz")
    assert main(["run", "a", "--input", "events.npz", "-o", "by_file.npz"]) == 0
    assert main(["run", "a", "--input", "data", "-o", "by_sound.npz"]) == 0
    with np.load("by_file.npz") as one, np.load("by_sound.npz") as other:
        assert set(one.files) == set(other.files)
        for name in one.files:
            np.testing.assert_array_equal(one[name], other[name])


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (None, "is not known: neither the model nor the file says its `encoder`"),
        ({"sha256": "0"}, "encode the recordings again into that file (--overwrite)"),
        ({"encoder": '{"encoder": "other 7"}'}, "'encoder' = 'other 7' and not 'snnc cochlea 1'"),
        ({"encoder": "[]"}, "is no setting of the cochlea"),
    ],
)
def test_an_unknown_encoder_is_refused(make, tmp_path, refused, data, text):
    make(data)
    write(tmp_path / "new.wav", 300, seconds=0.02)
    assert text in refused("run", "a", "--input", "new.wav")


def test_what_does_not_fit_is_refused_by_name(make, tmp_path, refused):
    make({"encoder": settings_of(Cochlea())})
    write(tmp_path / "long.wav", 300, seconds=1.0)
    assert "long.wav: has sound for " in refused("run", "a", "--input", "long.wav")
    (tmp_path / "two.wav").write_bytes(wav(packed(np.stack([tone(), tone()], 1), 16), channels=2))
    assert "two.wav: has 2 channels; --mix takes their mean" in refused("run", "a", "--input", "two.wav")
    (tmp_path / "song.mp3").write_bytes(b"ID3")
    assert "song.mp3: is no WAV file; convert it: ffmpeg" in refused("run", "a", "--input", "song.mp3")
    np.savez("s.npz", spikes=np.ones((1, 12, 5), np.uint8))
    assert "--mix: is for WAV files" in refused("run", "a", "--input", "s.npz", "--mix")


def test_channels_are_mixed_as_those_of_training_were(make, tmp_path, capsys):
    """From `snnc encode --mix` to the network: the same recordings, and the same events of them."""
    two = wav(packed(np.stack([tone(seconds=0.02), tone(hertz=900.0, seconds=0.02)], 1), 16), channels=2)
    for name in ("a/1.wav", "b/1.wav"):
        (tmp_path / "own" / name).parent.mkdir(parents=True)
        (tmp_path / "own" / name).write_bytes(two)
    write(tmp_path / "own" / "b" / "2.wav", seconds=0.02)
    assert main(["encode", "own", "-o", "own.npz", "--mix"]) == 0
    events = load_events_npz(tmp_path / "own.npz")
    make({"encoder": events.encoder})
    capsys.readouterr()
    answers = []
    for options in ((), ("--mix",)):
        assert main(["run", "a", "--input", "own", "--predictions", "out.csv", *options]) == 0
        assert "note: 2 recordings of several channels were mixed to one\n" in capsys.readouterr().out
        answers.append([(row["file"], row["predicted"]) for row in rows(tmp_path / "out.csv")])
        (tmp_path / "out.csv").unlink()
    assert main(["run", "a", "--input", "own.npz", "--predictions", "out.csv"]) == 0
    assert answers == [[(row["file"], row["predicted"]) for row in rows(tmp_path / "out.csv")]] * 2
    write(tmp_path / "mono" / "b" / "1.wav", seconds=0.02)
    write(tmp_path / "mono" / "c" / "1.wav", seconds=0.02)
    assert main(["encode", "mono", "-o", "mono.npz", "--mix"]) == 0  # with nothing to mix
    assert load_events_npz(tmp_path / "mono.npz").encoder == settings_of(Cochlea())


def test_what_cannot_be_encoded_is_skipped_by_name(make, tmp_path, capsys, refused):
    make({"encoder": settings_of(Cochlea())})
    for name, seconds in (("b.wav", 0.02), ("long.wav", 1.0), ("a.wav", 0.02)):
        write(tmp_path / "new" / name, 300, seconds=seconds)
    (tmp_path / "new/silent.wav").write_bytes(wav(packed(np.zeros(800), 16)))
    (tmp_path / "new/song.mp3").write_bytes(b"ID3")
    assert "leave it out with --skip" in refused("run", "a", "--input", "new")
    assert main(["run", "a", "--input", "new", "--skip", "--predictions", "out.csv"]) == 0
    assert [row["file"] for row in rows(tmp_path / "out.csv")] == ["a.wav", "b.wav"]
    notes = [line for line in capsys.readouterr().out.splitlines() if line.startswith("note: ")]
    assert notes[0] == "note: left out, --skip: song.mp3: is no WAV file"
    assert notes[1].startswith("note: left out, --skip: new/silent.wav: is silent")
    assert notes[2].startswith("note: left out, --skip: new/long.wav: has sound for ")
    assert len(notes) == 4
    assert notes[3].startswith(WHATEVER)
    np.savez("s.npz", spikes=np.ones((1, 12, 5), np.uint8))
    assert "--skip: is for WAV files" in refused("run", "a", "--input", "s.npz", "--skip")


def test_a_network_of_other_lines_is_refused(tiny_artifact, tmp_path, refused):
    write(tmp_path / "new.wav", 300, seconds=0.02)
    assert "is not known" in refused("run", tiny_artifact, "--input", tmp_path / "new.wav")


def test_labels_go_by_their_names(make, tmp_path, capsys):
    """A file of some of the network's classes is labelled by it, whatever their numbers in the file."""
    make({"encoder": settings_of(Cochlea())})
    last = tiny_model().class_names[-1]
    write(tmp_path / "data" / last / "1.wav", 300, seconds=0.02)
    save_events_npz(encode_folder(tmp_path / "data", workers=1).events, "one.npz")
    capsys.readouterr()
    assert main(["run", "a", "--input", "one.npz"]) == 0
    assert f"(labelled {last})" in capsys.readouterr().out
    (tmp_path / "data" / last).rename(tmp_path / "data" / "stop")
    save_events_npz(encode_folder(tmp_path / "data", workers=1).events, "other.npz")
    assert main(["run", "a", "--input", "other.npz"]) == 0
    out = capsys.readouterr().out
    assert (
        "the 1 label is not a class of the network, so no accuracy is counted: the labels are stop; " in out
    )
    assert "labelled" not in out


@pytest.mark.parametrize("data", [{"encoder": settings_of(Cochlea())}, {"name": "own"}, None])
def test_export_and_report_know_whether_the_network_was_trained_on_sound(make, tmp_path, capsys, data):
    make(data)
    said = "note: its input is events of sound; the encoder (cochlea), which makes them, is not exported"
    assert (said in capsys.readouterr().out) == ("encoder" in (data or {}))
    found = verify(read_artifact(tmp_path / "a"), [], executors=["hwsim"], generated=0).provenance
    assert ("encoder" in found) == ("encoder" in (data or {}))


def test_folders_that_cannot_name_a_class_hinder_nothing(make, tmp_path, capsys):
    make({"encoder": settings_of(Cochlea())})
    first = tiny_model().class_names[0]
    classes_of_folders(tmp_path, f"{first}/1.wav", "a\nb/1.wav", f"{'c' * 240}/1.wav")
    assert main(["run", "a", "--input", "new"]) == 0
    out = capsys.readouterr().out
    assert " of 1 as labelled" in out
    assert "2 of 3 labels are not compared: the network has no class called a\\nb, ccc" in out
