"""Samples of 0 and 1 in steps, [samples, steps, lines], as recordings to train and test with."""

import math
import os
import zipfile
from collections.abc import Container, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from snnc import no_events
from snnc.errors import InputError, OnlyInputError
from snnc.io.missing import marked, with_none
from snnc.io.npz import read_npz
from snnc.io.regular import open_regular
from snnc.io.spike_arrays import CLASSES, KNOWN, STEP, assumed_step, meant, other_step
from snnc.io.spike_file import checked_labels, step_seconds, texts
from snnc.trainer.data import speakers
from snnc.trainer.data.class_names import NO_CLASS
from snnc.trainer.data.events import UNKNOWN, EventDataset
from snnc.trainer.data.short_recordings import of_empty

MOST_STEPS = 1 << 16
"""Times of events are kept in 16 bits."""
OF_COUNTS = (
    "a network whose input takes counts reads such a file as it is: `snnc run --input`, "
    "`snnc verify --input`, `snnc export --dataset`; in Python predict, run, verify and export(data=), and "
    "finetune its arrays"
)


def is_dense(arrays: Container[str]) -> bool:
    """Whether the arrays of a file, by their names, are such samples, and no events."""
    return "spikes" in arrays and "units" not in arrays


def meant_spikes(arrays: Mapping[str, NDArray[Any]]) -> str | None:
    """What to call arrays of a file that may be such samples, and their classes; None if none may be."""
    shapes = {name: each.shape for name, each in arrays.items() if each.dtype.kind in "buif"}
    many = [name for name, shape in shapes.items() if len(shape) == 3 or (name == "x" and len(shape) == 2)]
    if not (name := next(iter(many), "")):
        return None
    samples = shapes[name][0] if len(shapes[name]) == 3 else 1
    flat = [each for each in arrays if arrays[each].shape == (samples,) and arrays[each].dtype.kind in "iuU"]
    label = next((each for each in ("y", "labels", *flat) if each in flat), None)
    held = f"holds {name!r} {list(shapes[name])}"
    if label is None:
        named = f"np.savez(file, spikes={name}, dt=SECONDS_A_STEP)"
        return f"{held}; if these are samples in steps, call them spikes [samples, T, lines]: {named}"
    others = [each for each in flat if each != label]
    source = (
        f"; if {others[0]!r} tells the source of each, as a person, add speaker={others[0]}" if others else ""
    )
    saved = f"np.savez(file, spikes={name}, labels={label}, dt=SECONDS_A_STEP)"
    return (
        f"{held} and {label!r}; if these are samples in steps and their classes, call them spikes "
        f"[samples, T, lines] and labels: {saved}{source}"
    )


def dense_file(path: str | os.PathLike[str]) -> tuple[str, ...]:
    """Names of the arrays of a file of such samples; none of any other, or that `load` refuses to read."""
    if Path(path).suffix.lower() != ".npz":
        return ()
    try:
        with open_regular(Path(path)) as file, zipfile.ZipFile(file) as archive:
            names = tuple(name.removesuffix(".npy") for name in archive.namelist())
    except (InputError, OSError, ValueError, zipfile.BadZipFile):
        return ()
    return names if is_dense(names) else ()


def is_sole_step(dataset: str | os.PathLike[str]) -> bool:
    """Whether the network's step is also that of the data: samples in steps that do not say their own."""
    arrays = dense_file(dataset)
    return bool(arrays) and STEP not in arrays


def assumed_steps(name_or_path: str, step_s: float) -> tuple[str, ...]:
    """`assumed_step` of data of any kind, by name or path; empty of all but such samples."""
    arrays = dense_file(name_or_path)
    return assumed_step(Path(name_or_path), arrays, step_s) if arrays else ()


def step_notes(name_or_path: str, step_s: float, learned_s: float | None = None) -> tuple[str, ...]:
    """As `assumed_steps`, and `other_step` of a file that says how long its steps are."""
    if STEP not in (arrays := dense_file(name_or_path)):
        return assumed_steps(name_or_path, step_s) if arrays else ()
    path = Path(name_or_path)
    return other_step(path.name, step_seconds(path, read_npz(path, only=(STEP,))), step_s, learned_s)


def speakers_in(
    path: str | os.PathLike[str], arrays: Mapping[str, NDArray[Any]], count: int
) -> tuple[str, ...] | None:
    """Whose each of the `count` samples in `arrays` of the file at `path` is, empty where it is not known.

    None where nobody is named. Raises `InputError` for `speaker` or `speakers` that do not fit.
    """

    def refuse(problem: str) -> NoReturn:
        raise InputError(f"{path}: {problem}")

    return speakers.of_samples(arrays, count, UNKNOWN, refuse)


def steps_of(events: EventDataset) -> int:
    """Steps of each sample of what `dense_events` gave, the silent ones at the end included."""
    return round(float(events.duration.max(initial=0.0)) / events.tick_s)


def dense_events(
    path: str | os.PathLike[str], arrays: Mapping[str, NDArray[Any]], dt: float | None = None
) -> EventDataset:
    """The samples in `arrays` of the file at `path`, which are those that `docs/data.md` lists.

    `dt`: seconds a step, if the file has no array of this name.

    Raises
    ------
    InputError
        An array is missing, of another shape, or holds another value; or nothing says how long a step is.
        `OnlyInputError` of whole numbers above 1, or without labels.
    """
    path = Path(path)

    def refuse(problem: str) -> NoReturn:
        raise InputError(f"{path}: {problem}")

    unknown = sorted(set(arrays) - set(KNOWN))
    if unknown:
        refuse(
            f"has 'spikes' and an unknown array '{unknown[0]}'{meant(unknown[0], arrays)}; known are "
            f"{', '.join(KNOWN)}: rename it"
        )
    if "labels" not in arrays:
        raise OnlyInputError(
            f"{path}: has 'spikes' without 'labels', a class for each sample; add them to train or test with "
            "it"
        )
    spikes, step_s = arrays["spikes"], _step(path, arrays, dt)
    if spikes.ndim != 3 or spikes.dtype.kind not in "biuf" or not spikes.size:
        refuse(f"its spikes are {spikes.dtype} {list(spikes.shape)}; give 0 and 1, [samples, steps, lines]")
    samples, steps, lines = spikes.shape
    if steps > MOST_STEPS:
        refuse(f"its samples have {steps} steps, at most {MOST_STEPS} are read; cut them")
    _check_binary(path, spikes)
    names = texts(path, arrays, CLASSES)
    given = marked(arrays["labels"], names)
    if names is None and given.dtype.kind == "U":  # as of events
        names = tuple(map(str, np.unique(given)))
    names = None if names is None else with_none(names, given)
    try:
        labels = checked_labels(f"{path}: labels", given, samples, names)
    except InputError as error:
        raise InputError(f"{error}{_axes(spikes.shape, arrays['labels'].size)}") from error
    if names is None and (most := int(labels.max())) >= samples:
        refuse(
            f"a label is {most}, and there are {samples} samples; number classes from 0 on, or add 'classes'"
        )
    speaker, speaker_names = speakers.speakers_of(arrays, samples, UNKNOWN, refuse)
    sample, step, line = np.nonzero(spikes)
    try:
        found = EventDataset(
            times=step.astype(np.uint16),
            units=line,
            offsets=np.searchsorted(sample, np.arange(samples + 1)),
            labels=labels,
            speaker=speaker,
            trial=np.full(samples, UNKNOWN),
            duration=np.full(samples, steps * step_s, np.float32),
            tick_s=step_s,
            unit_count=lines,
            class_names=names if names is not None else tuple(map(str, range(int(labels.max()) + 1))),
            name=path.stem,
            speaker_names=speaker_names,
            step_s=step_s,
        )
        return replace(found, notes=tuple(of_empty(found)))
    except InputError as error:
        raise InputError(f"{path}: {error}") from error


def _check_binary(path: Path, spikes: NDArray[Any]) -> None:
    """Raise `OnlyInputError` if there are whole numbers above 1, `InputError` if there is anything else."""
    if (at := no_events.first_beyond(spikes, 1)) is None:
        return
    held = f"{path}: sample {at[0]}, step {at[1]}, line {at[2]} holds {no_events.told(spikes, at)}; training"
    if no_events.cause(spikes[at]):
        raise InputError(f"{held} takes 0 and 1: {no_events.remedy(spikes[at])}")
    raise OnlyInputError(
        f"{held} takes 0 and 1: store spikes > 0, whose counts are lost, or events", OF_COUNTS
    )


def _axes(shape: tuple[int, ...], labels: int) -> str:
    """What makes the samples first, where another axis has as many as there are labels; else empty."""
    if labels == shape[0] or labels not in shape:
        return ""
    if labels == shape[1]:
        other, store = "second", "spikes.swapaxes(0, 1)"
    else:
        other, store = "last", "spikes.transpose(2, 0, 1), if steps are the first"
    return (
        f"; its spikes are {list(shape)}, read as [samples, steps, lines]: if the samples are the {other} "
        f"axis, store {store}"
    )


def by_time(
    path: Path, arrays: Mapping[str, NDArray[Any]], step_s: float, classes: Sequence[str]
) -> EventDataset | None:
    """The samples in `arrays`, where the file says that their steps are of other than `step_s` seconds.

    None where they are not, and of another shape, which is refused elsewhere. Of one sample the first axis
    may be missing. Numbers without names are of `classes`; without labels there is `NO_CLASS` alone.
    Raises `InputError` as `dense_events`.
    """
    own_s, spikes = step_seconds(path, arrays), arrays["spikes"]
    if own_s is None or math.isclose(own_s, step_s, rel_tol=1e-6) or spikes.ndim not in (2, 3):
        return None
    try:
        return dense_events(path, labelled(arrays, classes))
    except OnlyInputError as error:
        raise InputError(
            f"{path}: holds counts in steps of {own_s:g} s, the network has steps of {step_s:g} s, and "
            f"counts are put into no others: count in steps of {step_s:g} s, or, if they are the network's, "
            f"store {STEP}={step_s:g}"
        ) from error


def labelled(arrays: Mapping[str, NDArray[Any]], classes: Sequence[str]) -> dict[str, NDArray[Any]]:
    """As `arrays`, of several samples; numbers without names are of `classes`, texts make their own.

    All are of `NO_CLASS` where there are none.
    """
    spikes = arrays["spikes"][None] if arrays["spikes"].ndim == 2 else arrays["spikes"]
    given = {**arrays, "spikes": spikes}
    if "labels" in arrays and arrays["labels"].dtype.kind != "U":
        given.setdefault(CLASSES, np.array(classes))
    if "labels" not in arrays:
        given |= {CLASSES: np.array([NO_CLASS]), "labels": np.zeros(len(spikes), np.int64)}
    return given


def _step(path: Path, arrays: Mapping[str, NDArray[Any]], dt: float | None) -> float:
    """Seconds a step: of the file, or else `dt`."""
    found = step_seconds(path, arrays)
    step_s = dt if found is None else found
    if step_s is None:
        raise InputError(
            f"{path}: holds steps, and nothing says how long one is; add it to the file, in seconds "
            "(np.savez(..., dt=0.001)), or give --dt to `snnc train`; snnc.from_arrays of Python takes it"
        )
    return step_s
