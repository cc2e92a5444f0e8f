"""What `Exported.verify` compares on: samples that are given, or recordings of the model's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from snnc.api.checks import checked_labels
from snnc.api.events import Events
from snnc.api.numbers import whole
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


def given(graph: QuantizedGraph, events: Events, labels: Any) -> Inputs:
    """Samples of a user as events, with labels or None. Raises `InputError` if the labels do not fit."""
    from snnc.verification.accuracy import of_input
    from snnc.verification.comparison import InputGroup
    from snnc.verification.spike_input import SpikeInput

    if labels is None:
        return Inputs([InputGroup(GIVEN, events)])
    numbers = checked_labels(labels, len(events), len(graph.readouts[0].class_names))
    stage, confusion = of_input(graph, SpikeInput(len(events), events.__getitem__, numbers), GIVEN)
    return Inputs([InputGroup(GIVEN, events, numbers)], (stage,), confusion)


def own_recordings(artifact: Artifact, samples: int, data: str | EventDataset | None = None) -> Inputs:
    """Of the test split of the model's data, or of `data`, for all of which accuracy is measured."""
    from snnc.verification import accuracy
    from snnc.verification.comparison import InputGroup

    samples = whole("samples", samples)
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
    rest = found.pick_lazily(len(found))[0] if len(picked[0]) < len(found) else None
    groups = [InputGroup(found.name, *picked, rest)] if samples else []
    return Inputs(groups, *accuracy.stages_and_confusion(artifact, found))
