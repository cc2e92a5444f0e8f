"""Numbers of neurons as text."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt


def ranges(numbers: npt.NDArray[np.int32]) -> str:
    """Rising numbers as text: "0:32,40,50:60" is 0 .. 31, 40, and 50 .. 59."""
    breaks = np.flatnonzero(np.diff(numbers) != 1) + 1
    ends = [0, *breaks.tolist(), len(numbers)]
    pairs = [(int(numbers[a]), int(numbers[b - 1]) + 1) for a, b in pairwise(ends)]
    return ",".join(f"{a}" if b == a + 1 else f"{a}:{b}" for a, b in pairs)
