"""The first value of an array of recordings that cannot be meant, and what to do with it."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from snnc.trainer.data import time_types


def outside(
    field: str, values: NDArray[Any], limit: int, limit_name: str, owner: Callable[[int], str]
) -> str:
    """The first of `values` that is no number below `limit`; empty if none is. `owner`: whose it is."""
    if not values.size or (values.min() >= 0 and values.max() < limit):
        return ""
    i = int(np.flatnonzero((values < 0) | (values >= limit))[0])
    from_one = f"; {field} start at 1: subtract 1" * ((values.min(), values.max()) == (1, limit))
    found = f"{owner(i)}{field}[{i}] = {values[i]} is outside 0..{limit - 1}"
    return f"{found}; correct it or {limit_name}{from_one}"


def no_time(field: str, values: NDArray[Any], tick_s: float, owner: Callable[[int], str]) -> str:
    """The first of `values` that is negative or not finite; empty if none is."""
    # NaN survives min and max, so two passes without a temporary find every bad value
    if not values.size or (values.min() >= 0 and values.max() < np.inf):
        return ""
    i = int(np.flatnonzero(~((values >= 0) & (values < np.inf)))[0])
    remedy = (field == "times" and time_types.overflowed(values, tick_s)) or ": repair it"
    return f"{owner(i)}{field}[{i}] = {values[i]}; it must be finite and at least 0{remedy}"
