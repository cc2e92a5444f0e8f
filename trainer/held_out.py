"""Recordings that are held out, and are among those that train or validate all the same: copies of them.

They are equal event by event; or in the network's steps, as where times were rounded: then the network gets
the same input, and cannot tell them apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from snnc.trainer.data import EventDataset, Splits
from snnc.trainer.data.copies import copies_in
from snnc.trainer.fingerprints import SILENT, in_steps

MOST_EVENTS = 1 << 26
"""Most events of two parts that are compared in steps, which takes seconds."""


@dataclass(frozen=True, slots=True)
class Steps:
    """How a network reads recordings: seconds a step, steps, and units an input line."""

    bin_s: float
    time_steps: int
    unit_pool: int


def copies_across(splits: Splits, steps: Steps, tested: bool = False) -> Iterator[str]:
    """How many recordings of each part that is held out are among those that are not, a line each.

    `tested`: of the test part alone.
    """
    pairs = [("test", splits.test, splits.train, "train")]
    if not splits.trains_all:
        pairs.append(("validation", splits.validation, splits.train, "train"))
        pairs.append(("test", splits.test, splits.validation, "validate"))
    for name, part, known, do in pairs:
        if (name == "test" or not tested) and (told := _copies(name, part, known, steps)):
            yield f"{told}, among those that {do}: accuracy on {name} is optimistic"


def _copies(name: str, part: EventDataset, known: EventDataset, steps: Steps) -> str:
    """As "2 recordings of test are, event by event"; empty if there are none."""
    exact = copies_in(part, known)
    same = max(exact, _same_input(part, known, steps))
    if not same:
        return ""
    several = f"1 recording of {name} is" if same == 1 else f"{same} recordings of {name} are"
    if same == exact:
        return f"{several}, event by event"
    also = f" ({exact} of them event by event)" if exact else ""
    return f"{several}, in the network's steps of {steps.bin_s * 1000:.6g} ms{also}"


def _same_input(part: EventDataset, known: EventDataset, steps: Steps) -> int:
    """How many recordings of `part` have the frames of one of `known`; none without events has."""
    if not len(part) or not len(known) or len(part.times) + len(known.times) > MOST_EVENTS:
        return 0
    size = steps.bin_s, steps.time_steps, steps.unit_pool
    seen = set(in_steps(known, *size)) - {SILENT}
    return sum(each in seen for each in in_steps(part, *size))
