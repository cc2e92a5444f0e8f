"""What is told of augmentation, at the start and at the end of a training."""

from dataclasses import replace

import numpy as np
import pytest
from order_task import config, order_task

from snnc.trainer.data import EventDataset
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
    assert "event_dropout = 0.25 may be why" in note
    assert note.endswith("train again with event_dropout = 0")
    assert notes(0.0) == []


@pytest.mark.parametrize(
    ("dropout", "validation", "told"), [(0.2, 0.58, True), (0.2, 0.67, False), (0.0, 0.58, False)]
)
def test_the_note_is_of_the_last_epoch_without_integers(
    dropout: float, validation: float, told: bool
) -> None:
    history = [
        {"phase": "gaussian", "train_accuracy": 0.5},
        {"phase": "rounded", "train_accuracy": 0.86},
        {"phase": "int8", "train_accuracy": 0.3},
    ]
    note = deleted_note(config(event_dropout=dropout), history, validation)
    assert note.startswith("note: training ended at 86.0 %, validation at 58.0 %; ") is told
    assert bool(note) is told


@pytest.mark.parametrize("name", AUGMENTATION)
def test_what_is_on_is_told(name: str) -> None:
    off = config(event_dropout=0.0)
    assert augmentation_on(off) == {}
    value = 1 if name.endswith(("shift", "mask")) else 0.5
    assert augmentation_on(off.model_copy(update={name: value})) == {name: value}
