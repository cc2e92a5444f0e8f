"""Labels of which one is of another kind than most: an array of all would hide which."""

from __future__ import annotations

from collections import Counter
from typing import Any

from numpy.ma.core import MaskedConstant

from snnc.errors import InputError
from snnc.text import quoted

NAME, NUMBER = "name", "whole number"
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
