"""The fewest squares in one dimension: whole numbers, each replaced by one of a few levels or by 0."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
State = tuple[int, int]
"""How many levels are in use, and whether 0 is."""


def nearest_levels(values: Ints, counts: Ints, most: int) -> Ints:
    """What each of `values`, which rise, becomes: one of `most` whole levels, or 0.

    The sum of `counts` times squared differences is the least that there is. Whatever the levels, a number
    goes to its nearest, so the numbers of a level follow one another, and so do those that become 0; the
    best level of a run is its mean, rounded. So the best runs are found one after another, by dynamic
    programming over where each ends: most * values**2 steps.
    """
    size = len(values)
    centre, moved, gone = _runs(values, counts)
    start = np.full(size + 1, np.inf)
    start[0] = 0
    best: dict[State, Floats] = {(0, 0): start}
    came: dict[State, tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]] = {}
    for levels in range(most + 1):
        for zero in (0, 1):
            tables = [best[before][:, None] + cost for before, cost in _last(levels, zero, moved, gone)]
            if tables:
                totals = np.stack([table.min(axis=0) for table in tables])
                which = totals.argmin(axis=0)
                begins = np.stack([table.argmin(axis=0) for table in tables])
                best[levels, zero] = totals.min(axis=0)
                came[levels, zero] = which, np.take_along_axis(begins, which[None], axis=0)[0]
    state, end, found = min(best, key=lambda each: float(best[each][size])), size, np.zeros(size, np.int64)
    while state != (0, 0):
        which, begins = (part[end] for part in came[state])
        before, cost = _last(*state, moved, gone)[which]
        if cost is moved:
            found[begins:end] = centre[begins, end]
        state, end = before, int(begins)
    return found


def _last(levels: int, zero: int, moved: Floats, gone: Floats) -> list[tuple[State, Floats]]:
    """What the last run may be: the state before it, and the costs [begin, end] of a run of this kind."""
    found = [((levels - 1, zero), moved)] if levels else []
    return found + ([((levels, 0), gone)] if zero else [])


def _runs(values: Ints, counts: Ints) -> tuple[Ints, Floats, Floats]:
    """Of the values begin .. end - 1, [begin, end]: their level, its cost, and that of leaving them out."""
    powers = [np.concatenate([[0], np.cumsum(counts * values**power)]) for power in range(3)]
    number, total, squares = (sums[None] - sums[:, None] for sums in powers)
    centre = np.rint(total / np.maximum(number, 1)).astype(np.int64)
    there = number > 0
    moved = np.where(there, squares - 2 * centre * total + centre**2 * number, np.inf)
    return centre, moved, np.where(there, squares, np.inf)
