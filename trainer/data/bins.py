"""Steps of events."""

import math
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


def too_long(time_steps: int, bin_s: float, step_s: float | None, own_steps: int) -> str:
    """What to do with recordings of more than `time_steps` of `bin_s` seconds, behind how many they need.

    `step_s`: seconds a step of their own, of which they have `own_steps`, if they come in steps.
    """
    other = step_s is not None and not math.isclose(step_s, bin_s, rel_tol=1e-6)
    own, converted = ":", ""
    if other:
        converted = f", or convert it with their dt, {step_s:g}"
    if other and own_steps <= time_steps:
        own = f", and its own steps are of {step_s:g} s: if they are the network's, it needs dt={bin_s:g}; "
        own += "otherwise"
    return (
        f"time_steps is {time_steps}{own} raise time_steps, or padding_steps, in training; for a network "
        f"that is trained or converted, give recordings of {time_steps} steps, which end before "
        f"{time_steps * bin_s:.6g} s{converted}"
    )
