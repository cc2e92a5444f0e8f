"""Delta debugging: few of many things, with which a fault still shows.

The algorithm is ddmin of A. Zeller and R. Hildebrandt, "Simplifying and Isolating Failure-Inducing Input",
IEEE Transactions on Software Engineering 28(2), 2002, but for two points: after a part could be left out, the
search goes on with the part behind it and not with the first; and several granularities may be tried at once,
where one run can try many selections.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain

import numpy as np
import numpy.typing as npt

Indices = npt.NDArray[np.intp]
Still = Callable[[Iterator[Indices]], Indices | None]
"""One of some selections with which the fault still shows, or None if it shows with none of them."""


def fewest(count: int, still: Still, at_once: int = 1, finest: int | None = None) -> Indices:
    """Rising numbers of 0 .. count - 1 with which the fault shows and, if any one is left out, does not.

    It must show with all of them.

    Parameters
    ----------
    at_once : how many selections may be given to `still` where more would be tried anyway.
    finest : into how many parts they are cut at most. Then it is quick, and more could be left out.
    """
    kept = np.arange(count)
    parts, nothing = 2, [kept[:0]]  # which is tried once
    while len(kept) > 1 or (count and nothing):
        sizes = _granularities(min(parts, len(kept)), len(kept), at_once)
        found = still(chain(nothing, (each for size in sizes for each in _selections(kept, size))))
        nothing = []
        if found is not None:
            parts = 2 if 2 * len(found) <= len(kept) else max(2, sizes[0] - 1)
            kept = _from_the_gap(kept, found)
        elif sizes[-1] >= min(len(kept), finest or count):
            break
        else:
            parts = 2 * sizes[-1]
    return np.sort(kept)


def _granularities(parts: int, count: int, at_once: int) -> list[int]:
    """`parts`, and finer ones as long as all their selections are no more than `at_once`."""
    sizes = [parts]
    while sizes[-1] < count and 2 * (sum(sizes) + 2 * sizes[-1]) <= at_once:
        sizes.append(min(2 * sizes[-1], count))
    return sizes


def _selections(kept: Indices, parts: int) -> Iterator[Indices]:
    """Each of `parts` parts alone, then all but each; rising. Of one part nothing is left out."""
    if parts == 1:
        return
    pieces = np.array_split(kept, parts)
    yield from (np.sort(piece) for piece in pieces)
    if parts > 2:
        yield from (np.sort(np.setdiff1d(kept, piece)) for piece in pieces)


def _from_the_gap(kept: Indices, found: Indices) -> Indices:
    """`found` in the order of `kept`, from what followed the first gap."""
    stays = np.isin(kept, found)
    gap = int(np.argmin(stays))
    return np.roll(kept, -gap)[np.roll(stays, -gap)]
