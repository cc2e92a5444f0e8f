"""Recordings that a network has too few steps for: which they are, and what to do with them."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from snnc.trainer.data.bins import bins_of

_OTHER_UNIT = 5
"""By how many times a recording is longer than the network takes, if its times may be of another unit."""


def too_long(
    times: NDArray[Any],
    offsets: NDArray[np.int64],
    one: int,
    called: str,
    time_steps: int,
    bin_s: float,
    ratio: float | int,
    step_s: float | None,
) -> str:
    """Why recording `one`, `called` so, does not fit into `time_steps` of `bin_s` seconds, of `ratio` ticks.

    `step_s`: seconds a step of recordings that come in steps, all of them in as many.
    """
    filled = np.flatnonzero(np.diff(offsets) > 0)
    last = np.maximum.reduceat(times, offsets[filled])
    steps = bins_of(last, ratio)
    here = int(np.flatnonzero(filled == one)[0])
    others = 0 if step_s is not None else int((steps >= time_steps).sum()) - 1
    more = f", and {others} more {'do' if others > 1 else 'does'} not fit either" if others else ""
    needed = int(steps[here]) + 1
    if step_s is None:
        first = np.minimum.reduceat(times, offsets[filled])
        empty = _empty(first[steps >= time_steps], last[steps >= time_steps], time_steps, bin_s, ratio)
    else:
        empty = ""
    remedy = _remedy(time_steps, bin_s, step_s, int(last[here]) + 1, needed, empty)
    return f"{called} needs {needed} steps of {bin_s} s, time_steps is {time_steps}{more}{remedy}"


def _empty(first: NDArray[Any], last: NDArray[Any], time_steps: int, bin_s: float, ratio: float | int) -> str:
    """That these recordings begin later than they last, and would fit but for that; empty otherwise.

    A single event lasts nothing, and tells nothing. `first`, `last`: ticks of their first and last events.
    """
    lasts = last - first
    if (lasts >= first).any() or not lasts.all() or (bins_of(lasts, ratio) >= time_steps).any():
        return ""
    begin, end = (f"{float(each) * bin_s / ratio:.3g}" for each in (first.min(), first.max()))
    are = f"its first {end} s are" if len(first) == 1 else f"their first {begin} to {end} s are"
    return f": {are} empty, so subtract each recording's start from its times if it tells nothing; otherwise"


def _remedy(
    time_steps: int, bin_s: float, step_s: float | None, own_steps: int, needed: int, empty: str
) -> str:
    """`step_s`: seconds a step of their own, of which they have `own_steps`, if they come in steps.

    `empty`: what `_empty` found.
    """
    other = step_s is not None and not math.isclose(step_s, bin_s, rel_tol=1e-6)
    own, converted = ":", ""
    if other:
        converted = f", or convert it with their dt, {step_s:g}"
    if other and own_steps <= time_steps:
        own = f", and its own steps are of {step_s:g} s: if they are the network's, it needs dt={bin_s:g}; "
        own += "otherwise"
    if empty:
        own = empty
    elif step_s is None and needed > _OTHER_UNIT * time_steps:
        own = ": if its times are of another unit, set tick_s, the seconds of a unit of times; otherwise"
    return (
        f"{own} raise time_steps, or padding_steps, in training; for a network that is trained or converted, "
        f"give recordings of {time_steps} steps, which end before {time_steps * bin_s:.6g} s{converted}"
    )
