"""Spikes that a user gives to `snnc run`, `snnc verify` and `snnc chip`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from snnc.batches import batches
from snnc.errors import InputError, StageError
from snnc.exporter.artifact import GOLDEN, carries_model, source_model
from snnc.io.spike_arrays import CLASSES, KNOWN, assumed_step, not_read, other_step
from snnc.io.spike_file import checked_labels, dense_spikes, texts
from snnc.stages import Artifact, QuantizedGraph, Readout, check_input
from snnc.text import did_you_mean
from snnc.trainer.data import NAMED, load
from snnc.trainer.data.array_files import advice, is_array
from snnc.trainer.data.class_names import counted_from_0
from snnc.trainer.data.counted_labels import labels_count
from snnc.trainer.data.dense import by_time, dense_events, speakers_in
from snnc.trainer.data.one_step import check_spread
from snnc.trainer.data.places_of_names import by_number
from snnc.trainer.fitting_data import units_remedy
from snnc.trainer.line_record import heard, heard_in, notes_of_lines
from snnc.trainer.other_data import learned_steps
from snnc.trainer.step_record import learned_step
from snnc.verification.as_recordings import as_recordings
from snnc.verification.file_labels import Labels, NamedLabels, named_labels
from snnc.verification.led_lines import leads_on

if TYPE_CHECKING:
    from snnc.trainer.data import EventDataset

Spikes = npt.NDArray[np.uint8]
EVENT_FILES = (".npz", ".h5", ".hdf5")


@dataclass(frozen=True, slots=True)
class SpikeInput:
    """Samples that are framed when they are asked for, and their labels where the file names them."""

    count: int
    frames: Callable[[slice], Spikes]
    """Samples of a slice -> uint8 [samples, T, inputs] of 0 and 1, or of payloads."""
    labels: Labels | None = None
    partly: Labels | None = None
    """In place of `labels` where the network lacks the classes of some samples, not of all: -1 for these."""
    named: NamedLabels | None = None
    """What `labels` or `partly` are of, where the file gives names of classes."""
    names_in: str = ""
    """Where these names stand in it, in words."""
    events: EventDataset | None = None
    """The recordings, of a file of events."""
    in_steps: Callable[[], EventDataset | None] = lambda: None
    """In place of `events`, what makes recordings of samples in the network's steps, or None."""
    speakers: tuple[str, ...] | None = None
    """Of samples of a file in the network's steps whose each is, empty where it is not known; else None."""
    sound: bool = False
    """They are WAV files, which were encoded as the network's own data were."""
    golden: bool = False
    """They are the artifact's own, which no one records."""
    notes: tuple[str, ...] = ()
    """What was left out of it."""
    of_labels: tuple[str, ...] = ()
    """Where their labels are from, or why there are none, where that is no matter of course."""

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, part: slice) -> Spikes:
        return self.frames(part)

    def origin(self) -> EventDataset | None:
        """What tells where they are from: whether they trained the network, and who speaks in them."""
        return self.in_steps() if self.events is None else self.events

    @property
    def compared(self) -> SpikeInput | None:
        """The samples with a label of the network; None if no label is one."""
        if self.partly is None:
            return None if self.labels is None else self
        which = np.flatnonzero(self.partly >= 0)

        def frames(part: slice) -> Spikes:
            return np.concatenate([self.frames(slice(each, each + 1)) for each in which[part].tolist()])

        return SpikeInput(len(which), frames, self.partly[which])

    @property
    def never_none(self) -> str | None:
        """A sentence on recordings that have no class of the network, or none at all; None without such."""
        if self.golden or self.labels is not None:
            return None
        return (
            "the network names one of its classes for every recording, whatever it is, and a high score does "
            "not tell that it is of that class"
        )

    def not_compared(self, classes: Sequence[str]) -> str | None:
        """A sentence on samples without a class of the network's `classes`; None if there are none."""
        if self.labels is not None or self.named is None:
            return None
        named_so = f"; name these as the network does, in {self.names_in}" if self.names_in else ""
        return self.named.not_compared(classes, named_so)

    def by_names(self, named: NamedLabels, classes: Sequence[str]) -> SpikeInput:
        """As this, with the labels `named` as far as they are of `classes`."""
        found = named.among(classes)
        known = found >= 0
        return replace(
            self,
            labels=found if known.all() else None,
            partly=found if known.any() and not known.all() else None,
            named=named,
        )


def labelled(graph: QuantizedGraph, name: str | None) -> Readout:
    """The readout that labels are of: the one called `name`, or the first. `InputError` if there is none."""
    if name is None:
        return graph.readouts[0]
    known = [each.population for each in graph.readouts]
    if name not in known:
        meant = did_you_mean(name, known)
        raise InputError(f"--labels-of: readout {name!r} is unknown{meant}; there are {', '.join(known)}")
    return graph.readouts[known.index(name)]


def open_spikes(path: Path, artifact: Artifact, labels_of: str | None = None) -> SpikeInput:
    """The samples of an npz with `spikes`, or of an event file; events are framed in `frames`.

    Beside `spikes` there may be `labels`, whole numbers [samples] from 0 or names of classes, `classes`, the
    names of these numbers, and `dt`, seconds a step; events have theirs. Labels are of the readout called
    `labels_of`, or of the first.

    Raises
    ------
    InputError
        If the file cannot be read, holds no sample, or does not fit the artifact's network.
    """
    classes = labelled(artifact.graph, labels_of).class_names
    found = _open(path, artifact, classes)
    if not len(found):
        raise InputError(f"{path}: holds no sample")
    return replace(found, names_in=by_number(str(path)))


def _open(path: Path, artifact: Artifact, classes: Sequence[str]) -> SpikeInput:
    if path.suffix.lower() == ".npz":
        from snnc.io.npz import read_npz

        arrays = read_npz(path)
        if "spikes" in arrays:
            read = {name: array for name, array in arrays.items() if name in KNOWN}
            if path.resolve() == (artifact.path / GOLDEN).resolve():  # they have its step, and what they gave
                return replace(_of_samples(path, read, artifact, classes), golden=True)
            notes = not_read(path, arrays)
            found = _of_samples(path, read, artifact, classes)
            assumed = () if found.events is not None else assumed_step(path, read, artifact.graph.bin_s)
            return replace(found, notes=(*found.notes, *assumed, *notes))
    if is_array(path) and path.exists():
        raise InputError(f"--input {path}: {advice(path)}")
    if path.suffix.lower() not in EVENT_FILES and str(path) not in NAMED:
        raise InputError(
            f"{path}: give an npz with `spikes` [samples, steps, lines], or a file of events "
            f"({', '.join(EVENT_FILES)})"
        )
    found = framed(f"--input {path}", load(str(path), classes=classes), artifact, classes)
    if found.events is None or not labels_count(found.events, classes):
        return found
    return replace(found, named=None, of_labels=counted_from_0(classes))


def _of_samples(
    path: Path, arrays: Mapping[str, npt.NDArray[Any]], artifact: Artifact, classes: Sequence[str]
) -> SpikeInput:
    """Those of the array `spikes`, in the steps of the network."""
    if (events := _of_other_steps(path, arrays, artifact, classes)) is not None:
        return events
    graph = artifact.graph
    try:
        dense = dense_spikes(path, arrays, graph.time_steps, graph.inputs, graph.bin_s)
    except InputError as error:
        own = _own_data(path, arrays, artifact)
        if own is None:
            raise InputError(f"--input {error}") from error
        return framed(f"--input {path}", own, artifact, classes)
    found = _with_labels(_checked(path, dense, artifact), path, arrays, classes)
    return replace(
        found,
        speakers=speakers_in(path, arrays, len(dense)),
        in_steps=partial(as_recordings, path, arrays, artifact, classes),
    )


def _with_labels(
    found: SpikeInput, path: Path, arrays: Mapping[str, npt.NDArray[Any]], classes: Sequence[str]
) -> SpikeInput:
    """`found` with the labels in `arrays` alone: by names where they have some, else numbers of `classes`."""
    found = replace(found, labels=None, partly=None, named=None)
    if "labels" not in arrays:
        return found
    called, labels, own = f"{path}: labels", arrays["labels"], texts(path, arrays, CLASSES)
    named = named_labels(called, labels, len(found), own, classes)
    if named is not None:
        return found.by_names(named, classes)
    numbers = checked_labels(called, labels, len(found), classes)
    return replace(found, labels=numbers, of_labels=counted_from_0(classes) if own is None else ())


def _of_other_steps(
    path: Path, arrays: Mapping[str, npt.NDArray[Any]], artifact: Artifact, classes: Sequence[str]
) -> SpikeInput | None:
    """Samples whose steps last as long as the file says, and not as long as the network's: events by time."""
    graph = artifact.graph
    if (events := by_time(path, arrays, graph.bin_s, classes)) is None:
        return None
    if "labels" not in arrays:
        events = replace(events, class_names=tuple(classes))
    found = _with_labels(framed(f"--input {path}", events, artifact, classes), path, arrays, classes)
    learned_s = learned_step(source_model(artifact)) if carries_model(artifact) else None
    notes = other_step(path.name, events.step_s, graph.bin_s, learned_s)
    return replace(found, notes=notes)


def _own_data(path: Path, arrays: Mapping[str, npt.NDArray[Any]], artifact: Artifact) -> EventDataset | None:
    """Samples with fewer steps than the network, if its model was trained on just these: silence follows."""
    if not carries_model(artifact):
        return None
    model = source_model(artifact)
    recorded = model.metrics.get("data")
    try:
        events = dense_events(path, arrays, model.bin_s)
    except InputError:  # then they are not: what is said of their shape stands
        return None
    same = isinstance(recorded, Mapping) and recorded.get("sha256") == events.sha256()
    return events if same else None


def line_notes(artifact: Artifact, given: Spikes | SpikeInput) -> tuple[str, ...]:
    """Lines that are silent in samples of a user and were not in training, or the reverse."""
    if not carries_model(artifact):
        return ()
    model, events = source_model(artifact), given.events if isinstance(given, SpikeInput) else None
    if events is not None:
        return notes_of_lines(model, heard(events, model.unit_pool), leads_on(artifact.graph))
    parts = (given[part] for part in batches(artifact.graph, len(given)))
    return notes_of_lines(model, heard_in(parts, model.inputs), leads_on(artifact.graph))


def framed(argument: str, events: EventDataset, artifact: Artifact, classes: Sequence[str]) -> SpikeInput:
    """Recordings in the steps of the network; errors name the `argument` that they were given as."""
    graph = artifact.graph
    model = source_model(artifact) if carries_model(artifact) else None
    pool = 1 if model is None else model.unit_pool
    if events.unit_count != graph.inputs * pool:
        of = f" of {pool} units each" if pool > 1 else ""
        raise InputError(
            f"{argument}: has {events.unit_count} units, the network reads {graph.inputs} lines{of}"
            f"{units_remedy(events, graph.inputs * pool)}"
        )
    check_spread(argument, events, graph.bin_s, (model and learned_steps(model)) or graph.time_steps)

    def frames(which: slice) -> Spikes:
        indices = np.arange(*which.indices(len(events)))
        return events.frames(indices, graph.bin_s, graph.time_steps, pool)

    found = SpikeInput(len(events), frames, events=events)
    return found.by_names(NamedLabels(events.class_names, events.labels), classes)


def _checked(path: Path, dense: npt.NDArray[np.generic], artifact: Artifact) -> SpikeInput:
    """`dense` after a look at every value, so that a run does not break down in its middle."""
    graph = artifact.graph
    try:
        for part in batches(graph, len(dense)):
            check_input(graph, dense[part], part.start)
    except StageError as error:
        raise InputError(f"{path}: {error}") from error
    return SpikeInput(len(dense), lambda which: check_input(graph, dense[which]))
