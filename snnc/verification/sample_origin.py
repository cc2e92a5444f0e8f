"""Where samples that a user gives are from: files, speakers, and whether they trained the network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from snnc.exporter.artifact import carries_model
from snnc.stages import Artifact, TrainedGraph, TrainedModel
from snnc.stages.findings import Confusion, Doubt
from snnc.trainer.chosen import chosen_with
from snnc.trainer.config import make_config
from snnc.trainer.data import EventDataset
from snnc.trainer.data.alike import form_of
from snnc.trainer.data.class_names import NO_CLASS
from snnc.trainer.data.events import UNKNOWN
from snnc.trainer.data.speakers import each_named
from snnc.trainer.other_data import is_other, known_sources, seen_in
from snnc.trainer.own_data import CHANGED
from snnc.trainer.seen import NONE, SOME, consequence, sources_of
from snnc.trainer.splitting import splits_of
from snnc.trainer.tuning import KEY, as_left, tuned_with
from snnc.verification.spike_input import SpikeInput
from snnc.verification.tuned_samples import exported_model, tuned_doubt

Classes = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """Which recordings of the model's own data train, validate and test; or `note`, why that is not told."""

    of: Mapping[str, Classes]
    note: str = ""
    short: str = ""
    """Of `note`, why an accuracy on them may say too much, in a few words."""

    def names(self, count: int) -> list[str]:
        """The part of each of `count` recordings."""
        found = [""] * count
        for name, which in self.of.items():
            for each in which.tolist():
                found[each] = name
        return found

    @property
    def in_order(self) -> list[tuple[str, Classes]]:
        """The parts, test first: what tells of new data must not be lost among training samples."""
        order = ("test", "validation", "train")
        place = {name: number for number, name in enumerate(order)}
        return sorted(self.of.items(), key=lambda item: place.get(item[0].partition(" ")[0], len(order)))


@dataclass(frozen=True, slots=True)
class Told:
    """Of each sample the `files` that it was made of, the `speakers`, and the names of their own `classes`.

    None where none are known.
    """

    files: Sequence[str] | None = None
    speakers: Sequence[str] | None = None
    classes: Sequence[str] | None = None


def of_samples(given: SpikeInput, events: EventDataset | None) -> Told:
    """What is said of the samples `given` by the recordings `events` that they are, else by their file."""
    if events is None:
        own = None if given.named is None else _told(given.named.names, given.named.numbers)
        return Told(speakers=given.speakers, classes=own)
    speakers = each_named(events.speaker, events.speaker_names, UNKNOWN)
    return Told(events.files, speakers, _told(events.class_names, events.labels))


def _told(names: Sequence[str], labels: Classes) -> list[str]:
    """The name of each label; empty of a sample without one."""
    told = ["" if name == NO_CLASS else name for name in names]
    return [told[number] for number in labels.tolist()]


def parts_of(
    artifact: Artifact, events: EventDataset | None, given: Path | None, labels: Classes | None
) -> Parts | None:
    """The parts of `events`, read from `given` if that is no None, if the artifact's model trained on them.

    None if it has no data of its own. `labels` are those that an accuracy is of, -1 where it is not of a
    recording; None if none is told.
    """
    if events is None or not carries_model(artifact):
        return None
    model = exported_model(artifact)
    recorded = model.metrics.get("data")
    if not isinstance(recorded, Mapping) or not model.config:
        return None
    config = make_config(model.config, "the model's configuration")
    sha256, parts = events.sha256(), recorded.get("parts")
    if isinstance(parts, Mapping) and sha256 in parts.values():
        name = next(str(name) for name, each in parts.items() if each == sha256)
        return Parts({name: np.arange(len(events))})
    if sha256 != recorded.get("sha256"):
        judged = labels is not None
        compared = events if labels is None or (labels >= 0).all() else events.select(labels >= 0)
        seen = seen_in(model, config, compared, artifact.beside)
        if given is None:
            which = f"not those of {model.dataset}, which the model was trained on"
        elif is_other(model, events, str(given), artifact.beside):
            which = f"of another file than {model.dataset}, which the model was trained on"
        else:
            which = f"of {model.dataset}, but not those that the model was trained on ({CHANGED})"
        some = "" if compared is events else f"accuracy is of {len(compared)}, and "
        return Parts({}, f"{which}; {some}{seen.words(judged)}", seen.short)
    numbered = replace(events, trial=np.arange(len(events)))  # so that a part tells which they are
    splits = splits_of(config, numbered)
    told = ("train", "test") if splits.trains_all else ("train", "validation", "test")
    named = [(name + splits.remark(name), getattr(splits, name)) for name in told]
    return Parts({name: part.trial for name, part in _without_tuned(model, named) if len(part)})


def _without_tuned(
    model: TrainedModel | TrainedGraph, named: Sequence[tuple[str, EventDataset]]
) -> Iterator[tuple[str, EventDataset]]:
    """Parts by name; of the test part, what fine-tuning or an export used is a part of its own."""
    for name, part in named:
        used = tuned_with(model, part, others_only=True) if name.startswith("test") else None
        used = np.zeros(len(part), bool) if used is None else used
        choice = chosen_with(model, part) & ~used if name.startswith("test") else np.zeros(len(part), bool)
        yield name, part.select(~(used | choice))
        yield "train (fine-tuning used them)", part.select(used)
        yield "validation (bits or scales were chosen by them)", part.select(choice)


def origin_of(
    artifact: Artifact, given: SpikeInput, origin: EventDataset | None, path: Path | None
) -> Doubt | None:
    """Whether some samples, of `path` if that is no None, trained the network; no few words if none did.

    None if it has no data of its own.
    """
    labels = told_labels(given)
    judged = labels is not None
    if (parts := parts_of(artifact, origin, path, labels)) is None:
        return tuned_doubt(artifact, given, judged)
    if parts.note:
        return Doubt(f"the samples are {parts.note}", parts.short if judged else "")
    told = ", ".join(f"{part} {len(which)}" for part, which in parts.in_order)
    tests = [part.startswith("test") for part in parts.of]
    held = all(tests)
    also = "" if held else f", {consequence(judged)}"
    text = f"the samples are those that the model was trained on ({told}){also}"
    return Doubt(text, "" if held or not judged else SOME if any(tests) else NONE)


def strangers(artifact: Artifact, events: EventDataset | None, doubtful: bool) -> bool | None:
    """Whether no source of `events`, which are not the model's own data, trained or validated the network.

    Sources are known by their names alone: None where these do not tell it. So it is where the recordings are
    `doubtful`, as some are those of training, under names of their own, or nobody can tell.
    """
    if events is None or not carries_model(artifact):
        return None
    model, names = exported_model(artifact), sources_of(events)
    known = set(map(form_of, known_sources(model)))
    if known & set(map(form_of, names)):
        return False
    tuned = as_left(model.metrics.get(KEY))  # which keeps no names
    return True if known and all(names) and not (tuned or doubtful) else None


def of_whom(
    found: Confusion | None,
    artifact: Artifact,
    events: EventDataset | None,
    labels: Classes,
    doubt: Doubt | None,
) -> Confusion | None:
    """The confusions `found` of `events` with a class of the network, with whether its sources trained it.

    `doubt`: what is told of them, as `origin_of` gives it.
    """
    if found is None or not found.speakers or events is None:
        return found
    doubtful = doubt is not None and bool(doubt.short)
    return replace(found, strangers=strangers(artifact, events.select(labels >= 0), doubtful))


def known_speakers(speakers: Sequence[str] | None, labels: Classes) -> list[str]:
    """Those of the samples that have a class of the network; none where `speakers` is None."""
    if speakers is None:
        return []
    return [each for each, label in zip(speakers, labels.tolist(), strict=True) if label >= 0]


def told_labels(spikes: SpikeInput) -> Classes | None:
    """The class of each sample, -1 for one that the network lacks; None if no label is one."""
    return spikes.labels if spikes.partly is None else spikes.partly
