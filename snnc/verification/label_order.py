"""Labels that seem to number the classes in another order than the network.

A file of numbers says nothing of names. If the samples of several classes are each taken for another one, and
no two for the same, the labels are more likely wrong than the network.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

LEAST, SHARE = 5, 0.75
"""Of a class, so many samples at least, and such a share of them, must be taken for one other."""
_SHOWN = 3


def are_numbers(names: Sequence[str]) -> bool:
    """Whether classes have no names but their numbers, so that nothing says that those of two files agree."""
    return all(name == str(number) for number, name in enumerate(names))


def other_order(counts: npt.ArrayLike, names: Sequence[str], by_name: bool = False) -> str | None:
    """A sentence on labels in another order, or None.

    Parameters
    ----------
    counts : int [classes, classes], samples by label and by what the network takes them for.
    names : the network's classes.
    by_name : labels were found among the network's classes by their names.
    """
    table = np.asarray(counts)
    totals, likely = table.sum(axis=1), table.argmax(axis=1)
    clear = (totals >= LEAST) & (table.max(axis=1) >= SHARE * totals)
    labels = np.flatnonzero(clear)
    moved = [int(label) for label in labels if likely[label] != label]
    if len(moved) < 2 or len({*likely[labels].tolist()}) < len(labels):
        return None
    pairs = [
        f"{table[label, likely[label]]} of {totals[label]} labelled {names[label]} are taken for "
        f"{names[likely[label]]}"
        for label in moved[:_SHOWN]
    ]
    more = [f"{len(moved) - _SHOWN} classes more"] if len(moved) > _SHOWN else []
    taken = ", ".join([*pairs, *more])
    if by_name:
        return (
            f"the classes seem to have other names than those that the network learned: {taken}; check which "
            "number has which name in `classes`"
        )
    first = f"0 {names[0]}, 1 {names[1]}{', ...' if len(names) > 2 else ''}"
    return (
        "the labels seem to number the classes in another order than the network: "
        f"{taken}; the network has {first}: use its numbers, or labels that are names"
    )
