"""Entries of a list that are missing: None, no number, or an empty text; and recordings without a label.

Of labels that are names, "?" says that the recording has none; so does what is missing among them, since a
class has a name, and the text "nan", unless a class is called so. Of labels that are numbers, what is missing
is an error: no number stands for none.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.errors import InputError

NO_CLASS = "?"
"""In place of the name of its class, of a recording without a label."""
NAN = "nan"
"""What numpy writes in an array of names where nan was among them: it is missing there as it was before."""
_NAMED = 5
"""Most entries that are named."""
_WRITTEN = 80
"""Most letters of names that are written out."""
_OF_TABLES = ("NAType", "NaTType")
"""What pandas has in their place."""


def missing(given: Any, texts: Sequence[str] = ("",)) -> list[int]:
    """Positions of what is missing in `given`, a list or an array of one dimension; none of anything else.

    `texts`: those that are nothing, too. Is asked before a list of texts becomes an array, in which what is
    no number is the text "nan".
    """
    given = np.asarray(given) if hasattr(given, "__array__") and not hasattr(given, "detach") else given
    of_one = isinstance(given, np.ndarray) and given.ndim == 1 and given.dtype.kind in "OUf"
    if isinstance(given, list | tuple) or of_one:
        return [at for at, each in enumerate(given) if _is_missing(each, texts)]
    return []


def marked(labels: Any, classes: Collection[str] | None = None) -> Any:
    """`labels` that are names, with `NO_CLASS` where one is missing; all others as they are.

    `classes`: the names of those that are known.
    """
    named = classes is not None and NAN in tuple(classes)
    none = ("",) if named else ("", NAN)
    if isinstance(labels, np.ndarray) and labels.dtype.kind in "UT":
        without = np.isin(labels, none)
        return np.where(without, labels.dtype.type(NO_CLASS), labels) if without.any() else labels
    found = missing(labels, none)
    if not found or not any(isinstance(each, str) for each in labels):
        return labels
    filled = list(labels)
    for at in found:
        filled[at] = NO_CLASS
    return filled


def named_in(labels: Any) -> str:
    """The argument that names the classes of `labels`, texts, in alphabetical order, as Python writes it."""
    names = sorted(set(map(str, labels)) - {NO_CLASS, "", NAN})
    if not names:
        return f"none of them is known ({NO_CLASS!r} is no label), so give classes, the names of all"
    told = f"classes={names}"
    if len(told) > _WRITTEN:
        none = f"{{{NO_CLASS!r}, '', {NAN!r}}}"
        told = f"classes=sorted({{each for each in labels if isinstance(each, str)}} - {none})"
    return f"give {told}"


def with_none(classes: Sequence[str], labels: Any) -> tuple[str, ...]:
    """`classes`, and `NO_CLASS` behind them where some of the `labels`, which were `marked`, are that."""
    texts = np.asarray(labels).dtype.kind in "OUT"
    unnamed = texts and NO_CLASS not in classes and bool((np.asarray(labels, object) == NO_CLASS).any())
    return (*classes, NO_CLASS) if unnamed else tuple(classes)


def unnamed(labels: Any, classes: Sequence[str]) -> npt.NDArray[np.intp]:
    """Which of `labels`, numbers of `classes`, are no label."""
    at = classes.index(NO_CLASS) if NO_CLASS in classes else -1
    return np.flatnonzero(np.asarray(labels) == at)


def check_named(name: str, labels: npt.NDArray[Any], classes: Sequence[str], remedy: str) -> None:
    """Raise `InputError` if one of `labels`, numbers of `classes`, is none. `remedy`: how to leave it out."""
    if (without := unnamed(labels, classes)).size:
        have = "has" if without.size == 1 else "have"
        raise InputError(
            f"{name}: {without.size} of {len(labels)} samples {have} no label (first: sample {without[0]}), "
            f"and each needs one here; leave them out: {remedy}"
        )


def check_labels(name: str, labels: Any, what: str) -> None:
    """Raise `InputError` if a label is missing. `name`: of the labels; `what` each is of, as "sample"."""
    if found := missing(labels):
        one = len(found) == 1
        verb, them, their = ("has", "it", "its") if one else ("have", "them", "their")
        if what == "sample" and len(found) == len(labels):
            raise InputError(
                f"{name}: all {len(labels)} are missing ({seen(labels, found)}); leave out labels"
            )
        raise InputError(
            f"{name}: {listed(found, what)} of {len(labels)} {verb} no label ({seen(labels, found)}); leave "
            f"{them} out or name {their} class (of names, {NO_CLASS!r} is no label)"
        )


def listed(found: list[int], what: str) -> str:
    """As "recording 3", or "recordings 3, 4"."""
    more = ", ..." * (len(found) > _NAMED)
    return f"{what}{'s' * (len(found) > 1)} {', '.join(map(str, found[:_NAMED]))}{more}"


def seen(given: Any, found: list[int]) -> str:
    """What stands at the first of `found`."""
    return str(list(given)[found[0]]) or "''"


def _is_missing(each: Any, texts: Sequence[str]) -> bool:
    if isinstance(each, float | np.floating):
        return bool(np.isnan(each))
    return each is None or (isinstance(each, str) and each in texts) or type(each).__name__ in _OF_TABLES
