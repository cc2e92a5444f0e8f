"""Spikes of a user, and their labels, out of the arrays of an npz: checked for shape before anything runs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.errors import InputError

Array = npt.NDArray[Any]
Labels = npt.NDArray[np.int64]


def dense_spikes(path: Path, arrays: Mapping[str, Array], steps: int, lines: int) -> Array | None:
    """`spikes` [samples, `steps`, `lines`] of the file at `path`, of one sample also without the first axis.

    None if there are none. Values are not looked at. Raises `InputError` for another shape.
    """
    dense = arrays.get("spikes")
    if dense is None:
        return None
    dense = dense[None] if dense.ndim == 2 else dense
    wanted = steps, lines
    if dense.shape[1:] != wanted:
        raise InputError(
            f"{path}: its spikes are {list(dense.shape)}, read as [samples, steps, lines]; "
            f"{_first(dense.shape)}the network takes {wanted[0]} steps of {wanted[1]} lines"
            f"{_remedy(dense.shape, wanted)}"
        )
    return dense


def _first(shape: tuple[int, ...]) -> str:
    return f"sample 0 has {shape[1]} steps of {shape[2]} lines, " if len(shape) == 3 and shape[0] else ""


def _remedy(shape: tuple[int, ...], wanted: tuple[int, int]) -> str:
    """What makes `shape` fit, where that is plain."""
    if shape[1:] == wanted[::-1]:
        return "; swap the last two axes"
    if len(shape) == 3 and (shape[0], shape[2]) == wanted:
        return "; if the first axis is time, swap the first two"
    if len(shape) == 3 and shape[2] == wanted[1]:
        return "; add silent steps behind each sample" if shape[1] < wanted[0] else "; cut the samples"
    return ""


def _made_classes(labels: Array, count: int) -> str:
    """What makes labels of a row for each sample, or of other kinds, classes."""
    if labels.shape == (count,) and labels.dtype.kind in "bf" and bool((labels == np.rint(labels)).all()):
        return "; labels.astype(int) makes them of these"
    if labels.shape == (count,) and labels.dtype.kind in "SUOT":
        return "; of names, classes, labels = np.unique(labels, return_inverse=True) makes both"
    if labels.shape == (count, 1):
        return "; labels.ravel() takes the rows apart"
    return "; of one-hot rows take labels.argmax(1)" if labels.ndim == 2 and len(labels) == count else ""


def checked_labels(name: str, labels: Array, count: int, classes: int | None) -> Labels:
    """int64 [`count`], each 0 .. `classes` - 1; with None, any from 0 on. Errors call them `name`.

    Raises `InputError` if they are not.
    """
    if labels.shape != (count,) or labels.dtype.kind not in "iu":
        raise InputError(
            f"{name} are {labels.dtype} {list(labels.shape)}; give a whole number for each "
            f"of the {count} samples{_made_classes(labels, count)}"
        )
    numbers = np.asarray(labels, np.uint64 if labels.dtype.kind == "u" else np.int64)
    most = np.iinfo(np.int64).max if classes is None else classes - 1
    outside = np.flatnonzero((numbers < 0) | (numbers > most))
    if len(outside):
        first, known = outside[0], "from 0 on" if classes is None else f"0..{most}"
        raise InputError(f"{name}[{first}] is {labels[first]}; classes are numbered {known}")
    return numbers.astype(np.int64)
