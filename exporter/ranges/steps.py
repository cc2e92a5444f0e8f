"""One step of `lif` and `li` populations on the ends of intervals: clauses 3 to 6, for `prove.py`.

An array called `Ends` is int64 [2, neurons]: the lower ends and the upper ends.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt

from snnc import formats
from snnc.stages import Population
from snnc.stages.population import NONE, SUBTRACT, ZERO

Ends = npt.NDArray[np.int64]
Whole = npt.NDArray[np.int64]


class Stepped(Protocol):
    """A population on its way through the steps. It starts at rest (clause 8)."""

    def step(self, a: Ends, ended: bool) -> dict[str, Ends]:
        """Take one step in which `a` arrives; `ended`: at or after the population's end.

        Returns what is claimed of this step: u before the wrap, w and v before the clip, and what else the
        model has, by the names of `PopulationRanges` without `_lo` and `_hi`.
        """

    def state(self) -> tuple[Ends, ...]:
        """All that the next step depends on."""


@dataclass(slots=True)
class Intervals:
    """A `lif` or `li` population: intervals of u and of v after the reset."""

    of: Population
    u: Ends = field(init=False)
    v: Ends = field(init=False)
    _bias: Whole = field(init=False)

    def __post_init__(self) -> None:
        self._bias = self.of.bias.astype(np.int64)
        self.u = self.v = np.zeros((2, self.of.neurons), np.int64)

    def step(self, a: Ends, ended: bool) -> dict[str, Ends]:
        u = current(self.of, self.u, a)
        self.u = after_wrap(u)
        v = decay(self.v, self.of.decay_v) + self.u + self._bias
        self.v = clipped(v)
        if self.of.spikes and not ended:
            self.v = after_reset(self.v, self.of)
        return {"u": u, "v": v}

    def state(self) -> tuple[Ends, ...]:
        return self.u, self.v


def current(of: Population, u: Ends, a: Ends) -> Ends:
    """Clause 3 before the wrap."""
    return decay(u, of.decay_u) + (a << formats.STATE_FRACTION_BITS)


def after_wrap(u: Ends) -> Ends:
    """Clause 3: where u may wrap, it can be anything afterwards."""
    low, high = u
    may_wrap = (low < formats.U_MIN) | (high > formats.U_MAX)
    if not may_wrap.any():
        return u
    return np.stack((np.where(may_wrap, formats.U_MIN, low), np.where(may_wrap, formats.U_MAX, high)))


def clipped(x: Ends) -> Ends:
    """Clauses 5 and 5a."""
    return np.minimum(np.maximum(x, -formats.V_LIMIT), formats.V_LIMIT)


def decay(x: Ends, k: npt.NDArray[np.int32] | None) -> Ends:
    """Clause 4: it never falls when x grows, so the ends stay the ends."""
    assert k is not None
    kept: Ends = np.sign(x) * ((np.abs(x) * (formats.DECAY_ONE - k)) >> formats.DECAY_BITS)
    return kept


def top(of: Population) -> Whole:
    """Clause 6: what v has to pass, int64 [neurons]."""
    assert of.threshold is not None
    return of.threshold.astype(np.int64) << formats.STATE_FRACTION_BITS


def after_reset(v: Ends, of: Population) -> Ends:
    """Clause 6: what stays at or below the threshold, and what becomes of that above it."""
    limit, fired = top(of), fired_ends(v, of)
    must, may = v > limit
    stays = np.stack((v[0], np.minimum(v[1], limit)))
    hull = np.stack((np.minimum(stays[0], fired[0]), np.maximum(stays[1], fired[1])))
    return np.where(must, fired, np.where(may, hull, v))


def fired_ends(v: Ends, of: Population) -> Ends:
    """What the reset makes of the v above the threshold."""
    if of.reset == ZERO:
        return np.zeros_like(v)
    above = np.stack((np.maximum(v[0], top(of) + 1), v[1]))
    return above - taken(of) if of.reset == SUBTRACT else above


def taken(of: Population) -> Whole:
    """What the reset `subtract` takes from v, int64 [neurons]; 0 where the reset is `none`."""
    if of.reset == NONE:
        return np.zeros(of.neurons, np.int64)
    assert of.reset_by is not None
    return of.reset_by.astype(np.int64) << formats.STATE_FRACTION_BITS
