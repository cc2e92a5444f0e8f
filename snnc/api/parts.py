"""Samples that train and samples that validate, of what a user gives."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.api.events import Events, as_events
from snnc.api.inputs import checked_labels
from snnc.errors import InputError
from snnc.stages import QuantizedGraph, TrainedModel
from snnc.trainer.config import make_config
from snnc.trainer.data import EventDataset, Splits, load, split_by_default, split_by_speaker
from snnc.trainer.splitting import splits_of

VALIDATION = 0.2
"""Share of samples that validate, where they come in no parts."""
FEWEST = 5
"""Samples in all, so that one of them validates."""


@dataclass(frozen=True, slots=True)
class Part:
    """`events` uint8 [samples, T, lines], and `labels` int64 [samples] where they are known."""

    events: Events
    labels: npt.NDArray[np.int64] | None


def parts(
    data: Any, labels: Any, graph: QuantizedGraph, layout: str, seed: int, model: object
) -> tuple[Part, Part]:
    """What of `data` trains, and what validates `model`, whose network in integers is `graph`.

    Recordings of `load_data`, or what it loads, have parts: those of the model's configuration, of their own
    or by speaker; the test part is left alone. Of other samples a fifth is drawn by `seed`.

    Raises
    ------
    InputError
        If `data` or `labels` do not fit `graph`, or there are too few.
    """
    if isinstance(data, str | os.PathLike):
        data = load(data)
    if isinstance(data, EventDataset):
        if labels is not None:
            raise InputError("labels: the recordings have their own; leave labels out")
        splits = _splits(data, model, seed)
        return _recorded(splits.train, "train", graph), _recorded(splits.validation, "validation", graph)
    events = as_events(data, graph, layout, "data")
    classes = len(graph.readouts[0].class_names)
    known = None if labels is None else checked_labels(labels, len(events), classes, "data")
    if len(events) < FEWEST:
        raise InputError(
            f"data: holds {len(events)} samples; give {FEWEST} or more, a fifth of them validates"
        )
    order = np.random.default_rng(seed).permutation(len(events))
    held_out = round(VALIDATION * len(events))
    train, validation = (
        Part(events[some], None if known is None else known[some])
        for some in (np.sort(order[held_out:]), np.sort(order[:held_out]))
    )
    return train, validation


def _splits(data: EventDataset, model: object, seed: int) -> Splits:
    if isinstance(model, TrainedModel) and data.class_names != model.class_names:
        raise InputError(
            f"data: '{data.name}' has the classes {', '.join(data.class_names)}, the model tells "
            f"{', '.join(model.class_names)}; give data with the model's classes in its order"
        )
    if isinstance(model, TrainedModel) and model.config:
        return splits_of(make_config(model.config, "the model's configuration"), data)
    if data.held_out is not None:
        return split_by_speaker(data, *data.held_out)
    return split_by_default(data, seed)


def _recorded(part: EventDataset, name: str, graph: QuantizedGraph) -> Part:
    if not len(part):
        raise InputError(f"data: the {name} part of '{part.name}' is empty; hold out other speakers")
    pool, rest = divmod(part.unit_count, graph.inputs)
    if rest or not pool:
        raise InputError(
            f"data: '{part.name}' has {part.unit_count} units, the network takes {graph.inputs} lines; give "
            f"data with {graph.inputs} units or a multiple, neighbours of which share a line"
        )
    most = len(graph.readouts[0].class_names)
    if (largest := int(part.labels.max())) >= most:
        raise InputError(
            f"data: '{part.name}' has the class {largest}, the network tells 0 .. {most - 1}; give data with "
            "the network's classes"
        )
    frames = part.frames(np.arange(len(part)), graph.bin_s, graph.time_steps, pool)
    return Part(frames, part.labels)
