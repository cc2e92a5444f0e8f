"""Recordings of events, with classes or without, in place of arrays."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from order_task import config, order_task
from spike_counters import spike_counter

import snnc
from snnc.cli import main
from snnc.errors import InputError
from snnc.trainer.data import load_events_npz, save_events_npz
from snnc.trainer.loop import train
from snnc.trainer.model_file import save_model

TIMES = [[0.0, 0.021], [0.0, 0.011, 0.025, 0.039], [0.031]]
LINES = [[1, 1], [0, 2, 2, 2], [0]]
ANSWERS = [1, 2, 0]
"""The line with the most events."""
FRAMES = np.zeros((3, 4, 3), np.uint8)
FRAMES[0, [0, 2], 1] = FRAMES[1, 1:, 2] = FRAMES[1, 0, 0] = FRAMES[2, 3, 0] = 1
"""In four steps of 10 ms."""


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    folder = tmp_path_factory.mktemp("api") / "counter.c"
    return snnc.Network(spike_counter(), "counter").export("c", str(folder))


def recordings(labels=ANSWERS, times=TIMES, lines=LINES, **more):
    return snnc.from_events(times, lines, labels, tick_s=1, lines=3, **more)


def test_predict_and_run_take_recordings(exported) -> None:
    data = recordings()
    assert exported.predict(data).tolist() == ANSWERS
    run = exported.run(data)
    assert np.array_equal(run.events, FRAMES)
    assert np.array_equal(run["counter"].spikes, FRAMES == 1)


def test_recordings_that_do_not_fit_are_refused(exported) -> None:
    for call in (exported.predict, exported.run):
        with pytest.raises(InputError, match="x: events has 5 lines, the network takes 3 a step"):
            call(snnc.from_events(TIMES, LINES, ANSWERS, tick_s=1, lines=5))
        with pytest.raises(InputError, match="layout 'TNC': is for arrays, and x are recordings"):
            call(recordings(), layout="TNC")
        with pytest.raises(InputError, match="x: events holds no recording"):
            call(recordings().select([]))
        with pytest.raises(InputError, match="x: arrays has 2 steps, the network takes 4; add silent steps"):
            call(snnc.from_arrays(FRAMES[:, :2], [0, 1, 1], dt=exported.graph.bin_s))


def test_recordings_for_a_network_that_was_trained(tmp_path: Path) -> None:
    """All of them, pooled and followed by silence as in training."""
    save_events_npz(order_task(40), tmp_path / "train.npz")
    told = config(
        dataset=str(tmp_path / "train.npz"), unit_pool=2, epochs=1, finetune_epochs=0, quantise_epochs=0
    )
    save_model(train(told), tmp_path / "m.pt")
    exported = snnc.load(tmp_path / "m.pt").export("c", tmp_path / "m.c", budget=False)
    task = order_task(9)
    events = np.zeros((9, exported.graph.time_steps, 3), np.uint8)
    for number in range(9):
        of = slice(task.offsets[number], task.offsets[number + 1])
        events[number, task.times[of] // 10, task.units[of] // 2] = 1
    assert np.array_equal(exported.run(task).events, events)
    assert np.array_equal(exported.predict(task), exported.predict(events))


def test_recordings_without_classes(exported, tmp_path, capsys) -> None:
    files = [Path("new") / "a.csv", "b.csv", "c.csv"]
    data = recordings(labels=None, files=files)
    assert data.class_names == ("?",)
    assert exported.predict(data).tolist() == ANSWERS
    found = exported.verify(data=data, executors=["hwsim"], generated=0, verbose=False)
    assert found.accuracy == {}
    assert found.report.inputs["input"] == 3
    save_events_npz(data, tmp_path / "new.npz")
    assert load_events_npz(tmp_path / "new.npz").files == ("new/a.csv", "b.csv", "c.csv")
    table = tmp_path / "out.csv"
    command = ["run", str(exported.path), "-i", str(tmp_path / "new.npz"), "--predictions", str(table)]
    assert main(command) == 0
    with table.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["file"] for row in rows] == ["new/a.csv", "b.csv", "c.csv"]
    assert [(row["label"], row["correct"]) for row in rows] == [("", "")] * 3


def test_recordings_without_classes_neither_train_nor_have_names(exported, tmp_path) -> None:
    with pytest.raises(InputError, match=r"data: no class is known of Recordings.*; give labels to train"):
        snnc.train(recordings(labels=None), config="digits")
    with pytest.raises(InputError, match="classes: name labels, and labels are None; leave classes out"):
        recordings(labels=None, classes=["a"])


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (["a", "b"], "files: are 2; give a text or a path for each of the 3 recordings"),
        ("abc", "files: is 'abc'; give a text or a path for each of the 3 recordings"),
        (["a", 2, "c"], r"files\[1\]: is 2; give a text or a path"),
    ],
)
def test_files_are_texts(files, said) -> None:
    with pytest.raises(InputError, match=said):
        recordings(files=files)
