"""Reader of the Spiking Heidelberg Digits and Spiking Speech Commands HDF5 files.

Layout: Cramer, Stradmann, Schemmel, Zenke, "The Heidelberg spiking data sets for the systematic evaluation of
spiking neural networks", IEEE TNNLS 33(7), 2022; files at https://zenkelab.org/datasets.
"""

import json
import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from snnc.errors import InputError
from snnc.io.missing import check_labels
from snnc.io.near_files import near_file
from snnc.io.spike_file import made_classes
from snnc.trainer.data.class_names import numbers_as_names
from snnc.trainer.data.counted_labels import within
from snnc.trainer.data.durations import with_last_event_duration
from snnc.trainer.data.events import UNKNOWN, EventDataset
from snnc.trainer.data.oddities import with_notes

UNIT_COUNT = 700
_NEAR = 650
"""Recordings of cochleas of `UNIT_COUNT` lines reach at least this one."""
_UNIT = "store seconds in spikes/times"
_PUBLISHED = re.compile(r"(shd|ssc)_(train|valid|test)\.h5")


def load_shd_hdf5(path: str | os.PathLike[str], classes: Sequence[str] | None = None) -> EventDataset:
    """Read an SHD or SSC file: times as float32 seconds (exact for the files' float16).

    Reads `spikes/times` (ragged float), `spikes/units` (ragged, any integer), `labels` and, where present,
    `extra/keys` (class names; else labels count `classes`, or are names if one is beyond these),
    `extra/speaker` (numbers or names, else `UNKNOWN`) and the attribute `unit_count`. Without it there are
    700 units where addresses reach near that, else as many as the largest address needs, which a note tells.
    A recording lasts until its last event.

    `frames(..., unit_pool=5)` of 700 units gives the usual 140 channels.

    Raises
    ------
    InputError
        The file is missing, no HDF5, or of another layout; or a value is out of range.
    """
    from snnc.io import hdf5_guard  # here, so that the package imports without h5py

    path = Path(path)

    def refuse(problem: str) -> NoReturn:
        raise InputError(f"{path}: {problem}")

    if not path.exists():
        refuse(f"no such file{near_file(path)}; check the path")
    if path.is_dir():
        refuse("is a folder; give the path of a file in it")
    found = hdf5_guard.arrays("snnc.trainer.data.shd_rows", path, refuse)
    times, units, lengths, labels, encoded, told = found[:6]
    speaker, speaker_names = _speakers(found[6:], len(labels))
    check_labels(f"{path}: labels", labels, "recording")
    if labels.dtype.kind not in "iu":
        refuse(f"'labels' are {labels.dtype}; store whole numbers{made_classes(labels, len(labels))}")
    names = json.loads(encoded.tobytes())
    count, notes = _units(path, units, told)
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
    try:
        ds = EventDataset(
            times=times,
            units=units,
            offsets=offsets,
            labels=labels,
            speaker=speaker,
            trial=np.full(len(labels), UNKNOWN),
            duration=np.zeros(len(labels), np.float32),
            tick_s=1.0,
            unit_count=count,
            class_names=_numbered(labels, classes, refuse) if names is None else tuple(names),
            name=path.stem,
            speaker_names=speaker_names,
            notes=notes,
            numbered=names is None,
        )
        ds = with_last_event_duration(ds)
        return ds if _PUBLISHED.fullmatch(path.name) else with_notes(ds, _UNIT)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error


def _numbered(
    labels: NDArray[Any], classes: Sequence[str] | None, refuse: Callable[[str], NoReturn]
) -> tuple[str, ...]:
    """The names of classes where the file has none: those of a network, as of other event files."""
    if classes is not None and within(labels, classes):
        return tuple(classes)
    return numbers_as_names(labels.astype(np.int64), refuse)


def _speakers(found: Sequence[NDArray[Any]], count: int) -> tuple[NDArray[Any], tuple[str, ...] | None]:
    """The numbers of the speakers of `count` recordings, and their names where the file has names."""
    if not found:
        return np.full(count, UNKNOWN), None
    return found[0], tuple(json.loads(found[1].tobytes())) if len(found) > 1 else None


def _units(path: Path, units: NDArray[Any], told: NDArray[np.int64]) -> tuple[int, tuple[str, ...]]:
    """How many input lines there are, and a note if the addresses alone say it."""
    if told.size:
        return int(told[0]), ()
    most = int(units.max(initial=0))
    if _PUBLISHED.fullmatch(path.name) or most == UNIT_COUNT - 1:
        return UNIT_COUNT, ()
    count = UNIT_COUNT if most >= _NEAR else max(most, 0) + 1
    return count, (
        f"{count} lines are taken, since the largest address is {most}; if there are more, set the attribute "
        "unit_count of the file to their number",
    )
