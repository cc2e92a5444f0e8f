"""Clause 7: the score of each decoder, at the end and so far.

Every function takes the steps t < end of a record, [samples, end, classes]: v int32, or spikes bool.
`SCORES` give [samples, classes], `SO_FAR` [samples, end, classes]; float64 from v, int64 from spikes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.decoding import softmax

Array = npt.NDArray[Any]


def _sum_so_far(v: Array, scale: softmax.Scale) -> Array:
    """The integers are added first, exactly: so equal sums are equal scores, and one rounding is left."""
    return v.cumsum(axis=1, dtype=np.int64) * scale


def _first(spikes: Array, _: object) -> Array:
    length = spikes.shape[1]
    return np.where(spikes.any(axis=1), length - spikes.argmax(axis=1), 0)


def _first_so_far(spikes: Array, _: object) -> Array:
    """The score of the whole sample from the first spike on, and 0 before it."""
    fired = np.logical_or.accumulate(spikes, axis=1)
    return np.where(fired, _first(spikes, None)[:, None], 0)


SCORES: dict[str, Callable[[Array, Any], Array]] = {
    "softmax": softmax.scores,
    "sum": lambda v, scale: v.sum(axis=1, dtype=np.int64) * scale,
    "max": lambda v, scale: v.max(axis=1) * scale,
    "last": lambda v, scale: v[:, -1] * scale,
    "count": lambda spikes, _: spikes.sum(axis=1, dtype=np.int64),
    "first": _first,
}
SO_FAR: dict[str, Callable[[Array, Any], Array]] = {
    "softmax": softmax.scores_so_far,
    "sum": _sum_so_far,
    "max": lambda v, scale: np.maximum.accumulate(v, axis=1) * scale,
    "last": lambda v, scale: v * scale,
    "count": lambda spikes, _: spikes.cumsum(axis=1, dtype=np.int64),
    "first": _first_so_far,
}
