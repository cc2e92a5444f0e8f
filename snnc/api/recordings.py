"""Labelled recordings to train and test with: of files, and of arrays."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.api.binary import check_binary
from snnc.api.checks import check_sample, checked_labels, label_array
from snnc.api.label_kinds import warn_of_gaps
from snnc.api.layouts import LAYOUT, features_last
from snnc.api.numbers import seconds, step_seconds, warn
from snnc.api.pictures import Picture, Shown
from snnc.api.tables import table
from snnc.api.tensors import array_of
from snnc.api.words import python_words, short
from snnc.errors import InputError, StageError
from snnc.io.missing import listed, missing, seen
from snnc.keywords import checked_keywords
from snnc.report.figure_data import RasterRow
from snnc.report.step_plots import raster
from snnc.stages.names import check_name
from snnc.text import quoted
from snnc.trainer.data import EventDataset
from snnc.trainer.data import load as load_events
from snnc.trainer.data.class_names import NO_CLASS
from snnc.trainer.data.events import UNKNOWN
from snnc.trainer.data.oddities import of_training
from snnc.trainer.data.short_recordings import labelled, unlabelled
from snnc.trainer.data.speakers import each_named, numbered

PathOrName = str | os.PathLike[str]
MILLISECOND = 0.001
OF_FRAMES = {"dt": "bin_s is the seconds a step"}
GIVEN = {
    **dict.fromkeys(("indices", "which"), "numbers of recordings, as range(10)"),
    "time_steps": "the steps of each, as time_steps=100",
}
"""An argument that the frames of recordings do not have, and how theirs are given."""
MOST_STEPS = 1 << 16
"""Times of events are kept in 16 bits."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Recordings(Shown, EventDataset):
    """Labelled recordings: what `load_data` and `from_arrays` give, for `train`, `test` and `verify`.

    `source`: the path or name that they were read from. `steps`: how many each has, of `tick_s` seconds; None
    if they are events of a file, which `train` puts in steps.
    """

    source: str | None = None
    steps: int | None = None

    frames = checked_keywords(OF_FRAMES, GIVEN)(EventDataset.frames)
    needed_steps = checked_keywords(OF_FRAMES, GIVEN)(EventDataset.needed_steps)
    select = checked_keywords(examples=GIVEN)(EventDataset.select)

    def labelled(self) -> Recordings:
        """Those with a label, to train with; the label "?" stands for none.

        Examples
        --------
        >>> snnc.from_events([[1], [2], [3]], [[0], [1], [0]], ["a", "?", "b"], tick_s=1).labelled()
        Recordings('events': 2 of 2 classes, 2 lines)
        """
        found = labelled(self)
        assert isinstance(found, Recordings)
        return self if found is self else replace(found, source=None)  # their file holds others, too

    @checked_keywords()
    def plot_spikes(self, sample: int = 0, *, bin_s: float | None = None) -> Picture:
        """The events of a recording, over steps of `bin_s` seconds (its own, or a millisecond).

        Examples
        --------
        >>> snnc.load_data("digits").plot_spikes(7).show()
        """
        check_sample(sample, len(self))
        if bin_s is None:
            step_s = max(MILLISECOND, self.tick_s) if self.steps is None else self.tick_s
        else:
            step_s = seconds("bin_s", bin_s)
        with python_words():
            events = self.select([sample])
            last = float(events.seconds.max(initial=0.0))
            if last / step_s >= MOST_STEPS:
                raise InputError(
                    f"bin_s: is {step_s:g}; recording {sample} lasts {last:g} s, and a picture has "
                    f"{MOST_STEPS} steps at most; give more seconds"
                )
            steps = self.steps if self.steps and bin_s is None else max(events.needed_steps(step_s), 1)
            step, line = np.nonzero(events.frames([0], step_s, steps)[0])
        row = RasterRow(self.name, step.tolist(), line.tolist(), self.unit_count, input=True)
        of = self.class_names[self.labels[sample]]
        known = "" if of == NO_CLASS else f", class {of}"
        title = f"Recording {sample}{known}, in steps of {step_s:g} s"
        return Picture("Spikes", ((title, raster([row], steps)),))

    def _table(self) -> str:
        counts = np.bincount(self.labels, minlength=len(self.class_names)).tolist()
        return table(repr(self), ("class", "recordings"), list(zip(self.class_names, counts, strict=True)))

    def _pictures(self) -> Sequence[Picture]:
        return [self.plot_spikes()] if len(self) else []

    def __repr__(self) -> str:
        steps = f", {self.steps} steps of {self.tick_s:g} s" if self.steps else ""
        count, without = sum(name != NO_CLASS for name in self.class_names), len(unlabelled(self))
        of = f"of {count} class{'es' * (count != 1)}" if count else "without labels"
        of += f" ({without} without a label)" if count and without else ""
        return short(f"Recordings({self.name!r}: {len(self)} {of}, {self.unit_count} lines{steps})")


@checked_keywords()
def load_data(path_or_name: PathOrName) -> Recordings:
    """Labelled recordings: "digits" (shipped), an event file (.npz), or one in the layout of SHD (.h5).

    Raises
    ------
    InputError
        If it is none of these, or damaged.

    Warns
    -----
    UnlikelyWarning
        Of what is odd about it: times in another unit, lines that never fire, a clock that runs on.

    Examples
    --------
    >>> snnc.load_data("digits")
    Recordings('digits': 2400 of 20 classes, 140 lines)
    """
    with python_words():
        found = load_events(path_or_name)
    for note in found.notes:
        if not of_training(note):  # which `snnc.train` tells
            warn(f"event data '{found.name}': {note}")
    values = {each.name: getattr(found, each.name) for each in fields(EventDataset)}
    return Recordings(**values, source=str(path_or_name))


@checked_keywords()
def from_arrays(
    x: Any,
    labels: Any,
    *,
    dt: float,
    classes: Sequence[str] | None = None,
    speaker: Any = None,
    name: str = "arrays",
    layout: str | None = None,
) -> Recordings:
    """Labelled recordings of arrays or tensors, to train and test with.

    Parameters
    ----------
    x : events, 0 and 1, [N, T, lines], or as `layout` says: N recordings of T steps.
    labels : the class of each recording, whole numbers from 0, or names of `classes`, "?" where it is not
        known: such recordings are run and compared, and train nothing.
    dt : seconds a step.
    classes : their names; by default their numbers.
    speaker : a whole number or a name for each recording: no speaker is in two of the parts that train,
        validate and test. Without them the recordings of each class are divided at random.
    name : what errors and a model that is trained on them call them.
    layout : the dimensions of `x`, a letter each: T time, N samples, any others features; "NTC" by default.

    Raises
    ------
    InputError
        If shapes do not fit each other, or a value is another; names the sample.

    Warns
    -----
    UnlikelyWarning
        If `dt` is 0.1 s or more, a class below the largest label has no sample, or `x` has as many samples as
        steps and no `layout` is given.

    Examples
    --------
    >>> x = np.random.default_rng(0).random((60, 20, 10)) < 0.2
    >>> snnc.from_arrays(x, np.arange(60) % 2, dt=0.001, classes=["low", "high"])
    Recordings('arrays': 60 of 2 classes, 10 lines, 20 steps of 0.001 s)
    """
    step_s, classes, name = step_seconds(dt), checked_names(classes), checked_name(name)
    events = features_last(x, layout or LAYOUT, "x")
    samples, steps, lines = events.shape
    if not samples or not lines or not 1 <= steps <= MOST_STEPS:
        raise InputError(
            f"x: has {samples} samples of {steps} steps and {lines} lines; give one of each at least, and "
            f"{MOST_STEPS} steps at most"
        )
    check_binary(events, step_s)
    labels = label_array(labels, samples, classes)
    try:
        numbers, own = checked_labels(labels, samples, classes)
    except InputError as error:
        if labels.shape == (samples,):
            raise
        read = f"{samples} samples, {steps} steps, {lines} lines"
        raise InputError(
            f"{error}; x is read as {layout or LAYOUT!r}: [{read}]{_other_reading(x, layout, labels.size)}"
        ) from error
    if classes is None and (beyond := np.flatnonzero(numbers >= samples)).size:
        raise InputError(
            f"labels[{beyond[0]}] is {numbers[beyond[0]]}, and there are {samples} samples; number the "
            "classes from 0 on, or give classes, a name for each"
        )
    if classes is None:
        warn_of_gaps(numbers)
    first_known = layout is not None or isinstance(x, list | tuple)  # a list is one of samples
    if not first_known and samples == steps and not np.array_equal(events, events.swapaxes(0, 1)):
        warn(
            f"x: has as many samples as steps, {samples}, and is read as [samples, steps, lines]; pass "
            "layout='NTC' if it is so, or layout='TNC' for [steps, samples, lines]"
        )
    sample, step, line = np.nonzero(events)
    names = map(str, range(int(numbers.max()) + 1)) if classes is None else own
    numbered_speaker, speaker_names = numbered(checked_speakers("speaker", speaker, samples))
    return Recordings(
        times=step.astype(np.uint16),
        units=line,
        offsets=np.searchsorted(sample, np.arange(samples + 1)),
        labels=numbers,
        speaker=numbered_speaker,
        trial=np.full(samples, UNKNOWN),
        duration=np.full(samples, steps * step_s, np.float32),
        tick_s=step_s,
        unit_count=lines,
        class_names=tuple(names),
        name=name,
        speaker_names=speaker_names,
        steps=steps,
    )


def _other_reading(x: Any, layout: str | None, labels: int) -> str:
    """What to pass where `x` has as many of another dimension as there are labels; else ""."""
    shape = np.shape(x)
    if layout is not None or labels not in shape:
        return ""
    if len(shape) == len(LAYOUT) - 1:
        other = "NT" if labels == shape[0] else "TN"
        return f"; of samples with one line each, pass layout={other!r}"
    return "; of time first, pass layout='TNC'" if labels == shape[1] else ""


def checked_name(name: str) -> str:
    """Raises `InputError` if it cannot be printed and written."""
    try:
        check_name("the data set", name)
    except StageError as error:
        raise InputError(str(error)) from error
    return name


def checked_names(classes: Any) -> tuple[str, ...] | None:
    """Raises `InputError` if they are no texts."""
    if classes is None:
        return None
    several = not isinstance(classes, str | bytes) and hasattr(classes, "__iter__")
    names = tuple(classes) if several else ()
    if not names or not all(isinstance(name, str) for name in names):
        raise InputError(f"classes: is {quoted(classes)}; give a name for each class, a text")
    return tuple(map(str, names))


def each_speaker(speaker: Any, count: int) -> tuple[str, ...] | None:
    """Whose each of `count` samples is, empty where it is not known; None where nobody is named.

    Raises `InputError` as `checked_speakers`.
    """
    numbers, names = numbered(checked_speakers("speaker", speaker, count))
    return each_named(numbers, names, UNKNOWN)


def checked_speakers(what: str, speaker: Any, count: int) -> npt.NDArray[Any]:
    """Numbers or names, `UNKNOWN` if there are none. Raises `InputError` if they are something else."""
    if speaker is None:
        return np.full(count, UNKNOWN)
    remedy = f"give a whole number or a name for each of the {count} recordings"
    speaker = list(speaker) if isinstance(speaker, Iterator) else speaker
    if found := missing(speaker):
        if len(found) == len(speaker):
            raise InputError(f"{what}: none is known ({seen(speaker, found)}); leave {what} out")
        name = "names" if len(found) == 1 else "name"
        raise InputError(
            f"{what}: {listed(found, 'recording')} of {len(speaker)} {name} nobody ({seen(speaker, found)}); "
            f"leave them out, or number the speakers from 0 on, with {UNKNOWN} where nobody is known"
        )
    array = array_of(what, speaker, remedy)
    if array.shape != (count,) or array.dtype.kind not in "iuU":
        raise InputError(f"{what}: {array.dtype} {list(array.shape)}; {remedy}")
    return array
