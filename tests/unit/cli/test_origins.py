"""Whether samples in the network's own steps trained it, as `snnc run` and `snnc verify` tell."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from order_task import config
from spoken_events import EVENTS, LINES, spoken

from snnc.cli import main
from snnc.report.json_report import from_json
from snnc.trainer.data import EventDataset, save_events_npz
from snnc.trainer.loop import train
from snnc.trainer.model_file import save_model

pytestmark = pytest.mark.slow
STEPS = 24
TRAINED = "32 of them are, in steps of 10 ms, recordings that trained or validated the network, so "
JUDGED, UNJUDGED = "accuracy is optimistic", "its answers there tell little of new recordings"


def framed(events: EventDataset, pool: int = 1) -> np.ndarray:
    frames = np.zeros((len(events), STEPS, LINES // pool), np.uint8)
    which = np.repeat(np.arange(len(events)), EVENTS)
    frames[which, events.times // 10_000, events.units // pool] = 1
    return frames


def exported(folder: Path, name: str, **changes: object) -> str:
    """Of 40 recordings 28 train, those of speaker 7 validate, and those of 8 and 9 test."""
    save_events_npz(spoken(40, 1), folder / "train.npz")
    told = {"epochs": 1, "finetune_epochs": 0, "quantise_epochs": 0, **changes}
    model = train(
        config(**{"dataset": str(folder / "train.npz"), "padding_steps": 0, "time_steps": STEPS, **told})
    )
    save_model(model, folder / f"{name}.pt")
    assert main(["export", str(folder / f"{name}.pt"), "--no-budget", "-o", str(folder / name)]) == 0
    return str(folder / name)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("origins")
    exported(folder, "net")
    return folder


def verified(artifact: str, given: Path, folder: Path) -> list[str]:
    """The arguments of a short `snnc verify`."""
    alone = ["--dataset", "none", "--executors", "oracle", "--generated", "0", "-o", str(folder)]
    return ["verify", artifact, "--input", str(given), *alone]


def said(capsys: pytest.CaptureFixture[str], *command: str) -> str:
    capsys.readouterr()
    assert main(list(command)) == 0
    found = capsys.readouterr()
    return " ".join((found.out + found.err).split())


@pytest.mark.parametrize("labels", [None, "numbers", "names"])
def test_samples_that_trained_are_told(place: Path, tmp_path: Path, labels: str | None, capsys) -> None:
    given, own, net = tmp_path / "x.npz", spoken(40, 1), str(place / "net")
    named = (
        {} if labels is None else {"labels": own.labels if labels == "numbers" else np.array([*"ab"] * 20)}
    )
    np.savez(given, spikes=framed(own), dt=0.01, **named)
    trained = TRAINED + (UNJUDGED if labels is None else JUDGED)
    assert trained in said(capsys, "run", net, "-i", str(given))
    assert trained in said(capsys, *verified(net, given, tmp_path / "report"))
    report = json.loads((tmp_path / "report/report.json").read_text())
    assert sum(trained in note for note in report["notes"]) == 1
    assert trained in (tmp_path / "report/report.html").read_text()
    assert len(report["accuracy"]) == (labels is not None)
    np.savez(given, spikes=framed(spoken(20, 2)), dt=0.01)
    none = "none of them trained or validated the network, compared event by event and in steps of 10 ms"
    assert none in said(capsys, "run", net, "-i", str(given))
    assert none in said(capsys, *verified(net, given, tmp_path / "report"))


def test_lines_of_several_units_are_compared_as_lines(tmp_path: Path, capsys) -> None:
    net, given = exported(tmp_path, "net", unit_pool=2), tmp_path / "x.npz"
    np.savez(given, spikes=framed(spoken(40, 1), 2), dt=0.01)
    assert TRAINED in said(capsys, "run", net, "-i", str(given))


def test_the_models_own_samples_are_divided_as_in_training(tmp_path: Path, capsys) -> None:
    own, given = spoken(40, 1), tmp_path / "own.npz"
    names = {"labels": own.labels, "classes": ["a", "b"], "speaker": own.speaker}
    np.savez(given, spikes=framed(own), dt=0.01, **names)
    net = exported(tmp_path, "net", dataset=str(given))
    text = said(capsys, "run", net, "-i", str(given))
    for part, count in (("test", 8), ("validation", 4), ("train", 28)):
        assert f"of these, {part}: {count} samples" in text
    _, _, by = text.partition("note: accuracy by source from ")
    assert "; of all 40 samples, those that trained among them" in by
    told = "input: the samples are those that the model was trained on (test 8, validation 4, train 28), so"
    assert told in said(capsys, *verified(net, given, tmp_path / "report"))


def test_where_the_data_of_training_are_gone_nobody_knows(tmp_path: Path, capsys) -> None:
    net, given = exported(tmp_path, "net"), tmp_path / "x.npz"
    (tmp_path / "train.npz").unlink()
    np.savez(given, spikes=framed(spoken(40, 1)), dt=0.01)
    told = "whether its recordings trained the network is not known"
    assert told in said(capsys, "run", net, "-i", str(given))
    assert told in said(capsys, *verified(net, given, tmp_path / "report"))
    report = from_json((tmp_path / "report/report.json").read_text())
    assert not report.doubts  # without labels nothing is right or wrong
    np.savez(given, spikes=framed(spoken(40, 1)), dt=0.01, labels=spoken(40, 1).labels)
    said(capsys, *verified(net, given, tmp_path / "report"))
    report = from_json((tmp_path / "report/report.json").read_text())
    assert report.doubts["input"].short == "not known to be held out"


def test_labels_that_are_names_are_taken_by_run_and_test(place: Path, tmp_path: Path, capsys) -> None:
    given, own, net = tmp_path / "x.npz", spoken(40, 4), str(place / "net")
    names = np.array([*"ba"] * 20)  # all turned, and not in the order of the network's classes
    np.savez(given, spikes=framed(own), dt=0.01, labels=names)
    tested = said(capsys, "test", net, "--dataset", str(given), "--json", str(tmp_path / "t.json"))
    assert "40 of 40 recordings of x.npz; none of them trained" in tested
    right = json.loads((tmp_path / "t.json").read_text())["stages"][-1]["correct"]
    assert f"{right} of 40 as labelled" in said(capsys, "run", net, "-i", str(given))
    save_events_npz(replace(own, labels=1 - own.labels), given)
    assert f"({right} of 40, all of x.npz)" in said(capsys, "test", net, "--dataset", str(given))


@pytest.mark.parametrize("kind", ["events", "samples"])
def test_run_says_of_speakers_what_test_says(place: Path, tmp_path: Path, kind: str, capsys) -> None:
    """Labels are made of the answers, so that all of c's are right and none of b's."""
    given, own, net = tmp_path / "x.npz", spoken(40, 3), str(place / "net")
    own = own.select(np.flatnonzero(np.isin(own.speaker, [1, 2])))  # 4 of b and 4 of c
    own = own.select(np.arange(8).repeat(3))
    save_events_npz(own, given)
    said(capsys, "run", net, "-i", str(given), "--json", str(tmp_path / "x.json"), "--rows", "1")
    answers = np.array(json.loads((tmp_path / "x.json").read_text())["readouts"][0]["classes"])
    right = own.speaker == 2
    labels = np.where(right, answers, 1 - answers)
    if kind == "events":
        save_events_npz(replace(own, labels=labels), given)
    else:
        names = {"speaker": own.speaker, "speakers": list(own.speaker_names), "classes": ["a", "b"]}
        np.savez(given, spikes=framed(own), dt=0.01, labels=labels, **names)
    few = "note: 24 recordings of 2 sources (field `speaker`: b, c); accuracy on other sources may differ"
    by = "note: accuracy by source from 0.00 % (b) to 100.00 % (c)"
    told = said(capsys, "run", net, "-i", str(given))
    apart = "; their 95 % intervals do not overlap; of all 24 samples, 24 of them of sources that trained"
    assert f"12 of 24 as labelled: 50.00 %, 95 % interval 31.4 to 68.6 % {few} {by}{apart}" in told
    for more in ((), ("-v",)):
        assert f"{few} {by}" in said(capsys, *verified(net, given, tmp_path / "report"), *more)
    tested = said(capsys, "test", net, "--dataset", str(given))
    assert f"{few} {by}; -v tells that of each next:" in tested
    tested = said(capsys, "test", net, "--dataset", str(given), "-v")
    assert f"{few} {by} by class" in tested
    assert "-v tells" not in tested


@pytest.mark.parametrize("named", [True, False], ids=["few", "none"])
def test_verify_and_test_say_of_speakers_what_run_says(
    place: Path, tmp_path: Path, named: bool, capsys
) -> None:
    """Of the input, also where the confusions of the report are of the model's own recordings."""
    given, net, own = tmp_path / "x.npz", str(place / "net"), spoken(40, 3)
    own = own.select(np.flatnonzero(np.isin(own.speaker, [1, 2])))
    unknown = {"speaker": np.full(len(own), -1), "speaker_names": None}
    save_events_npz(own if named else replace(own, **unknown), given)
    note = (
        "8 recordings of 2 sources (field `speaker`: b, c); accuracy on other sources may differ"
        if named
        else "no sources are named (field `speaker`): if several samples are of one "
        "speaker, machine or session, accuracy is less certain than their number suggests"
    )
    alone = verified(net, given, tmp_path / "report")
    assert f"note: {note} " in said(capsys, "run", net, "-i", str(given))
    assert f"note: {note} " in said(capsys, "test", net, "--dataset", str(given))
    assert f"note: {note} " in said(capsys, *alone)
    beside = [each for each in alone if each not in ("--dataset", "none")]
    for more in ((), ("-v",)):
        assert f"note: input: {note} " in said(capsys, *beside, *more)


def test_a_report_on_recordings_that_trained_says_so(place: Path, tmp_path: Path, capsys) -> None:
    save_events_npz(replace(spoken(40, 1), name="copy").select(np.arange(14)), tmp_path / "copy.npz")
    alone = ("--executors", "oracle", "--generated", "0", "-o", str(tmp_path / "report"))
    told = "14 of 14 recordings of copy.npz; 14 of them are recordings that trained or validated the network"
    assert told in said(capsys, "verify", str(place / "net"), "--dataset", str(tmp_path / "copy.npz"), *alone)
    (note,) = json.loads((tmp_path / "report/report.json").read_text())["notes"]
    assert note.startswith(told)
