"""What is told of augmentation, at the start and at the end of a training."""

from dataclasses import replace

import numpy as np
import pytest
from order_task import config, order_task

from snnc.trainer.data import EventDataset, Splits
from snnc.trainer.loop import train
from snnc.trainer.recipes.augmented import AUGMENTATION, augmentation_on, deleted_note


def rates(recordings: int = 120) -> EventDataset:
    """Class 0 has 24 events and class 1 has 32, on any line in any of 12 steps, one a bin."""
    rng = np.random.default_rng(5)
    order = order_task(recordings)
    counts = np.where(order.labels == 0, 24, 32)
    bins = [np.sort(rng.choice(12 * 6, count, replace=False)) for count in counts.tolist()]
    return replace(
        order,
        times=(10 * (np.concatenate(bins) // 6)).astype(np.uint16),
        units=np.concatenate(bins) % 6,
        offsets=np.concatenate([[0], np.cumsum(counts)]),
        duration=np.full(recordings, 0.12, np.float32),
    )


def notes(event_dropout: float) -> list[str]:
    said: list[str] = []
    settings = config(event_dropout=event_dropout, dropout=0.0, epochs=20, quantise_epochs=0)
    train(settings, data=rates(), notify=said.append)
    return [each for each in said if "event_dropout" in each]


def test_deleted_events_ruin_what_is_told_by_how_many_there_are() -> None:
    """A quarter of 32 are 8: in training class 1 has as many events as class 0 has in validation."""
    (note,) = notes(0.25)
    assert "validation is of 1 source (field `speaker`: 7) that did not train; " in note
    assert note.index("event_dropout = 0.25 may be why, too") > note.index("that did not train")
    assert notes(0.0) == []


@pytest.mark.parametrize(
    ("dropout", "validation", "told"), [(0.2, 0.58, True), (0.2, 0.67, False), (0.0, 0.58, False)]
)
def test_the_note_is_of_the_epoch_that_is_kept(dropout: float, validation: float, told: bool) -> None:
    """Neither of the last one, nor of one in integers."""
    history = [
        {"epoch": 0, "phase": "gaussian", "train_accuracy": 0.5, "best": True},
        {"epoch": 1, "phase": "rounded", "train_accuracy": 0.86, "best": True},
        {"epoch": 2, "phase": "rounded", "train_accuracy": 0.99, "best": False},
        {"epoch": 3, "phase": "int8", "train_accuracy": 0.3, "best": True},
    ]
    drawn = Splits(order_task(8), order_task(4), order_task(0), shared_speakers=True)
    note = deleted_note(config(event_dropout=dropout), history, validation, drawn, 12)
    start = "note: of the network that is kept, of epoch 2, training is at 86.0 %, validation at 58.0 %; "
    assert note.startswith(start) is told
    assert bool(note) is told


@pytest.mark.parametrize(
    ("train", "validates", "names", "told"),
    [
        (
            [0, 1],
            [2],
            ("eva", "joe", "hans"),
            "validation is of 1 source (field `speaker`: hans) that did not train; ",
        ),
        (
            [0],
            [2, 1],
            ("eva", "joe", "hans"),
            "validation is of 2 sources (field `speaker`: joe, hans) that did not train; ",
        ),
        ([0], [7], None, "validation is of 1 source (field `speaker`: 7) that did not train; "),
        ([0], [*range(1, 10)], None, "validation is of 9 sources (field `speaker`: 1, 2, 3, "),
        ([0], [*range(1, 11)], None, ""),
        ([0, 1], [1], None, ""),  # he trains, too
        ([0], [-1], None, ""),  # nobody knows who
        ([-1], [1], None, ""),
    ],
)
def test_few_persons_who_did_not_train_are_told_before_deleted_events(
    train: list[int], validates: list[int], names: tuple[str, ...] | None, told: str
) -> None:
    def part(speakers: list[int]) -> EventDataset:
        return replace(order_task(len(speakers)), speaker=np.array(speakers, int), speaker_names=names)

    history = [{"epoch": 4, "phase": "rounded", "train_accuracy": 0.963, "best": True}]
    splits = Splits(part(train), part(validates), part([]))
    note = deleted_note(config(event_dropout=0.2), history, 0.571, splits, 12)
    start = "note: of the network that is kept, of epoch 5, training is at 96.3 %, validation at 57.1 %; "
    assert note.startswith(f"{start}{told or 'event_dropout = 0.2 may be why: '}")
    assert ("; event_dropout = 0.2 may be why, too: it deletes events" in note) == bool(told)
    assert note.endswith("training again with event_dropout = 0 tells") == bool(told)
    assert note.endswith("; train again with event_dropout = 0") != bool(told)
    without = deleted_note(config(event_dropout=0.0), history, 0.571, splits, 12)
    assert without.startswith(f"{start}{told}") is bool(told) if told else without == ""
    assert "event_dropout" not in without


@pytest.mark.parametrize("copies", [1, 2])
@pytest.mark.parametrize("dropout", [0.0, 0.2])
def test_a_step_in_which_events_become_one_is_named(copies: int, dropout: float) -> None:
    """Each event twice: half of them share a step of 10 ms and a line with one."""
    order = order_task(8)
    twice = replace(
        order,
        times=np.repeat(order.times, copies),
        units=np.repeat(order.units, copies),
        offsets=order.offsets * copies,
    )
    history = [{"epoch": 4, "phase": "rounded", "train_accuracy": 0.963, "best": True}]
    splits = Splits(twice, order_task(4), order_task(0), shared_speakers=True)
    note = deleted_note(config(event_dropout=dropout, bin_s=0.01), history, 0.571, splits, 12)
    named = (
        "; the step of 10 ms may be why: 50.0 % of events fall into a step and line that has one already and "
        "count as one, so what is faster than a step is lost; training again with a shorter step tells"
    )
    assert (named in note) == (copies == 2)
    assert ("event_dropout = 0.2 may be why" in note) == (dropout > 0)
    assert ("may be why, too" in note) == (dropout > 0 and copies == 2)


@pytest.mark.parametrize("name", AUGMENTATION)
def test_what_is_on_is_told(name: str) -> None:
    off = config(event_dropout=0.0)
    assert augmentation_on(off) == {}
    value = 1 if name.endswith(("shift", "mask")) else 0.5
    assert augmentation_on(off.model_copy(update={name: value})) == {name: value}
