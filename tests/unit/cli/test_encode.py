"""`snnc encode`: what it writes and tells, and what it refuses before it does anything."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from wav_files import write

from snnc.cli import main
from snnc.trainer.data import load_events_npz

REVERSE = (
    "note: high, low are taken for classes; if ann, bob, cy are the classes, "
    'give `snnc encode` --layout "{speaker}/{class}/{}" (and --overwrite, if the file is there)'
)


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for label, hertz in (("low", 300), ("high", 3000)):
        for number, name in enumerate(("ann", "bob", "cy")):
            for take in range(2):
                write(tmp_path / "data" / label / name / f"{take}.wav", hertz + 7 * take + number)
    return tmp_path


def test_what_is_told(here, capsys):
    (here / "data/.DS_Store").touch()
    (here / "data/level").mkdir()
    assert main(["encode", "data", "-o", "my events.npz"]) == 0
    events = load_events_npz(here / "my events.npz")
    out, err = capsys.readouterr()
    assert out.splitlines() == [
        "classes     2: high 6, low 6",
        "sources     3 (field `speaker`): ann, bob, cy (layout {class}/{speaker}/{})",
        REVERSE,
        "parts       4 train, 4 validation, 4 test; no source is in two",
        "note: left out, hidden files and those of systems: 1 (.DS_Store)",
        "note: folders without a recording, which make no class: 1 (level)",
        f"recordings  12, 1.2 s, shortest 0.10 s, longest 0.10 s, {len(events.times)} events",
        "wrote my events.npz",
        "next: snnc train 'my events.npz' -o model.pt",
    ]
    assert err == ""


def test_the_training_that_is_named_replaces_no_model(here, capsys):
    (here / "model.pt").touch()
    assert main(["encode", "data"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "next: snnc train events.npz -o model-2.pt"


def test_recordings_without_speakers_are_told_how_to_name_them(here, capsys):
    for path in (here / "data").rglob("*.wav"):
        path.rename(path.parent.parent / f"{path.parent.name}_{path.name}")
    assert main(["encode", "data", "--layout", "{class}/{}"]) == 0
    out = capsys.readouterr().out
    told = "none named (field `speaker`); if names of files do, --layout says where, for example --layout"
    assert f'sources     {told} "{{class}}/{{speaker}}_{{}}" for CLASS/ann_0.wav' in out
    assert "parts       8 train, 2 validation, 2 test, at random\n" in out
    assert (
        "warning: parts are at random: one person or machine may train and test, so accuracy on test says "
        "little about new ones\n"
    ) in out
    assert main(["encode", "data", "--layout", "{class}/{speaker}_{}", "--overwrite"]) == 0
    assert load_events_npz(here / "events.npz").speaker_names == ("ann", "bob", "cy")


def with_names(here, name):
    """The same recordings, as CLASS/NAME.wav."""
    for path in sorted((here / "data").rglob("*.wav")):
        take = int(path.stem)
        path.rename(path.parent.parent / f"{name(path.parent.name, take)}.wav")


def test_the_layout_of_names_with_a_blank_is_told(here, capsys):
    with_names(here, lambda speaker, take: f"{speaker} {take:02}")
    assert main(["encode", "data", "--layout", "{class}/{}"]) == 0
    assert '--layout "{class}/{speaker} {}" for CLASS/ann 00.wav\n' in capsys.readouterr().out


def test_names_that_plainly_tell_speakers_are_refused_with_the_command(here, refused):
    with_names(here, lambda speaker, take: f"mic{len(speaker)}{speaker[0]}_2026-05-03_14-22-{take:02}")
    command = "snnc encode data -o e.npz --layout '{class}/{speaker}_{}'"
    said = refused("encode", "data", "-o", "e.npz")
    assert said.startswith(
        "snnc: data: names of files tell sources (field `speaker`: mic2c, mic3a, mic3b); without them "
    )
    exchanged = '--layout "{speaker}/{class}_{}"'
    assert said.endswith(f"says that they are none; if they are the classes, {exchanged}. Here: {command}\n")
    assert main(shlex.split(command)[1:]) == 0
    assert load_events_npz("e.npz").speaker_names == ("mic2c", "mic3a", "mic3b")
    said = refused("train", "data", "-o", "m.pt")
    assert (
        "snnc encode data -o data.npz --layout '{class}/{speaker}_{}', and then snnc train data.npz" in said
    )


@pytest.mark.parametrize(
    ("mark", "remedy"),
    [
        (" ", '; --layout "{class}/{speaker} {}" reads their names alone\n'),
        ("-", '; --layout "{class}/{speaker}-{}" reads their names alone\n'),
        ("", "; rename the files, with one mark between name and number\n"),
    ],
)
def test_recordings_that_are_read_as_speakers_are_told(here, capsys, mark, remedy):
    with_names(here, lambda speaker, take: f"{speaker}{mark}{take:02}")
    assert main(["encode", "data", "--layout", "{class}/{speaker}"]) == 0
    out = capsys.readouterr().out
    assert "no source is in two\n" in out
    assert (
        f"warning: 6 sources (field `speaker`) are called as 3, and a number ('ann{mark}00', 'ann{mark}01', "
        f"...): if these are the sources, the same ones train and test{remedy}"
    ) in out


@pytest.mark.parametrize(
    "name",
    [
        lambda speaker, take: f"s{take}{['ann', 'bob', 'cy'].index(speaker)}",  # numbers name them
        lambda speaker, take: speaker + "abc"[take],
    ],
)
def test_speakers_with_numbers_for_names_are_speakers(here, capsys, name):
    with_names(here, name)
    assert main(["encode", "data", "--layout", "{class}/{speaker}"]) == 0
    assert "warning" not in capsys.readouterr().out


def test_speakers_of_one_recording_each_are_told(here, capsys):
    """Names tell a hive and a time: the time is no speaker."""
    for number, path in enumerate(sorted((here / "data").rglob("*.wav"))):
        path.rename(path.parent.parent / f"hive{number % 3}_05-03_14-{number:02}.wav")
    told = "note: each of 12 recordings is of a source of its own (field `speaker`): if "
    assert main(["encode", "data", "--layout", "{class}/{}_{speaker}"]) == 0
    out = capsys.readouterr().out
    assert "test\n" + told in out
    assert "no source is in two" not in out
    assert main(["inspect", "events.npz"]) == 0
    assert told.removeprefix("note: ") in capsys.readouterr().out
    assert main(["encode", "data", "--layout", "{class}/{speaker}_{}", "--overwrite"]) == 0
    assert "of a source of its own" not in capsys.readouterr().out


def test_too_few_recordings_are_told(here, capsys):
    write(here / "data/one/ann/0.wav", 700)
    assert main(["encode", "data", "--layout", "{class}/{}"]) == 0
    out = capsys.readouterr().out
    assert "parts       cannot be trained on: " in out
    assert out.endswith("next: snnc run ARTIFACT --input events.npz\n")


def test_a_folder_of_other_sound_is_told_how_to_convert_it(here, refused):
    for path in (here / "data").rglob("*.wav"):
        path.rename(path.with_suffix(".mp3"))
    said = refused("encode", "data")
    assert "data: holds 12 recordings that are no WAV files (12 .mp3: " in said
    assert "convert them: find data -iname '*.mp3' -exec ffmpeg -i '{}' '{}.wav' ';'" in said


def test_a_folder_too_high_names_the_one_below(here, refused):
    (here / "old.npz").write_bytes(b"")  # no stage of a network, and so no reason to call this another folder
    assert "if these are the classes: snnc encode data -o data.npz;" in refused("encode", ".")


def test_an_output_is_not_replaced(here, refused):
    assert main(["encode", "data"]) == 0
    before = (here / "events.npz").read_bytes()
    assert "events.npz: exists; choose another name (-o), or replace it with --overwrite" in refused(
        "encode", "data"
    )
    assert main(["encode", "data", "--overwrite", "--workers", "1"]) == 0
    assert (here / "events.npz").read_bytes() == before


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["none"], "none: no such folder"),
        (["data", "-o", "events.h5"], "give one that ends in .npz"),
        (["data", "-o", "none/events.npz"], "cannot be written"),
        (["data", "--layout", "{klass}"], "{klass} is no place (did you mean '{class}'?)"),
        (["data", "--layout", "x"], "name {class} once"),
        (["data/low/ann/0.wav"], "sound (WAV); `snnc encode` takes a folder of recordings"),
        (["data/low/ann"], "--layout"),
    ],
)
def test_what_is_refused(here, refused, words, text):
    assert text in refused("encode", *words)
    assert sorted(each.name for each in here.iterdir()) == ["data"]


def test_a_recording_that_cannot_be_encoded_leaves_nothing(here, refused, capsys):
    (here / "data/low/ann/1.wav").write_text("no sound")
    assert "1.wav: is no WAV file" in refused("encode", "data")
    assert sorted(each.name for each in here.iterdir()) == ["data"]
    assert main(["encode", "data", "--skip"]) == 0
    assert "note: left out, --skip: data/low/ann/1.wav: is no WAV file" in capsys.readouterr().out


@pytest.mark.skipif(os.name != "posix", reason="POSIX signals")
@pytest.mark.parametrize("workers", ["1", "2"])
def test_an_interrupt_leaves_nothing(here, workers):
    for number in range(400):
        write(here / f"data/low/ann/more{number}.wav", 200 + number, seconds=1.0)
    words = [Path(sys.executable).with_name("snnc"), "encode", "data", "--workers", workers]
    process = subprocess.Popen(
        words,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,  # what is read line by line is not read by `communicate`, and nothing more
        start_new_session=True,
        # a test run that a script started in the background ignores SIGINT
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert process.stdout is not None
    told = [process.stdout.readline().decode().strip() for _ in range(4)]
    time.sleep(0.5)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: all of them
    more, err = process.communicate(timeout=60)
    assert (process.returncode, err, more) == (130, b"snnc: interrupted\n", b"")
    assert told == [  # before the first recording is read
        "classes     2: high 6, low 406",
        "sources     3 (field `speaker`): ann, bob, cy (layout {class}/{speaker}/{})",
        REVERSE,
        "parts       404 train, 4 validation, 4 test; no source is in two",
    ]
    assert sorted(each.name for each in here.iterdir()) == ["data"]
    limit = time.monotonic() + 20  # Python's tracker of shared resources ends after the command
    while is_there(process.pid) and time.monotonic() < limit:
        time.sleep(0.05)
    assert not is_there(process.pid)


def is_there(group):
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_script_gets_the_counts(here, capsys):
    assert main(["encode", "data", "-o", "made.npz", "--json", "-"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["recordings"], told["classes"], told["speakers"]) == (
        12,
        {"high": 6, "low": 6},
        ["ann", "bob", "cy"],
    )
    assert told["events"] == len(load_events_npz(here / "made.npz").times)
    assert told["next"] == "snnc train made.npz -o model.pt"


def test_recordings_far_shorter_than_the_others_are_told(here, capsys):
    """Eleven of 0.1 s, and one of 0.009 s."""
    write(here / "data/low/bob/1.wav", 308, seconds=0.009)
    assert main(["encode", "data"]) == 0
    out = capsys.readouterr().out
    assert ", shortest 0.01 s, longest 0.10 s, " in out
    assert (
        "note: 1 of 12 recordings lasts less than a tenth of the median, 0.1 s (first: low/bob/1.wav, 0.009"
    ) in out


def test_training_on_a_folder_tells_short_recordings_once(here, capsys):
    write(here / "data/low/bob/1.wav", 308, seconds=0.009)
    assert main(["train", "data", "-o", "m.pt", "--set", "hidden=[2]", "--epochs", "1"]) == 0
    out, err = capsys.readouterr()
    assert (out + err).count("less than a tenth of the median") == 1
