"""Data: labelled spike recordings, where they come from, and how they are split."""

import os
from pathlib import Path

from snnc.errors import InputError
from snnc.trainer.data.digits import load_digits
from snnc.trainer.data.event_files import load_events_npz, save_events_npz
from snnc.trainer.data.events import EventDataset
from snnc.trainer.data.probe import order_probe
from snnc.trainer.data.shd import load_shd_hdf5
from snnc.trainer.data.splits import Splits, split_by_default, split_by_speaker

__all__ = [
    "EventDataset",
    "Splits",
    "load",
    "load_digits",
    "load_events_npz",
    "load_shd_hdf5",
    "order_probe",
    "save_events_npz",
    "split_by_default",
    "split_by_speaker",
]

_READERS = {".npz": load_events_npz, ".h5": load_shd_hdf5, ".hdf5": load_shd_hdf5}


def load(name_or_path: str | os.PathLike[str]) -> EventDataset:
    """Load "digits" (the shipped data), an event `.npz` file, or an SHD/SSC `.h5` or `.hdf5` file.

    Raises
    ------
    InputError
        It is none of these, or the file is missing or damaged.
    """
    if name_or_path == "digits":
        return load_digits()
    reader = _READERS.get(Path(name_or_path).suffix.lower())
    if reader is None:
        raise InputError(
            f"data '{name_or_path}': give 'digits', a path to an event file (.npz) "
            "or a path to a file in the SHD/SSC layout (.h5, .hdf5)"
        )
    return reader(name_or_path)
