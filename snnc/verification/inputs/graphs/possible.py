"""What the ranges of a graph leave possible: the most that `looking.look` could find, as if on one input.

Where u and v keep nothing or all from one step to the next, v keeps to multiples of a number, from an offset.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from snnc.stages.population import NONE, RESETS, SUBTRACT
from snnc.verification.inputs.graphs.looking import FAR, TOP, Row, nothing
from snnc.verification.inputs.graphs.wiring import Of, Whole, Wiring

Bounds = npt.NDArray[np.int32]


class Ranges(Protocol):
    """Intervals [rows, neurons] of u, v and w before wrap, clip and reset (`PopulationRanges`)."""

    @property
    def population(self) -> str: ...
    @property
    def u_lo(self) -> Bounds: ...
    @property
    def u_hi(self) -> Bounds: ...
    @property
    def v_lo(self) -> Bounds: ...
    @property
    def v_hi(self) -> Bounds: ...
    @property
    def w_lo(self) -> Bounds | None: ...
    @property
    def w_hi(self) -> Bounds | None: ...


def most(wiring: Wiring, ranges: Sequence[Ranges], earliest: Sequence[npt.NDArray[np.integer]]) -> Whole:
    """int64 [Row, numbers]; `earliest`: of each of `ranges` the first step in which each neuron can spike.

    They are bounds: what they allow may still be impossible.
    """
    found, of, steps = nothing(wiring), wiring.neurons, wiring.steps
    found[Row.FIRST], found[Row.LAST] = 0, of[Of.END] == steps  # of lines
    for each, first in zip(ranges, earliest, strict=True):
        place = wiring.places[each.population]
        found[Row.FIRST, place] = first
        found[Row.LAST, place] = (first < steps) & (of[Of.END, place] == steps)
        _states(found[:, place], of[:, place], each, steps, wiring.multiples[place])
    _arrivals(found, wiring)
    return found


def _states(found: Whole, of: Whole, ranges: Ranges, steps: int, multiples: Whole) -> None:
    """Fill in what the ranges say of one population; `multiples` is of what arrives at each neuron."""
    lowest, highest = found[[Row.U_LOW, Row.V_LOW, Row.W_LOW]], found[[Row.U_HIGH, Row.V_HIGH, Row.W_HIGH]]
    pairs = (ranges.u_lo, ranges.u_hi), (ranges.v_lo, ranges.v_hi), (ranges.w_lo, ranges.w_hi)
    for k, (low, high) in enumerate(pairs):
        if low is not None and high is not None:
            lowest[k], highest[k] = low.min(axis=0), high.max(axis=0)
    found[[Row.U_LOW, Row.V_LOW, Row.W_LOW]], found[[Row.U_HIGH, Row.V_HIGH, Row.W_HIGH]] = lowest, highest
    (u_low, v_low, w_low), (u_high, v_high, w_high) = lowest, highest
    found[Row.U_TOP], found[Row.U_BOTTOM] = np.maximum(0, TOP - u_high), np.maximum(0, u_low + TOP)
    level, end, r = of[Of.LEVEL], int(of[Of.END, 0]), of[Of.R]
    stays, subtracts = of[Of.RESET] == RESETS.index(NONE), of[Of.RESET] == RESETS.index(SUBTRACT)
    gap = np.minimum(ranges.v_hi[: max(1, end)].max(axis=0), TOP - 1) - level
    fires = (level >= 0) & (gap > 0)
    under = fires & subtracts & (r > level)
    adapts, later = of[Of.ADAPTS] == 1, steps > 1
    # A wrap of u changes its sign.
    below = (u_low < 0) | (u_high > TOP), (v_low < 0) | under, w_low < 0
    above = (u_high > 0) | (u_low <= -TOP), v_high > 0, w_high > 0
    factors = 4096 - of[Of.DU], 4096 - of[Of.DV], np.where(adapts, 4096 - of[Of.DW], 0)
    for k, row in enumerate((Row.U_REST_BELOW, Row.V_REST_BELOW, Row.W_REST_BELOW)):
        leaves = (factors[k] % 4096 != 0) & later
        found[row], found[row + 1] = leaves & below[k], leaves & above[k]
    scales, negative = adapts & (of[Of.KA] % 4096 != 0) & later, of[Of.KA] < 0
    found[Row.SCALE_BELOW] = scales & np.where(negative, above[1], below[1])
    found[Row.SCALE_ABOVE] = scales & np.where(negative, below[1], above[1])
    if level[0] < 0:
        return
    found[Row.HIGHEST] = gap
    # A row of the ranges may stand for many steps: the last one for those after the end.
    found[Row.LATE] = np.where(end < steps, np.minimum(v_high, TOP - 1) - level, -FAR)
    unit, offset = _lattice(of, multiples)
    unit = np.where((v_high >= TOP) | (v_low <= -TOP), 1, unit)  # a clip leaves the multiples
    beyond, short = (offset - level - 1) % unit + 1, (level - 1 - offset) % unit + 1
    near = np.where(beyond == unit, np.maximum(0, -gap), np.minimum(beyond, short))
    found[Row.NEAR] = np.where((level > 0) & (v_low <= level), near, FAR)
    found[Row.ABOVE] = np.where(fires & (beyond <= gap), beyond, FAR)
    found[Row.BELOW] = np.maximum(short, -gap)
    found[Row.TWICE], found[Row.UNDER] = fires & later, under
    found[Row.STAYS] = fires & (stays | (subtracts & (gap > r)))


def _lattice(of: Whole, multiples: Whole) -> tuple[Whole, Whole]:
    """A number and an offset for each neuron: v before the reset is a multiple of one beyond the other."""
    forgets, holds = of[Of.DV] == 4096, of[Of.DV] == 0
    keeps = (of[Of.DU] % 4096 == 0) & (forgets | holds) & (of[Of.ADAPTS] == 0)
    wrapping = np.gcd(64 * np.gcd(multiples, of[Of.INPUT_BIAS]), 2 * TOP)
    held = np.gcd(np.gcd(wrapping, of[Of.BIAS]), of[Of.R])
    unit = np.where(keeps, np.where(holds, held, wrapping), 1)
    return unit, np.where(keeps & forgets, of[Of.BIAS], 0)


def _arrivals(found: Whole, wiring: Wiring) -> None:
    """The most that may arrive in one step, and whether anything may in the last."""
    arrives = found[Row.FIRST][wiring.pre] + wiring.delay < wiring.steps
    found[Row.COUNT] = np.bincount(wiring.post[arrives], minlength=wiring.size)
    sends = found[Row.FIRST][wiring.pre] < wiring.neurons[Of.END, wiring.pre]
    # Sent in step T - 1 - delay, which must lie before the end of the source.
    in_time = wiring.steps - 1 - wiring.delay < wiring.neurons[Of.END, wiring.pre]
    last = arrives & sends & in_time
    found[Row.ARRIVED_LAST] = np.bincount(wiring.post[last], minlength=wiring.size) > 0
