"""Samples of a user in the network's own steps as recordings, to find out where they are from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.errors import InputError
from snnc.exporter.artifact import carries_model, source_model
from snnc.stages import Artifact
from snnc.trainer.data import EventDataset
from snnc.trainer.data.dense import dense_events, labelled


def as_recordings(
    path: Path, arrays: Mapping[str, npt.NDArray[Any]], artifact: Artifact, classes: Sequence[str]
) -> EventDataset | None:
    """The samples in `arrays` of the file at `path`; None if they are none, or no data trained the network.

    Labels without names are of `classes`; without labels there is `NO_CLASS` alone. Of a network whose lines
    hold several units each, an event is of the first of them.
    """
    model = source_model(artifact) if carries_model(artifact) else None
    if model is None or not isinstance(model.metrics.get("data"), Mapping):
        return None
    try:
        events = dense_events(path, labelled(arrays, classes), artifact.graph.bin_s)
    except InputError:  # as counts, which trained no network here
        return None
    if (pool := model.unit_pool) == 1:
        return events
    return replace(events, units=events.units.astype(np.int64) * pool, unit_count=events.unit_count * pool)
