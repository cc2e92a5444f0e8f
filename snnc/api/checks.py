"""Arguments of calls: labels, executors, the number of a sample, and recordings by name."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.api.label_kinds import check_alike
from snnc.api.numbers import warn, whole
from snnc.api.tensors import array_of
from snnc.api.words import COUNTS
from snnc.errors import InputError
from snnc.io import spike_file
from snnc.io.missing import check_labels, check_named, marked, with_none
from snnc.io.spike_arrays import other_step
from snnc.plugins.executors import GROUPS, members
from snnc.plugins.executors import executors as all_executors
from snnc.text import quoted
from snnc.trainer.data import EventDataset
from snnc.trainer.data.dense import step_notes
from snnc.trainer.data.oddities import of_training
from snnc.trainer.other_data import OtherData
from snnc.trainer.step_record import learned_step

LABELS = "classes of samples are given as labels=..."
"""Where they came in the place of names of executors."""
_LABELLED = (
    "known = [k for k, name in enumerate(labels) if isinstance(name, str) and name not in ('', '?', 'nan')], "
    "then data[known] and [labels[k] for k in known]"
)


def checked_labels(
    labels: Any, samples: int, classes: Sequence[str] | None
) -> tuple[npt.NDArray[np.int64], tuple[str, ...]]:
    """int64 [samples], of numbers or names of `classes`; with None, of numbers from 0 on. And `classes`,
    `NO_CLASS` behind them if some samples have no label; none with None.

    Raises `InputError` otherwise.
    """
    array = label_array(labels, samples, classes)
    own = None if classes is None else with_none(classes, array)
    return spike_file.checked_labels("labels", array, samples, own), own or ()


def each_labelled(labels: Any, samples: int, classes: Sequence[str]) -> npt.NDArray[np.int64]:
    """As `checked_labels`, of samples that train. Raises `InputError` if one has no label, too."""
    numbers, own = checked_labels(labels, samples, classes)
    check_named("labels", numbers, own, _LABELLED)
    return numbers


def label_array(labels: Any, samples: int, classes: Sequence[str] | None) -> npt.NDArray[Any]:
    """Those that are names, `marked`. Raises `InputError` if they are no array, or a number is missing."""
    labels = marked(list(labels) if isinstance(labels, Iterator) else labels, classes)
    check_labels("labels", labels, "sample")
    check_alike(labels)
    return array_of("labels", labels, f"give {spike_file.a_label(classes)} for each of the {samples} samples")


def are_texts(labels: Any) -> bool:
    """Whether labels, which were checked, are names of classes."""
    return np.asarray(labels).dtype.kind not in "iu"


def executor_names(executors: str | Sequence[str] | None) -> tuple[str, ...] | None:
    """Those asked for, each member of a group; None if nobody asked. Raises `InputError` if one is none."""
    if executors is None:
        return None
    chosen = (executors,) if isinstance(executors, str) else executors
    if not isinstance(chosen, Sequence) or not all(isinstance(each, str) for each in chosen):
        raise InputError(f"executors: is {quoted(executors)}; give a name, or a list of names; {LABELS}")
    if not chosen:
        raise InputError("executors: names none; leave it out to run all that can run here")
    known = {*GROUPS, *all_executors()}
    if len(chosen) > 1 and known.isdisjoint(chosen):
        raise InputError(f"executors: {quoted(chosen[0])} is none, nor is another of these; {LABELS}")
    return tuple(real for name in chosen for real in members(name))


def check_sample(sample: int, samples: int) -> None:
    """Raise `InputError` unless one of the `samples` has this number."""
    number = whole("sample", sample)
    if not 0 <= number < samples:
        known = f"samples are numbered 0 .. {samples - 1}" if samples else "there are none"
        raise InputError(f"sample: is {number}; {known}")


def named(
    data: object, otherwise: str = "", step_s: float | None = None, counts: str = ""
) -> str | EventDataset | None:
    """Recordings as the code below takes them: a path as text.

    Raises `InputError` if `data` are none, with what else can be given; of an array of `counts`, what that
    says, or the path of a file. Warns if they are of arrays in other
    steps than the network's, of `step_s` seconds: their events are put into those by their times.
    """
    if isinstance(data, EventDataset):
        check_filled(data)
        if step_s is not None and getattr(data, "steps", None):
            _warn_of_steps(data, step_s)
    if isinstance(data, os.PathLike):
        return str(data)
    if data is None or isinstance(data, str | EventDataset):
        return data
    if hasattr(data, "__array__") or isinstance(data, list | tuple):
        dt = "..." if step_s is None else f"{step_s:g}"
        made = f"snnc.from_arrays(x, labels, dt={dt}), with the class of each sample"
        if _counts(data):
            made = counts or (
                f"counts as the path of a file: numpy.savez({COUNTS!r}, spikes=x, labels=labels, dt={dt}) "
                f"with x [samples, steps, lines], then data={COUNTS!r}"
            )
        raise InputError(f"data: is {quoted(data)}, no recordings; give {made}{otherwise}")
    raise InputError(f"data: is {quoted(data)}; give recordings, a name or a path{otherwise}")


def _counts(data: Any) -> bool:
    """Whether an array, a tensor or nested lists hold whole numbers above 1, which are no recordings."""
    try:
        array = array_of("data", data, "")
        return array.dtype.kind in "iuf" and bool(array.max(initial=0) > 1)
    except InputError:  # ragged, or of something else: then what recordings are made of is told
        return False


def warn_of_classes(data: object) -> None:
    """Warn where recordings that are to train have too few of a class. Those of a path are told when read."""
    if isinstance(data, EventDataset):
        for note in filter(of_training, data.notes):
            warn(f"event data '{data.name}': {note}")


def check_filled(data: EventDataset) -> None:
    """Raise `InputError` if there is no recording."""
    if not len(data):
        raise InputError(f"data: {data.name} holds no recording; give one at least")


def warn_of_data(found: OtherData) -> None:
    """Warns if recordings trained the model, or that is not known, and of times of a file that are odd."""
    if found.doubtful:
        warn(f"data: {found.text}")
    for note in found.notes:
        warn(note)


def warn_of_step(data: str | EventDataset | None, step_s: float, model: object = None) -> None:
    """Warns, in the words of the command line, of a file whose steps are not `step_s` seconds, or not told.

    `data` are recordings, or a name or path of them; those of arrays are looked at by `named`. `model`: the
    one that was trained, if any; steps as of its training need no word.
    """
    learned_s, notes = learned_step(model), tuple[str, ...]()
    if isinstance(data, str):
        notes = step_notes(data, step_s, learned_s)
    elif data is not None:
        notes = other_step(data.name, data.step_s, step_s, learned_s)
    for note in notes:
        warn(note)


def _warn_of_steps(data: EventDataset, step_s: float) -> None:
    if not math.isclose(data.tick_s, step_s, rel_tol=1e-6):
        warn(
            f"data: {data.name!r} has steps of {data.tick_s:g} s, the network of {step_s:g} s, so events "
            f"move to other steps; to keep them where they are, make the recordings with dt={step_s:g}"
        )
