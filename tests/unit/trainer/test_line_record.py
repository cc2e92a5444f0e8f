"""What a model keeps of the lines on which recordings of training had events, and new recordings."""

from __future__ import annotations

import html
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from models import tiny_model
from order_task import config, order_task

import snnc
from snnc.cli import main
from snnc.errors import ModelFileError, UnlikelyWarning
from snnc.stages import (
    FloatConvolution,
    FloatGraph,
    FloatPopulation,
    FloatProjection,
    Readout,
    TrainedGraph,
    TrainedModel,
)
from snnc.trainer import line_record
from snnc.trainer.data import EventDataset, save_events_npz
from snnc.trainer.line_record import Heard, note_of_training, notes_of_lines
from snnc.trainer.loop import train
from snnc.trainer.model_file import load_model, save_model


def recordings(lines: list[list[int]], labels: list[int], speakers: list[int], units: int) -> EventDataset:
    """One event on each of `lines` of each recording."""
    return EventDataset(
        times=np.zeros(sum(map(len, lines)), np.uint16),
        units=np.array([each for one in lines for each in one], np.uint16),
        offsets=np.cumsum([0, *map(len, lines)]),
        labels=np.array(labels),
        speaker=np.array(speakers),
        trial=np.arange(len(lines)),
        duration=np.full(len(lines), 0.1, np.float32),
        tick_s=1e-3,
        unit_count=units,
        class_names=("no", "yes"),
        name="mine",
    )


def keeping(share: Any, least: Any, **fields: Any) -> TrainedModel:
    """A model of five lines that keeps this."""
    model = tiny_model()
    metrics = {"data": {"lines": {"share": share, "least": least}}}
    return replace(model, metrics=metrics, config={**model.config, **fields})


def test_shares_are_counted_by_hand() -> None:
    """19 recordings with an event, and one without, which does not count.

    Line 0 has events in all, line 1 in the 9 of class 1, line 2 in the 4 of speaker 7, too few to be a group;
    line 3 in none. So it is 19 / 20, and 9 / 10 in class 1 and 5 / 6 of speaker 8, of whom there are 5.
    """
    speakers = [7] * 4 + [8] * 5 + [9] * 10
    labels = [0, 1] * 9 + [0]
    lines = [
        [0, *([1] if label else []), *([2] if who == 7 else [])]
        for label, who in zip(labels, speakers, strict=True)
    ]
    found = line_record.record(recordings([*lines, []], [*labels, 1], [*speakers, 8], 4), 1)
    assert found == {"share": [19 / 20, 9 / 20, 4 / 20, 0], "least": [5 / 6, 0, 0, 0]}
    pooled = line_record.record(recordings([*lines, []], [*labels, 1], [*speakers, 8], 4), 2)
    assert pooled == {"share": [19 / 20, 4 / 20], "least": [5 / 6, 0]}


@pytest.mark.parametrize(
    ("recorded", "told"),
    [
        ([0.5] * 4, "share is no list of 5 numbers"),
        ((0.5,) * 4, "share is no list of 5 numbers"),
        ({}, "share is no list of 5 numbers"),
        ([0.5] * 4 + [1.5], "share of line 4 is 1.5, expected a number in 0..1"),
        ([0.5] * 4 + [-1e-9], "share of line 4 is -1e-09, expected a number in 0..1"),
        ([float("nan")] + [0.5] * 4, "share of line 0 is nan, expected a number in 0..1"),
        ([0.5, True] + [0.5] * 3, "share of line 1 is True, expected a number in 0..1"),
        ([0.5, "x" * 9999] + [0.5] * 3, "share of line 1 is 'xxx"),
        ([0.5, [0.5]] + [0.5] * 3, "share of line 1 is "),
    ],
)
def test_a_file_that_says_something_else_is_refused(tmp_path: Path, recorded: Any, told: str) -> None:
    save_model(keeping(recorded, [0.5] * 5), tmp_path / "m.pt")
    with pytest.raises(ModelFileError) as caught:
        load_model(tmp_path / "m.pt")
    assert told in str(caught.value)
    assert str(caught.value).startswith(f"{tmp_path / 'm.pt'}: model: lines: ")
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("recorded", [[0.5] * 5, {"share": [0.5] * 5}, 7, "lines"])
def test_a_record_of_other_fields_is_refused(tmp_path: Path, recorded: Any) -> None:
    save_model(replace(tiny_model(), metrics={"data": {"lines": recorded}}), tmp_path / "m.pt")
    with pytest.raises(ModelFileError, match=r"m\.pt: model: lines is .*, expected share and least$"):
        load_model(tmp_path / "m.pt")


@pytest.mark.parametrize("metrics", [{}, {"data": {}}, {"data": {"lines": None}}, {"data": 3}])
def test_models_without_it_say_nothing(tmp_path: Path, metrics: dict[str, Any]) -> None:
    save_model(replace(tiny_model(), metrics=metrics), tmp_path / "m.pt")
    model = load_model(tmp_path / "m.pt")
    assert notes_of_lines(model, Heard(np.zeros(5, bool), 1000)) == ()
    assert note_of_training(model, driven=True) == ()


def heard(*lines: int, of: int) -> Heard:
    which = np.zeros(5, bool)
    which[list(lines)] = True
    return Heard(which, of)


def test_silence_that_is_no_chance_is_told() -> None:
    """By 0.01 / 5 lines: 0.2 ** 4 = 0.0016 is below it, and 0.2 ** 3 = 0.008 is not."""
    model = keeping([0.8] * 5, [0.8] * 5)
    assert notes_of_lines(model, heard(0, 1, 2, of=3)) == ()
    assert notes_of_lines(model, heard(0, 1, 2, of=4)) == (
        "2 of 5 input lines that had events in training have none in these 4 recordings (3 to 4): a channel "
        "may be dead or not connected",
    )
    assert notes_of_lines(model, heard(0, 1, 2, 3, of=4))[0].startswith(
        "1 of 5 input lines that had events in training has none in these 4 recordings (4): "
    )
    assert notes_of_lines(model, heard(0, 1, 2, 3, 4, of=4)) == ()
    assert notes_of_lines(model, heard(of=0)) == ()


def test_lines_that_a_class_or_source_does_not_use_are_told_beside_another_alone() -> None:
    """Lines 3 and 4 have events in 8 of 10 recordings, line 3 in none of some class, line 4 in 1 of 100."""
    model = keeping([0.8, 0.8, 0.8, 0.8, 0.01], [0.8, 0.8, 0.8, 0.0, 0.01])
    assert notes_of_lines(model, heard(0, 1, 2, of=100)) == ()
    (told,) = notes_of_lines(model, heard(0, 1, of=100))
    assert told.startswith("2 of 5 input lines that had events in training have none in these 100 ")
    assert "(2 to 3)" in told


def test_lines_that_training_never_used_are_told() -> None:
    model = keeping([0.5, 0, 0.5, 0, 0], [0.5, 0, 0.5, 0, 0])
    assert notes_of_lines(model, heard(0, 1, 2, of=1)) == (
        "1 of 5 input lines has events in these recordings, and had none in training, which did not train "
        "their weights (1)",
    )
    assert notes_of_lines(model, heard(0, 2, of=1)) == ()
    rest = "3 of 5 input lines had no event in training, which did not train their synapses (1, 3 to 4)"
    assert note_of_training(model, driven=False) == (rest,)
    assert note_of_training(model, driven=True) == (f"{rest}; golden or generated inputs drive them",)


def test_lines_without_a_synapse_change_nothing() -> None:
    """Training may take all weights of a line to 0: then nothing drives it, and new events do no harm."""
    model = keeping([0.5, 0, 0.5, 0, 0], [0.5, 0, 0.5, 0, 0])
    leads = np.array([True, False, True, True, False])
    assert note_of_training(model, driven=True, leads=leads) == (
        "1 of 5 input lines had no event in training, which did not train their synapses (3); golden or "
        "generated inputs drive them",
        "2 of 5 input lines had no event in training, and no synapse in the exported network: events there "
        "change nothing (1, 4)",
    )
    assert notes_of_lines(model, heard(0, 1, 2, 3, of=1), leads) == (
        "1 of 5 input lines has events in these recordings, and had none in training, which did not train "
        "their weights (3)",
        "1 of 5 input lines has events in these recordings, and had none in training, and no synapse in the "
        "exported network: these events change nothing (1)",
    )


@pytest.mark.parametrize("name", ["channel_shift", "channel_warp", "event_noise"])
def test_augmentation_that_reaches_other_lines_trains_them(name: str) -> None:
    silent = [0.5, 0, 0.5, 0, 0]
    assert note_of_training(keeping(silent, silent, **{name: 0}), driven=True)
    model = keeping(silent, silent, **{name: 1})
    assert note_of_training(model, driven=True) == notes_of_lines(model, heard(0, 1, 2, of=1)) == ()


def test_a_kernel_is_trained_by_events_on_any_line() -> None:
    kernel = FloatConvolution(
        np.ones((1, 1, 1, 1)), np.zeros((1, 1, 1, 1), np.int32), (1, 1, 5), (1, 1), (0, 0), 1
    )
    graph = FloatGraph(
        (FloatPopulation("in", "input", 5), FloatPopulation("out", "li", 5, keep_u=0.0, keep_v=0.5)),
        (FloatProjection("in", "out", kernel),),
        (Readout("out", "max", 1.0, tuple("abcde")),),
        10,
        0.01,
    )
    silent = [0.5, 0, 0.5, 0, 0]
    model = TrainedGraph(graph, metrics={"data": {"lines": {"share": silent, "least": silent}}})
    assert line_record.recorded(model) is not None
    assert note_of_training(model, driven=True) == notes_of_lines(model, heard(0, 1, of=1)) == ()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model, and its export, that events on six of eight lines trained, and new recordings."""
    folder = tmp_path_factory.mktemp("lines")
    wide, task = replace(order_task(40), unit_count=8), replace(order_task(20), unit_count=8)
    save_events_npz(wide, folder / "train.npz")
    save_events_npz(task, folder / "new.npz")
    save_events_npz(without(task, 1, 4), folder / "dead.npz")
    save_events_npz(replace(task, units=(task.units + 2).astype(np.uint16)), folder / "moved.npz")
    spikes = without(task, 1, 4).frames(np.arange(20), 0.01, 12, 1)
    np.savez(folder / "dense.npz", spikes=spikes, labels=task.labels, dt=0.01)
    told = config(dataset=str(folder / "train.npz"), epochs=1, finetune_epochs=0, quantise_epochs=0)
    save_model(train(told), folder / "m.pt")
    assert main(["export", str(folder / "m.pt"), "--no-budget", "-o", str(folder / "m.c"), "-t", "c"]) == 0
    return folder


def without(task: EventDataset, *lines: int) -> EventDataset:
    kept = ~np.isin(task.units, lines)
    offsets = np.concatenate([[0], np.cumsum(kept)])[task.offsets]
    return replace(task, times=task.times[kept], units=task.units[kept], offsets=offsets)


DEAD = (
    "2 of 6 input lines that had events in training have none in these 20 recordings (1, 4): a channel may "
    "be dead or not connected"
)
MOVED = (
    "2 of 8 input lines have events in these recordings, and had none in training, which did not train their "
    "weights (6 to 7)"
)


def test_training_keeps_it(place: Path) -> None:
    """Speakers 0 .. 6 train, four recordings each, with an event on each of six lines: 28 of 29."""
    kept = load_model(place / "m.pt").metrics["data"]["lines"]
    assert kept["share"] == [28 / 29] * 6 + [0, 0]
    assert kept["least"] == [14 / 15] * 6 + [0, 0]  # of two classes


@pytest.mark.parametrize("name", ["dead.npz", "dense.npz"])
def test_run_and_test_and_python_tell_dead_lines(
    place: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    assert main(["run", str(place / "m.c"), "-i", str(place / name)]) == 0
    assert capsys.readouterr().err.count(f"note: {DEAD}\n") == 1
    assert main(["test", str(place / "m.pt"), "--dataset", str(place / name)]) == 0
    assert f"note: {DEAD}\n" in capsys.readouterr().err
    exported = snnc.load(place / "m.c")
    with pytest.warns(UnlikelyWarning, match=r"^2 of 6 input lines that had events .* \(1, 4\)"):
        exported.predict(place / name)
    with pytest.warns(UnlikelyWarning, match=r"^2 of 6 input lines that had events .* \(1, 4\)"):
        exported.run(np.load(place / "dense.npz")["spikes"])


@pytest.mark.parametrize("labelled", [False, True])
def test_a_verification_of_an_array_tells_what_the_command_line_does(
    place: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path, labelled: bool
) -> None:
    command = ["--dataset", "none", "--generated", "0", "--executors", "oracle", "-o", str(tmp_path)]
    assert main(["verify", str(place / "m.c"), "-i", str(place / "dense.npz"), *command]) == 0
    assert f"  note: input: {DEAD}\n" in capsys.readouterr().out
    assert f"input: {DEAD}" in json.loads((tmp_path / "report.json").read_text())["notes"]
    assert DEAD in html.unescape((tmp_path / "report.html").read_text())
    x = np.load(place / "dense.npz")["spikes"]
    labels = np.arange(len(x)) % 2 if labelled else None
    found = snnc.load(place / "m.c").verify(
        x, labels=labels, executors=["oracle"], generated=0, verbose=False
    )
    assert found.notes.count(DEAD) == 1
    assert DEAD in str(found)


def test_events_on_other_lines_are_told(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", str(place / "m.c"), "-i", str(place / "moved.npz")]) == 0
    found = capsys.readouterr().err
    assert f"note: {MOVED}\n" in found
    assert "2 of 6 input lines that had events in training have none in these 20 recordings (0 to 1)" in found


def test_recordings_like_those_of_training_are_not_told(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for given in ("new.npz", "m.c/golden.npz"):
        assert main(["run", str(place / "m.c"), "-i", str(place / given)]) == 0
        assert "input line" not in capsys.readouterr().err
    assert main(["test", str(place / "m.pt")]) == 0
    assert "input line" not in capsys.readouterr().err


def test_the_report_names_lines_that_training_never_used(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["verify", str(place / "m.c"), "--executors", "hwsim", "--dataset", "none", "--generated", "1"]
    assert main(command) == 0
    told = (
        "2 of 8 input lines had no event in training, which did not train their synapses (6 to 7); golden or "
        "generated inputs drive them"
    )
    assert f"note: {told}" in capsys.readouterr().out
    assert told in json.loads((place / "m.c" / "report.json").read_text())["notes"]
    assert told in (place / "m.c" / "report.html").read_text()
