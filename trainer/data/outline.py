"""What names of recordings say before any is read: classes, speakers, and so the parts of training."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from snnc.text import one_line
from snnc.trainer.data.cochlea import Cochlea
from snnc.trainer.data.events import UNKNOWN, EventDataset
from snnc.trainer.data.recording import Recording
from snnc.trainer.data.usual_layout import in_order


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """Recordings without a single event, labelled and divided as they will be, their layout, and `notes` on
    what is odd about their names."""

    events: EventDataset
    layout: str
    notes: tuple[str, ...] = ()


def numbers(
    recordings: Sequence[Recording],
) -> tuple[tuple[str, ...], NDArray[np.int64], tuple[str, ...] | None, NDArray[np.int64]]:
    """Names of classes, the label of each recording, names of speakers or None, the speaker of each."""
    classes = in_order(each.label for each in recordings)
    names = in_order(each.speaker for each in recordings if each.speaker is not None)
    label_of = {name: number for number, name in enumerate(classes)}
    speaker_of: dict[str | None, int] = {name: number for number, name in enumerate(names)}
    labels = np.array([label_of[each.label] for each in recordings], np.int64)
    speaker = np.array([speaker_of.get(each.speaker, UNKNOWN) for each in recordings], np.int64)
    return tuple(classes), labels, tuple(names) or None, speaker


def outline(
    name: str, recordings: Sequence[Recording], layout: str, cochlea: Cochlea, notes: tuple[str, ...] = ()
) -> Outline:
    """Of at least one recording."""
    classes, labels, names, speaker = numbers(recordings)
    n = len(labels)
    events = EventDataset(
        times=np.zeros(0, np.uint16),
        units=np.zeros(0, np.uint8),
        offsets=np.zeros(n + 1, np.int64),
        labels=labels,
        speaker=speaker,
        trial=np.full(n, UNKNOWN),
        duration=np.zeros(n, np.float32),
        tick_s=cochlea.step_s,
        unit_count=cochlea.bands,
        class_names=classes,
        name=name,
        speaker_names=names,
        files=tuple(one_line(each.name) for each in recordings),
    )
    return Outline(events, layout, notes)
