"""What each neuron did on one sample, from the states of a trace and a count of what arrived.

Written from `docs/semantics.md`, of no executor: sums are added up before a wrap, a clip or a reset changes
them, which a trace does not hold. The constants are written out because machine code is kept while the files
of this folder are unchanged.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
import numpy.typing as npt

from snnc.compiled import compiled
from snnc.verification.inputs.graphs.wiring import Ints, Of, Whole, Wiring

TOP = 1 << 23
"""u is wrapped above it, and at its negative or below; v and w are clipped one before it."""
FAR = 1 << 40
"""A distance that was not met at all; of a largest value its negative, which nothing reaches."""


class Row(IntEnum):
    """What is known of a neuron, or of an input line as far as it sends and has no state.

    Steps: of the first spike, T for none. Distances are of v before the reset from a threshold, in steps
    before the end: above 0 it is above. u, v and w are those before wrap, clip and reset.
    """

    FIRST = 0
    ABOVE = 1
    """The least distance above the threshold of a spike; below it; of any v from a threshold above 0."""
    BELOW = 2
    NEAR = 3
    U_TOP = 4
    """The least distance of u from 2^23, and from -2^23."""
    U_BOTTOM = 5
    U_LOW = 6
    V_LOW = 7
    W_LOW = 8
    A_LOW = 9
    LAST = 10
    """1 if it spiked in the last step."""
    HIGHEST = 11
    """The largest distance above the threshold before the end; from the end on."""
    LATE = 12
    U_HIGH = 13
    V_HIGH = 14
    W_HIGH = 15
    A_HIGH = 16
    COUNT = 17
    """The most spikes that arrived in a step; 1 if one arrived in the last step. If `look` counted them."""
    ARRIVED_LAST = 18
    EQUAL = 19
    """From here on numbers of steps: v met a threshold above 0 and did not fire; decays with a rest."""
    U_REST_BELOW = 20
    U_REST_ABOVE = 21
    V_REST_BELOW = 22
    V_REST_ABOVE = 23
    W_REST_BELOW = 24
    W_REST_ABOVE = 25
    SCALE_BELOW = 26
    """Products of `ka` and v with a rest, below 0 and above."""
    SCALE_ABOVE = 27
    U_WRAPS = 28
    V_CLIPS = 29
    W_CLIPS = 30
    AT_WRAP = 31
    """u was exactly 2^23 or -2^23."""
    TWICE = 32
    """Spikes of two steps in a row; after which v is still above the threshold; after which it is below 0."""
    STAYS = 33
    UNDER = 34


LEAST = slice(Row.FIRST, Row.LAST)
MOST = slice(Row.LAST, Row.EQUAL)
SUMS = slice(Row.EQUAL, len(Row))


def nothing(wiring: Wiring) -> Whole:
    """What no sample did, int64 [Row, numbers]: the start of `joined`."""
    found = np.full((len(Row), wiring.size), FAR, np.int64)
    found[MOST] = -FAR
    found[[Row.LAST, Row.COUNT, Row.ARRIVED_LAST]] = 0
    found[Row.FIRST], found[SUMS] = wiring.steps, 0
    return found


def joined(one: Whole, other: Whole) -> Whole:
    """What samples did that did `one` and `other`."""
    return np.concatenate(
        [np.minimum(one[LEAST], other[LEAST]), np.maximum(one[MOST], other[MOST]), one[SUMS] + other[SUMS]]
    )


def look(wiring: Wiring, sent: npt.NDArray[np.uint8], states: tuple[Ints, Ints, Ints], into: Into) -> Whole:
    """What each neuron did on one sample, int64 [Row, numbers].

    `sent`: uint8 [T, numbers]; `states`: u, v and w, int32 [numbers, T]. Spikes that arrive are counted where
    `into` says.
    """
    found = nothing(wiring)
    arriving = into.arriving(sent)
    _look(np.ascontiguousarray(sent.T), arriving, into.ambiguous, *states, wiring.neurons, found)
    count = into.count(sent)
    found[Row.COUNT] = count.max(axis=0)
    found[Row.ARRIVED_LAST] = count[-1] > 0
    return found


class Into:
    """What arrives at neurons (clause 2): the synapses into those of which it is to be counted.

    A sum follows from u and the u before, as long as these leave no doubt whether clause 3 wrapped: where
    less than 2^17 can arrive. At other neurons, which are `ambiguous`, it is added up.
    """

    def __init__(self, wiring: Wiring, counted: npt.NDArray[np.bool_]) -> None:
        self.shape = wiring.steps, wiring.size
        self.counted, self.ambiguous = counted, wiring.largest >= TOP >> 6
        self._counts, self._sums = _Part(wiring, counted), _Part(wiring, self.ambiguous)

    def count(self, sent: npt.NDArray[np.uint8]) -> Ints:
        """How many of the spikes `sent`, uint8 [T, numbers], arrive: int32 [T, numbers]; 0 if not counted."""
        return self._counts.deliver((sent != 0).astype(np.uint8), ones=True)

    def arriving(self, sent: npt.NDArray[np.uint8]) -> Ints:
        """The sums of clause 2 without the input bias, [T, numbers], of neurons that are `ambiguous`."""
        return self._sums.deliver(sent)


class _Part:
    """The synapses into some neurons."""

    def __init__(self, wiring: Wiring, neurons: npt.NDArray[np.bool_]) -> None:
        self.shape, which = (wiring.steps, wiring.size), neurons[wiring.post]
        passed = np.concatenate([[0], np.cumsum(which)])
        self.row = passed[wiring.row]
        self.columns = [one[which] for one in (wiring.post, wiring.weight, wiring.delay)]

    def deliver(self, sent: npt.NDArray[np.uint8], *, ones: bool = False) -> Ints:
        arriving = np.zeros(self.shape, np.int32)
        post, weight, delay = self.columns
        if len(post):
            _deliver(sent, self.row, post, np.ones_like(weight) if ones else weight, delay, arriving)
        return arriving


@compiled
def _deliver(
    sent: npt.NDArray[np.uint8], row: Whole, post: Ints, weight: Ints, delay: Ints, arriving: Ints
) -> None:
    steps, size = sent.shape
    for t in range(steps):
        for j in range(size):
            event = np.int32(sent[t, j])
            if event == 0:
                continue
            for k in range(row[j], row[j + 1]):
                at = t + delay[k]
                if at >= steps:
                    break  # they are sorted by delay
                arriving[at, post[k]] += weight[k] * event


@compiled
def _decayed(x: int, factor: int) -> int:
    """Clause 4, of a factor that is 4096 less the decay; also `scale` of clause 5a."""
    product = x * factor
    return -(-product >> 12) if product < 0 else product >> 12


@compiled
def _look(
    sent: npt.NDArray[np.uint8],
    arriving: Ints,
    ambiguous: npt.NDArray[np.bool_],
    u: Ints,
    v: Ints,
    w: Ints,
    of: Whole,
    found: Whole,
) -> None:
    size, steps = sent.shape
    for n in range(size):
        for t in range(steps):
            if sent[n, t]:
                found[Row.FIRST, n] = t
                break
        found[Row.LAST, n] = np.int64(sent[n, steps - 1] != 0)
        if not of[Of.STATE, n]:
            continue
        keep_u, keep_v, keep_w = 4096 - of[Of.DU, n], 4096 - of[Of.DV, n], 4096 - of[Of.DW, n]
        ka, kb, adapts, old = of[Of.KA, n], of[Of.KB, n], of[Of.ADAPTS, n] != 0, of[Of.OLD, n] != 0
        level, end, to_zero = of[Of.LEVEL, n], of[Of.END, n], of[Of.RESET, n] == 0
        bias, input_bias = of[Of.BIAS, n], of[Of.INPUT_BIAS, n]
        u_before, v_before, w_before, fired_before = np.int64(0), np.int64(0), np.int64(0), False
        a_high = u_high = v_high = w_high = highest = late = np.int64(-FAR)
        a_low = u_low = v_low = w_low = np.int64(FAR)
        top = bottom = near = above = below = np.int64(FAR)
        for t in range(steps):
            kept = _decayed(u_before, keep_u)
            x = np.int64(u[n, t])
            if ambiguous[n]:
                x = kept + (np.int64(arriving[t, n]) + input_bias) * 64
            elif x - kept >= TOP:
                x -= 2 * TOP
            elif x - kept <= -TOP:
                x += 2 * TOP
            a = (x - kept) >> 6
            a_high, a_low = max(a_high, a), min(a_low, a)
            u_high, u_low = max(u_high, x), min(u_low, x)
            top, bottom = min(top, abs(x - TOP)), min(bottom, abs(x + TOP))
            if x > TOP or x <= -TOP:
                found[Row.U_WRAPS, n] += 1
            if abs(x) == TOP:
                found[Row.AT_WRAP, n] += 1
            if u_before * keep_u & 4095:
                found[Row.U_REST_BELOW if u_before < 0 else Row.U_REST_ABOVE, n] += 1
            u_before = np.int64(u[n, t])
            x = _decayed(v_before, keep_v) + u_before + bias
            if adapts:
                y = _decayed(w_before, keep_w) + _decayed(v_before, ka)
                if fired_before:
                    y += kb
                w_high, w_low = max(w_high, y), min(w_low, y)
                if abs(y) >= TOP:
                    found[Row.W_CLIPS, n] += 1
                if w_before * keep_w & 4095:
                    found[Row.W_REST_BELOW if w_before < 0 else Row.W_REST_ABOVE, n] += 1
                if v_before * ka & 4095:
                    found[Row.SCALE_BELOW if v_before * ka < 0 else Row.SCALE_ABOVE, n] += 1
                x -= w_before if old else np.int64(w[n, t])
                w_before = np.int64(w[n, t])
            v_high, v_low = max(v_high, x), min(v_low, x)
            if abs(x) >= TOP:
                found[Row.V_CLIPS, n] += 1
            fired = sent[n, t] != 0
            if v_before * keep_v & 4095 and not (fired and to_zero):
                found[Row.V_REST_BELOW if v_before < 0 else Row.V_REST_ABOVE, n] += 1
            v_before = np.int64(v[n, t])
            if level < 0:
                continue
            gap = max(1 - TOP, min(TOP - 1, x)) - level
            if t >= end:
                late = max(late, gap)
            else:
                highest = max(highest, gap)
                if level > 0:
                    near = min(near, abs(gap))
                    if gap == 0:
                        found[Row.EQUAL, n] += 1
                if gap > 0:
                    above = min(above, gap)
                elif gap < 0:
                    below = min(below, -gap)
            if fired:
                found[Row.TWICE, n] += np.int64(fired_before)
                found[Row.STAYS, n] += np.int64(v_before > level)
                found[Row.UNDER, n] += np.int64(v_before < 0)
            fired_before = fired
        found[Row.A_HIGH, n], found[Row.A_LOW, n] = a_high, a_low
        found[Row.U_HIGH, n], found[Row.U_LOW, n] = u_high, u_low
        found[Row.V_HIGH, n], found[Row.V_LOW, n] = v_high, v_low
        found[Row.W_HIGH, n], found[Row.W_LOW, n] = w_high, w_low
        found[Row.U_TOP, n], found[Row.U_BOTTOM, n] = top, bottom
        found[Row.HIGHEST, n], found[Row.LATE, n], found[Row.NEAR, n] = highest, late, near
        found[Row.ABOVE, n], found[Row.BELOW, n] = above, below
