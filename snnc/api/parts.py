"""Samples that train and samples that validate, of what a user gives."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.api.checks import checked_labels, named, warn_of_data, warn_of_step
from snnc.api.events import Events, as_events
from snnc.api.example import UNKNOWN, Origin
from snnc.errors import InputError, LimitError
from snnc.io.spike_file import of_classes
from snnc.stages import QuantizedGraph, TrainedGraph, TrainedModel
from snnc.text import quoted
from snnc.trainer.data import EventDataset, load, split_by_default, split_by_speaker
from snnc.trainer.data.class_names import NO_CLASS
from snnc.trainer.samples import Samples, load_splits

VALIDATION = 0.2
"""Share of samples that validate, where they come in no parts."""
FEWEST = 5
"""Samples in all, so that one of them validates."""
PARTS = ("train", "validation")
FRAMES_LIMIT = 1 << 31
"""Most bytes of the frames of recordings, which are all held at once."""


@dataclass(frozen=True, slots=True)
class Part:
    """`events` uint8 [samples, T, lines], and `labels` int64 [samples] where they are known."""

    events: Events
    labels: npt.NDArray[np.int64] | None


def parts(
    data: Any,
    labels: Any,
    graph: QuantizedGraph,
    layout: str | None,
    seed: int,
    model: object,
    near: Path | None = None,
    origin: Origin = UNKNOWN,
) -> tuple[Part, Part]:
    """What of `data` trains, and what validates `model`, whose network in integers is `graph`.

    Recordings of `load_data`, or what it loads, have parts: those of the model's configuration, of their own
    or by speaker; the test part is left alone. Of other samples a fifth is drawn by `seed`. `near`: where
    the model's file lies. `origin`: what is known of the example that `from_torch` took.

    Raises
    ------
    InputError
        If `data` or `labels` do not fit `graph`, or there are too few.
    LimitError
        If the frames of the recordings take too much memory.
    """
    if isinstance(data, str | os.PathLike | EventDataset):
        if labels is not None:
            raise InputError("labels: the recordings have their own; leave labels out")
        dataset = named(data, step_s=graph.bin_s)
        assert dataset is not None
        if isinstance(model, TrainedModel | TrainedGraph):
            found = _of_model(dataset, model, near)
            if found[0].other is not None:
                warn_of_data(found[0].other)
            return _framed(found, graph)
        warn_of_step(dataset, graph.bin_s)
        return _framed(_of_graph(dataset, graph, seed, origin.slip), graph)
    events = as_events(data, graph, layout, "data", "encode it as events", origin)
    classes = graph.readouts[0].class_names
    known = None if labels is None else checked_labels(labels, len(events), classes)
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


def _of_model(
    data: str | EventDataset | None, model: TrainedModel | TrainedGraph, near: Path | None
) -> list[Samples]:
    """Parts as in training. Of a published data set they are those of training, so none is its test part."""
    if not model.config:
        raise InputError(
            "data: the model has no training configuration, which says the parts of recordings; give samples "
            "as an array, with labels"
        )
    found = load_splits(model, PARTS, data, near)
    recorded = model.metrics.get("data")
    hashes = recorded.get("parts") if isinstance(recorded, Mapping) else None
    for name, part in zip(PARTS, found, strict=True):
        if isinstance(hashes, Mapping) and part.events.sha256() != hashes.get(name):
            raise InputError(
                f"data: the {name} part of '{part.events.name}' is another than in training (by SHA-256) "
                "and may hold test recordings; give the folder of the published files"
            )
    return found


def _of_graph(
    data: str | os.PathLike[str] | EventDataset, graph: QuantizedGraph, seed: int, slip: str | None
) -> list[Samples]:
    """Parts by the speakers that are held out, or by default."""
    events = data if isinstance(data, EventDataset) else load(data, graph.bin_s)
    if events.unit_count != graph.inputs:
        raise InputError(
            f"data: '{events.name}' has {events.unit_count} units, the network takes {graph.inputs} lines; "
            f"give data with {graph.inputs} units"
        )
    if events.class_names == (NO_CLASS,):
        raise InputError(f"data: no class is known of {quoted(events)}; give labels, or samples as an array")
    held_out = events.held_out
    splits = split_by_default(events, seed) if held_out is None else split_by_speaker(events, *held_out)
    classes, found = graph.readouts[0].class_names, []
    for name in PARTS:
        part: EventDataset = getattr(splits, name)
        if not len(part):
            raise InputError(f"data: the {name} part of '{part.name}' is empty; hold out other speakers")
        labels = of_classes(f"data: {part.name}: labels", part.labels, len(part), part.class_names, classes)
        part = replace(part, labels=labels, class_names=classes)
        if (steps := part.needed_steps(graph.bin_s)) > graph.time_steps:
            cause = f"{slip}; otherwise " if slip else ""
            raise InputError(
                f"data: a recording has {steps} steps of {graph.bin_s:g} s, the network takes "
                f"{graph.time_steps}; {cause}cut it, or read the network with "
                "more steps"
            )
        found.append(Samples(name, part, graph.bin_s, graph.time_steps, 1))
    return found


def _framed(samples: list[Samples], graph: QuantizedGraph) -> tuple[Part, Part]:
    count = sum(map(len, samples))
    if (size := count * graph.time_steps * graph.inputs) > FRAMES_LIMIT:
        raise LimitError(
            f"data: the frames of {count} recordings take {size} bytes, the limit is {FRAMES_LIMIT}; give "
            "fewer recordings"
        )
    train, validation = (Part(*each.frames(np.arange(len(each)))) for each in samples)
    return train, validation
