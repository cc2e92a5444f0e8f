"""`snnc run --input new.wav`: sound of no known class, encoded as the network's own data were."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from models import tiny_model
from sound_network import WHATEVER, export_sound, rows
from wav_files import packed, tone, wav, write

from snnc.cli import main
from snnc.exporter.artifact import read_artifact
from snnc.trainer.data import load_events_npz, save_events_npz
from snnc.trainer.data.cochlea import Cochlea
from snnc.trainer.data.cochlea_settings import settings_of
from snnc.trainer.data.encoding import encode_folder
from snnc.verification.verify import verify


@pytest.fixture
def make(tmp_path, monkeypatch):
    """Makes an artifact, `a`, of a network that reads the cochlea's lines, with these data."""
    monkeypatch.chdir(tmp_path)
    return partial(export_sound, tmp_path)


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
        "1 of 3 recordings lasts less than a tenth of the median, 0.2 s (first: c.wav, 0.015 s): look at them"
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
    said = refused("run", "a", "--input", "long.wav")
    assert "long.wav: has sound until step " in said
    assert "(0.24 s); cut it to the part that counts" in said
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
    assert notes[2].startswith("note: left out, --skip: new/long.wav: has sound until step ")
    assert len(notes) == 4
    assert notes[3].startswith(WHATEVER)
    np.savez("s.npz", spikes=np.ones((1, 12, 5), np.uint8))
    assert "--skip: is for WAV files" in refused("run", "a", "--input", "s.npz", "--skip")


def test_what_skip_leaves_none_of_is_refused_with_every_cause(make, tmp_path, refused):
    """One file is silent and one too long: each is named, with and without --skip."""
    make({"encoder": settings_of(Cochlea())})
    write(tmp_path / "new/long.wav", 300, seconds=1.0)
    write(tmp_path / "two/long.wav", 300, seconds=1.0)
    write(tmp_path / "two/short.wav", 300, seconds=0.02)
    (tmp_path / "new/silent.wav").write_bytes(wav(packed(np.zeros(800), 16)))
    said = refused("run", "a", "--input", "new", "--skip")
    assert "new: --skip leaves none of its 2 recordings: new/silent.wav: is silent" in said
    assert "; new/long.wav: has sound until step " in said
    said = refused("run", "a", "--input", "two")
    assert said.startswith("snnc: two/long.wav: has sound until step ")
    assert "1 recording of 2 cannot be run; " in said
    assert "leave them out with --skip" in said


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
