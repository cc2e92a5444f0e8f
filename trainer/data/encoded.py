"""What one may not expect of recordings that were encoded, a line each."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from snnc.text import one_line, quoted
from snnc.trainer.data.layout import Layout
from snnc.trainer.data.other_sound import listed
from snnc.trainer.data.recording import Recording
from snnc.trainer.data.usual_layout import exchanged, in_order, layout_of_files

_SHOWN = 3
"""So many are named."""


@dataclass(frozen=True, slots=True, eq=False)
class Encoded:
    """Events of one recording, and what is to be told of it; `sha256` as `digest`."""

    times: NDArray[np.uint16]
    units: NDArray[np.uint8]
    seconds: float
    rate: int
    channels: int
    sha256: bytes


def remarks(
    recordings: Sequence[Recording],
    encoded: Sequence[Encoded],
    all_of_them: Sequence[Recording],
    full_rate: int,
) -> list[str]:
    """What one may not expect of what was encoded; the encoder needs `full_rate` samples a second."""
    return [
        *_lost(recordings, all_of_them),
        *_twins(recordings, encoded),
        *_low_rates(recordings, encoded, full_rate),
        *_sounds(recordings, encoded),
    ]


def _lost(recordings: Sequence[Recording], all_of_them: Sequence[Recording]) -> list[str]:
    kept = {each.label for each in recordings}
    lost = in_order(each.label for each in all_of_them if each.label not in kept)
    notes = [f"classes of which no recording is left: {listed(lost)}"] if lost else []
    if len(kept) == 1:
        notes.append(
            f"one class only, {quoted(next(iter(kept)))}: that trains no network, which tells classes apart"
            + ("" if lost else _in_files([each.name for each in recordings]))
        )
    return notes


def _in_files(names: Sequence[str]) -> str:
    """How files of a single folder are read if their names are of classes; empty if they tell none."""
    if (found := layout_of_files(names)) is None:
        return ""
    layout = exchanged(found[0])
    classes = in_order(read[0] for name in names if (read := Layout(layout).parts(name.rpartition(".")[0])))
    return f'; if names of files tell classes ({listed(classes)}): --layout "{layout}"' if classes[1:] else ""


def _twins(recordings: Sequence[Recording], encoded: Sequence[Encoded]) -> list[str]:
    """Recordings whose sound is equal, whatever their files: one may train and the other test."""
    same = defaultdict(list)
    for recording, each in zip(recordings, encoded, strict=True):
        same[each.sha256].append(recording)
    twins = [several for several in same.values() if len(several) > 1]
    crossed = [several for several in twins if len({each.label for each in several}) > 1]
    notes = []
    for what, groups in (
        ("equal recordings in different classes, which nothing can tell apart", crossed),
        (
            "equal recordings, of which one may train and another test",
            [several for several in twins if several not in crossed],
        ),
    ):
        if groups:
            shown = "; ".join(_both(several) for several in groups[:_SHOWN])
            notes.append(f"{what}: {len(groups)} ({shown}{'; ...' if len(groups) > _SHOWN else ''})")
    return notes


def _both(several: Iterable[Recording]) -> str:
    return " = ".join(one_line(each.name) for each in list(several)[:_SHOWN])


def _many(count: int, one: str, several: str) -> str:
    return f"1 recording {one}" if count == 1 else f"{count} recordings {several}"


def mixed_down(encoded: Sequence[Encoded]) -> str | None:
    """How many are the mean of several channels; None if none is."""
    count = sum(each.channels > 1 for each in encoded)
    if not count:
        return None
    return f"{_many(count, 'of several channels was', 'of several channels were')} mixed to one"


def low_rates(encoded: Sequence[Encoded], full_rate: int) -> str | None:
    """What is missing in those of fewer than `full_rate` samples a second; None if there are none."""
    low = [each.rate for each in encoded if each.rate < full_rate]
    if not low:
        return None
    return (
        f"{_many(len(low), 'has', 'have')} less than {full_rate} samples a second (from {min(low)} on), and "
        f"so nothing above {max(low) // 2} Hz"
    )


def _low_rates(recordings: Sequence[Recording], encoded: Sequence[Encoded], full_rate: int) -> list[str]:
    if (told := low_rates(encoded, full_rate)) is None:
        return []
    by_class = Counter(each.label for each in recordings)
    low_by_class = Counter(
        recording.label for recording, each in zip(recordings, encoded, strict=True) if each.rate < full_rate
    )
    return [told + _told_by_rate(by_class, low_by_class)]


def _told_by_rate(by_class: Mapping[str, int], low_by_class: Mapping[str, int]) -> str:
    """The class whose share of low rates is farthest from that of all recordings, if that is far.

    Far is more than a quarter of the class, and more than two standard deviations of a draw at random.
    """
    total, low = sum(by_class.values()), sum(low_by_class.values())
    share = low / total
    excess = {name: low_by_class.get(name, 0) - share * count for name, count in by_class.items()}
    far = [
        name
        for name, count in by_class.items()
        if abs(excess[name]) > max(count / 4, 2 * math.sqrt(count * share * (1 - share)))
    ]
    if not far:
        return ""
    worst = max(in_order(far), key=lambda name: abs(excess[name]) / by_class[name])
    return (
        f"; so have {low_by_class.get(worst, 0)} of {by_class[worst]} of class {quoted(worst)} and {low} of "
        f"{total} of all: a class may be told by its sampling rate"
    )


def _sounds(recordings: Sequence[Recording], encoded: Sequence[Encoded]) -> list[str]:
    notes = []
    if (mixed := mixed_down(encoded)) is not None:
        notes.append(f"{mixed} (--mix)")
    pairs = zip(recordings, encoded, strict=True)
    empty = [recording.name for recording, each in pairs if not len(each.times)]
    if empty:
        notes.append(f"recordings without an event: {len(empty)} ({listed(empty)})")
    return notes
