"""Labelled spike recordings in one flat store, and their binary frames."""

import hashlib
import math
from dataclasses import dataclass, replace
from typing import Any, NoReturn

import numpy as np
from numpy.typing import ArrayLike, NDArray

from snnc.errors import InputError, StageError
from snnc.stages.names import check_class_names
from snnc.text import quoted
from snnc.trainer.data import time_types
from snnc.trainer.data.bins import bins_of
from snnc.trainer.data.frame_arguments import bin_problem, frames_problem
from snnc.trainer.data.frozen import frozen, handed_over, unfit
from snnc.trainer.data.owners import called, of_event
from snnc.trainer.data.speakers import problem_of
from snnc.trainer.data.too_long import too_long
from snnc.trainer.data.unfit_values import no_time, outside

UNKNOWN = -1
"""Speaker or trial of a recording whose source names none."""

_CHUNK = 64


@dataclass(frozen=True, slots=True, eq=False)
class EventDataset:
    """`n` labelled recordings as one flat list of (time, unit) events.

    Recording `i` owns the events `offsets[i]:offsets[i + 1]`, in any order. All arrays are read-only.

    Parameters
    ----------
    times : [events] integers or floats in units of `tick_s`; seconds in floats have `tick_s = 1`. Kept as
        they are in one of `time_types.TYPES`; other types become the smallest of these, exactly.
    units : [events] integers in 0..unit_count-1; kept in the smallest unsigned type that holds them.
    offsets : [n + 1] int64, from 0 to the number of events, never decreasing.
    labels : [n] int64, index into `class_names`.
    speaker, trial : [n] int64, `UNKNOWN` where the source names none.
    duration : [n] float32, seconds.
    tick_s : seconds a unit of `times`.
    unit_count : input channels.
    class_names : a name for each class.
    name : what error texts call this data set.
    held_out : the validation and the test speakers that come with the data, None where none do.
    speaker_names : the name of each number in `speaker`, None where speakers are numbers alone.
    notes : what is odd about a file that they were read from, or was chosen for it, a line each.
    files : [n] the file that each recording was made of, None where they are not known.
    encoder : the settings by which sound became events, of `cochlea_settings`; None where they are not known.
    layout : the `Layout` by which paths of sound told classes and speakers; None where that is not known.
    step_s : seconds a step of a file of samples in steps; None where events have times of their own.
    classes_unused : the file names classes, and has no labels that count them.
    numbered : its labels are numbers, and it has no names for them.

    Raises
    ------
    InputError
        Lengths disagree, a value is out of range or not finite, or an array has a wrong type.
    """

    times: NDArray[Any]
    units: NDArray[Any]
    offsets: NDArray[np.int64]
    labels: NDArray[np.int64]
    speaker: NDArray[np.int64]
    trial: NDArray[np.int64]
    duration: NDArray[np.float32]
    tick_s: float
    unit_count: int
    class_names: tuple[str, ...]
    name: str
    held_out: tuple[tuple[int, ...], tuple[int, ...]] | None = None
    speaker_names: tuple[str, ...] | None = None
    notes: tuple[str, ...] = ()
    files: tuple[str, ...] | None = None
    encoder: str | None = None
    layout: str | None = None
    step_s: float | None = None
    classes_unused: bool = False
    numbered: bool = False

    def __post_init__(self) -> None:
        self._check_scalars()
        for field, dtype in (
            ("times", None),
            ("units", _unit_type(self.unit_count)),
            ("offsets", np.int64),
            ("labels", np.int64),
            ("speaker", np.int64),
            ("trial", np.int64),
            ("duration", np.float32),
        ):
            array = np.asarray(getattr(self, field))
            if array.ndim != 1:
                self._refuse(f"{field} has {array.ndim} dimensions; give a one-dimensional array")
            if field == "times":
                if problem := time_types.problem_of(array, self._owner):
                    self._refuse(problem)
                if array.dtype not in time_types.TYPES:
                    array = time_types.smallest(array)
            elif problem := unfit(array, dtype):
                self._refuse(f"{field}{problem}")
            units = array if field == "units" else array[:0]  # before the cast, which would wrap
            if problem := outside("units", units, self.unit_count, "unit_count", self._owner):
                self._refuse(problem)
            object.__setattr__(self, field, frozen(array, dtype))
        self._check_arrays()

    def _check_scalars(self) -> None:
        if not (isinstance(self.tick_s, float | int) and math.isfinite(self.tick_s) and self.tick_s > 0):
            self._refuse(f"tick_s is {quoted(self.tick_s)}; give a positive number of seconds")
        if not 1 <= self.unit_count <= 2**16:
            self._refuse(f"unit_count is {self.unit_count}; it must be in 1..65536")
        object.__setattr__(self, "class_names", tuple(self.class_names))
        if not self.class_names or not all(isinstance(name, str) for name in self.class_names):
            self._refuse(f"class_names are {quoted(self.class_names)}; give at least one string")
        try:
            check_class_names(self.class_names)
        except StageError as error:
            raise InputError(f"event data '{self.name}': {error}") from None

    def _check_arrays(self) -> None:
        events, n = len(self.times), len(self.labels)
        if len(self.units) != events:
            self._refuse(f"{events} times but {len(self.units)} units; give one unit for each time")
        for field, wanted in (("offsets", n + 1), ("speaker", n), ("trial", n), ("duration", n)):
            if len(getattr(self, field)) != wanted:
                self._refuse(f"{field} has length {len(getattr(self, field))}; {n} labels need {wanted}")
        if self.offsets[0] != 0 or self.offsets[-1] != events:
            self._refuse(
                f"offsets go from {self.offsets[0]} to {self.offsets[-1]}; they must go from 0 to {events}"
            )
        falls = np.flatnonzero(np.diff(self.offsets) < 0)
        if falls.size:
            i = int(falls[0])
            here, after = self.offsets[i], self.offsets[i + 1]
            self._refuse(f"offsets[{i + 1}] = {after} is below offsets[{i}] = {here}; sort them")
        names = len(self.class_names), "the number of class_names"
        if problem := outside("labels", self.labels, *names, self._file):
            self._refuse(problem)
        if wrong := problem_of(self.speaker_names, self.speaker, UNKNOWN):
            self._refuse(wrong)
        if self.files is not None and len(self.files) != n:
            self._refuse(f"files has length {len(self.files)}; {n} labels need {n}")
        for field, owner in (("times", self._owner), ("duration", self._file)):
            if problem := no_time(field, getattr(self, field), self.tick_s, owner):
                self._refuse(problem)

    def _owner(self, event: int) -> str:
        return of_event(event, self.offsets, self.files)

    def _file(self, recording: int) -> str:
        return f"{called(recording, self.files)}: " if self.files else ""

    def _refuse(self, problem: str) -> NoReturn:
        raise InputError(f"event data '{self.name}': {problem}")

    def __repr__(self) -> str:
        return f"EventDataset({quoted(self.name)}: {len(self)} recordings of {len(self.class_names)} classes)"

    def __len__(self) -> int:
        """Number of recordings."""
        return len(self.labels)

    def sha256(self) -> str:
        """Hash of what training and testing depend on, whatever the type of times; speakers' names divide."""
        head = (float(self.tick_s), self.unit_count, self.class_names, *filter(None, [self.speaker_names]))
        digest = hashlib.sha256(repr(head).encode())
        for array in (time_types.smallest(self.times), self.units, self.offsets, self.labels, self.speaker):
            digest.update(f"{array.dtype.str} {array.shape}".encode())
            digest.update(np.ascontiguousarray(array).data)
        return digest.hexdigest()

    @property
    def seconds(self) -> NDArray[np.float64]:
        """[events] times in seconds."""
        return np.asarray(self.times.astype(np.float64) * self.tick_s)

    def select(self, which: ArrayLike) -> "EventDataset":
        """The recordings under a boolean mask [n] or at integer indices (in that order, repeats allowed)."""
        indices = self._indices(which, "which")
        counts = self.offsets[indices + 1] - self.offsets[indices]
        times = np.empty(counts.sum(), self.times.dtype)
        units = np.empty(len(times), self.units.dtype)
        filled = 0
        for first in range(0, len(indices), _CHUNK):
            positions, _ = self._events_of(indices[first : first + _CHUNK])
            part = slice(filled, filled + len(positions))
            times[part], units[part] = self.times[positions], self.units[positions]
            filled = part.stop
        return replace(
            self,
            times=handed_over(times),
            units=handed_over(units),
            offsets=handed_over(np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)),
            labels=self.labels[indices],
            speaker=self.speaker[indices],
            trial=self.trial[indices],
            duration=self.duration[indices],
            notes=(),
            files=None if self.files is None else tuple(self.files[each] for each in indices.tolist()),
            classes_unused=False,
        )

    def needed_steps(self, bin_s: float) -> int:
        """Fewest time steps of `bin_s` seconds that hold every event (0 if there is none)."""
        ratio = self._bin_ticks(bin_s)
        return int(bins_of(self.times.max(keepdims=True), ratio)[0]) + 1 if self.times.size else 0

    def frames(
        self,
        indices: ArrayLike,
        bin_s: float,
        time_steps: int,
        unit_pool: int = 1,
        *,
        allow_truncation: bool = False,
        stretch: NDArray[np.float64] | None = None,
    ) -> NDArray[np.uint8]:
        """Binary frames [B, time_steps, unit_count // unit_pool] uint8: 1 where a bin holds an event, else 0.

        An event at time t falls in step floor(t / bin_s), computed in integers where `bin_s` is a whole
        number of ticks and in float64 otherwise, and in channel unit // unit_pool.

        Parameters
        ----------
        indices : recordings, as for `select`.
        bin_s : seconds a time step.
        unit_pool : neighbouring units that share a channel; must divide `unit_count`.
        allow_truncation : drop events at or beyond `time_steps`, which is an error otherwise.
        stretch : [B], by what the times of each recording are multiplied; the truncation is allowed then.

        Raises
        ------
        InputError
            A parameter is out of range, or an event lies beyond `time_steps`.
        """
        which = self._indices(indices, "indices")
        ratio = self._bin_ticks(bin_s)
        others = time_steps, unit_pool, allow_truncation, stretch
        if problem := frames_problem(self.unit_count, len(which), *others):
            self._refuse(problem)
        channels = self.unit_count // unit_pool
        frames = np.zeros((len(which), time_steps, channels), np.uint8)
        for first in range(0, len(which), _CHUNK):
            chunk = which[first : first + _CHUNK]
            positions, counts = self._events_of(chunk)
            row = np.repeat(np.arange(first, first + len(chunk)), counts)
            times = self.times[positions]
            steps = bins_of(times if stretch is None else times * stretch[row], ratio)
            channel = self.units[positions] // unit_pool
            late = steps >= time_steps
            if late.any():
                if not allow_truncation and stretch is None:
                    one = int(which[row[late][0]])
                    flat = self.times, self.offsets, one, called(one, self.files)
                    self._refuse(too_long(*flat, time_steps, bin_s, ratio, self.step_s))
                row, steps, channel = row[~late], steps[~late], channel[~late]
            frames.reshape(-1)[(row * time_steps + steps) * channels + channel] = 1
        return frames

    def _indices(self, which: ArrayLike, name: str) -> NDArray[np.int64]:
        array = np.asarray(which)
        if array.dtype == np.bool_:
            if array.shape != (len(self),):
                self._refuse(f"{name}: the mask has shape {array.shape}; give {len(self)} values, one each")
            return np.flatnonzero(array).astype(np.int64)
        if array.ndim != 1 or (array.size and array.dtype.kind not in "iu"):
            self._refuse(f"{name}: shape {array.shape}, type {array.dtype}; give a list of integers")
        if array.size and not (array.min() >= 0 and array.max() < len(self)):
            self._refuse(
                f"{name} reach from {array.min()} to {array.max()} of {len(self)} recordings, from 0 on"
            )
        return array.astype(np.int64)

    def _events_of(self, indices: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Positions of the events of these recordings, one recording after the other, and their counts."""
        starts = self.offsets[indices]
        counts = self.offsets[indices + 1] - starts
        shift = starts - (np.cumsum(counts) - counts)
        return np.arange(counts.sum()) + np.repeat(shift, counts), counts

    def _bin_ticks(self, bin_s: float) -> float | int:
        """Ticks a bin; an int where it is whole, so that rounding misplaces no event on a bin's edge."""
        if problem := bin_problem(bin_s):
            self._refuse(problem)
        ratio = bin_s / self.tick_s
        whole = round(ratio) if ratio < math.inf else 0
        return whole if whole and abs(ratio - whole) < 1e-9 * ratio else ratio


def _unit_type(unit_count: int) -> type[np.unsignedinteger[Any]]:
    return np.uint8 if unit_count <= 2**8 else np.uint16
