"""Spikes of a user, and their labels, out of the arrays of an npz: checked for shape before anything runs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.errors import InputError
from snnc.io.missing import check_labels, check_named, marked, named_in, with_none
from snnc.io.spike_arrays import STEP
from snnc.text import did_you_mean, quoted, shortened, spelt_otherwise

Array = npt.NDArray[Any]
Labels = npt.NDArray[np.int64]
_LABELLED = "known = np.flatnonzero(of != '?'), where of are names of classes; spikes[known], labels[known]"


def dense_spikes(path: Path, arrays: Mapping[str, Array], steps: int, lines: int, step_s: float) -> Array:
    """`spikes` [samples, `steps`, `lines`] of the file at `path`, of one sample also without the first axis.

    Values are not looked at. `step_s`: seconds a step of the network, for errors. Raises `InputError` for
    another shape.
    """
    dense = arrays["spikes"]
    dense = dense[None] if dense.ndim == 2 else dense
    wanted = steps, lines
    if dense.shape[1:] != wanted:
        raise InputError(
            f"{path}: its spikes are {list(dense.shape)}, read as [samples, steps, lines]; "
            f"{_first(dense.shape)}the network takes {wanted[0]} steps of {wanted[1]} lines"
            f"{_remedy(dense.shape, wanted, '' if STEP in arrays else _otherwise(step_s))}"
        )
    return dense


def _first(shape: tuple[int, ...]) -> str:
    return f"sample 0 has {shape[1]} steps of {shape[2]} lines, " if len(shape) == 3 and shape[0] else ""


def _otherwise(step_s: float) -> str:
    return f", if their steps are the network's, {step_s:g} s; else add {STEP}, their seconds, to the file"


def _remedy(shape: tuple[int, ...], wanted: tuple[int, int], otherwise: str) -> str:
    """What makes `shape` fit, where that is plain."""
    if shape[1:] == wanted[::-1]:
        return "; swap the last two axes: spikes.swapaxes(-1, -2)"
    if len(shape) > 3 and (shape[1], math.prod(shape[2:])) == wanted:
        return f"; make each step one line of numbers: spikes.reshape({shape[0]}, {wanted[0]}, {wanted[1]})"
    if len(shape) == 3 and (shape[0], shape[2]) == wanted:
        return "; if the first axis is time, swap the first two: spikes.swapaxes(0, 1)"
    if len(shape) == 3 and shape[2] == wanted[1]:
        mended = "add silent steps behind each sample" if shape[1] < wanted[0] else "cut the samples"
        return f"; {mended}{otherwise}"
    return _turned(shape, wanted)


def _turned(shape: tuple[int, ...], wanted: tuple[int, int]) -> str:
    """What makes `shape` fit where no axis is in its place, or the first and the last are exchanged."""
    for order, read in (
        ((2, 0, 1), "steps, lines, samples"),
        ((1, 2, 0), "lines, samples, steps"),
        ((2, 1, 0), "lines, steps, samples"),
    ):
        if len(shape) == 3 and tuple(shape[axis] for axis in order[1:]) == wanted:
            return f"; if they are [{read}], spikes.transpose{order} makes it so"
    return ""


def step_seconds(path: Path, arrays: Mapping[str, Array]) -> float | None:
    """Seconds a step, as the file at `path` says; None if it does not. Raises `InputError` for no number."""
    if STEP not in arrays:
        return None
    value = arrays[STEP]
    if value.shape != () or value.dtype.kind not in "fiu" or not 0 < float(value) < np.inf:
        raise InputError(
            f"{path}: array '{STEP}' is {value.dtype} {list(value.shape)}; store one number of seconds"
        )
    return float(value)


def texts(path: Path, arrays: Mapping[str, Array], key: str) -> tuple[str, ...] | None:
    """The strings of the array `key`, None if there is none. Raises `InputError` if it holds no strings."""
    if key not in arrays:
        return None
    if arrays[key].dtype.kind != "U" or arrays[key].ndim != 1:
        raise InputError(f"{path}: array '{key}' is {arrays[key].dtype}; store a list of strings")
    return tuple(map(str, marked(arrays[key], arrays[key])))


def made_classes(labels: Array, count: int) -> str:
    """What makes labels of a row for each sample, or of other kinds, classes."""
    if labels.shape == (count,) and labels.dtype.kind in "bf" and _are_whole(labels):
        return "; np.asarray(labels).astype(int) makes them of these"
    if labels.shape == (count,) and labels.dtype.kind == "S":
        return "; of bytes, classes, labels = np.unique(labels.astype(str), return_inverse=True) makes both"
    if labels.shape == (count,) and labels.dtype.kind in "UOT":
        return "; of names, classes, labels = np.unique(labels, return_inverse=True) makes both, sorted"
    if labels.shape == (count, 1):
        return "; labels.ravel() takes the rows apart"
    if labels.ndim != 2 or len(labels) != count or labels.dtype.kind not in "biuf":
        return ""
    if bool((np.count_nonzero(labels, axis=1) == 1).all()):
        return "; of one-hot rows take labels.argmax(1)"
    return "; rows hold one label again and again: labels[:, 0]" * bool((labels == labels[:, :1]).all())


def _are_whole(labels: Array) -> bool:
    return bool((np.isfinite(labels) & (labels == np.rint(labels))).all())


def a_label(classes: Sequence[str] | None) -> str:
    """What a label is, in words: with `classes` it may be the name of one."""
    return "a whole number" if classes is None else "a whole number, or the name of a class,"


def checked_labels(name: str, labels: Array, count: int, classes: Sequence[str] | None) -> Labels:
    """int64 [`count`], numbers of `classes`; with None, any from 0 on. Errors call them `name`.

    Texts are names of `classes`, and become their numbers. Raises `InputError` for labels that do not fit.
    """
    if labels.dtype.kind in "Of":  # an empty text may be a name that the network lacks
        check_labels(name, labels, "sample")
    if classes is not None and labels.shape == (count,) and _are_texts(labels):
        return _numbers(name, labels, tuple(classes))
    if labels.ndim == 1 and len(labels) not in (0, count):
        raise InputError(
            f"{name} are {len(labels)} ({labels.dtype}), and there are {count} samples; give "
            f"{a_label(classes)} for each"
        )
    if labels.shape == (count,) and _are_texts(labels):
        raise InputError(
            f"{name} are names ({labels.dtype}), and no classes say which number each has; {named_in(labels)}"
        )
    if labels.shape != (count,) or labels.dtype.kind not in "iu":
        raise InputError(
            f"{name} are {labels.dtype} {list(labels.shape)}; give {a_label(classes)} for each "
            f"of the {count} samples{made_classes(labels, count)}"
        )
    numbers = np.asarray(labels, np.uint64 if labels.dtype.kind == "u" else np.int64)
    most = np.iinfo(np.int64).max if classes is None else len(classes) - 1
    outside = np.flatnonzero((numbers < 0) | (numbers > most))
    if len(outside):
        first, known = outside[0], "from 0 on" if classes is None else f"0..{most}"
        from_one = "; subtract 1" if classes and numbers.min() == 1 and numbers.max() == len(classes) else ""
        raise InputError(f"{name}[{first}] is {labels[first]}; classes are numbered {known}{from_one}")
    return numbers.astype(np.int64)


def _are_texts(labels: Array) -> bool:
    if labels.dtype.kind == "O":
        return bool(labels.size) and all(isinstance(each, str) for each in labels)
    return labels.dtype.kind in "UT"


def _numbers(name: str, labels: Array, classes: tuple[str, ...]) -> Labels:
    """The number of each name by its place in `classes`, whose order need not be the alphabet's."""
    known = {each: number for number, each in enumerate(classes)}
    for at, label in enumerate(labels):
        if str(label) not in known:
            raise InputError(
                f"{name}[{at}] is {quoted(str(label))}, none of the classes{did_you_mean(label, known)}: "
                f"{shortened(', '.join(classes), 80)}"
            )
    return np.array([known[str(label)] for label in labels], np.int64)


def of_classes(
    name: str, labels: Array, count: int, own: Sequence[str] | None, classes: Sequence[str]
) -> Labels:
    """`labels` [`count`], numbers or names of the classes `own`, as numbers of `classes` of the same names.

    They are as they are without `own`, and where `own` or `classes` are but numbers as texts. Raises
    `InputError` for a number that is no class, and for a name that is none of `classes`.
    """
    labels = marked(labels, classes if own is None else own)
    own = None if own is None else with_none(own, labels)
    if own is None or tuple(own) == tuple(classes):
        own = with_none(classes, labels)
    numbers = checked_labels(name, labels, count, own)
    check_named(name, numbers, own, _LABELLED)
    if tuple(own) == tuple(classes):
        return numbers
    strange = [each for each in np.unique(numbers).tolist() if own[each] not in classes]
    if not strange:
        number_of = {each: number for number, each in enumerate(classes)}
        return np.array([number_of.get(each, -1) for each in own], np.int64)[numbers]
    if _are_numbers(own) or _are_numbers(classes):
        return checked_labels(name, labels, count, classes)
    known = ", ".join([*map(quoted, classes[:3]), *(["..."] if len(classes) > 3 else [])])
    raise InputError(
        f"{name} has the class {quoted(own[strange[0]])}, the network has {known}"
        f"{spelt_otherwise([own[each] for each in strange], classes)}; name the classes as the network "
        "does, or by their numbers: 0, 1, ..."
    )


def _are_numbers(names: Sequence[str]) -> bool:
    return all(name == str(number) for number, name in enumerate(names))
