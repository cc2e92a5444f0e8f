"""What is looked at before an array of a stranger's HDF5 file is read."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import h5py
import numpy as np
from h5py import h5d, h5l, h5o

from snnc.errors import SnncError

Refuse = Callable[[str], NoReturn]
"""Raises an `SnncError` with the file's name and a sentence."""


def check_own(file: h5py.File, refuse: Refuse) -> None:
    """All that `file` holds lies in it, under one name: no link leads elsewhere, or where another one leads.

    No data set has its bytes in another file.
    """

    # What a visitor returns ends the visit; h5py does not bear that it raises.
    def strange_link(name: bytes, link: h5l.LinkInfo) -> str | None:
        return None if link.type == h5l.TYPE_HARD else f"{_text(name)!a} is a link to elsewhere"

    def second_name(name: bytes, item: h5o.ObjInfo) -> str | None:
        # Some tens of groups can be a tree without end like that.
        return f"{_text(name)!a} has a second name in it" if item.rc > 1 else None

    def problems() -> Iterator[str | None]:
        yield file.id.links.visit(strange_link, info=True)
        yield h5o.visit(file.id, second_name, info=True)
        for name, data in _opened(file):
            made = data.get_create_plist()
            elsewhere = made.get_layout() == h5d.VIRTUAL or made.get_external_count()
            yield f"data set {_text(name)!a} lies in another file" if elsewhere else None

    for problem in problems():
        if problem is not None:
            refuse(f"{problem}, which is not opened")


def datasets(group: h5py.Group) -> Iterator[tuple[str, h5py.Dataset]]:
    """Path and data set of all that lie in `group` and the groups below; these are not opened themselves.

    To open a group for every one of them, as `visititems` does, takes most of the time of a small file.
    """
    for name, data in _opened(group):
        yield _text(name), h5py.Dataset(data, readonly=True)


def sizes(group: h5py.Group) -> Iterator[tuple[str, int, int]]:
    """Path of each of `datasets`, how many elements it has, and the bytes of one when it is read."""
    for name, data in _opened(group):
        yield _text(name), math.prod(data.shape), data.dtype.itemsize


def _opened(group: h5py.Group) -> Iterator[tuple[bytes, h5d.DatasetID]]:
    found = []

    def note(name: bytes, item: h5o.ObjInfo) -> None:
        if item.type == h5o.TYPE_DATASET:
            found.append(name)

    h5o.visit(group.id, note, info=True)
    for name in found:
        yield name, h5d.open(group.id, name)


def _text(name: bytes) -> str:
    return name.decode("utf8", "surrogateescape")


def dataset(file: h5py.File, name: str, dtypes: Collection[np.dtype[Any]], refuse: Refuse) -> h5py.Dataset:
    """Data set `name`, stored in this very file and of one of `dtypes`, in any byte order."""
    parts = name.split("/")
    for depth in range(1, len(parts) + 1):
        link = file.get("/".join(parts[:depth]), getlink=True)
        if link is None:
            refuse(f"data set '{name}' is missing; the file was not written to its end")
        if not isinstance(link, h5py.HardLink):
            refuse(f"data set '{name}' is a link to elsewhere, which is not followed")
    data = file[name]
    if not isinstance(data, h5py.Dataset):
        refuse(f"'{name}' is not a data set")
    if data.is_virtual or data.external:
        refuse(f"data set '{name}' lies in another file, which is not opened")
    if data.dtype.newbyteorder("=") not in dtypes:
        refuse(f"data set '{name}' is {data.dtype}; {' or '.join(map(str, dtypes))} is expected")
    if data.shape is None:
        refuse(f"data set '{name}' has no shape")
    return data


def check_stored(data: h5py.Dataset, name: str, chunk_limit: int, refuse: Refuse) -> None:
    """Every element of `data` is stored, and no chunk unpacks to more than `chunk_limit` bytes."""
    if data.chunks is None:
        whole = data.id.get_storage_size() >= data.nbytes
    else:
        chunk = math.prod(data.chunks) * data.dtype.itemsize
        if chunk > chunk_limit:
            refuse(f"chunks of '{name}' have {chunk} bytes; at most {chunk_limit} are read")
        wanted = math.prod(-(-n // c) for n, c in zip(data.shape, data.chunks, strict=True))
        whole = data.id.get_num_chunks() == wanted
    if not whole:
        refuse(f"data set '{name}' is not stored whole: {data.shape} is declared; record it again")


@contextmanager
def damage(refuse: Refuse) -> Iterator[None]:
    """Whatever h5py raises on damaged bytes, as our error."""
    try:
        yield
    except SnncError:
        raise
    except (
        OSError,
        RuntimeError,
        KeyError,
        ValueError,
        TypeError,
        AttributeError,
        SystemError,
    ) as error:
        refuse(f"is damaged ({error}); copy or write it again")
