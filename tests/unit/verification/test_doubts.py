"""What a report keeps of where its recordings are from, and what of that is a doubt."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from order_task import config, order_task

import snnc
from snnc.errors import UnlikelyWarning
from snnc.report.json_report import from_json
from snnc.stages.findings import Doubt
from snnc.trainer.data import save_events_npz
from snnc.trainer.loop import train
from snnc.trainer.model_file import save_model
from snnc.trainer.other_data import OtherData
from snnc.trainer.seen import FINE_TUNING, TRAINING
from snnc.verification.doubts import Origins

OTHER = OtherData("few.npz", 40, 60)


@pytest.mark.parametrize(
    ("other", "short", "says"),
    [
        (replace(OTHER, seen=7, seen_by={TRAINING: 5, FINE_TUNING: 2}, exact=5, steps_s=(0.01,)),
         "7 of them not held out", "5 of them are recordings that trained or validated the network, 2 that"),
        (replace(OTHER, seen=1, seen_by={TRAINING: 1}, exact=1),
         "1 of them not held out", "1 of them is a recording that trained"),
        (OTHER, "not known to be held out", "whether its recordings trained the network is not known"),
        (replace(OTHER, changed=True), "not the file of training", "the file of training (another SHA-256)"),
        (replace(OTHER, changed=True, seen=3, seen_by={TRAINING: 3}, exact=3),
         "not the file of training, 3 of them not held out", "3 of them are recordings that trained"),
        (replace(OTHER, changed=True, looked_up=False), "not the file of training", "recordings of few.npz"),
    ],
)  # fmt: skip
def test_other_data_are_a_doubt_where_they_are_not_held_out(other, short, says) -> None:
    found = Origins()
    found.of_data(SimpleNamespace(name="all of few.npz", other=other, copies=()))
    (note,) = found.notes
    assert says in note
    assert found.doubts == {"all of few.npz": Doubt(note, short)}


@pytest.mark.parametrize(
    "other",
    [replace(OTHER, seen=0, seen_by={TRAINING: 0}, steps_s=(0.01,)), replace(OTHER, looked_up=False)],
)
def test_what_is_held_out_is_told_and_no_doubt(other) -> None:
    found = Origins()
    found.of_data(SimpleNamespace(name="all of few.npz", other=other, copies=()))
    assert (len(found.notes), found.doubts) == (1, {})


def test_copies_are_a_doubt_and_several_doubts_are_one() -> None:
    found = Origins()
    found.of_data(SimpleNamespace(name="test", other=None, copies=("2 recordings of test are", "1 of")))
    assert found.notes == ["2 recordings of test are", "1 of"]
    assert found.doubts == {"test": Doubt("2 recordings of test are; 1 of", "not all held out")}
    found.of_data(SimpleNamespace(name="train", other=None, copies=()))
    assert list(found.doubts) == ["test"]


def test_given_samples_are_a_doubt_if_it_has_few_words() -> None:
    found = Origins()
    found.of_input("input", None)
    found.of_input("input", Doubt("the samples are test", ""))
    assert (found.notes, found.doubts) == (["input: the samples are test"], {})
    found.of_input("input", Doubt("3 of 4 samples", "not all held out"))
    assert found.doubts == {"input": Doubt("3 of 4 samples", "not all held out")}


@pytest.fixture
def changed(tmp_path, monkeypatch):
    """An export of a network whose data changed under their name."""
    monkeypatch.chdir(tmp_path)
    save_events_npz(order_task(40), tmp_path / "data.npz")
    model = train(config(dataset="data.npz", epochs=1, finetune_epochs=0, quantise_epochs=0))
    save_model(model, tmp_path / "m.pt")
    before = order_task(40)
    save_events_npz(replace(before, labels=np.roll(before.labels, 1)), tmp_path / "data.npz")
    return snnc.load("m.pt").export("c", "m.c", budget=False, verbose=False)


def test_the_report_of_python_tells_it_as_that_of_the_command_line(changed, tmp_path, capsys) -> None:
    from snnc.cli import main

    options = {"executors": ["oracle"], "allow_missing": True, "generated": 0}
    with pytest.warns(UnlikelyWarning, match="not the file of training"):
        ours = changed.verify(data="data.npz", verbose=False, **options).report
    command = ["--executors", "oracle", "--allow-missing", "--generated", "0", "--dataset", "data.npz"]
    assert main(["verify", "m.c", *command]) == 0
    theirs = from_json((tmp_path / "m.c/report.json").read_text())
    assert ours.doubts == theirs.doubts
    assert [doubt.short for doubt in ours.doubts.values()] == ["not the file of training"]
    (doubt,) = ours.doubts.values()
    assert doubt.text in ours.notes
    assert doubt.text in theirs.notes
