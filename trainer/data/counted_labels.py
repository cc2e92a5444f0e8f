"""Labels of a file that are numbers without names, where a network's classes are known: they count these."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from snnc.io.npz import read_npz
from snnc.io.spike_arrays import CLASSES

_EVENTS = "units"
"""An array of files of events alone."""


def counted(arrays: Mapping[str, NDArray[Any]], classes: Sequence[str] | None) -> Mapping[str, NDArray[Any]]:
    """As `arrays`, with `classes` as the names of labels that are numbers without, if they count them.

    Of events, numbers that reach beyond the last of `classes` are names themselves, "0", "1" and so on.
    """
    if classes is None or not _count(arrays, classes):
        return arrays
    return {**arrays, CLASSES: np.array(classes)}


def labels_count(name_or_path: str | os.PathLike[str], classes: Sequence[str]) -> bool:
    """Whether it is a file whose labels `counted` takes for numbers of `classes`; a file that can be read."""
    path = Path(name_or_path)
    if path.suffix.lower() != ".npz":
        return False
    return _count(read_npz(path, only=("labels", CLASSES, _EVENTS)), classes)


def _count(arrays: Mapping[str, NDArray[Any]], classes: Sequence[str]) -> bool:
    labels = arrays.get("labels")
    if labels is None or CLASSES in arrays or labels.dtype.kind not in "iu":
        return False
    return _EVENTS not in arrays or int(labels.max(initial=0)) < len(classes)
