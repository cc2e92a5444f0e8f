"""Numbers of neurons as text, and back: "0:32,40,50:60" is 0 .. 31, 40, and 50 .. 59."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt


def ranges(numbers: npt.NDArray[np.int32]) -> str:
    """Rising numbers as text."""
    breaks = np.flatnonzero(np.diff(numbers) != 1) + 1
    ends = [0, *breaks.tolist(), len(numbers)]
    pairs = [(int(numbers[a]), int(numbers[b - 1]) + 1) for a, b in pairwise(ends)]
    return ",".join(f"{a}" if b == a + 1 else f"{a}:{b}" for a, b in pairs)


def read_ranges(text: str) -> list[tuple[int, int]]:
    """Each part as (from, up to but without). Raises `ValueError` for anything else."""
    return [read_range(part) for part in text.split(",")]


def read_range(text: str, stop: int | None = None) -> tuple[int, int]:
    """ "10:50", or "10" alone; with `stop` the ends may be left out, for 0 and that. Raises `ValueError`."""
    first, colon, last = text.partition(":")
    if not colon:
        return _number(first), _number(first) + 1
    if stop is None:
        return _number(first), _number(last)
    return _number(first or "0"), _number(last or str(stop))


def _number(text: str) -> int:
    """A whole number, in the digits 0 to 9 alone."""
    if not (text.isascii() and text.isdigit()):
        raise ValueError(f"{text!r} is not the number of a neuron or a step")
    return int(text)
