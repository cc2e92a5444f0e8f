"""Recordings that an export chose its bits or scales by are no test of it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from finetune_nets import events, network
from order_task import config, order_task

import snnc
from snnc.api.network import Network
from snnc.cli import main
from snnc.errors import UnlikelyWarning
from snnc.stages.findings import Doubt
from snnc.trainer.data import EventDataset, save_events_npz
from snnc.trainer.loop import train
from snnc.trainer.model_file import save_model

BY = "recordings that the export chose its bits or scales by, so accuracy of its integers is optimistic"


def drawn(count: int, seed: int) -> EventDataset:
    """Recordings that are no others even in steps of 10 ms."""
    times = np.random.default_rng(seed).integers(0, 80, 6 * count).astype(np.uint16)
    return replace(order_task(count), times=times)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of train.npz, of ten speakers, and new.npz with six, of whom one validates: 10 of 60."""
    folder = tmp_path_factory.mktemp("files")
    save_events_npz(drawn(40, 4), folder / "train.npz")
    save_events_npz(replace(drawn(60, 5), speaker=np.arange(60) % 6), folder / "new.npz")
    told = config(dataset=str(folder / "train.npz"), epochs=1, finetune_epochs=0, quantise_epochs=0)
    save_model(train(told), folder / "m.pt")
    return folder


@pytest.fixture(autouse=True)
def _there(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(made)


def told(capsys: pytest.CaptureFixture[str], *command: str) -> str:
    capsys.readouterr()
    assert main(list(command)) == 0
    found = capsys.readouterr()
    return " ".join((found.out + found.err).split())


def exported(capsys: pytest.CaptureFixture[str], name: str, *options: str) -> str:
    told(capsys, "export", "m.pt", "--target", "c", "-o", name, "--overwrite", *options)
    return name


@pytest.mark.parametrize(
    ("options", "by"), [(("--max-drop", "90"), "--max-drop"), (("--scale", "task"), "--scale task")]
)
def test_what_bits_were_chosen_by_is_told(
    options: tuple[str, ...], by: str, capsys: pytest.CaptureFixture[str]
) -> None:
    name = exported(capsys, "chosen.c", *options, "--dataset", "new.npz")
    alone = ("--executors", "oracle", "--allow-missing", "--generated", "0")
    for command in (
        ("test", name, "--dataset", "new.npz"),
        ("verify", name, "--dataset", "new.npz", *alone),
        ("run", name, "-i", "new.npz"),
    ):
        assert f"10 of them are {BY}" in told(capsys, *command)
    words = told(capsys, "verify", name, "--input", "new.npz", *alone)
    assert f"10 of them are {BY}" in words
    with pytest.warns(UnlikelyWarning, match=f"10 of them are {BY}"):
        snnc.test(name, "new.npz")
    told(capsys, "test", name, "--dataset", "new.npz", "--json", "found.json")
    data = json.loads(Path("found.json").read_text())["data"]
    assert (data["seen"], data["seen_by"]) == (10, {"training": 0, "fine-tuning": 0, "choice": 10})
    report = json.loads(Path(name, "report.json").read_text())
    assert report["provenance"]["chosen_by"] == f"{by} on 10 recordings of new.npz"
    save_events_npz(drawn(60, 6), Path("strange.npz"))
    assert "none of them trained or validated" in told(capsys, "test", name, "--dataset", "strange.npz")


def test_an_export_tells_that_recordings_trained(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Of speakers 0 .. 5, who all train, 4 validates here: 4 of 24 recordings."""
    trained = drawn(40, 4)
    save_events_npz(trained.select(np.flatnonzero(trained.speaker < 6)), Path("trained.npz"))
    command = ("export", "m.pt", "--target", "c", "-o", "seen.c", "--overwrite", "--dataset")
    said = (
        "4 of 24 recordings of trained.npz: validation, by the rules of training; 4 of them are recordings "
    )
    said += "that trained or validated the network, so accuracy is optimistic"
    for options in (("--max-drop", "90"), ()):
        assert f"note: measured on {said}" in told(capsys, *command, "trained.npz", *options)
        assert json.loads(Path("seen.c/manifest.json").read_text())["provenance"]["measured_on"] == said
    with pytest.warns(UnlikelyWarning, match=f"data: {said}"):
        snnc.load("m.pt").export("c", tmp_path / "seen.c", data="trained.npz", verbose=False)
    words = told(capsys, *command, "new.npz")
    assert "10 of 60 recordings of new.npz: validation, by the rules of training; none of them" in words
    assert "measured_on" not in Path("seen.c/manifest.json").read_text()


def test_bits_without_a_budget_are_to_be_judged_on_others(capsys: pytest.CaptureFixture[str]) -> None:
    command = ("export", "m.pt", "--target", "c", "-o", "judged.c", "--overwrite", "--dataset", "new.npz")
    words = told(capsys, *command, "--max-drop", "90", "--no-budget")
    assert (
        "on 10 validation recordings of 1 source (field `speaker`: 4), "
        "which chose them: judge on others weights" in words
    )
    words = told(capsys, *command, "--max-drop", "90")
    assert words.count("judge on others") == 1
    assert "by which --max-drop also chose: judge on others" in words
    assert "cost accuracy" in words
    assert "none seen" not in words


def test_the_next_command_judges_on_others(capsys: pytest.CaptureFixture[str]) -> None:
    """Those of the test part; without a choice, or without a test part, there is nothing to judge."""
    command = ("export", "m.pt", "--target", "c", "-o", "next.c", "--overwrite")
    assert "next: snnc test next.c && snnc verify next.c" in told(capsys, *command, "--max-drop", "90")
    assert "next: snnc verify next.c" in told(capsys, *command)
    nobody = config(dataset="train.npz", epochs=1, finetune_epochs=0, quantise_epochs=0, testing="none")
    save_model(train(nobody), Path("nobody.pt"))
    command = ("export", "nobody.pt", "--target", "c", "-o", "nobody.c", "--max-drop", "90")
    assert "next: snnc verify nobody.c" in told(capsys, *command)


def test_what_is_only_measured_chose_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """As the loss budget is; nor did recordings of the validation part, of which the test part has none."""
    name = exported(capsys, "plain.c", "--dataset", "new.npz", "--budget")
    assert "none of them trained or validated" in told(capsys, "test", name, "--dataset", "new.npz")
    for data in ((), ("--dataset", "train.npz")):
        name = exported(capsys, "own.c", "--max-drop", "90", *data)
        assert "of 8, test)" in told(capsys, "test", name)
    assert "none of them" in told(capsys, "test", "m.pt", "--dataset", "new.npz")


def test_its_own_test_part_is_without_what_chose(capsys: pytest.CaptureFixture[str]) -> None:
    """mixed.npz holds 6 of its 8 recordings as those of another speaker, the third of four, who validates."""
    own = drawn(40, 4)
    tests = np.flatnonzero(own.speaker >= 8)
    first = own.select(tests[:6])
    mixed = replace(first, speaker=np.array([2] * 6), name="mixed")
    rest = replace(drawn(12, 7), speaker=np.repeat([0, 1, 3], 4))
    times = np.concatenate([rest.times, mixed.times])
    both = replace(
        rest,
        times=times,
        units=np.concatenate([rest.units, mixed.units]),
        offsets=np.concatenate([rest.offsets, rest.offsets[-1] + mixed.offsets[1:]]),
        labels=np.concatenate([rest.labels, mixed.labels]),
        speaker=np.concatenate([rest.speaker, mixed.speaker]),
        trial=np.arange(18),
        duration=np.concatenate([rest.duration, mixed.duration]),
    )
    save_events_npz(both, Path("mixed.npz"))
    name = exported(capsys, "mixed.c", "--max-drop", "90", "--dataset", "mixed.npz")
    words = told(capsys, "test", name)
    assert "of 2, test (without 6 that the choice of bits or scales used))" in words
    words = told(capsys, "run", name, "-i", "train.npz")
    assert "of these, test: 2 samples" in words
    assert "of these, validation (bits or scales were chosen by them): 6 samples" in words


def test_a_network_of_another_framework_keeps_them_too(tmp_path: Path) -> None:
    x = events(60)
    labels = np.arange(60) % 3
    data = snnc.from_arrays(x[:40], labels[:40], dt=1e-3, name="first")
    made = Network(network(), "net").export("c", tmp_path / "net.c", max_drop=90, data=data)
    verified = made.verify(
        x, labels=labels, executors=["oracle"], generated=0, allow_missing=True, verbose=False
    )
    said = "40 of 60 samples are some that the export chose its bits or scales by, so accuracy is optimistic"
    assert f"input: {said}" in verified.report.notes
    assert verified.report.doubts == {"input": Doubt(said, "not all held out")}
    quick = {"executors": ["oracle"], "generated": 0, "allow_missing": True, "verbose": False}
    (doubt,) = made.verify(x[:40], labels=labels[:40], **quick).report.doubts.values()
    assert doubt.text.startswith("40 of 40 samples are some that the export chose its bits")
    assert doubt.short == "none held out"


def test_an_export_tells_that_recordings_fine_tuned(tmp_path: Path) -> None:
    """40 recordings train and validate in fine-tuning; of these 20, and 20 others, the export takes."""
    x = events(60)
    labels = np.arange(60) % 3
    quick = {"target": "c", "epochs": 4, "learning_rate": 0.05, "verbose": False}
    tuned = snnc.finetune(Network(network(), "net"), x[:40], labels[:40], **quick)
    data = snnc.from_arrays(x[20:], labels[20:], dt=1e-3, name="some")
    told = (
        "data: 40 of 40 recordings of some; 20 of them are recordings that trained or validated the network "
    )
    told += "in fine-tuning, so accuracy of its integers is optimistic"
    with pytest.warns(UnlikelyWarning, match=told):
        tuned.export("c", tmp_path / "net.c", data=data, verbose=False)
    strange = snnc.from_arrays(x[40:], labels[40:], dt=1e-3, name="strange")
    made = tuned.export("c", tmp_path / "other.c", data=strange, verbose=False)
    assert "measured_on" not in made.artifact.manifest["provenance"]
