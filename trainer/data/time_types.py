"""Types that hold the times of events; times of another type become one of these, with the same values."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

TYPES: tuple[np.dtype[Any], ...] = tuple(
    np.dtype(each) for each in (np.uint16, np.uint32, np.uint64, np.float32, np.float64)
)
LIMIT = 1 << 53
"""Whole times below this are exact in float64, in which steps of a fraction of a tick are computed."""


_NEAR_END = 0.9
"""Of a signed type, so that times reach both its ends."""
_UNITS_S = (1e-6, 1e-3)


def problem_of(times: NDArray[Any], owner: Callable[[int], str] = lambda event: "") -> str | None:
    """Why `times` cannot be taken; None if they can. Floats that are no time are not looked for.

    `owner`: of which recording the event of a number is.
    """
    kind = times.dtype.kind
    if kind not in "iuf" or times.dtype.itemsize > 8:
        return f"times are {times.dtype}; give integers (ticks of tick_s), or floats of at most 64 bits"
    if kind == "f" or times.dtype in TYPES[:2] or not times.size:
        return None
    for wrong, limit in ((times.min() < 0, "at least 0"), (times.max() >= LIMIT, "below 2**53")):
        if wrong:
            i = int(times.argmin() if limit == "at least 0" else times.argmax())
            remedy = overflowed(times) or ": repair it, or subtract each recording's start"
            return f"{owner(i)}times[{i}] = {times[i]}; it must be {limit}{remedy}"
    return None


def overflowed(times: NDArray[Any], tick_s: float = 1.0) -> str:
    """What tells times that were cut to 16 or 32 bits with a sign, and its remedy; or empty.

    They reach from near the least number to near the largest. Floats may be seconds, of `tick_s` each, that
    were divided after it.
    """
    low, high = float(times.min(initial=0)), float(times.max(initial=0))
    others = (each / tick_s for each in _UNITS_S) if times.dtype.kind == "f" else ()
    for unit in (1.0, *others):
        for bits in (16, 32):
            half = unit * 2.0 ** (bits - 1)
            if -half <= low <= -_NEAR_END * half and _NEAR_END * half <= high < half:
                remedy = f"{'store the' if unit == 1.0 else 'divide'} whole integers"
                return (
                    f"; times reach from {low:.10g} to {high:.10g}, as those that overflow {bits} bits do: "
                    f"{remedy}, without astype(np.int{bits})"
                )
    return ""


def smallest(times: NDArray[Any]) -> NDArray[Any]:
    """Equal times in the first of `TYPES` of their kind that holds each of them exactly."""
    if times.dtype.kind == "f":
        with np.errstate(over="ignore"):
            short = times.astype(np.float32, copy=False)
        exact = short.dtype == times.dtype or bool((short == times).all())
        return short if exact else times.astype(np.float64, copy=False)
    return times.astype(of_ticks(int(times.max(initial=0))), copy=False)


def of_ticks(most: float) -> np.dtype[Any]:
    """The smallest unsigned type of `TYPES` that reaches the tick `most`."""
    return next((each for each in TYPES[:2] if most < reach(each)), TYPES[2])


def reach(dtype: np.dtype[Any]) -> float:
    """In how many ticks times of this type wrap around; infinite for floats."""
    return 2.0 ** (8 * dtype.itemsize - (dtype.kind == "i")) if dtype.kind in "iu" else np.inf
