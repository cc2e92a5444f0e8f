"""Steps of events."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from snnc.errors import InputError

_MOST = 1 << 53
"""Steps are counted in float64."""


def bins_of(times: NDArray[Any], ratio: float | int) -> NDArray[np.int64]:
    """The step of `ratio` ticks in which each of `times` falls; exact where both are whole.

    Raises
    ------
    InputError
        One falls in no step that can be counted.
    """
    if times.size and not (0 < ratio < np.inf and float(times.max()) < _MOST * float(ratio)):
        raise InputError(
            f"an event at {times.max():g} ticks, where a time step has {ratio:g}, is in none of the first "
            "2**53 steps; check tick_s, seconds a tick, and seconds a step"
        )
    if isinstance(ratio, int) and times.dtype.kind == "u":
        return np.asarray(times.astype(np.int64) // ratio)
    return np.asarray(np.floor(times.astype(np.float64) / ratio).astype(np.int64))
