"""Large, mostly zero matrices in an HDF5 file, written and read a block at a time.

Blocks that hold only zeros are not stored: HDF5 gives its fill value for them. So time and size follow the
nonzero entries, and memory one block.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

WIDE, TALL = (64, 4096), (4096, 64)
"""Rows and columns of a block; in float32 it takes 1 MiB."""
COMPRESSION = {"compression": "gzip", "compression_opts": 1}

Entries = tuple[
    npt.NDArray[np.signedinteger[Any]], npt.NDArray[np.signedinteger[Any]], npt.NDArray[np.floating[Any]]
]
"""Row, column and value of nonzero entries."""
EntriesOfRows = Callable[[int, int], Entries]
"""The nonzero entries of the rows from one number up to, but without, another; in any order."""


def write_matrix(
    group: h5py.Group,
    name: str,
    shape: tuple[int, int],
    block_shape: tuple[int, int],
    entries: EntriesOfRows,
) -> None:
    """A float32 dataset of `shape`, in blocks of at most `block_shape`."""
    # float32: nirtorch takes no integers, and it holds every weight of the contract (up to 2^18) exactly.
    chunks = _chunks(shape, block_shape)
    dataset = group.create_dataset(name, shape, np.float32, chunks=chunks, **COMPRESSION)
    for place, block in _filled(shape, chunks, entries):
        dataset[place] = block


def same_matrix(
    dataset: h5py.Dataset, shape: tuple[int, int], block_shape: tuple[int, int], entries: EntriesOfRows
) -> bool:
    """Whether `dataset` is what `write_matrix` makes of the same, its blocks included."""
    chunks = _chunks(shape, block_shape)
    if (dataset.shape, dataset.dtype, dataset.chunks) != (shape, np.float32, chunks):
        return False
    left = {(rows.start, columns.start) for rows, columns in _blocks(dataset)}
    for place, block in _filled(shape, chunks, entries):
        key = place[0].start, place[1].start
        if key not in left or not np.array_equal(dataset[place], block):
            return False
        left.remove(key)
    return not left


def of_rows(entries: Entries) -> EntriesOfRows:
    """What `write_matrix` asks for, of all entries of a matrix, by rising rows."""
    row, column, value = entries

    def part(start: int, stop: int) -> Entries:
        first, end = np.searchsorted(row, [start, stop])
        return row[first:end], column[first:end], value[first:end]

    return part


def _chunks(shape: tuple[int, int], block_shape: tuple[int, int]) -> tuple[int, int]:
    return min(block_shape[0], shape[0]), min(block_shape[1], shape[1])


def _filled(
    shape: tuple[int, int], chunks: tuple[int, int], entries: EntriesOfRows
) -> Iterator[tuple[tuple[slice, slice], npt.NDArray[np.float32]]]:
    """The blocks that are not zero: where they lie, and float32 of at most `chunks`."""
    rows, columns = chunks
    for start in range(0, shape[0], rows):
        stop = min(start + rows, shape[0])
        row, column, value = entries(start, stop)
        order = np.argsort(column, kind="stable")
        row, column, value = row[order] - start, column[order], value[order]
        starts = range(0, shape[1], columns)
        bounds = np.searchsorted(column, [*starts, shape[1]])
        for left, (begin, end) in zip(starts, itertools.pairwise(bounds), strict=True):
            if begin == end:
                continue
            block = np.zeros((stop - start, min(columns, shape[1] - left)), np.float32)
            block[row[begin:end], column[begin:end] - left] = value[begin:end]
            yield (slice(start, stop), slice(left, left + block.shape[1])), block


def read_matrix(dataset: h5py.Dataset) -> Iterator[Entries]:
    """The nonzero entries of a matrix, block by block. `ValueError` if it is no matrix of numbers."""
    if dataset.ndim != 2 or dataset.dtype.kind not in "fiu":
        raise ValueError(f"{dataset.name} is {dataset.dtype} {dataset.shape}, expected a matrix of numbers")
    for place in _blocks(dataset):
        block = dataset[place]
        row, column = np.divmod(np.flatnonzero(block != 0), block.shape[1])  # faster than in two dimensions
        yield row + place[0].start, column + place[1].start, block[row, column].astype(np.float64)


def block_bytes(dataset: h5py.Dataset) -> int:
    """The most memory that reading one block takes."""
    cells = np.prod(dataset.chunks or (WIDE[0], dataset.shape[-1]), dtype=object)
    return int(cells) * int(dataset.dtype.itemsize)


def _blocks(dataset: h5py.Dataset) -> Iterator[tuple[slice, slice]]:
    """The stored blocks of a chunked dataset, or bands of rows."""
    if dataset.chunks is None:
        for start in range(0, dataset.shape[0], WIDE[0]):
            yield slice(start, start + WIDE[0]), slice(0, dataset.shape[1])
        return
    places: list[tuple[int, int]] = []
    dataset.id.chunk_iter(lambda info: places.append(info.chunk_offset))
    for row, column in places:
        yield slice(row, row + dataset.chunks[0]), slice(column, column + dataset.chunks[1])
