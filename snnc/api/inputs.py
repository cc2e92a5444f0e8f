"""What `Exported.verify` compares on: samples that are given, or recordings of the model's own."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from snnc.api.checks import are_texts, checked_labels, named, warn_of_data, warn_of_step
from snnc.api.events import Events
from snnc.api.example import origin
from snnc.api.label_counts import check_count
from snnc.api.layouts import LAYOUT
from snnc.api.numbers import warn
from snnc.errors import InputError, MissingFileError, NoDataError, OnlyInputError
from snnc.exporter.artifact import carries_model, source_model
from snnc.exporter.graph_recordings import fitted_frames
from snnc.io.near_files import is_missing, near_file
from snnc.io.other_kinds import read_in_python
from snnc.report.glossary import CLIPPED, TUNED
from snnc.stages import AccuracyStage, Artifact, Confusion, FloatGraph
from snnc.stages.findings import Doubt
from snnc.text import quoted, shell
from snnc.trainer.data import NAMED, EventDataset
from snnc.trainer.data.class_names import NO_CLASS
from snnc.trainer.data.one_step import check_spread
from snnc.trainer.data.places_of_names import by_number
from snnc.trainer.data.unlabelled import is_sound
from snnc.trainer.fitting_data import PartlyLabelledError, UnlabelledError
from snnc.verification import accuracy
from snnc.verification.accuracy import of_input
from snnc.verification.comparison import InputGroup
from snnc.verification.doubts import Origins
from snnc.verification.file_labels import NamedLabels, named_labels
from snnc.verification.first_samples import first_samples
from snnc.verification.input_notes import notes_of_input, silent_here
from snnc.verification.label_order import other_order
from snnc.verification.sample_origin import known_speakers, of_samples, of_whom, origin_of, told_labels
from snnc.verification.sound_input import open_sound
from snnc.verification.spike_input import SpikeInput, framed, line_notes, open_spikes
from snnc.verification.tuned_samples import clipped, finetuned, tuned_doubt

GIVEN = "input"
"""The name of the group of inputs that a user gives."""
MOST_SYNAPSES = 20_000_000
"""Of a network that is run in real numbers on them: its synapses are listed one by one."""


class Inputs(NamedTuple):
    """Groups of inputs, the accuracy on them, and `note`: why there are none, if so."""

    groups: list[InputGroup]
    accuracy: tuple[AccuracyStage, ...] = ()
    confusion: Confusion | None = None
    note: str | None = None
    notes: tuple[str, ...] = ()
    """What was not measured, whether recordings trained the network, and what is odd about the labels."""
    doubts: Mapping[str, Doubt] = MappingProxyType({})
    """By split, why its accuracy may say too much."""


def as_data(x: Any, data: Any) -> tuple[Any, Any]:
    """`x` and `data` of `verify`, where recordings, or their path, came as `x`; no file of an array."""
    of_path = isinstance(x, str | os.PathLike) and (str(x).lower().endswith(".npz") or not read_in_python(x))
    return (None, x) if data is None and (of_path or isinstance(x, EventDataset)) else (x, data)


def check_together(x: Any, labels: Any, data: object, layout: str | None, speaker: Any = None) -> None:
    """Raise `InputError` if these arguments of `verify` do not go together; None is one that is not given."""
    if data is not None and labels is not None and x is not None:
        raise InputError("data: are given beside x and labels; give x with its labels, or data alone")
    if data is not None and labels is not None:
        raise InputError("labels: are given beside recordings, which have classes or none; leave them out")
    if data is not None and x is not None:
        raise InputError("data: are given beside x; give one of both")
    if labels is not None and x is None:
        raise InputError("labels: are given without x; give both")
    if speaker is not None and data is not None:
        raise InputError("speaker: is given beside recordings, which name their own; leave it out")
    if speaker is not None and labels is None:
        raise InputError("speaker: is given without labels, whose accuracy it divides; give both")
    if layout is not None and x is None:
        raise InputError(f"layout {layout!r}: is for arrays as x, and none is given; leave it out")
    if isinstance(x, str | os.PathLike):
        raise InputError(f"x: is {quoted(str(x))}, no array or tensor; give x={read_in_python(x)}")


def given(
    artifact: Artifact,
    events: Events | SpikeInput,
    labels: Any,
    real: FloatGraph | None = None,
    most: int | None = None,
    before: FloatGraph | None = None,
    doubt: Doubt | None = None,
    speakers: Sequence[str] | None = None,
) -> Inputs:
    """Samples of a user as events, with labels or None. Raises `InputError` if the labels do not fit.

    `real`: the network in real numbers, whose accuracy is measured, too, and `before` what it was before
    fine-tuning. `most`: compared on are the first. `doubt`: whether they trained the network, if it is known.
    `speakers`: whose each sample is, empty where it is not known; None where nobody is named.
    """
    every = events if isinstance(events, SpikeInput) else SpikeInput(len(events), events.__getitem__)
    odd = (*(notes_of_input(every, artifact) if doubt is None else ()), *silent_here(every, artifact))
    if labels is None:
        return Inputs([first_samples(InputGroup(GIVEN, events), most)], notes=odd)
    graph = artifact.graph
    classes = graph.readouts[0].class_names
    check_count(labels, len(events), graph.time_steps, origin(None, artifact.manifest))
    numbers, own = checked_labels(labels, len(events), classes)
    every = SpikeInput(len(events), events.__getitem__).by_names(NamedLabels(own, numbers), classes)
    group, notes = first_samples(InputGroup(GIVEN, events, every.labels), most), [*odd]
    if (without := every.not_compared(classes)) is not None:
        notes.append(without)
    if (samples := every.compared) is None:
        return Inputs([group], notes=tuple(notes))
    origins = Origins()
    origins.of_input(GIVEN, doubt or tuned_doubt(artifact, samples))
    notes += origins.notes
    count = 0 if real is None else sum(each.synapses.count for each in real.projections)
    if count > MOST_SYNAPSES:
        real = before = None
        notes = [
            *notes,
            f"the accuracy in real numbers was not measured ({count} synapses, the limit is "
            f"{MOST_SYNAPSES}); export with data measures it",
        ]
    made = TUNED if finetuned(artifact) else CLIPPED if clipped(artifact) else "float"
    known = {"float": before, made: real} if made != "float" else {made: real}
    reals = {stage: each for stage, each in known.items() if each is not None}
    spoken = known_speakers(speakers, numbers if every.partly is None else every.partly)
    stages, confusion = of_input(graph, samples, GIVEN, reals, spoken)
    if confusion is not None and (
        order := other_order(list(confusion.counts.values()), confusion.classes, are_texts(labels))
    ):
        notes.append(order)
    return Inputs([group], stages, confusion, notes=tuple(notes), doubts=origins.doubts)


def share(group: InputGroup) -> tuple[int, int, str]:
    """How many samples are compared on, of how many that were given, and what they are."""
    whole = group.spikes if group.whole is None else group.whole
    what = "given samples" if group.name == GIVEN else f"recordings of {group.name}"
    return len(group.spikes), len(whole), what


def as_input(artifact: Artifact, data: EventDataset, layout: str | None, argument: str = "x") -> SpikeInput:
    """Recordings that are given as an `argument`, framed where they are sliced.

    Raises
    ------
    InputError
        If their lines or steps do not fit the network, there are none, or a `layout` is given with them.
    """
    if layout not in (None, LAYOUT):
        raise InputError(f"layout {layout!r}: is for arrays, and x are recordings; leave it out")
    if not len(data):
        raise InputError(f"{argument}: {data.name} holds no recording; give one at least")
    named(data, step_s=artifact.graph.bin_s)
    classes = artifact.graph.readouts[0].class_names
    model = source_model(artifact) if carries_model(artifact) else None
    warn_of_step(data, artifact.graph.bin_s, model)
    if model is not None:
        return _with_labels(framed(f"{argument}: {data.name}", data, artifact, ()), data, classes)
    check_spread(f"{argument}: {data.name}", data, artifact.graph.bin_s, artifact.graph.time_steps)

    def frames(part: slice) -> Events:
        return fitted_frames(artifact.graph, data, np.arange(*part.indices(len(data))), argument)

    return _with_labels(SpikeInput(len(data), frames), data, classes)


def _with_labels(found: SpikeInput, data: EventDataset, classes: tuple[str, ...]) -> SpikeInput:
    """`found` with the labels of `data` as numbers of `classes`, as far as they are of these."""
    found = replace(found, labels=None, partly=None, named=None, names_in=by_number(data.name))
    if data.class_names == (NO_CLASS,):
        return found
    named = named_labels("x: labels", data.labels, len(data), data.class_names, classes)
    if named is not None:
        return found.by_names(named, classes)
    return replace(found, labels=data.labels) if data.labels.max() < len(classes) else found


def labels_in(x: Events | SpikeInput) -> npt.NDArray[np.int64] | None:
    """The number of each sample's class, -1 where the network has none of its name; None if none is known."""
    return told_labels(x) if isinstance(x, SpikeInput) else None


def of_path(artifact: Artifact, path: Path, layout: str | None, argument: str = "x") -> SpikeInput:
    """What `snnc run --input` reads of `path`: a WAV file, a folder of them, an event file.

    Raises
    ------
    InputError
        If it cannot be read, its recordings do not fit the network, or a `layout` is given with it.
    """
    if layout not in (None, LAYOUT):
        raise InputError(f"layout {layout!r}: is for arrays, and {argument} is a path; leave it out")
    if is_missing(path) and str(path) not in NAMED:
        raise MissingFileError(f"{path}: no such file or folder{near_file(path)}; check the path")
    try:
        found = open_sound(path, artifact, mix=False) if is_sound(path) else open_spikes(path, artifact)
    except InputError as error:
        text = re.sub(r"^--input:? ", f"{argument}: ", str(error))
        if options := [each for each in ("--mix", "--skip") if each in text]:
            run = shell("snnc", "run", artifact.path, "--input", path, *options)
            text += f". Python has no {' and no '.join(options)}; `{run}` has"
        raise InputError(text) from error
    for note in found.notes:
        warn(f"{path}: {note}")
    return found


def warn_of_lines(artifact: Artifact, x: Events | SpikeInput) -> None:
    """Warns of lines that are silent in `x` and were not in training, or the reverse."""
    for note in line_notes(artifact, x):
        warn(note)


def own_recordings(
    artifact: Artifact,
    samples: int | None,
    data: str | EventDataset | None = None,
    real: FloatGraph | None = None,
    most: int | None = None,
    before: FloatGraph | None = None,
) -> Inputs:
    """`samples` of the test split of the model's data, or of `data`, None for all; accuracy is of all.

    Where nobody trained with snnc, no split is known, and `data` are taken as samples that are given: the
    first `most` of them; so are those of which some have no class of the network.
    Warns if `data` hold recordings that trained or validated the model.
    """
    if data is not None and not carries_model(artifact):
        return _of_some(artifact, data, real, most, before)
    try:
        (found,) = accuracy.load_data(artifact, data, ("test",))
    except (UnlabelledError, PartlyLabelledError, OnlyInputError):
        assert data is not None  # those of training have labels
        return _of_some(artifact, data, most=most)
    except NoDataError as error:
        if data is not None:
            raise
        why = str(error).partition(";")[0].removeprefix(f"{artifact.path}: ")
        return Inputs(
            [], note=f"no recordings were compared ({why}); give verify samples as x, or recordings as data"
        )
    picked = found.pick_lazily(len(found) if samples is None else samples)
    rest = found.pick_lazily(len(found))[0] if len(picked[0]) < len(found) else None
    groups = [InputGroup(found.name, *picked, rest)] if samples != 0 else []
    if found.other is not None:
        warn_of_data(found.other)
    for told in (*found.copies, *found.lines):
        warn(f"data: {told}")
    odd = () if found.other is None else found.other.notes
    stages, confusion = accuracy.stages_and_confusion(artifact, found)
    order = accuracy.order_in(found, confusion)
    origins = Origins()
    origins.of_data(found)
    notes = (*origins.notes, *odd, *found.lines, *([] if order is None else [order]))
    return Inputs(groups, stages, confusion, notes=notes, doubts=origins.doubts)


def _of_some(
    artifact: Artifact,
    data: str | EventDataset,
    real: FloatGraph | None = None,
    most: int | None = None,
    before: FloatGraph | None = None,
) -> Inputs:
    """As `snnc verify --input`: the first `most` recordings, None for all, are compared, and the accuracy is
    of all that have a class of the network, whether they trained it or not."""
    path = Path(data) if isinstance(data, str) else None
    if isinstance(data, str):
        whole = of_path(artifact, Path(data), None, "data")
        events, name = whole.origin(), Path(data).stem
    else:
        whole, events, name = as_input(artifact, data, None, "data"), data, data.name
    warn_of_lines(artifact, whole)
    group = first_samples(InputGroup(GIVEN, whole), most)
    compared, strange = whole.compared, whole.not_compared(artifact.graph.readouts[0].class_names)
    notes = [*notes_of_input(whole, artifact), *whole.of_labels, *filter(None, [strange])]
    if compared is None and strange is None:
        notes.append(f"event data '{name}' has no labels: no accuracy is told")
    if compared is None:
        return Inputs([group], notes=tuple(notes))
    doubt, labels = origin_of(artifact, whole, events, path), told_labels(whole)
    assert labels is not None
    spoken = known_speakers(of_samples(whole, events).speakers, labels) or None
    found = given(artifact, compared, compared.labels, real, before=before, doubt=doubt, speakers=spoken)
    spoken_by = of_whom(found.confusion, artifact, events, labels, doubt)
    return found._replace(groups=[group], confusion=spoken_by, notes=(*notes, *found.notes))
