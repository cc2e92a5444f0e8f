"""One step of `adlif` populations: intervals, and polygons around (v, w), for `prove.py`.

A claim is about (v, w) after the clip and before the reset. Of these states those with v at or below the
threshold do not fire, the others do: two polygons, each of which the step takes on with its own S[t - 1]. For
the form p v' + q w' of the next state, with g = q - p if the order is new and g = q if it is old, clauses 5
and 5a give

    4096 (p v' + q w') = A v + B w + 4096 (p (u + bias) + g S kb) + rounding
    |rounding| <= 4095 (|p| + 2 |g|)

where A v + B w is bounded by the polygon: `decay` and `scale` round three products, each by 4095 / 4096 at
most. What the intervals say of v' and w', whose ends are rounded as the contract rounds, is used where it
says more.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from snnc import formats
from snnc.exporter.ranges.forms import (
    MIXED,
    Between,
    H,
    K,
    Polygons,
    Supports,
    V,
    W,
    balanced,
    directions,
    interval,
    largest,
    one_step,
)
from snnc.exporter.ranges.steps import (
    Ends,
    Whole,
    after_wrap,
    clipped,
    current,
    decay,
    taken,
    top,
)
from snnc.stages import Population
from snnc.stages.population import NEW, OF_NEURONS, ZERO

ONE = formats.DECAY_ONE
BLOCK = 512
DIGITS = 16
"""Binary digits that a certificate has of how far a form can move. Of v they cost about one part in 2000."""
NEVER = -(1 << 62)
"""A support of what cannot be."""


@dataclass(frozen=True, slots=True)
class Branch:
    """States that the step starts from, after the reset: all those that fired, or all that did not.

    `supports` are those of the polygon before the reset, `v` and `w` intervals after it; `shift` is what the
    reset took from v. `fired` is S[t - 1], `empty` bool [neurons] where there is no such state.
    """

    supports: Supports
    v: Ends
    w: Ends
    shift: Whole
    fired: int
    empty: npt.NDArray[np.bool_]


@dataclass(slots=True)
class Adapting:
    """An `adlif` population: an interval of u, and supports of the polygon of (v, w) before the reset."""

    of: Population
    steps: int
    u: Ends = field(init=False)
    polygon: Supports = field(init=False)
    silent: bool = field(init=False, default=False)
    """Whether the last step was at or after the end."""
    shape: Polygons = field(init=False)
    _drift: Whole = field(init=False)
    _from: Whole = field(init=False)
    _of_spike: Whole = field(init=False)
    _rounding: Whole = field(init=False)
    _beside: Between = field(init=False)

    def __post_init__(self) -> None:
        of = self.of
        dv, dw, ka = (_whole(each) for each in (of.decay_v, of.decay_w, of.ka))
        of_v, of_w = one_step(dv, dw, ka, of.order == NEW)
        self.shape = Polygons(directions(balanced(np.stack((of_v, of_w)) / ONE, self.steps)))
        p, q = self.shape.c[:, 0], self.shape.c[:, 1]
        into_w = q - p if of.order == NEW else q
        self._from = p[:, None] * of_v + q[:, None] * of_w
        self._beside = self.shape.around(self._from)
        self._drift = ONE * p * of.bias
        self._of_spike = ONE * into_w * _whole(of.kb)
        self._rounding = (ONE - 1) * (np.abs(p) + 2 * np.abs(into_w))
        self.u = np.zeros((2, of.neurons), np.int64)
        self.polygon = np.zeros((K, of.neurons), np.int64)

    @property
    def forms(self) -> Whole:
        """p and q of the forms that are claimed as "mixed", int64 [forms, 2, neurons]."""
        return self.shape.c[MIXED]

    def state(self) -> tuple[Ends, ...]:
        """`silent` belongs to it: the first step after an end still has the spike of the last one before."""
        return self.u, self.polygon, np.array([self.silent])

    def step(self, a: Ends, ended: bool) -> dict[str, Ends]:
        u = current(self.of, self.u, a)
        self.u = after_wrap(u)
        branches = self._branches()
        reached = [self._reached(each) for each in branches]
        w_each = [self._next_w(*each) for each in zip(branches, reached, strict=True)]
        w = _hull(branches, w_each)
        w_clips = _beyond(w)
        v_each = [self._next_v(*each, w_clips) for each in zip(branches, reached, w_each, strict=True)]
        v = _hull(branches, v_each)
        box = self.shape.of_box(clipped(v), clipped(w))
        polygon = np.max(
            [np.where(b.empty, NEVER, h) for b, h in zip(branches, reached, strict=True)], axis=0
        )
        # A clip moves v or w alone, so of what v and w are together only the box remains.
        self.polygon = _coarse(np.where(w_clips | _beyond(v), box, np.minimum(polygon, box)))
        self.silent = ended
        low, high = -self.polygon[[k + H for k in MIXED]], self.polygon[MIXED]
        return {"u": u, "v": v, "w": w, "mixed": np.stack((low, high))}

    def _branches(self) -> list[Branch]:
        """The states that did not fire, and those that did, of the polygon."""
        limit = top(self.of)
        lowest, highest = interval(self.polygon, V)
        kept, fired = self.polygon.copy(), self.polygon.copy()
        if self.silent:
            never = np.zeros(self.of.neurons, np.bool_)
            return [self._branch(kept, 0, never)]
        kept[V] = np.minimum(highest, limit)
        fired[V + H] = np.minimum(-lowest, -limit - 1)
        return [self._branch(kept, 0, lowest > limit), self._branch(fired, 1, highest <= limit)]

    def _branch(self, supports: Supports, fired: int, empty: npt.NDArray[np.bool_]) -> Branch:
        supports = self.shape.tightened(supports)
        empty = empty | (supports[:H] + supports[H:] < 0).any(
            axis=0
        )  # a form with its ends the wrong way round
        v, w = interval(supports, V), interval(supports, W)
        shift = np.zeros(self.of.neurons, np.int64)
        if fired and self.of.reset == ZERO:
            v = np.zeros_like(v)
        elif fired:
            shift = taken(self.of)
            v = v - shift
        return Branch(supports, v, w, shift, fired, empty)

    def _reached(self, branch: Branch) -> Supports:
        """Supports of (v', w') from the polygon, where w' is not clipped."""
        of_v, of_w = self._from[:, 0], self._from[:, 1]
        if branch.fired and self.of.reset == ZERO:
            before = largest(of_w, branch.w)
        else:
            before = self._beside.bound(branch.supports) - of_v * branch.shift
        now = ONE * largest(self.shape.c[:, 0], self.u) + self._drift + branch.fired * self._of_spike
        return (before + now + self._rounding) // ONE

    def _next_w(self, branch: Branch, reached: Supports) -> Ends:
        """w' before the clip."""
        scaled = scale(branch.v, _whole(self.of.ka))
        w = decay(branch.w, self.of.decay_w) + scaled + branch.fired * _whole(self.of.kb)
        return _both(w, interval(reached, W))

    def _next_v(self, branch: Branch, reached: Supports, w: Ends, w_clips: npt.NDArray[np.bool_]) -> Ends:
        """v' before the clip."""
        adaptation = clipped(w) if self.of.order == NEW else branch.w
        v = decay(branch.v, self.of.decay_v) + self.u + self.of.bias - adaptation[::-1]
        return np.where(w_clips, v, _both(v, interval(reached, V)))


class Blocks:
    """An `adlif` population, of which `BLOCK` neurons at a time are computed: that takes less memory."""

    def __init__(self, of: Population, steps: int) -> None:
        self.parts = [
            Adapting(part(of, slice(first, first + BLOCK)), steps) for first in range(0, of.neurons, BLOCK)
        ]

    @property
    def forms(self) -> Whole:
        return np.concatenate([each.forms for each in self.parts], axis=-1)

    def state(self) -> tuple[Ends, ...]:
        return tuple(state for each in self.parts for state in each.state())

    def step(self, a: Ends, ended: bool) -> dict[str, Ends]:
        rows, first = [], 0
        for each in self.parts:
            rows.append(each.step(a[:, first : first + each.of.neurons], ended))
            first += each.of.neurons
        return {name: np.concatenate([row[name] for row in rows], axis=-1) for name in rows[0]}


def part(of: Population, neurons: slice) -> Population:
    """A population of some of its neurons."""
    values = {name: getattr(of, name) for name in OF_NEURONS}
    kept = {name: x[neurons] for name, x in values.items() if x is not None}
    return replace(of, neurons=len(kept["decay_u"]), **kept)


def scale(x: Ends, k: Whole) -> Ends:
    """Clause 5a: it never falls when x grows if k >= 0, and never rises if k <= 0."""
    ends = np.sign(x) * np.sign(k) * ((np.abs(x) * np.abs(k)) >> formats.DECAY_BITS)
    return np.sort(ends, axis=0)


def _whole(values: npt.NDArray[np.int32] | None) -> Whole:
    assert values is not None
    return values.astype(np.int64)


def _both(x: Ends, y: Ends) -> Ends:
    """The numbers that lie in both intervals."""
    return np.stack((np.maximum(x[0], y[0]), np.minimum(x[1], y[1])))


def _hull(branches: list[Branch], ends: list[Ends]) -> Ends:
    low = np.min([np.where(b.empty, -NEVER, x[0]) for b, x in zip(branches, ends, strict=True)], axis=0)
    high = np.max([np.where(b.empty, NEVER, x[1]) for b, x in zip(branches, ends, strict=True)], axis=0)
    return np.stack((low, high))


def _coarse(polygon: Supports) -> Supports:
    """The bounds of the mixed forms rounded up, so that a certificate of them takes less room.

    In units in which how far a form can move has at most `DIGITS` binary digits, so small ones stay as they
    are.
    """
    digits = np.frexp(polygon[:H] + polygon[H:])[1].astype(np.int64)
    unit = np.maximum(digits - DIGITS, 0)
    unit[[V, W]] = 0
    unit = np.concatenate([unit, unit])
    rounded: Supports = -(-polygon >> unit << unit)
    return rounded


def _beyond(x: Ends) -> npt.NDArray[np.bool_]:
    return (x[0] < -formats.V_LIMIT) | (x[1] > formats.V_LIMIT)
