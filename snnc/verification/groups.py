"""Accuracy by class and by speaker: what a total hides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from snnc.stages.findings import UNKNOWN_SPEAKER
from snnc.trainer.data import EventDataset
from snnc.trainer.data.events import UNKNOWN

Classes = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class GroupAccuracy:
    """`correct` of the `total` recordings of a class or of a speaker."""

    name: str
    correct: int
    total: int


@dataclass(frozen=True, slots=True)
class Groups:
    """Accuracy of one `stage` by class and by speaker; no speakers where no recording names one."""

    stage: str
    classes: tuple[GroupAccuracy, ...]
    speakers: tuple[GroupAccuracy, ...]


def groups(stage: str, decoded: Classes, events: EventDataset) -> Groups:
    """What `stage` made of the recordings `events`, which it `decoded`, by their class and speaker.

    A class without a recording is not listed.
    """
    right = decoded == events.labels
    names = dict(enumerate(events.class_names))
    speakers: tuple[GroupAccuracy, ...] = ()
    if (events.speaker != UNKNOWN).any():
        speakers = _counted(right, events.speaker, _speaker_names(events))
    return Groups(stage, _counted(right, events.labels, names), speakers)


def by_speaker(speakers: Sequence[str], right: npt.NDArray[np.bool_]) -> dict[str, tuple[int, int]]:
    """Of each speaker how many samples are `right` [samples], and how many there are; {} of no speakers.

    `speakers`: of each sample, empty where it is not known.
    """
    counts = dict[str, tuple[int, int]]()
    for name, correct in zip(speakers, right.tolist() if speakers else (), strict=True):
        before, total = counts.get(name or UNKNOWN_SPEAKER, (0, 0))
        counts[name or UNKNOWN_SPEAKER] = before + correct, total + 1
    return counts


def _counted(
    right: npt.NDArray[np.bool_], of: Classes, names: Mapping[int, str]
) -> tuple[GroupAccuracy, ...]:
    found = []
    for number in np.unique(of).tolist():
        own = right[of == number]
        found.append(GroupAccuracy(names.get(number, str(number)), int(own.sum()), len(own)))
    return tuple(found)


def _speaker_names(events: EventDataset) -> dict[int, str]:
    return {UNKNOWN: UNKNOWN_SPEAKER, **dict(enumerate(events.speaker_names or ()))}
