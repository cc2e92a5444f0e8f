"""Labels of a file that are numbers without names, where a network's classes are known: they count these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from snnc.io.spike_arrays import CLASSES

if TYPE_CHECKING:
    from snnc.trainer.data.events import EventDataset

_EVENTS = "units"
"""An array of files of events alone."""


def counted(arrays: Mapping[str, NDArray[Any]], classes: Sequence[str] | None) -> Mapping[str, NDArray[Any]]:
    """As `arrays`, with `classes` as the names of labels that are numbers without, if they count them.

    Of events, numbers that reach beyond the last of `classes` are names themselves, "0", "1" and so on.
    """
    if classes is None or not has_numbers_alone(arrays):
        return arrays
    if _EVENTS in arrays and not within(arrays["labels"], classes):
        return arrays
    return {**arrays, CLASSES: np.array(classes)}


def within(labels: NDArray[Any], classes: Sequence[str]) -> bool:
    """Whether none of `labels`, numbers, is beyond the last of `classes`."""
    return int(labels.max(initial=0)) < len(classes)


def has_numbers_alone(arrays: Mapping[str, NDArray[Any]]) -> bool:
    """Whether the labels of a file are numbers, and it has no names for them."""
    return "labels" in arrays and CLASSES not in arrays and arrays["labels"].dtype.kind in "iu"


def labels_count(events: EventDataset, classes: Sequence[str]) -> bool:
    """Whether labels of a file, which was read for a network of `classes`, were taken as numbers of these."""
    return events.numbered and events.class_names == tuple(classes)
