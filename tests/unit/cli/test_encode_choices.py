"""Where folders or names of files may be the classes, no command is named for one of these readings alone."""

from __future__ import annotations

import shlex
from pathlib import Path

import numpy as np
import pytest
import scipy.io.wavfile
from wav_files import write

from snnc.cli import main
from snnc.trainer.data import load_events_npz

HORSES, GAITS = ("bella", "luna", "max", "rio"), ("canter", "trot", "walk")


@pytest.fixture(params=["{horse}/{gait}_{take}", "{gait}/{horse}_{take}"])
def data(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for hertz, horse in enumerate(HORSES, 300):
        for gait in GAITS:
            for take in (1, 2):
                name = request.param.format(horse=horse, gait=gait, take=take)
                write(tmp_path / "data" / f"{name}.wav", hertz + 100 * len(gait) + take)
    return Path("data")


def test_the_user_chooses(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["encode", "data", "-o", "e.npz"]) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert "which of both are the classes is not known" in said
    assert said.endswith("choose one of the three")
    assert main(["inspect", "data"]) == 0
    shown = capsys.readouterr().out
    assert "classes: names may be read in several ways; `snnc encode` tells them" in shown
    assert "next: snnc encode data -o data.npz\n" in shown
    assert "--layout" not in shown
    assert main(["train", "data", "-o", "m.pt"]) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert "; add the one that is meant to snnc encode data -o data.npz, and then snnc train data" in said
    of_files = "canter" not in {each.name for each in data.iterdir()}
    layout = "{speaker}/{class}_{}" if of_files else "{class}/{speaker}_{}"
    assert main(["encode", "data", "-o", "e.npz", "--layout", layout]) == 0
    events = load_events_npz("e.npz")
    assert (events.class_names, events.speaker_names) == (GAITS, HORSES)


def test_a_third_part_is_told_and_its_place_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The colour of a horse, or its rider, would have been the class."""
    monkeypatch.chdir(tmp_path)
    of = [(gait, rider, coat) for gait in GAITS for rider in ("Ann", "ann", "Bo") for coat in ("bay", "grey")]
    for number, (gait, rider, coat) in enumerate(of):
        write(tmp_path / "data" / f"20260303-{rider}-{coat}-{gait}-{number}.wav", 300 + number)
    assert main(["encode", "data", "-o", "e.npz"]) == 2
    first, second = capsys.readouterr().err.splitlines()
    assert "so their class is not known" in first
    assert second == (
        "parts of a path, in order (days; Ann, ann, Bo; bay, grey; canter, trot, walk; another in each): "
        'write {class} and, for sources, {speaker} in their places in --layout "{}-{}-{}-{}-{}"'
    )
    assert main(["train", "data", "-o", "m.pt"]) == 2
    assert capsys.readouterr().err.splitlines()[-1] == second
    assert main(["encode", "data", "-o", "e.npz", "--layout", "{}-{speaker}-{}-{class}-{}"]) == 0
    assert "; sources whose names hardly differ may be in two\n" in capsys.readouterr().out
    assert load_events_npz("e.npz").class_names == GAITS


def test_a_few_that_do_not_fit_the_layout_may_be_left_out(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """They are named, and most are not: then the layout is wrong."""
    write(data / "test.wav", 440)
    layout = ["encode", "data", "-o", "e.npz", "--layout", "{speaker}/{class}_{}"]
    assert main(layout) == 2
    said = capsys.readouterr().err
    assert "1 of 25 recordings do not fit the layout" in said
    assert "rename or move them, leave them out with --skip, or give another --layout" in said
    assert main([*layout, "--skip"]) == 0
    assert 'note: left out: 1 of 25 recordings do not fit the layout "{speaker}/' in capsys.readouterr().out
    assert len(load_events_npz("e.npz")) == 24
    assert main(["encode", "data", "-o", "f.npz", "--layout", "{speaker}-{class}-{}", "--skip"]) == 2
    said = capsys.readouterr().err
    assert "rename or move them, or give another --layout" in said


def test_classes_that_differ_in_case_are_asked_about(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command that the refusal ends in takes the recordings, those of two channels, too."""
    monkeypatch.chdir(tmp_path)
    for number, gait in enumerate(["trot", "Trot", "walk", "trot", "WALK", "walk"]):
        write(tmp_path / "data" / f"{gait}_{number}.wav", 300 + number)
    wide = np.stack([np.sin(np.arange(16000) / 7)] * 2, axis=1)
    scipy.io.wavfile.write(tmp_path / "data" / "walk_9.wav", 16000, (wide * 9000).astype(np.int16))
    assert main(["encode", "data", "-o", "e.npz", "--layout", "{class}_{}"]) == 2
    said = capsys.readouterr().err
    assert "'Trot', 'trot', 'WALK', 'walk': if they are the same, --join-names" in said
    command = shlex.split(said.rpartition(". Here: ")[2])
    assert command[:2] == ["snnc", "encode"]
    assert main(command[1:]) == 0
    assert load_events_npz("e.npz").class_names == ("trot", "walk")
    assert main(["encode", "data", "-o", "k.npz", "--layout", "{class}_{}", "--mix", "--keep-names"]) == 0
    assert load_events_npz("k.npz").class_names == ("Trot", "trot", "WALK", "walk")
