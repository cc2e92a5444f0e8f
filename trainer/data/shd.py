"""Reader of the Spiking Heidelberg Digits and Spiking Speech Commands HDF5 files.

Layout: Cramer, Stradmann, Schemmel, Zenke, "The Heidelberg spiking data sets for the systematic evaluation of
spiking neural networks", IEEE TNNLS 33(7), 2022; files at https://zenkelab.org/datasets.
"""

import json
import os
from pathlib import Path
from typing import NoReturn

import numpy as np

from snnc.errors import InputError
from snnc.trainer.data.durations import with_last_event_duration
from snnc.trainer.data.events import UNKNOWN, EventDataset

UNIT_COUNT = 700


def load_shd_hdf5(path: str | os.PathLike[str]) -> EventDataset:
    """Read an SHD or SSC file: times as float32 seconds (exact for the files' float16), 700 units.

    Reads `spikes/times` (ragged float), `spikes/units` (ragged, any integer), `labels`, `extra/keys` (class
    names) and, where present, `extra/speaker` (else `UNKNOWN`). A recording lasts until its last event.
    `frames(..., unit_pool=5)` gives the usual 140 channels.

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
        refuse("no such file; check the path")
    if path.is_dir():
        refuse("is a folder; give the path of a file in it")
    found = hdf5_guard.arrays("snnc.trainer.data.shd_rows", path, refuse)
    times, units, lengths, labels, names = found[:5]
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
    try:
        ds = EventDataset(
            times=times,
            units=units,
            offsets=offsets,
            labels=labels,
            speaker=found[5] if len(found) > 5 else np.full(len(labels), UNKNOWN),
            trial=np.full(len(labels), UNKNOWN),
            duration=np.zeros(len(labels), np.float32),
            tick_s=1.0,
            unit_count=UNIT_COUNT,
            class_names=tuple(json.loads(names.tobytes())),
            name=path.stem,
        )
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    return with_last_event_duration(ds)
