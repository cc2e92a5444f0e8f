"""Which classes clause 7 allows to a decoder of v that rounds in its own way."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from snnc.decoding import softmax
from snnc.stages.readout import SOFTMAX

Booleans = npt.NDArray[np.bool_]


def may_be_largest(taken: npt.NDArray[np.integer], right: softmax.Floats, near: softmax.Floats) -> Booleans:
    """Whether `taken` is a class whose score `right` may be the largest, if each may be off by `near`.

    `taken` and `near` are [samples, T], `right` [samples, T, classes].
    """
    inside = (taken >= 0) & (taken < right.shape[2])
    score = np.take_along_axis(right, np.where(inside, taken, 0)[..., None], axis=2)[..., 0]
    held: Booleans = inside & (score >= right.max(axis=2) - 2 * near)
    return held


@dataclass(frozen=True, slots=True)
class Alike:
    """Which classes have equal scores whatever the rounding: equal in scale and in what is decoded.

    `v`: int32 [samples, end, classes]. `steps` [T]: of each result the last step decoded for it.
    """

    decoder: str
    v: npt.NDArray[np.int32]
    scale: softmax.Scale
    steps: npt.NDArray[np.intp]

    def before(self, later: int) -> Booleans:
        """Whether each of the classes 0 .. `later` - 1 is like the class `later`: [samples, T, later]."""
        v = np.maximum.accumulate(self.v, axis=1) if self.decoder == "max" else self.v
        alike: Booleans = v[:, :, :later] == v[:, :, later, None]
        if self.decoder in (SOFTMAX, "sum"):
            alike = np.logical_and.accumulate(alike, axis=1)
        scale = np.broadcast_to(self.scale, v.shape[2])
        alike = alike[:, self.steps] & (scale[:later] == scale[later])
        return alike


def equals_one_before(taken: npt.NDArray[np.integer], alike: Alike) -> Booleans:
    """Whether a class before the one taken is like it, so that it is not the first of these: [samples, T]."""
    found = np.zeros(taken.shape, np.bool_)
    for later in range(1, alike.v.shape[2]):
        if (chosen := taken == later).any():
            found |= chosen & alike.before(later).any(axis=2)
    return found
