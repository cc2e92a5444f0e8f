"""The arrays of an SHD or SSC file, read in a process of its own that `snnc.trainer.data.shd` starts.

These files are large and made of rows of any length, in whose tables libhdf5 can loop for ever: they are read
once, where that does no harm.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, NoReturn

import h5py
import numpy as np
from numpy.typing import NDArray

from snnc.errors import InputError
from snnc.io import hdf5_checks, hdf5_walk
from snnc.io.hdf5_checks import Refuse
from snnc.trainer.data import shd_texts
from snnc.trainer.data.event_files import RECORDING_LIMIT
from snnc.trainer.data.own_files import OF_YOUR_OWN

_CHUNK = 1024
"""Most recordings read at once."""
_PART_BYTES = 1 << 28
"""Fewer, so that these bytes hold what is read even if each of them were as long as the whole file."""
_CHUNK_LIMIT = 1 << 26
"""Most bytes of one chunk: HDF5 unpacks a chunk as a whole."""
_MOST_UNITS = 1 << 16


def main(path: str) -> None:
    """Write the arrays of `read_rows` to stdout, one behind the other as npy; or the error to stderr."""
    hdf5_walk.end_after(hdf5_walk.limit(Path(path).stat().st_size))
    try:
        arrays = read_rows(Path(path))
    except InputError as error:
        sys.stderr.buffer.write(str(error).encode("utf-8", "surrogateescape"))
        sys.exit(error.exit_code)
    for array in arrays:
        np.lib.format.write_array(sys.stdout.buffer, array, allow_pickle=False)


def read_rows(path: Path) -> tuple[NDArray[Any], ...]:
    """times float32, units, row lengths int64, labels, class names (JSON, uint8), `unit_count`; speakers.

    There may be no speakers; of those that are texts, numbers, and then their names (JSON). Class names are
    null, and `unit_count` is empty, where the file has none.

    Raises
    ------
    InputError
        The file is no HDF5, or of another layout.
    """

    def refuse(problem: str) -> NoReturn:
        raise InputError(f"{path}: {problem}")

    try:
        with h5py.File(path, "r") as file, hdf5_checks.damage(refuse):
            hdf5_checks.check_own(file, refuse)
            times, lengths = _ragged(file, "spikes/times", "f", np.dtype(np.float32), path)
            units, unit_lengths = _ragged(file, "spikes/units", "iu", None, path)
            labels = _plain(file, "labels", "iuf", path)
            keys = _names(file, "extra/keys", path, refuse) if "extra/keys" in file else None
            count = _unit_count(file, refuse)
            speakers = _speakers(file, "extra/speaker", path, refuse) if "extra/speaker" in file else ()
    except OSError as error:
        raise InputError(
            f"{path}: not a readable HDF5 file ({error}); it may be truncated or still packed (.gz, .zip): "
            "unpack it or download it again"
        ) from error
    if not np.array_equal(lengths, unit_lengths):
        refuse("spikes/times and spikes/units have rows of different lengths; download it again")
    return times, units, lengths, labels, _json(keys), count, *speakers


def _names(file: Any, key: str, path: Path, refuse: Refuse) -> list[str]:
    data = _dataset(file, key, path)
    if not shd_texts.are_texts(data):
        _refuse_type(data, key, refuse)
    return shd_texts.names(data, key, path, refuse)


def _speakers(file: Any, key: str, path: Path, refuse: Refuse) -> tuple[NDArray[Any], ...]:
    """Their numbers; or, of texts, their numbers and the names of these."""
    data = _dataset(file, key, path)
    if not shd_texts.are_texts(data):
        return (_plain(file, key, "iuf", path),)
    numbers, names = shd_texts.numbered(data, key, path, refuse)
    return numbers, _json(names)


def _json(value: Any) -> NDArray[np.uint8]:
    return np.frombuffer(json.dumps(value).encode(), np.uint8)


def _unit_count(file: Any, refuse: Refuse) -> NDArray[np.int64]:
    """The number of input lines, [1], that the file names in an attribute; [0] if it names none."""
    if "unit_count" not in file.attrs:
        return np.empty(0, np.int64)
    attribute = file.attrs.get_id("unit_count")
    if attribute.dtype.kind not in "iu" or attribute.shape not in ((), (1,)):
        refuse(f"attribute 'unit_count' is {attribute.dtype} of shape {attribute.shape}; store one integer")
    value = np.asarray(file.attrs["unit_count"]).reshape(1)
    if not 1 <= value[0] <= _MOST_UNITS:
        refuse(f"attribute 'unit_count' is {value[0]}; it must be in 1..{_MOST_UNITS}")
    return value.astype(np.int64)


def _dataset(file: Any, key: str, path: Path) -> Any:
    """Data set `key` of one dimension, every element of which is stored."""

    def refuse(problem: str) -> NoReturn:
        raise InputError(f"{path}: {problem}")

    data = file.get(key)
    if not isinstance(data, h5py.Dataset):
        refuse(f"data set '{key}' is missing, which the SHD/SSC layout has; {OF_YOUR_OWN}")
    if data.shape is None or data.ndim != 1:
        refuse(
            f"'{key}' has shape {data.shape}; the SHD/SSC layout has one dimension, ragged for spikes; "
            f"{OF_YOUR_OWN}"
        )
    if len(data) > RECORDING_LIMIT:
        refuse(f"'{key}' declares {len(data)} rows, at most {RECORDING_LIMIT} are read; split the file")
    hdf5_checks.check_stored(data, key, _CHUNK_LIMIT, refuse)
    return data


def _plain(file: Any, key: str, kinds: str, path: Path) -> NDArray[Any]:
    def refuse(problem: str) -> NoReturn:
        raise InputError(f"{path}: {problem}")

    data = _dataset(file, key, path)
    if data.dtype.kind not in kinds:
        _refuse_type(data, key, refuse)
    return np.asarray(data[:])


def _refuse_type(data: Any, key: str, refuse: Refuse) -> NoReturn:
    refuse(f"'{key}' is {data.dtype}; the SHD/SSC layout has numbers, and names as text; {OF_YOUR_OWN}")


def _ragged(
    file: Any, key: str, kinds: str, dtype: np.dtype[Any] | None, path: Path
) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """All rows of a variable-length data set end to end, cast to `dtype`, and their lengths."""
    data = _dataset(file, key, path)
    base = h5py.check_vlen_dtype(data.dtype)
    if base is not None and np.dtype(base).kind not in kinds:
        wanted = "floats, the seconds of events" if kinds == "f" else "integers, their input lines"
        raise InputError(f"{path}: rows of '{key}' are {np.dtype(base)}; store {wanted}")
    if base is None:
        raise InputError(
            f"{path}: '{key}' is {data.dtype} of shape {data.shape}; the SHD/SSC layout has ragged rows; "
            f"{OF_YOUR_OWN}"
        )
    empty = np.empty(0, dtype or base)
    parts, lengths = [empty], [np.empty(0, np.int64)]
    size, held = path.stat().st_size, 0
    count = max(1, min(_CHUNK, _PART_BYTES // size))
    for first in range(0, len(data), count):
        rows = data[first : first + count]
        parts.append(np.concatenate([empty, *rows]).astype(empty.dtype))
        lengths.append(np.array([len(row) for row in rows], np.int64))
        held += int(lengths[-1].sum()) * np.dtype(base).itemsize
        if held > size:  # rows are not packed: HDF5 has each of them once
            raise InputError(f"{path}: rows of '{key}' hold more than the file; they share their bytes")
    flat = np.concatenate(parts)
    flat.setflags(write=False)
    return flat, np.concatenate(lengths)


if __name__ == "__main__":
    main(sys.argv[1])
