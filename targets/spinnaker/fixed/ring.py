"""The ring buffers: 16-bit sums of weights without a sign, one for each receptor, neuron and coming step."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from snnc.errors import LimitError
from snnc.targets.spinnaker.fixed.accum import FRACTION_BITS, Ints

FULL = (1 << 16) - 1
"""The largest sum: whatever more arrives in the same step is lost, and counted on the board."""
SHIFT_MAX = 15
"""A full sum shifted by more would set the sign of S16.15."""


def shift_of(summed: float) -> int:
    """By how many bits sums are shifted left to become S16.15, if `summed` nA may arrive in a step.

    sPyNNaker estimates `summed` from weights and rates, unless a population gives
    `max_expected_summed_weight`.
    """
    if summed <= 0:
        return 0
    power = math.ceil(max(0.0, math.log2(summed)))
    return power + 1 if 2**power <= summed else power


def summed_for(shift: int) -> float:
    """A `max_expected_summed_weight`, in nA, with which `shift_of` is `shift`."""
    return 0.75 * 2**shift


def encode_weights(weight: npt.NDArray[np.float64], shift: int, name: str) -> Ints:
    """|weight| in nA as the host writes it: the nearest multiple of its unit, of two the even one.

    Raises `LimitError` where 16 bits do not hold it; the host would cut it to its low 16 bits, silently.
    """
    scaled = np.rint(np.abs(weight) * 2.0 ** (FRACTION_BITS - shift))
    if (scaled > FULL).any():
        most = float(np.abs(weight).max())
        raise LimitError(
            f"{name}: a weight of {most} nA is {scaled.max():.0f} units of 2**{shift - FRACTION_BITS} nA, 16 "
            f"bits hold {FULL}; use smaller weights, or a larger max_expected_summed_weight"
        )
    return scaled.astype(np.int64)


class Ring:
    """Sums for one receptor of a population: [slots, neurons, samples], read and emptied step by step."""

    def __init__(self, slots: int, neurons: int, samples: int) -> None:
        self._sums: Ints = np.zeros((slots, neurons, samples), np.int64)
        self.saturated = 0
        """How many sums were too large."""

    def add(self, step: int, arrivals: Ints) -> None:
        """`arrivals` [delays, neurons, samples]: what arrives 1, 2, ... steps after `step`.

        Sums of numbers that are not negative saturate to the same whenever it is looked at, so that the
        order of spikes within a step makes no difference.
        """
        for delay, weights in enumerate(arrivals, 1):
            self._sums[(step + delay) % len(self._sums)] += weights

    def take(self, step: int, shift: int) -> Ints:
        """S16.15 [samples, neurons], what arrives in `step`."""
        sums = self._sums[step % len(self._sums)]
        self.saturated += int((sums > FULL).sum())
        taken: Ints = np.minimum(sums, FULL).T << shift
        sums[:] = 0
        return taken
