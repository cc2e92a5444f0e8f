"""Data that are not those that a model was trained on: what of them is tested, and what is said of it.

Nothing of them trained the network, as far as one knows, so all of them are test recordings; by the rule that
divides the data of training, most of them would be left out. Whether they hold recordings of training is
looked up where the data of training are at hand.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from snnc.errors import SnncError
from snnc.io.files import same_file
from snnc.stages.findings import Doubt
from snnc.trainer.chosen import chosen_with
from snnc.trainer.data import EventDataset, load
from snnc.trainer.data.alike import form_of
from snnc.trainer.data.copies import digests
from snnc.trainer.data.oddities import notes_of_new
from snnc.trainer.data.published import PUBLISHED
from snnc.trainer.data.short_recordings import named, of_empty
from snnc.trainer.data.splits import split_by_speaker
from snnc.trainer.fingerprints import SILENT, fingerprints
from snnc.trainer.held_out import Steps
from snnc.trainer.near import found_near
from snnc.trainer.rounded_copies import Copies, copies_of
from snnc.trainer.seen import (
    CHOICE,
    FINE_TUNING,
    SOURCES,
    TRAINING,
    Seen,
    has_sources,
    names_of_sources,
    sources_of,
)
from snnc.trainer.splitting import published_parts, splits_of
from snnc.trainer.tuning import KEY, tuned_silence, tuned_with, used_in

if TYPE_CHECKING:
    from snnc.trainer.config import TrainConfig
    from snnc.trainer.model_file import AnyModel


CHANGED = "not the file of training"
"""In a few words, of data under the name of the model's own."""


@dataclass(frozen=True, slots=True)
class OtherData:
    """`used` of the `available` recordings of `name` are measured, which are not the model's own data.

    `part` : what the measured ones are; empty if they are all. `seen`: how many of them had a part in what
    the network is, and `seen_by`, by cause; None where that cannot be told, or was not looked up
    (`looked_up`). `exact` and `steps_s`: as of `Seen`. `notes`: what is odd about them, a line each, if they
    were read from a file. `counted`: labels are numbers, which count the model's classes from 0. `changed`:
    they have the name of the model's own data. `sources`, `of_sources`, `numbered`, `silent`: as of `Seen`.
    """

    name: str
    used: int
    available: int
    part: str = ""
    seen: int | None = None
    seen_by: Mapping[str, int] | None = None
    looked_up: bool = True
    notes: tuple[str, ...] = ()
    exact: int = 0
    steps_s: tuple[float, ...] = ()
    counted: bool = False
    changed: bool = False
    sources: tuple[str, ...] = ()
    of_sources: int = 0
    numbered: bool = False
    silent: int = 0

    @property
    def counts(self) -> str:
        """As "102 of 102 recordings of test.npz"."""
        changed = f", {CHANGED} (another SHA-256)" if self.changed else ""
        which = f": {self.part}" if self.part else ""
        return f"{self.used} of {self.available} recordings of {self.name}{changed}{which}"

    @property
    def doubtful(self) -> bool:
        """Whether some had a part in what the network is, or are of sources that had, or nobody can tell."""
        return bool(self.seen or self.of_sources) or (self.looked_up and self.seen_by is None)

    @property
    def doubt(self) -> Doubt | None:
        """Why an accuracy on them may say too much; None if they are held out, as far as was looked up."""
        told = [CHANGED] * self.changed
        if self.looked_up and (self.seen_by is not None or self.of_sources or not told):
            told += [*filter(None, [self._seen.short])]
        return Doubt(self.text, ", ".join(told)) if told else None

    @property
    def _seen(self) -> Seen:
        sources = self.sources, self.of_sources, self.numbered
        return Seen(self.seen_by, self.exact, self.steps_s, *sources, self.silent)

    @property
    def text(self) -> str:
        """What is measured, and whether it trained the network."""
        return f"{self.counts}; {self._seen.words()}" if self.looked_up else self.counts


def notes_of_file(events: EventDataset, model: AnyModel | None, empty_too: bool = True) -> tuple[str, ...]:
    """What is odd about events that were just read, for `model` if there is one.

    Samples in steps have no times to be wrong about. `empty_too`: recordings without an event are told.
    """
    if events.step_s is None:
        found = notes_of_new(events, empty_too, 0.0 if model is None else _reach(model))
    else:
        found = tuple(of_empty(events)) if empty_too else ()
    late = () if model is None else longer_than_learned(_late(events, model), len(events), model, events)
    return tuple(f"event data '{events.name}': {note}" for note in (*found, *late))


def learned_steps(model: AnyModel) -> int | None:
    """The first step of the padding, where the recordings of training were over; None if none was added."""
    padding = model.config.get("padding_steps")
    return model.time_steps - padding if isinstance(padding, int) and padding else None


def _reach(model: AnyModel) -> float:
    """Seconds that the recordings of training may take."""
    return (learned_steps(model) or model.time_steps) * model.bin_s


def longer_than_learned(
    late: npt.NDArray[np.integer], count: int, model: AnyModel, events: EventDataset | None = None
) -> tuple[str, ...]:
    """That recordings `late`, of `count`, have events in the padding; () if none. `events` may name files."""
    if (steps := learned_steps(model)) is None or not late.size:
        return ()
    many, one = len(np.unique(late)), int(late.min())
    first = f"recording {one}" if events is None else named(events, one)
    longer = f"{many} of {count} recordings {'is' if many == 1 else 'are'} longer than all that trained the"
    end = f"network, which end before {steps * model.bin_s:.6g} s (first: {first})"
    return (f"{longer} {end}: it has not learned what comes later",)


def _late(events: EventDataset, model: AnyModel) -> npt.NDArray[np.intp]:
    """Numbers of the recordings that have events in the padding, once for each event."""
    steps = learned_steps(model)
    after = np.inf if steps is None else steps * model.bin_s
    return np.searchsorted(events.offsets, np.flatnonzero(events.seconds >= after), "right") - 1


def is_other(model: AnyModel, events: EventDataset, dataset: str | None, near: Path | None) -> bool:
    """Whether `events`, read from `dataset` if that is no None, are others than the model's own data.

    Data under the name of the model's own are those, also if they changed: the user says that they are.
    """
    recorded = model.metrics.get("data")
    if isinstance(recorded, Mapping) and recorded.get("sha256") == events.sha256():
        return False
    if dataset is None:
        return True
    own = Path(found_near(model.dataset, near))
    return dataset != model.dataset and not same_file(Path(dataset), own)


def tested(events: EventDataset) -> tuple[EventDataset, str]:
    """What of other data is tested: the test part that comes with them, and its name, or all and ""."""
    if events.held_out is None or not events.held_out[1]:
        return events, ""
    return split_by_speaker(events, *events.held_out).test, "its own test part"


def seen_in(model: AnyModel, config: TrainConfig, events: EventDataset, near: Path | None) -> Seen:
    """How many of `events` had a part in `model`, and of how many a source had, by its name.

    Recordings are compared by their events and by rounded times, whatever their order, names and labels; with
    those of fine-tuning, of which the model keeps a record, in steps.
    """
    known = own_parts(model, config, ("train", "validation"), near)
    tuned = tuned_with(model, events)
    nothing = np.zeros(len(events), bool)
    steps = Steps(model.bin_s, model.time_steps, model.unit_pool)
    copies = Copies(nothing, nothing, ()) if known is None else copies_of(known, events, steps)
    by_cause = {
        TRAINING: copies.alike,
        FINE_TUNING: nothing if tuned is None else tuned,
        CHOICE: chosen_with(model, events),
    }
    filled = np.diff(events.offsets) > 0  # all others are equal
    left, found = filled, {}
    for cause, which in by_cause.items():
        found[cause] = int((which & left).sum())
        left = left & ~which
    theirs = known_sources(model) if known is None else names_of_sources(known)
    forms = set(map(form_of, theirs))  # one who is spelt otherwise is the same
    others = events.select(left)
    of_them = [name for name in sources_of(others) if name and form_of(name) in forms]
    sources, numbered = tuple(sorted(set(of_them))), _by_number(others, known, theirs)
    if not any(found.values()) and (known is None or tuned is None):
        return Seen(None, sources=sources, of_sources=len(of_them), numbered=numbered)
    exact = int((copies.exact & filled).sum())
    theirs_too = any(map(without_events, known or ())) or tuned_silence(model.metrics.get(KEY))
    silent = without_events(events) if theirs_too else 0
    return Seen(found, exact, copies.steps_s, sources, len(of_them), numbered, silent)


def without_events(events: EventDataset) -> int:
    """How many recordings have no event."""
    return int((np.diff(events.offsets) == 0).sum())


def _by_number(events: EventDataset, known: Sequence[EventDataset] | None, names: Sequence[str]) -> bool:
    """Whether sources of `events` are not compared with those of training, since some have no name.

    `known`: the parts of training, None if they are not here; `names`: of its sources. Files number sources
    as they like, so one number in two of them says nothing.
    """
    if not has_sources(events):
        return False
    if known is not None and not any(map(has_sources, known)):
        return False
    return events.speaker_names is None or (known is not None and not names)


def known_sources(model: AnyModel) -> list[str]:
    """The names of sources that `model` keeps of its data of training."""
    recorded = model.metrics.get("data")
    names = recorded.get(SOURCES) if isinstance(recorded, Mapping) else None
    return [name for name in names if isinstance(name, str)] if isinstance(names, Sequence) else []


def looked_up(
    found: OtherData, model: AnyModel, config: TrainConfig, events: EventDataset, near: Path | None
) -> OtherData:
    """`found`, which tells of the recordings `events`, with how many of them had a part in `model`."""
    seen = seen_in(model, config, events, near)
    return replace(
        found,
        seen=None if seen.by_cause is None else sum(seen.by_cause.values()),
        seen_by=seen.by_cause,
        exact=seen.exact,
        steps_s=seen.steps_s,
        sources=seen.sources,
        of_sources=seen.of_sources,
        numbered=seen.numbered,
        silent=seen.silent,
    )


def of_tuned(
    name: str, spikes: npt.NDArray[np.uint8], available: int, record: Mapping[str, Any]
) -> OtherData | None:
    """What is said of `spikes` [recordings, T, lines], some of the `available` ones of `name`, for a network
    without data of training; None if the `record` of its fine-tuning has none of them.
    """
    found = list(fingerprints(spikes))
    used = used_in(record, found)
    if used is None or not used.any():
        return None
    count, silent = int(used.sum()), found.count(SILENT) if tuned_silence(record) else 0
    return OtherData(name, len(spikes), available, seen=count, seen_by={FINE_TUNING: count}, silent=silent)


def own_parts(
    model: AnyModel, config: TrainConfig, names: Sequence[str], near: Path | None
) -> list[EventDataset] | None:
    """These parts of the data of training; None if they cannot be read any more."""
    recorded = model.metrics.get("data")
    if not isinstance(recorded, Mapping):
        return None
    try:
        if model.dataset in PUBLISHED:
            return published_parts(config, names, near)
        own = load(found_near(model.dataset, near), model.bin_s)
        if own.sha256() != recorded.get("sha256"):
            return None
        splits = splits_of(config, own)
    except SnncError:  # they are elsewhere now: that is no problem of the data to test
        return None
    return [getattr(splits, name) for name in names]


VALIDATED = "validated"
"""In the metrics of a model, of its data: the `fingerprint` of the recordings that validated."""


def fingerprint(events: EventDataset) -> str:
    """The same for the same recordings with the same classes, in any order and from any file."""
    found = sorted(
        each + events.class_names[label].encode()
        for each, label in zip(digests(events), events.labels.tolist(), strict=True)
    )
    return hashlib.sha256(b"\n".join(found)).hexdigest()[:16]
