"""Names of classes, and labels that are such names."""

from collections.abc import Callable, Sequence
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from snnc.io.missing import NO_CLASS as NO_CLASS
from snnc.io.missing import marked, with_none
from snnc.text import quoted, spelt_otherwise

MOST = 1 << 16
"""Most classes of which a label is the number, where no names say how many there are."""


def numbers_as_names(labels: NDArray[Any], refuse: Callable[[str], NoReturn]) -> tuple[str, ...]:
    """The names of classes that have none: their numbers, up to the largest label."""
    largest = int(labels.max(initial=0))
    if largest >= MOST:
        refuse(f"array 'labels' reaches {largest}; number the classes from 0 to at most {MOST - 1}")
    return tuple(str(label) for label in range(largest + 1))


def counted_from_0(classes: Sequence[str]) -> tuple[str, ...]:
    """A note on labels that are numbers of `classes`, where some of these have other numbers for names."""
    other = [number for number, name in enumerate(classes) if name.isdecimal() and name != str(number)]
    if not other:
        return ()
    return (
        f"labels are numbers, so they count the classes from 0: {other[0]} is {quoted(classes[other[0]])}; "
        "if they are names of classes, give texts: labels.astype(str)",
    )


def numbered(
    labels: NDArray[Any], names: tuple[str, ...] | None, refuse: Callable[[str], NoReturn]
) -> tuple[NDArray[Any], tuple[str, ...]]:
    """Labels as numbers, and a name for each; texts are looked up in `names`, or make them, sorted.

    Those that are no label are of `NO_CLASS`, which is then a name, too.
    """
    labels = marked(labels, names)
    names = names if names is None else tuple(marked(np.array(names), names).tolist())
    if labels.dtype.kind != "U":
        return labels, numbers_as_names(labels, refuse) if names is None else names
    found, numbers = np.unique(labels, return_inverse=True)
    own = tuple(map(str, found))
    if names is None:
        return numbers.astype(np.int64), own
    names = with_none(names, labels)
    if unknown := [name for name in own if name not in names]:
        at = int(np.flatnonzero(labels == unknown[0])[0])
        refuse(
            f"labels[{at}] is {quoted(unknown[0])}, which 'classes' does not name"
            f"{spelt_otherwise(unknown, names)}; add it there or correct it"
        )
    return np.array([names.index(name) for name in own], np.int64)[numbers], names
