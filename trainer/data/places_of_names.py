"""Where the names of classes stand, by the kind of data: a remedy says it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

_HDF5 = (".h5", ".hdf5")
_WRITTEN = 200
"""Most letters of names that are written out."""
_IN_HDF5 = "the data set `extra/keys` of the file"


def place_of_names(name: str) -> str:
    """Of data that are called `name`, a path or the name of recordings in memory."""
    suffix = Path(name).suffix.lower()
    if suffix in _HDF5:
        return _IN_HDF5
    return "`classes` of the file" if suffix == ".npz" else "class_names of the recordings"


def by_number(name: str) -> str:
    """The same, and how they stand there."""
    texts = " (or in `labels`, as texts)" if Path(name).suffix.lower() == ".npz" else ""
    return f"{place_of_names(name)}, in the order of the labels' numbers{texts}"


def remedy_of_names(name: str, classes: Sequence[str]) -> str:
    """How to give the `classes` of a model to data that are called `name` and have its numbers."""
    told, names, suffix = by_number(name), list(classes), Path(name).suffix.lower()
    if suffix in _HDF5:
        keys = "f['extra/keys']"
        code = f"with h5py.File({name!r}, 'r+') as f: f.pop('extra/keys', None); {keys} = {names}"
    elif suffix == ".npz":
        return told
    else:
        code = f"data = dataclasses.replace(data, class_names={names})"
    return f"{told}; if these are the model's, in Python: {code}" if len(str(names)) <= _WRITTEN else told
