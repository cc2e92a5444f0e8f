"""Reads an HDF5 file as the readers will, in a process of its own that `snnc.io.hdf5_guard` starts.

What h5py raises is no matter here: whoever reads the file will say it. What matters is that libhdf5 comes to
an end. Run by its path, so it imports nothing of snnc.
"""

from __future__ import annotations

import faulthandler
import io
import math
import os
import signal
import sys
import time
from collections.abc import Callable
from typing import Any, BinaryIO

import h5py

Renew = Callable[[], None]

SECONDS = 2.0
"""Processor time that any file may take; files of ours take some hundredths of a second."""
BYTES_PER_SECOND = 5e6
"""How much more a large one may take: rows of variable length are slow, some 20 microseconds each."""
CALL_BYTES_PER_SECOND = 5e7
"""How much more a single call of libhdf5 may take, which reads a part: so a loop is found soon."""
MOMENT = 1e-3
"""A timer of 0 s would never end the process."""
PART_LIMIT = 1 << 22
"""Most bytes of a data set that are read, from its start: what finds its chunks is known by then."""
FILE_LIMIT = 1 << 26
"""Most such bytes of all data sets of a file; large files are not read twice."""
CHUNK_LIMIT = 1 << 26
"""Chunks with more bytes are not unpacked."""
ELEMENT_LIMIT = 1 << 24
"""Most elements of variable length in a data set that are read; readers take no more."""
RAGGED_LIMIT = 1 << 26
"""Largest file, in bytes, in which elements of variable length are read; data from stdin are always read."""
RAGGED_BYTES = 1 << 28
"""Most bytes of these at once, were each as long as the whole file."""


def main(sources: list[str]) -> None:
    """Walk each of `sources`, a path or "=N" for the next N bytes of stdin; print a line after each."""
    for source in sources:
        stdin = source.startswith("=")
        size = int(source[1:]) if stdin else os.stat(source).st_size
        file = io.BytesIO(sys.stdin.buffer.read(size)) if stdin else source
        _quietly(walk, file, size, stdin or size <= RAGGED_LIMIT, renewed(size))
        print(flush=True)


def walk(source: str | BinaryIO, size: int, ragged: bool, renew: Renew = lambda: None) -> None:
    """Links, objects, attributes and the start of data; rows of any length whole, if `ragged`.

    `renew` is called whenever libhdf5 came to the end of a call.
    """
    renew()
    with h5py.File(source, "r") as file:
        names = ["/"]

        def note(name: str, item: object) -> None:
            names.append(name)
            renew()

        _quietly(file.visititems_links, lambda name, link: renew())
        _quietly(file.visititems, note)
        left = FILE_LIMIT
        for name in names:
            renew()
            item = _quietly(file.get, name)
            _quietly(_around, item, renew)
            renew()
            if isinstance(item, h5py.Dataset):
                left -= _quietly(_data, item, left) or 0
                if ragged:
                    _quietly(_ragged, item, size, renew)


def limit(size: int) -> float:
    """Seconds that a file of `size` bytes may take."""
    return SECONDS + size / BYTES_PER_SECOND


def renewed(size: int) -> Renew:
    """What ends this process unless it is called again soon, and in time for `limit`."""
    end = time.process_time() + limit(size)
    one_call = SECONDS + size / CALL_BYTES_PER_SECOND

    def renew() -> None:
        left = end - time.process_time()
        if left <= 0:  # a timer that short calls renew would never end them
            end_now()
        end_after(max(MOMENT, min(one_call, left)))

    return renew


def end_after(seconds: float) -> None:
    """End this process then, wherever in libhdf5 it is."""
    if sys.platform != "win32":
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_PROF, seconds)  # of this process alone, however busy the machine is
    else:
        faulthandler.dump_traceback_later(10 * seconds, exit=True, file=open(os.devnull, "w"))  # noqa: SIM115


def end_now() -> None:
    """End this process as `end_after` does."""
    if sys.platform != "win32":
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        signal.raise_signal(signal.SIGPROF)
    os._exit(1)


def _around(item: h5py.Group | h5py.Dataset | h5py.Datatype, renew: Renew) -> None:
    """Attributes, links, and what finds the chunks."""
    for key in _quietly(list, item.attrs) or ():
        renew()
        _quietly(item.attrs.get, key)
    if isinstance(item, h5py.Group):
        for key in item:
            renew()
            item.get(key, getlink=True)
    elif isinstance(item, h5py.Dataset) and not item.is_virtual:
        renew()
        item.id.get_storage_size()
        if item.chunks is not None:
            item.id.get_num_chunks()
            item.id.chunk_iter(lambda chunk: renew())


def _data(data: h5py.Dataset, left: int) -> int:
    """Read the start of numbers, at most `left` bytes; how many were read or unpacked."""
    chunk = math.prod(data.chunks or ()) * data.dtype.itemsize
    if data.dtype.hasobject or data.is_virtual or data.external or chunk > CHUNK_LIMIT:
        return 0
    row = data.dtype.itemsize * math.prod(data.shape[1:])
    rows = min(PART_LIMIT, left) // max(row, 1)
    if not data.shape:
        data[()]
    elif rows:
        data[:rows]
    return int(max(min(rows, data.size) * row, chunk))


def _ragged(data: h5py.Dataset, size: int, renew: Renew) -> None:
    """Read elements of variable length; they lie in heaps, each of which has tables of its own."""
    if not data.dtype.hasobject or data.is_virtual or data.external:
        return
    if not 0 < data.size <= ELEMENT_LIMIT:  # none may be any number of empty rows
        return
    if not data.shape:
        data[()]
        return
    count = max(1, min(1024, RAGGED_BYTES // size))
    for first in range(0, len(data), count):
        renew()
        data[first : first + count]


def _quietly(function: Callable[..., Any], *arguments: Any) -> Any:
    try:
        return function(*arguments)
    except Exception:
        return None


if __name__ == "__main__":
    main(sys.argv[1:])
