"""Samples that train and samples that validate, of what a user gives."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.api.binary import arrays_of
from snnc.api.checks import each_labelled, named, warn_of_data, warn_of_step
from snnc.api.events import as_events
from snnc.api.example import UNKNOWN, Origin
from snnc.api.label_counts import check_count
from snnc.api.own_parts import has_parts, parts_of_training
from snnc.api.part import Part
from snnc.errors import InputError, LimitError, OnlyInputError
from snnc.io.spike_file import of_classes
from snnc.stages import QuantizedGraph, TrainedGraph, TrainedModel
from snnc.trainer.config import make_config
from snnc.trainer.data import EventDataset, load, split_by_default, split_by_speaker
from snnc.trainer.data.one_step import check_spread
from snnc.trainer.data.short_recordings import check_labelled
from snnc.trainer.data.splits import measured
from snnc.trainer.fingerprints import SILENT, fingerprints, packed
from snnc.trainer.fitting_data import units_remedy
from snnc.trainer.other_data import OtherData
from snnc.trainer.samples import Samples, load_splits
from snnc.trainer.seen import sources_of
from snnc.trainer.tuning_calls import Use

VALIDATION = 0.2
"""Share of samples that validate, where they come in no parts."""
FEWEST = 5
"""Samples in all, so that one of them validates."""
PARTS = ("train", "validation")
WITH_LABELS = (str, os.PathLike, EventDataset)  # recordings, or their name or path
FRAMES_LIMIT = 1 << 31
"""Most bytes of the frames of recordings, which are all held at once."""


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """What trains and what validates, of `count` recordings of the data `name`; empty for arrays.

    `own`: the parts are those of training. `kept_out`: samples that test the network, by its training.
    `unknown`: which samples these are could not be found out.
    """

    train: Part
    validation: Part
    name: str = ""
    count: int = 0
    own: bool = False
    kept_out: Part | None = None
    unknown: bool = False

    def use(self, epochs: int) -> Use:
        """What is kept of them."""
        trained, validated = (
            packed(list(fingerprints(part.events))) for part in (self.train, self.validation)
        )
        return Use(
            self.name or "given samples",
            len(self.train),
            len(self.validation),
            epochs,
            0 if self.kept_out is None else len(self.kept_out),
            self.own,
            trained,
            validated,
        )

    def _copies(self) -> int:
        """How many samples that validate give the network the input of one that trains."""
        known = set(fingerprints(self.train.events)) - {SILENT}
        same = np.isin(self.validation.rows, self.train.rows)
        prints = fingerprints(self.validation.events)
        return sum(one or each in known for one, each in zip(same.tolist(), prints, strict=True))

    def lines(self, network: str, dataset: str) -> list[str]:
        """What trains and validates `network`, and what does not; `dataset`: that of its training."""
        of = f"of {self.name}, " if self.name else ""
        train, validation = self.train, self.validation
        said = f"{network}: {of}{len(train)} samples train{train.spoken}, {len(validation)} validate"
        said += validation.spoken
        out = 0 if self.kept_out is None else len(self.kept_out)
        used = len(np.union1d(train.rows, validation.rows))
        if (rest := self.count - used - out) > 0:
            said += f", {rest} are left out (the test part{'' if self.own else ' by the rules of training'})"
        lines = [said]
        if copies := self._copies():
            known = "1 sample that validates is" if copies == 1 else f"{copies} samples that validate are"
            lines.append(f"{known} among those that train, so accuracy and agreement are optimistic")
        if self.kept_out is not None and out:
            lines.append(
                f"{out} samples are kept out, since the network is tested with them: they are of the test "
                f"part of {dataset}, or of its speakers{self.kept_out.spoken}"
            )
        if self.unknown:
            lines.append(
                f"which samples are of the test part of {dataset} is not known, since it is not here: none "
                "is kept out, and snnc.test leaves out those that trained"
            )
        return lines


def parts(
    data: Any,
    labels: Any,
    graph: QuantizedGraph,
    layout: str | None,
    seed: int,
    model: object,
    near: Path | None = None,
    origin: Origin = UNKNOWN,
) -> Parts:
    """What of `data` trains, and what validates `model`, whose network in integers is `graph`.

    Recordings of `load_data`, or what it loads, have parts: those of the model's configuration, of their own
    or by speaker; the test part is left alone. Of other samples a fifth is drawn by `seed`. Samples of the
    parts of the model's training are in the part that they were in, and those of its test part in none.
    `near`: where the model's file lies. `origin`: what is known of the example that `from_torch` took.

    Raises
    ------
    InputError
        If `data` or `labels` do not fit `graph`, or there are too few.
    LimitError
        If the frames of the recordings take too much memory.
    """
    trained = model if isinstance(model, TrainedModel | TrainedGraph) else None
    if isinstance(data, WITH_LABELS):
        if labels is not None:
            raise InputError("labels: the recordings have their own; leave labels out")
        dataset = named(data, step_s=graph.bin_s)
        assert dataset is not None
        name = dataset.name if isinstance(dataset, EventDataset) else Path(dataset).name or dataset
        if trained is None:
            warn_of_step(dataset, graph.bin_s)
            found, count = _of_graph(dataset, graph, seed, origin.slip)
            return Parts(*_framed(found, graph), name, count)
        found = _of_model(dataset, trained, near)
        other = found[0].other
        within = make_config(trained.config, "the model's configuration").keeps_last
        made = Parts(*_framed(found, graph, within), name, _count(trained, other), own=other is None)
        if other is None:
            return made
        warn_of_data(other)
        return _sorted(made, trained, near, seed)
    events = as_events(data, graph, layout, "data", "encode it as events", origin)
    classes = graph.readouts[0].class_names
    check_count(labels, len(events), graph.time_steps, origin)
    known = None if labels is None else each_labelled(labels, len(events), classes)
    if len(events) < FEWEST:
        raise InputError(
            f"data: holds {len(events)} samples; give {FEWEST} or more, a fifth of them validates"
        )
    validates = _fifth(len(events), seed)
    given = Part(events, known, np.arange(len(events)))
    made = Parts(given.select(~validates), given.select(validates))
    return made if trained is None or not has_parts(trained) else _sorted(made, trained, near, seed)


def _fifth(count: int, seed: int) -> npt.NDArray[np.bool_]:
    """Which of `count` samples validate, where no rule says so."""
    validates = np.zeros(count, bool)
    validates[np.random.default_rng(seed).permutation(count)[: round(VALIDATION * count)]] = True
    return validates


def _count(model: TrainedModel | TrainedGraph, other: OtherData | None) -> int:
    """How many recordings the data have; 0 where nobody told."""
    if other is not None:
        return other.available
    recorded = model.metrics.get("data")
    count = recorded.get("recordings") if isinstance(recorded, Mapping) else None
    return count if isinstance(count, int) else 0


def _sorted(made: Parts, model: TrainedModel | TrainedGraph, near: Path | None, seed: int) -> Parts:
    """With the samples of the model's own parts in these, and those of its test part kept out.

    Raises
    ------
    InputError
        If too few are left to train.
    """
    own = parts_of_training(model, near)
    if own is None:
        return replace(made, unknown=True)
    again = np.isin(made.validation.rows, made.train.rows)
    both = made.train, made.validation.select(~again)
    rows = np.concatenate([part.rows for part in both])
    prints = [each for part in both for each in fingerprints(part.events)]
    labels = None if both[0].labels is None else np.concatenate([part.labels for part in both])
    spoken = tuple(each for part in both for each in part.speakers)
    speakers = spoken or ("",) * len(prints)
    train, validation, out = own.sorted(prints, speakers, np.isin(rows, made.validation.rows))
    if again.any():
        train |= validation
    if not validation.any():
        where = np.flatnonzero(train)
        validation[where[_fifth(len(where), seed)]] = True
        train = train & ~validation
    if not train.any() or not validation.any():
        raise InputError(
            f"data: {int(out.sum())} of {len(prints)} samples are of the test part of {model.dataset}, or of "
            f"its speakers, and {int(train.sum() + validation.sum())} are left; give more that may train"
        )
    whole = Part(np.concatenate([part.events for part in both]), labels, rows, spoken)
    return replace(
        made,
        train=whole.select(train),
        validation=whole.select(validation),
        kept_out=whole.select(out) if out.any() else None,
    )


def _of_model(
    data: str | EventDataset | None, model: TrainedModel | TrainedGraph, near: Path | None
) -> list[Samples]:
    """Parts as in training. Of a published data set they are those of training, so none is its test part."""
    if not model.config:
        raise InputError(
            "data: the model has no training configuration, which says the parts of recordings; give samples "
            "as an array, with labels"
        )
    found = load_splits(model, PARTS, data, near, to_train=True)
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
) -> tuple[list[Samples], int]:
    """Parts by the speakers that are held out, or by default; and how many recordings there are in all."""
    try:
        events = data if isinstance(data, EventDataset) else load(data, graph.bin_s)
    except OnlyInputError as error:
        if isinstance(data, EventDataset) or (call := arrays_of(data, graph)) is None:
            raise
        raise InputError(f"data: {data} {call}") from error
    check_spread(f"data: '{events.name}'", events, graph.bin_s, graph.time_steps)
    if events.unit_count != graph.inputs:
        raise InputError(
            f"data: '{events.name}' has {events.unit_count} units, the network takes {graph.inputs} lines"
            f"{units_remedy(events, graph.inputs)}"
        )
    check_labelled(events, events.name, "fine-tuning")
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
                f"{graph.time_steps}; {cause}cut it, or read the network with more steps"
            )
        found.append(Samples(name, part, graph.bin_s, graph.time_steps, 1))
    return found, len(events)


def _framed(samples: list[Samples], graph: QuantizedGraph, within: bool = False) -> tuple[Part, Part]:
    """`within`: those that validate are some of those that train."""
    count = sum(map(len, samples))
    if (size := count * graph.time_steps * graph.inputs) > FRAMES_LIMIT:
        raise LimitError(
            f"data: the frames of {count} recordings take {size} bytes, the limit is {FRAMES_LIMIT}; give "
            "fewer recordings"
        )
    first = len(samples[0])
    rows = np.arange(first), measured(first) if within else np.arange(first, count)
    train, validation = (
        Part(*each.frames(np.arange(len(each))), of, tuple(sources_of(each.events)))
        for each, of in zip(samples, rows, strict=True)
    )
    return train, validation
