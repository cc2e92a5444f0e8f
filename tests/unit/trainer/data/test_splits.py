"""Parts that share no speaker, and the order probe."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from snnc.errors import InputError
from snnc.trainer.data import EventDataset, Splits, order_probe, split_by_default, split_by_speaker
from snnc.trainer.data.events import UNKNOWN


def recordings(speaker: list[int], labels: list[int] | None = None) -> EventDataset:
    n = len(speaker)
    return EventDataset(
        times=np.arange(2 * n, dtype=np.uint16),
        units=np.tile([0, 1], n),
        offsets=np.arange(n + 1) * 2,
        labels=np.zeros(n, int) if labels is None else np.array(labels),
        speaker=np.array(speaker),
        trial=np.arange(n),  # says which recording it was
        duration=np.ones(n, np.float32),
        tick_s=1e-3,
        unit_count=2,
        class_names=("a", "b"),
        name="made up",
    )


def parts(splits: Splits) -> list[list[int]]:
    return [part.speaker.tolist() for part in (splits.train, splits.validation, splits.test)]


def test_given_speakers() -> None:
    ds = recordings([1, 5, 1, 9, 7, 5])
    assert parts(split_by_speaker(ds, [5], [9])) == [[1, 1, 7], [5, 5], [9]]
    assert parts(split_by_speaker(ds, [], [9])) == [[1, 5, 1, 7, 5], [], [9]]


@pytest.mark.parametrize(
    ("validation", "test", "text"),
    [
        ([1], [1, 2], "speaker 1 is in both"),
        ([1], [6], "no speaker 6"),
        ([1], [2, 3], "no speaker is left to train"),
    ],
)
def test_bad_speaker_lists(validation: list[int], test: list[int], text: str) -> None:
    with pytest.raises(InputError, match=text):
        split_by_speaker(recordings([1, 2, 3]), validation, test)


def test_a_speaker_that_is_not_there_is_answered_with_names() -> None:
    named = replace(recordings([0, 1, 1]), speaker_names=("ann", "bob"))
    with pytest.raises(InputError, match=r"no speaker 6; it has 0 \(ann\), 1 \(bob\)"):
        split_by_speaker(named, [6], [])


@pytest.mark.parametrize(
    ("speakers", "expected"),
    [
        ([3, 1, 2], [[1], [2], [3]]),
        (list(range(10)), [[0, 1, 2, 3, 4, 5, 6], [7], [8, 9]]),
        (list(range(0, 40, 2)), [list(range(0, 28, 2)), [28, 30], [32, 34, 36, 38]]),
    ],
)
def test_last_speakers_are_held_out(speakers: list[int], expected: list[list[int]]) -> None:
    splits = split_by_default(recordings(speakers))
    assert parts(splits) == expected
    assert not splits.shared_speakers


@pytest.mark.parametrize("speaker", [0, UNKNOWN])
def test_a_single_speaker_is_split_class_by_class(speaker: int) -> None:
    ds = recordings([speaker] * 30, [0] * 20 + [1] * 10)
    splits = split_by_default(ds)
    assert splits.shared_speakers
    counts = [
        np.bincount(p.labels, minlength=2).tolist() for p in (splits.train, splits.validation, splits.test)
    ]
    assert counts == [[14, 7], [2, 1], [4, 2]]
    drawn = [p.trial.tolist() for p in (splits.train, splits.validation, splits.test)]
    assert sorted(i for part in drawn for i in part) == list(range(30))
    again = split_by_default(ds)
    assert again.test.trial.tolist() == drawn[2]
    assert split_by_default(ds, seed=1).test.trial.tolist() != drawn[2]


def test_two_speakers_are_shared() -> None:
    splits = split_by_default(recordings([0, 1] * 10))
    assert splits.shared_speakers
    assert set(splits.train.speaker.tolist()) & set(splits.test.speaker.tolist())


def test_a_recording_without_a_speaker_may_be_anyones() -> None:
    assert split_by_default(recordings([UNKNOWN, 0, 1, 2])).shared_speakers
    assert split_by_speaker(recordings([UNKNOWN, 0, 1, 2]), [1], [2]).shared_speakers
    assert not split_by_speaker(recordings([3, 0, 1, 2]), [1], [2]).shared_speakers


def test_a_class_too_small_to_split() -> None:
    with pytest.raises(InputError, match="class 'b' has 2 recordings"):
        split_by_default(recordings([0] * 5, [0, 0, 0, 1, 1]))


@pytest.mark.parametrize(
    ("times", "backwards"),
    [
        (
            np.array([10, 12, 20, 65535, 60000], np.uint16),
            [20, 18, 10, 60000, 65535],
        ),
        (
            np.array([0.5, 0.75, 1.0, 3.0, 2.0], np.float32),
            [1.0, 0.75, 0.5, 2.0, 3.0],
        ),
    ],
)
def test_order_probe_by_hand(times: NDArray[Any], backwards: list[float]) -> None:
    ds = EventDataset(
        times=times,
        units=np.array([0, 0, 1, 1, 0]),
        offsets=np.array([0, 3, 3, 5]),
        labels=np.array([0, 1, 1]),
        speaker=np.array([4, 5, 6]),
        trial=np.array([0, 0, 0]),
        duration=np.ones(3, np.float32),
        tick_s=1e-3,
        unit_count=2,
        class_names=("a", "b"),
        name="made up",
    )
    probe = order_probe(ds)
    assert probe.times.tolist() == times.tolist() + backwards
    assert probe.units.tolist() == [0, 0, 1, 1, 0] * 2
    assert probe.offsets.tolist() == [0, 3, 3, 5, 8, 8, 10]
    assert probe.labels.tolist() == [0, 1, 1, 2, 3, 3]
    assert probe.speaker.tolist() == [4, 5, 6] * 2
    assert probe.class_names == ("a", "b", "a-reversed", "b-reversed")
