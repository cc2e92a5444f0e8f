"""`snnc inspect` of data: whether `snnc train` takes them, and what is odd about them."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from models import saved, tiny_model
from order_task import order_task, toml
from wav_files import write

from snnc.cli import main
from snnc.trainer.data import save_events_npz


def said(path: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    capsys.readouterr()
    assert main(["inspect", str(path)]) == 0
    return capsys.readouterr().out.splitlines()


def dense(path: Path, **changes: Any) -> Path:
    spikes = (np.random.default_rng(0).random((6, 5, 4)) < 0.5).astype(np.uint8)
    arrays = {"spikes": spikes, "labels": np.array([0, 1] * 3), "dt": 0.002} | changes
    np.savez(path, **{name: array for name, array in arrays.items() if array is not None})
    return path


def test_samples_that_train_takes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = dense(tmp_path / "a.npz")
    lines = said(path, capsys)
    assert "dt: 0.002 s a step" in lines
    assert f"next: snnc train {path} -o model.pt" in lines


def test_by_which_layout_recordings_of_sound_were_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save_events_npz(replace(order_task(2), layout="{speaker}/{class}/{}"), tmp_path / "a.npz")
    assert "layout of the recordings: {speaker}/{class}/{}" in said(tmp_path / "a.npz", capsys)
    save_events_npz(order_task(2), tmp_path / "b.npz")
    assert not [line for line in said(tmp_path / "b.npz", capsys) if line.startswith("layout")]


def test_samples_without_a_label_are_no_training_data(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = said(dense(tmp_path / "a.npz", labels=np.array(["a", "b", "?", "a", "b", ""])), capsys)
    (told,) = [line for line in lines if line.startswith("training: refused")]
    assert "2 of 6 recordings have no label" in told
    assert not [line for line in lines if "snnc train" in line]


def test_whose_hash_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """That of events is none of the file, whose bytes a ZIP archive gives several forms."""
    save_events_npz(order_task(2), tmp_path / "events.npz")
    assert f"SHA-256 of the events: {order_task(2).sha256()}" in said(tmp_path / "events.npz", capsys)


def test_lines_without_an_event(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spikes = np.zeros((6, 5, 4), np.uint8)
    spikes[:, 2, [0, 3]] = 1
    assert "input lines without an event: 2 of 4 (1 to 2)" in said(
        dense(tmp_path / "a.npz", spikes=spikes), capsys
    )
    assert "input lines without an event: none" in said(dense(tmp_path / "b.npz"), capsys)
    nothing = said(dense(tmp_path / "b.npz", spikes=spikes * 0), capsys)
    assert not [line for line in nothing if line.startswith("input lines without an event")]
    np.savez(
        tmp_path / "c.npz",
        times=np.arange(4),
        tick_s=0.1,
        units=np.array([0, 1, 2, 4]),
        unit_count=6,
        offsets=np.array([0, 2, 4]),
        labels=np.array([0, 1]),
    )
    assert "units without an event: 2 of 6 (3, 5)" in said(tmp_path / "c.npz", capsys)
    save_events_npz(order_task(2), tmp_path / "d.npz")
    assert "units without an event: none" in said(tmp_path / "d.npz", capsys)


def test_a_step_that_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = dense(tmp_path / "a.npz", dt=None)
    lines = said(path, capsys)
    told = "dt: not in the file (--dt of `snnc train`; a trained network takes its own step for it)"
    assert told in lines
    assert told in said(dense(tmp_path / "b.npz", dt=None, labels=None), capsys)
    assert f"next: snnc train {path} --dt SECONDS -o model.pt" in lines


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"spikes": np.full((6, 5, 4), 2)}, "sample 0, step 0, line 0 holds 2; .*: store spikes > 0"),
        ({"labels": None}, "has 'spikes' without 'labels'"),
        ({"labels": np.zeros(6, int)}, "it has one class"),
        ({"dt": 0.0}, "array 'dt' is float64"),
    ],
)
def test_samples_that_train_refuses(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], changes: dict[str, Any], why: str
) -> None:
    lines = said(dense(tmp_path / "a.npz", **changes), capsys)
    (told,) = (line for line in lines if line.startswith("training: refused: "))
    assert re.search(why, told)
    assert not any("snnc train" in line for line in lines if line.startswith("next: "))


@pytest.mark.parametrize(
    ("times", "tick_s", "told"),
    [
        (np.array([0, 7, 9, 3]), 1e-6, "times: whole ticks of 1e-06 s"),
        (np.array([0.0, 0.7, 0.9, 0.3]), 1.0, "times: floats, in units of 1 s"),
        (np.array([0, 7, 9, 3], np.float32), 1e-3, "times: floats, in units of 0.001 s"),
    ],
)
def test_how_times_are_stored(
    times: np.ndarray, tick_s: float, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """On which it depends by which rule a program of C puts them into steps."""
    given = {"units": [0, 1, 2, 3], "offsets": [0, 2, 4], "labels": [0, 1]}
    np.savez(tmp_path / "a.npz", times=times, tick_s=tick_s, **given)
    assert told in said(tmp_path / "a.npz", capsys)


def test_odd_events(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    np.savez(
        tmp_path / "a.npz",
        times=np.array([1, 2, 3, 4, 5, 6]),
        tick_s=1e-6,
        units=np.array([0, 1, 2, 0, 1, 900]),
        offsets=np.array([0, 2, 4, 6]),
        labels=np.array(["left", "left", "up"]),
    )
    lines = said(tmp_path / "a.npz", capsys)
    assert "last event: 6e-06 s" in lines
    assert "recordings a class: 1 (up) to 2 (left)" in lines
    notes = [line.split(":")[0] for line in lines if line.startswith("note")]
    assert notes == ["note", "note 2", "note 3"]
    assert "note: the last event of all recordings is at 6e-06 s (tick_s = 1e-06)" in "\n".join(lines)
    assert "note 2: 897 of 901 lines never fire" in "\n".join(lines)
    assert "note 3: class 'up' has a single recording" in "\n".join(lines)
    assert any(line.startswith("training: refused: ") for line in lines)
    assert not any("snnc train" in line for line in lines if line.startswith("next: "))


def test_addresses_of_two_dimensions(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = np.zeros(2, int)
    np.savez(tmp_path / "a.npz", times=place, tick_s=1e-6, x=place, y=place, offsets=[0, 1, 2], labels=[0, 1])
    assert main(["inspect", str(tmp_path / "a.npz")]) == 2
    assert "store units = x + width * y in their place" in " ".join(capsys.readouterr().err.split())


def test_recordings_in_the_folder_itself_are_for_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`snnc encode` would refuse it: nothing tells their classes."""
    (tmp_path / "new five").mkdir()
    (tmp_path / "new five/1.wav").touch()
    lines = said(tmp_path / "new five", capsys)
    assert lines[0].endswith(": folder of recordings (WAV)")
    assert lines[1].startswith("a recording: 1.wav")
    assert "classes: none known: recordings lie in the folder itself" in " ".join(lines)
    assert [line for line in lines if line.startswith("next: ")] == [
        f"next: snnc run ARTIFACT --input '{tmp_path / 'new five'}'"
    ]


def test_recordings_behind_links(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As `snnc encode` finds them; a link to itself hides nothing, and a folder is no recording."""
    for folder in ("there/up", "here/a.wav"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "there/up/1.wav").touch()
    (tmp_path / "here/up").symlink_to(tmp_path / "there/up")
    (tmp_path / "here/loop").symlink_to("loop")
    lines = said(tmp_path / "here", capsys)
    assert lines[0].endswith(": folder of recordings (WAV)")
    assert lines[1] == "a recording: up/1.wav"


@pytest.mark.parametrize("kind", ["events", "samples", "folder", "configuration"])
def test_the_training_that_is_named_replaces_no_model(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path, there = tmp_path / "data", tmp_path / "model.pt"
    if kind == "events":
        path = tmp_path / "data.npz"
        save_events_npz(order_task(20), path)
    elif kind == "samples":
        path = dense(tmp_path / "data.npz")
    elif kind == "folder":
        for name in ("up", "down"):
            write(path / name / "1.wav", 500)
    else:
        path = tmp_path / "data.toml"
        path.write_text(toml(dataset="order.npz"))
    (following,) = (line for line in said(path, capsys) if line.startswith("next: snnc train "))
    assert "-o model.pt" in following
    there.touch()
    (following,) = (line for line in said(path, capsys) if line.startswith("next: snnc train "))
    assert "-o model-2.pt" in following


@pytest.mark.parametrize(
    ("names", "told"), [(("ann", "bob"), "2: 0 ann, 1 bob"), (None, "2")], ids=["named", "numbers"]
)
def test_sources_are_called_as_encode_calls_them(
    names: tuple[str, ...] | None, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = replace(order_task(4), speaker=np.arange(4) % 2, speaker_names=names)
    save_events_npz(data, tmp_path / "a.npz")
    lines = said(tmp_path / "a.npz", capsys)
    assert f"sources (field `speaker`): {told}" in lines
    assert not any(line.startswith("speakers") for line in lines)


@pytest.mark.parametrize("labels", [np.full(6, np.nan), np.array([0, 1, 0, 1, np.nan, 1]), np.full(6, -1)])
def test_samples_whose_labels_no_command_takes_are_run_without(labels, tmp_path, capsys, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    np.savez("own.npz", spikes=np.zeros((6, 12, 5), np.uint8), labels=labels)
    export = ["export", str(saved(tiny_model(), tmp_path)), "-t", "c", "--no-budget", "-o", "a.c", "-q"]
    assert main(export) == 0
    (line,) = (
        each.removeprefix("next: ") for each in said(Path("own.npz"), capsys) if each.startswith("next: ")
    )
    write, _, run = line.partition(" && ")
    assert main(["run", "a.c", "--input", "own.npz"]) == 2
    subprocess.run([sys.executable, *shlex.split(write)[1:]], check=True)
    assert run == "snnc run ARTIFACT --input own-unlabelled.npz"
    assert main(["run", "a.c", "--input", "own-unlabelled.npz", "-q"]) == 0
