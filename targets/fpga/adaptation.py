"""How wide v and w of an `adlif` population must be: bounds for every input, and whether they may clip.

v raises w, and w lowers v. Intervals, taken from step to step, do not know this and may grow without end. So
there are two bounds, and both hold:

- intervals in whole numbers, with all roundings and clips as the contract has them;
- `linear`: without overflows, (v, w) is a sum of what each step before added, times a power of one matrix.
  The largest of each part, over all steps, is the bound. If no part can make it reach a limit, then no step
  is the first that overflows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from snnc import formats
from snnc.stages import Population
from snnc.stages.population import NEW, SUBTRACT, ZERO
from snnc.targets.fpga.intervals import IntArray, Interval, decayed, equal, plus

FloatArray = npt.NDArray[np.float64]
Row = tuple[FloatArray, FloatArray]
LONGEST = 4096
"""Steps whose parts are added up one by one."""
MARGIN = 2.0**-16
"""The share of the magnitudes by which a bound is widened: more than binary64 rounds in so many steps."""


def states(
    population: Population, u: Interval, steps: int, ends: bool
) -> tuple[Interval | None, Interval | None]:
    """v, before and after a reset, and w of an `adlif` population whose currents lie in `u`.

    `ends`: whether it has steps in which nothing is reset. None where it may clip.
    """
    drive = plus(u, _constant(population.bias))
    lines = linear(population, drive, steps)
    none = np.zeros(population.neurons, np.int64)
    v = w = all_v = all_w = Interval(none, none)
    fits_v = fits_w = True
    may_spike = np.zeros(population.neurons, np.bool_)
    threshold, kb = _whole(population.threshold) << formats.STATE_FRACTION_BITS, _whole(population.kb)
    for _ in range(steps):
        before = v, w, may_spike
        w = plus(
            plus(decayed(w, population.decay_w), scaled(v, _whole(population.ka))), _of_spike(kb, may_spike)
        )
        w = w.met(lines[1])
        fits_w, w = fits_w and _fits(w), _clipped(w)
        taken = w if population.order == NEW else before[1]
        v = plus(plus(decayed(v, population.decay_v), drive), Interval(-taken.high, -taken.low))
        v = v.met(lines[0])
        fits_v, v = fits_v and _fits(v), _clipped(v)
        all_v, all_w = all_v.hull(v), all_w.hull(w)
        may_spike = v.high > threshold
        reset = _after_reset(population, v, threshold)
        v = reset.hull(v) if ends else reset
        all_v = all_v.hull(v)
        if equal(v, before[0]) and equal(w, before[1]) and np.array_equal(may_spike, before[2]):
            break  # all later steps are as this one
    return all_v if fits_v else None, all_w if fits_w else None


def scaled(interval: Interval, factor: IntArray) -> Interval:
    """`scale` of clause 5a: it never falls when x grows, or never rises if the factor is negative."""
    one, other = (
        np.sign(end) * np.sign(factor) * ((np.abs(end) * np.abs(factor)) >> formats.DECAY_BITS)
        for end in (interval.low, interval.high)
    )
    return Interval(np.minimum(one, other), np.maximum(one, other))


def _of_spike(kb: IntArray, may: npt.NDArray[np.bool_]) -> Interval:
    return Interval(np.where(may, np.minimum(kb, 0), 0), np.where(may, np.maximum(kb, 0), 0))


def _after_reset(population: Population, v: Interval, threshold: IntArray) -> Interval:
    """Clause 6: what stays at or below the threshold, and what becomes of that above it."""
    fired = Interval(np.maximum(v.low, threshold + 1), v.high)
    if population.reset == ZERO:
        fired = _constant(np.zeros_like(threshold))
    elif population.reset == SUBTRACT:
        fired = plus(fired, _constant(-(_whole(population.reset_by) << formats.STATE_FRACTION_BITS)))
    stays = Interval(np.minimum(v.low, threshold), np.minimum(v.high, threshold))
    may, must = v.high > threshold, v.low > threshold
    both = stays.hull(fired)
    low = np.where(must, fired.low, np.where(may, both.low, v.low))
    return Interval(low, np.where(must, fired.high, np.where(may, both.high, v.high)))


@dataclass(slots=True)
class _Parts:
    """The least and the largest sum of the parts of so many steps, and that of their magnitudes; float64
    [neurons]. `least` and `most`: those of any number of steps so far.
    """

    low: FloatArray
    high: FloatArray
    magnitude: FloatArray
    least: FloatArray
    most: FloatArray

    def add(self, *parts: Row) -> None:
        """Parts that lie between two ends, all of one step."""
        for low, high in parts:
            self.low = self.low + low
            self.high = self.high + high
            self.magnitude = self.magnitude + np.maximum(np.abs(low), np.abs(high))
        self.least = np.minimum(self.least, self.low)
        self.most = np.maximum(self.most, self.high)

    def ends(self) -> Row:
        """The bounds, as whole numbers, with the margin for binary64 and what is left out (less than 1)."""
        margin = MARGIN * self.magnitude + 1
        return np.floor(self.least - margin), np.ceil(self.most + margin)


def linear(population: Population, drive: Interval, steps: int) -> tuple[Interval, Interval]:
    """Bounds of v before a reset and of w, for `drive` = u + bias; all numbers where this tells nothing.

    A row h of the matrix's k-th power says how much of what v and w are remains k steps later, in v or in w.
    The parts are h times what a step adds: the drive; roundings, of less than 1 for each product; for a spike
    kb, and the r that the reset took off v. What a reset to 0 takes off is not known beforehand.
    """
    neurons = population.neurons
    if population.reset == ZERO:
        return _all_numbers(neurons), _all_numbers(neurons)
    new, (of_v, of_w), spike = population.order == NEW, *_matrix(population)
    low, high = drive.low.astype(np.float64), drive.high.astype(np.float64)
    ones, zeros = np.ones(neurons), np.zeros(neurons)
    rows = [(ones, zeros), (zeros, ones)]
    sums = [_Parts(zeros, zeros, zeros, zeros, zeros) for _ in rows]
    settled = np.zeros(neurons, np.bool_)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):  # then `holds` is False
        for _ in range(min(steps, LONGEST)):
            for each, (h_v, h_w) in zip(sums, rows, strict=True):
                rounding = np.abs(h_v) + 2 * np.abs(h_w - h_v * new)
                kick = h_v * spike[0] + h_w * spike[1]
                each.add(_ends(h_v * low, h_v * high), (-rounding, rounding), _ends(zeros, kick))
            rows = [(h_v * of_v[0] + h_w * of_w[0], h_v * of_v[1] + h_w * of_w[1]) for h_v, h_w in rows]
            # All later parts together are at most this share of all.
            share = np.max([np.abs(h_v) + np.abs(h_w) for h_v, h_w in rows], axis=0)
            rest = share * np.maximum(sums[0].magnitude, sums[1].magnitude) / (1 - share)
            settled = (share < 0.5) & (rest < 1)
            if settled.all():
                break
        ends = [each.ends() for each in sums]
        limit = formats.V_LIMIT
        holds = np.all([(low >= -limit) & (high <= limit) for low, high in ends], axis=0)
    if steps > LONGEST:
        holds &= settled
    of_neurons, everything = [], _all_numbers(neurons)
    for pair in ends:
        least, most = (np.where(holds, end, 0).astype(np.int64) for end in pair)
        of_neurons.append(
            Interval(np.where(holds, least, everything.low), np.where(holds, most, everything.high))
        )
    return of_neurons[0], of_neurons[1]


def _matrix(population: Population) -> tuple[tuple[Row, Row], Row]:
    """What a step makes of v after the reset, and of w: (v', w') in rows; and what a spike adds to v', w'."""
    one, new = float(formats.DECAY_ONE), population.order == NEW
    keep_v, keep_w = (1 - _whole(each) / one for each in (population.decay_v, population.decay_w))
    ka, kb = _whole(population.ka) / one, _whole(population.kb).astype(np.float64)
    of_w = (ka, keep_w)
    of_v = (keep_v - ka, -keep_w) if new else (keep_v, -np.ones_like(ka))
    taken = 0.0 * ka
    if population.reset == SUBTRACT:
        taken = (_whole(population.reset_by) << formats.STATE_FRACTION_BITS).astype(np.float64)
    return (of_v, of_w), (-kb * new - of_v[0] * taken, kb - of_w[0] * taken)


def _ends(one: FloatArray, other: FloatArray) -> Row:
    return np.minimum(one, other), np.maximum(one, other)


def _all_numbers(neurons: int) -> Interval:
    return Interval(np.full(neurons, -(1 << 62), np.int64), np.full(neurons, 1 << 62, np.int64))


def _constant(values: npt.NDArray[np.integer]) -> Interval:
    whole = values.astype(np.int64)
    return Interval(whole, whole)


def _whole(values: npt.NDArray[np.int32] | None) -> IntArray:
    assert values is not None
    return values.astype(np.int64)


def _fits(interval: Interval) -> bool:
    return interval.within(-formats.V_LIMIT, formats.V_LIMIT)


def _clipped(interval: Interval) -> Interval:
    return Interval(
        np.clip(interval.low, -formats.V_LIMIT, formats.V_LIMIT),
        np.clip(interval.high, -formats.V_LIMIT, formats.V_LIMIT),
    )
