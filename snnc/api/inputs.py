"""What `Exported.verify` compares on: samples that are given, or recordings of the model's own."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from snnc.api.events import as_events
from snnc.errors import InputError, NoDataError
from snnc.stages import AccuracyStage, Artifact, Confusion, QuantizedGraph

if TYPE_CHECKING:
    from snnc.trainer.data import EventDataset
    from snnc.verification.comparison import InputGroup

GIVEN = "input"
"""The name of the group of inputs that a user gives."""


class Inputs(NamedTuple):
    """Groups of inputs, the accuracy on them, and `note`: why there are none, if so."""

    groups: list[InputGroup]
    accuracy: tuple[AccuracyStage, ...] = ()
    confusion: Confusion | None = None
    note: str | None = None


def given(graph: QuantizedGraph, x: Any, labels: Any, layout: str) -> Inputs:
    """Samples of a user, with labels or None. Raises `InputError` if they do not fit `graph`."""
    from snnc.verification.accuracy import of_input
    from snnc.verification.comparison import InputGroup
    from snnc.verification.spike_input import SpikeInput

    events = as_events(x, graph, layout)
    if labels is None:
        return Inputs([InputGroup(GIVEN, events)])
    numbers = checked_labels(labels, len(events), len(graph.readouts[0].class_names))
    stage, confusion = of_input(graph, SpikeInput(len(events), events.__getitem__, numbers), GIVEN)
    return Inputs([InputGroup(GIVEN, events, numbers)], (stage,), confusion)


def checked_labels(labels: Any, samples: int, classes: int | None, of: str = "x") -> npt.NDArray[np.int64]:
    """int64 [samples], each 0 .. `classes` - 1; with None, any from 0 on. Raises `InputError` otherwise.

    `of` is the argument that holds the samples.
    """
    numbers = np.asarray(labels.detach().cpu() if hasattr(labels, "detach") else labels)
    if numbers.shape != (samples,) or numbers.dtype.kind not in "iu":
        raise InputError(
            f"labels: {numbers.dtype} {list(numbers.shape)}; give a whole number for each of the "
            f"{samples} samples of {of}"
        )
    outside = np.flatnonzero((numbers < 0) | (numbers >= (np.inf if classes is None else classes)))
    if len(outside):
        first = int(outside[0])
        known = "from 0 on" if classes is None else f"0 .. {classes - 1}"
        raise InputError(f"labels: sample {first} has {numbers[first]}; classes are numbered {known}")
    return numbers.astype(np.int64)


def named(data: str | os.PathLike[str] | EventDataset | None) -> str | EventDataset | None:
    """Data as the rooms below take them: a path as text."""
    return str(data) if isinstance(data, os.PathLike) else data


def own_recordings(artifact: Artifact, samples: int, data: str | EventDataset | None = None) -> Inputs:
    """Of the test split of the model's data, or of `data`, for all of which accuracy is measured."""
    from snnc.verification import accuracy
    from snnc.verification.comparison import InputGroup

    if samples < 0:
        raise InputError(f"samples: is {samples}; give 0 or more")
    try:
        (found,) = accuracy.load_data(artifact, data, ("test",))
    except NoDataError as error:
        if data is not None:
            raise
        why = str(error).partition(";")[0].removeprefix(f"{artifact.path}: ")
        return Inputs(
            [], note=f"no recordings were compared ({why}); give verify samples as x, or recordings as data"
        )
    picked = found.pick_lazily(samples)
    whole = found.pick_lazily(len(found))[0] if len(picked[0]) < len(found) else None
    groups = [InputGroup(found.name, *picked, whole)] if samples else []
    return Inputs(groups, *accuracy.stages_and_confusion(artifact, found))


def check_sample(sample: int, samples: int, word: str = "sample") -> None:
    """Raise `InputError` unless one of the `samples` has this number."""
    if not 0 <= sample < samples:
        raise InputError(f"{word}: is {sample}; {word}s are numbered 0 .. {samples - 1}")
