"""Recordings of training in another file, with other times: in steps, or rounded to milliseconds."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from order_task import config
from spoken_events import EVENTS, LINES, spoken

from snnc.stages import TrainedModel
from snnc.trainer.data import EventDataset, load, save_events_npz
from snnc.trainer.held_out import Steps
from snnc.trainer.loop import train
from snnc.trainer.rounded_copies import copies_of
from snnc.trainer.samples import load_samples

NONE = "none of them trained or validated the network, compared event by event and in steps of 10 ms"


def in_ticks(events: EventDataset, ticks: np.ndarray, tick_s: float) -> EventDataset:
    return replace(events, times=ticks.astype(np.uint32), tick_s=tick_s)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> TrainedModel:
    """Of 40 recordings 28 train, those of speaker 7 validate, and those of 8 and 9 test."""
    path = tmp_path_factory.mktemp("own") / "train.npz"
    save_events_npz(spoken(40, 1), path)
    return train(config(dataset=str(path), epochs=1, finetune_epochs=0, quantise_epochs=0))


@pytest.mark.parametrize(
    "nearest",
    [np.round, lambda ms: np.floor(ms + 0.5), np.floor],
    ids=["of two the even one", "of two the later one", "down"],
)
def test_times_in_the_middle_between_two_round_either_way(nearest) -> None:
    half_ms = spoken(40, 1).times // 500
    own = in_ticks(spoken(40, 1), half_ms, 5e-4)
    rounded = in_ticks(own, nearest(half_ms / 2), 1e-3)
    assert copies_of([own], rounded, Steps(bin_s=0.01, time_steps=20, unit_pool=1)).alike.all()
    assert not copies_of([own], spoken(40, 2), Steps(bin_s=0.01, time_steps=20, unit_pool=1)).alike.any()


@pytest.mark.parametrize("how", ["frames", "middle", "nearest", "down", "seconds"])
def test_rounded_times_hide_no_recording_of_training(model: TrainedModel, how: str, tmp_path: Path) -> None:
    """The nearest millisecond of one event in twenty is in the next step."""
    own, path = spoken(40, 1), tmp_path / "copy.npz"
    us = own.times.astype(np.int64)
    if how == "frames":
        frames = np.zeros((40, model.time_steps, LINES), np.uint8)
        frames[np.repeat(np.arange(40), EVENTS), us // 10_000, own.units] = 1
        np.savez(path, spikes=frames, labels=own.labels, classes=["a", "b"], dt=0.01)
    elif how == "middle":
        save_events_npz(in_ticks(own, us // 10_000 * 10 + 5, 1e-3), path)
    elif how == "seconds":
        save_events_npz(replace(own, times=np.round(us * 1e-6, 3).astype(np.float32), tick_s=1.0), path)
    else:
        ms = us // 1000 if how == "down" else np.rint(us / 1000)
        save_events_npz(in_ticks(own, ms, 1e-3), path)
    found = load_samples(model, "test", str(path)).other
    assert (found.seen, found.exact) == (32, 0)
    also = "" if how == "frames" else " or 5 ms" if how == "middle" else " or 1 ms"
    assert found.text == (
        f"40 of 40 recordings of copy.npz; 32 of them are, in steps of 10 ms{also}, recordings that trained "
        "or validated the network, so accuracy is optimistic"
    )


def test_other_recordings_are_none_of_training_in_any_steps(model: TrainedModel, tmp_path: Path) -> None:
    """Nor if they are on a coarser grid. They are of others than those who trained, by name."""
    other = replace(spoken(20, 2), speaker_names=tuple("KLMNOPQRST"))
    save_events_npz(other, tmp_path / "new.npz")
    assert load_samples(model, "test", str(tmp_path / "new.npz")).other.text.endswith(NONE)
    save_events_npz(in_ticks(other, other.times // 1000, 1e-3), tmp_path / "coarse.npz")
    told = load_samples(model, "test", str(tmp_path / "coarse.npz")).other.text
    assert told.endswith(f"{NONE} and 1 ms")


def test_some_are_copies_event_by_event(model: TrainedModel, tmp_path: Path) -> None:
    own = spoken(40, 1)
    us = own.times.astype(np.int64)
    us[: 3 * EVENTS] = us[: 3 * EVENTS] // 10_000 * 10_000 + 1234  # 3 recordings, in the same steps
    save_events_npz(in_ticks(own, us, 1e-6), tmp_path / "some.npz")
    found = load_samples(model, "test", str(tmp_path / "some.npz")).other
    assert (found.seen, found.exact) == (32, 29)
    assert "32 of them are, in steps of 10 ms (29 event by event), recordings that trained" in found.text


def test_the_side_with_the_finer_times_is_rounded() -> None:
    fine = spoken(4, 3)
    coarse = in_ticks(fine, np.rint(fine.times / 1000), 1e-3)
    steps = Steps(0.01, 30, 1)
    for known, part in ((fine, coarse), (coarse, fine)):
        found = copies_of((known,), part, steps)
        assert found.alike.all()
        assert not found.exact.any()
        assert found.steps_s == pytest.approx((0.01, 0.001))
    moved = replace(coarse, units=np.roll(coarse.units, 1))
    assert not copies_of((fine,), moved, steps).alike.any()


def test_times_of_32_bits_are_on_their_grid(tmp_path: Path) -> None:
    """At 1.234 s float32 is off by up to 60 ns."""
    events = replace(spoken(2, 4), tick_s=1e-5)  # up to 2 s
    path = tmp_path / "rounded.npz"
    save_events_npz(replace(events, times=np.round(events.seconds, 3).astype(np.float32), tick_s=1.0), path)
    found = copies_of((events,), load(str(path)), Steps(0.01, 220, 1))
    assert found.alike.all()
