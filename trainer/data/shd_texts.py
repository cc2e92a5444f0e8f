"""Texts of an SHD or SSC file, names of classes and speakers, of fixed or of variable length.

Texts of variable length can share their bytes, and those of fixed length can be packed: a small file may
hold more of them than memory. So they are read in parts, and each name is kept once.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import h5py
import numpy as np
from numpy.typing import NDArray

from snnc.io.hdf5_checks import Refuse
from snnc.text import quoted

LONGEST = 1 << 10
"""Most bytes of a name."""
MOST = 1 << 16
"""Most names."""
_CHUNK = 1024
"""Most texts read at once."""
_PART_BYTES = 1 << 28
"""Fewer, so that these bytes hold what is read even if each of them were as long as the whole file."""


def are_texts(data: h5py.Dataset) -> bool:
    """Whether the elements are texts; those of fixed length are short enough for names."""
    return h5py.check_string_dtype(data.dtype) is not None and data.dtype.itemsize <= LONGEST


def names(data: h5py.Dataset, key: str, path: Path, refuse: Refuse) -> list[str]:
    """All of data set `key`, in their order; at most `MOST`."""
    if len(data) > MOST:
        refuse(f"'{key}' has {len(data)} names, at most {MOST} are read")
    return [_decoded(each, key, refuse) for each in _texts(data, key, path, refuse)]


def numbered(
    data: h5py.Dataset, key: str, path: Path, refuse: Refuse
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """For each text of data set `key` its number, and the sorted names of these."""
    number_of: dict[bytes, int] = {}
    found = np.empty(len(data), np.int64)
    for at, each in enumerate(_texts(data, key, path, refuse)):
        found[at] = number_of.setdefault(each, len(number_of))
        if len(number_of) > MOST:
            refuse(f"'{key}' has more than {MOST} different names, at most {MOST} are read")
    given = [_decoded(each, key, refuse) for each in number_of]
    order = sorted(range(len(given)), key=given.__getitem__)
    rank = np.empty(len(given), np.int64)
    rank[order] = np.arange(len(given))
    return rank[found], tuple(given[each] for each in order)


def _texts(data: h5py.Dataset, key: str, path: Path, refuse: Refuse) -> Iterator[bytes]:
    count = max(1, min(_CHUNK, _PART_BYTES // path.stat().st_size))
    for first in range(0, len(data), count):
        for at, each in enumerate(data[first : first + count], first):
            if len(each) > LONGEST:
                refuse(f"'{key}'[{at}] has {len(each)} bytes, a name has at most {LONGEST}; shorten it")
            yield bytes(each)


def _decoded(text: bytes, key: str, refuse: Refuse) -> str:
    try:
        return text.decode()
    except UnicodeDecodeError:
        refuse(f"'{key}' holds {quoted(text)}, which is not UTF-8; write the names again")
