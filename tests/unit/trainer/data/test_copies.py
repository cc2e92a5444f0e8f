"""Recordings that are others again, event by event, are found: of a file, and across parts of training."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from order_task import config, order_task

from snnc.cli import main
from snnc.trainer.data import EventDataset, save_events_npz
from snnc.trainer.data.copies import copies_in, of_copies
from snnc.trainer.loop import train


def with_copies(which: list[int], speaker: int | None = None, other_class: bool = False) -> EventDataset:
    """Forty recordings and, of speaker `speaker`, those of `which` again, their events backwards."""
    task = order_task(40)
    again = task.select([*range(40), *which])
    for number in range(40, len(again)):
        events = slice(int(again.offsets[number]), int(again.offsets[number + 1]))
        times, units = again.times.copy(), again.units.copy()
        times[events], units[events] = times[events][::-1], units[events][::-1]
        again = replace(again, times=times, units=units)
    speakers, labels = again.speaker.copy(), again.labels.copy()
    if speaker is not None:
        speakers[40:] = speaker
    if other_class:
        labels[40:] = 1 - labels[40:]
    return replace(again, speaker=speakers, labels=labels, name="again")


def test_a_file_without_copies() -> None:
    assert list(of_copies(order_task(40))) == []


def test_copies_of_a_file_and_those_in_another_class() -> None:
    (note,) = of_copies(with_copies([3, 7, 3]))
    assert note == (
        "3 of 43 recordings are, event by event, earlier ones again (first: recording 40, that of recording "
        "3): one may train and the other test: leave the copies out"
    )
    named = replace(with_copies([5], other_class=True), files=tuple(f"{each}.csv" for each in range(41)))
    (note,) = of_copies(named)
    assert note == (
        "1 of 41 recordings is, event by event, an earlier one again, in another class (first: 40.csv, "
        "that of 5.csv): nothing tells them apart: correct their labels"
    )


def test_recordings_that_agree_in_what_is_soon_found_are_no_copies() -> None:
    """The same lines at the same first and last time, in another order."""
    task = order_task(1)
    two = task.select([0, 0])
    units = two.units.copy()
    at = int(task.offsets[1])
    middle = np.sort(np.argsort(two.times[at:])[1:-1])
    units[at + middle] = np.roll(units[at + middle], 1)
    changed = replace(two, units=units)
    assert sorted(changed.units[at:].tolist()) == sorted(two.units[at:].tolist())
    assert list(of_copies(two)) != []
    assert list(of_copies(changed)) == []
    assert copies_in(changed.select([1]), changed.select([0])) == 0


def test_recordings_without_an_event_are_no_copies() -> None:
    empty = replace(order_task(4), times=np.zeros(0, int), units=np.zeros(0, int), offsets=np.zeros(5, int))
    assert list(of_copies(empty)) == []
    assert copies_in(empty.select([0, 1]), empty.select([2, 3])) == 0


def test_training_tells_copies_across_its_parts() -> None:
    """Speakers 0 .. 6 train, 7 validates, 8 and 9 test. In steps of 1 ms, the ticks, no others are equal."""
    short = {"epochs": 1, "finetune_epochs": 0, "quantise_epochs": 0, "bin_s": 0.001}
    said: list[str] = []
    data = with_copies([0, 5, 30], speaker=8)
    assert data.speaker[[0, 5, 30]].tolist() == [0, 1, 7]
    train(config(**short), data=data, notify=said.append, introduce="")
    assert [line for line in said if "event by event, among" in line] == [
        "note: 2 recordings of test are, event by event, among those that train: accuracy on test is "
        "optimistic",
        "note: 1 recording of test is, event by event, among those that validate: accuracy on test is "
        "optimistic",
    ]
    assert [line for line in said if "3 of 43 recordings are, event by event, earlier ones again" in line]
    said.clear()
    train(config(**short), data=with_copies([0, 1], speaker=7), notify=said.append, introduce="")
    assert [line for line in said if "event by event, among" in line] == [
        "note: 2 recordings of validation are, event by event, among those that train: accuracy on "
        "validation is optimistic",
    ]


def test_inspect_tells_copies(tmp_path: Path, capsys) -> None:
    save_events_npz(with_copies([2]), tmp_path / "again.npz")
    assert main(["inspect", str(tmp_path / "again.npz")]) == 0
    assert "1 of 41 recordings is, event by event, an earlier one again" in capsys.readouterr().out
