"""Odd labels: one is of another kind than most, which an array of all would hide, or a class has none."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.ma.core import MaskedConstant

from snnc.api.numbers import warn
from snnc.errors import InputError
from snnc.text import quoted

NAME, NUMBER = "name", "whole number"
SAID = 5
"""Most classes that a warning names."""
ONE = {"bytes": "bytes", "ndarray": "an array"}


def check_alike(labels: Any) -> None:
    """Raise `InputError` if most labels are names, or whole numbers, and one is something else."""
    mixed = getattr(labels, "ndim", 0) == 1 and str(getattr(labels, "dtype", "")) == "object"
    if not isinstance(labels, list | tuple) and not mixed:
        return
    given = list(labels)  # a table may number its rows otherwise
    kinds = [_kind(each) for each in given]
    for most, count in Counter(kinds).most_common(1):
        if most not in (NAME, NUMBER) or count == len(kinds):
            return
        at = next(number for number, kind in enumerate(kinds) if kind != most)
        if isinstance(given[at], MaskedConstant):
            return  # an array of all tells of masks
        advice = ": give the name of its class there, too" if most == NAME else ": give one there, too"
        raise InputError(
            f"labels[{at}] is {quoted(given[at])} ({ONE.get(kinds[at], f'a {kinds[at]}')}), and {count} of "
            f"{len(kinds)} labels are {most}s{advice}"
        )


def _kind(label: Any) -> str:
    if isinstance(label, str):
        return NAME
    number = label.item() if getattr(label, "ndim", None) == 0 and hasattr(label, "item") else label
    return NUMBER if isinstance(number, int) else type(label).__name__


def warn_of_gaps(labels: npt.NDArray[np.int64]) -> None:
    """Labels from 1 on make a class more, which nothing trains."""
    most = int(labels.max())
    empty = np.setdiff1d(np.arange(most + 1), labels)
    if not len(empty):
        return
    which = ", ".join(map(str, empty[:SAID].tolist())) + (", ..." if len(empty) > SAID else "")
    some = f"class {which} has" if len(empty) == 1 else f"classes {which} have"
    warn(
        f"labels: are {labels.min()} .. {most}, which makes {most + 1} classes, and {some} no sample; number "
        "the classes from 0 on, or give classes, a name for each"
    )
