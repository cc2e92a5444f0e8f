"""Event recordings as `.npz` files."""

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from snnc.errors import InputError
from snnc.io.missing import check_labels, marked
from snnc.io.npz import read_npz, write_npz
from snnc.io.spike_file import made_classes
from snnc.text import quoted
from snnc.trainer.data import time_types
from snnc.trainer.data.class_names import NO_CLASS
from snnc.trainer.data.class_names import numbered as numbered_labels
from snnc.trainer.data.counted_labels import counted, has_numbers_alone
from snnc.trainer.data.dense import dense_events, is_dense, meant_spikes
from snnc.trainer.data.durations import with_last_event_duration
from snnc.trainer.data.events import UNKNOWN, EventDataset
from snnc.trainer.data.layout import Layout
from snnc.trainer.data.oddities import with_notes
from snnc.trainer.data.owners import called
from snnc.trainer.data.speakers import speakers_of

RECORDING_LIMIT = 1 << 22
"""Most recordings of a file."""

_REQUIRED = ("units", "offsets")
_OPTIONAL = (
    *("labels", "times", "tick_s", "times_1e4", "speaker", "speakers", "trial", "duration", "classes"),
    *("unit_count", "files", "encoder", "layout"),
)


def load_events_npz(
    path: str | os.PathLike[str], dt: float | None = None, classes: Sequence[str] | None = None
) -> EventDataset:
    """Read an event npz file, or one of dense samples, whose steps are `dt` seconds if it does not say it.

    Labels that are numbers without names count `classes`, where these are given (`counted_labels`).

    Arrays: `times_1e4` (uint16, 0.1 ms), or `times` (integers or floats) with scalar `tick_s`; `units`,
    `offsets`. Optional: `labels` (numbers or strings; else the class of all is `NO_CLASS`), `speaker`
    (numbers or strings) and `trial` (else `UNKNOWN`), `speakers` (strings, the names of the numbers),
    `duration` in seconds (else the last event), `classes` (strings; else the labels, numbers up to the
    largest), `unit_count` (else the largest unit + 1;
    use `dataclasses.replace(ds, unit_count=...)` if the top unit may be silent), `files` (strings,
    what each recording was made of), `encoder` (a string, how) and `layout` (a string, of their paths).
    What is odd is in `notes`.

    Raises
    ------
    InputError
        Names the file, the array, what is wrong and the remedy.
    """
    path = Path(path)
    given = read_npz(path)
    arrays, numbered = dict(counted(given, classes)), has_numbers_alone(given)
    if is_dense(arrays):
        in_steps = dense_events(path, arrays, dt)
        return replace(in_steps, numbered=True) if numbered else in_steps

    def refuse(problem: str) -> NoReturn:
        raise InputError(f"{path}: {problem}")

    if "units" not in arrays and (found := meant_spikes(arrays)) is not None:
        refuse(found)
    if {"x", "y"} <= set(arrays) and "units" not in arrays:
        refuse(
            "holds addresses 'x' and 'y'; store units = x + width * y in their place (+ width * height * p, "
            "if polarities p are told apart), each with .astype(int), and unit_count, width * height (* 2)"
        )
    unknown = sorted(set(arrays) - set(_REQUIRED) - set(_OPTIONAL))
    if unknown:
        known = ", ".join((*_REQUIRED, *_OPTIONAL))
        dense = "" if "units" in arrays else "; samples in steps are called spikes [samples, T, lines]"
        refuse(f"unknown array '{unknown[0]}'; known are {known}: rename or remove it{dense}")
    missing = [key for key in _REQUIRED if key not in arrays]
    if missing:
        refuse(f"array '{missing[0]}' is missing; an event file needs {', '.join(_REQUIRED)} and its times")
    if ("times" in arrays) == ("times_1e4" in arrays):
        refuse("store either 'times_1e4' (uint16, 0.1 ms) or 'times' with 'tick_s'; it has both or neither")
    if "times_1e4" in arrays:
        if arrays["times_1e4"].dtype != np.uint16:
            refuse(f"array 'times_1e4' is {arrays['times_1e4'].dtype}; store uint16 ticks of 0.1 ms")
        times, tick_s = arrays["times_1e4"], 1e-4
    else:
        times, tick_s = arrays["times"], float(_scalar(arrays, "tick_s", path, "fiu"))
    classes_unused = "classes" in arrays and "labels" not in arrays
    if "labels" not in arrays:
        arrays["labels"] = np.zeros(max(arrays["offsets"].size - 1, 0), np.int64)
        arrays["classes"] = np.array([NO_CLASS])
    units, offsets, labels = (arrays[key] for key in (*_REQUIRED, "labels"))
    labels = arrays["labels"] = marked(labels, arrays.get("classes"))
    check_labels(f"{path}: labels", labels, "recording")
    for key, types, wanted in (("units", "iu", "integers"), ("labels", "iuU", "integers or strings")):
        if arrays[key].ndim != 1 or arrays[key].dtype.kind not in types:  # before their largest is looked for
            refuse(
                f"array '{key}' is {arrays[key].dtype} of shape {arrays[key].shape}; store a list of {wanted}"
                f"{_remedy(labels) if key == 'labels' else ''}"
            )
    if len(labels) > RECORDING_LIMIT:
        refuse(f"has {len(labels)} recordings, at most {RECORDING_LIMIT} are read; split the file")
    no_ids = np.full(len(labels), UNKNOWN)
    speaker, names = speakers_of(arrays, len(labels), UNKNOWN, refuse)
    labels, classes = numbered_labels(
        labels, _strings(arrays, "classes", path) if "classes" in arrays else None, refuse
    )
    if offsets.shape == labels.shape:
        refuse(
            f"array 'offsets' has length {len(offsets)}, and {len(labels)} recordings need one more: "
            "np.append(offsets, len(units)) of starts, np.cumsum([0, *offsets]) of lengths"
        )
    unit_count = int(_scalar(arrays, "unit_count", path, "iu", int(units.max(initial=0)) + 1))
    files = _strings(arrays, "files", path) if "files" in arrays else None
    if "duration" in arrays:
        _check_reach(times, tick_s, arrays["duration"], files, refuse)
    try:
        ds = EventDataset(
            times=times if time_types.problem_of(times) else time_types.smallest(times),
            units=units,
            offsets=offsets,
            labels=labels,
            speaker=speaker,
            trial=arrays.get("trial", no_ids),
            duration=arrays.get("duration", np.zeros(len(labels), np.float32)),
            tick_s=tick_s,
            unit_count=unit_count,
            class_names=classes,
            name=path.stem,
            speaker_names=names,
            files=files,
            encoder=_text(arrays, "encoder", path) if "encoder" in arrays else None,
            layout=_layout(arrays, path) if "layout" in arrays else None,
            classes_unused=classes_unused,
            numbered=numbered,
        )
        return with_notes(ds if "duration" in arrays else with_last_event_duration(ds))
    except InputError as error:
        raise InputError(f"{path}: {error}") from error


def _remedy(labels: NDArray[Any]) -> str:
    """What makes classes of them; texts are names as they are."""
    if labels.ndim == 1 and labels.dtype.kind == "S":
        return "; labels.astype(str) makes them of bytes"
    return made_classes(labels, len(labels)) if labels.ndim else ""


def _check_reach(
    times: NDArray[Any],
    tick_s: float,
    duration: NDArray[Any],
    files: Sequence[str] | None,
    refuse: Callable[[str], NoReturn],
) -> None:
    """Recordings that last longer than the type of their times reaches have times that wrapped around."""
    reach = time_types.reach(times.dtype) * tick_s
    if duration.ndim != 1 or duration.dtype.kind not in "iuf" or tick_s <= 0:
        return  # EventDataset says what is wrong
    late = np.flatnonzero(duration.astype(np.float64) > reach * (1 + 1e-6))
    if late.size:
        refuse(
            f"{called(int(late[0]), files)} lasts {duration[late[0]]:.6g} s, and times that are "
            f"{times.dtype} ticks of {tick_s:g} s end at {reach:.6g} s and wrap around; store 'times' as "
            "int64, before any cast, or, if it is not, 'duration' in seconds"
        )


def _strings(arrays: dict[str, NDArray[Any]], key: str, path: Path) -> tuple[str, ...]:
    array = arrays[key]
    if array.dtype.kind != "U" or array.ndim != 1:
        raise InputError(f"{path}: array '{key}' is {array.dtype}; store a list of strings")
    return tuple(str(name) for name in array)


def _text(arrays: dict[str, NDArray[Any]], key: str, path: Path) -> str:
    array = arrays[key]
    if array.dtype.kind != "U" or array.shape != ():
        raise InputError(f"{path}: '{key}' is {array.dtype} of shape {array.shape}; store one string")
    return str(array)


def _layout(arrays: dict[str, NDArray[Any]], path: Path) -> str:
    text = _text(arrays, "layout", path)
    try:
        return Layout(text).text
    except InputError:
        raise InputError(
            f"{path}: 'layout' is {quoted(text)}, which `snnc encode --layout` does not take; write it as "
            "there, or remove the array"
        ) from None


def _scalar(arrays: dict[str, NDArray[Any]], key: str, path: Path, kinds: str, default: Any = None) -> Any:
    if key not in arrays and default is not None:
        return default
    if key not in arrays or arrays[key].shape != () or arrays[key].dtype.kind not in kinds:
        raise InputError(f"{path}: '{key}' is missing or no scalar number; store one number")
    return arrays[key].item()


def save_events_npz(ds: EventDataset, path: str | os.PathLike[str]) -> None:
    """Write `ds` as an event npz file that `load_events_npz` reads back; equal data give equal bytes."""
    texts = {"speakers": ds.speaker_names, "files": ds.files, "encoder": ds.encoder, "layout": ds.layout}
    known = {key: np.array(text, np.str_) for key, text in texts.items() if text is not None}
    write_npz(
        path,
        {
            "times": _reaching(ds),
            "tick_s": np.array(ds.tick_s, np.float64),
            "units": ds.units,
            "offsets": ds.offsets,
            "labels": ds.labels,
            "speaker": ds.speaker,
            "trial": ds.trial,
            "duration": ds.duration,
            "classes": np.array(ds.class_names),
            "unit_count": np.array(ds.unit_count),
            **known,
        },
    )


def _reaching(ds: EventDataset) -> NDArray[Any]:
    """The times of `ds` in a type that reaches to its last duration."""
    last = float(ds.duration.max(initial=0.0)) / ds.tick_s
    if last <= time_types.reach(ds.times.dtype):
        return ds.times
    return ds.times.astype(time_types.of_ticks(last))
