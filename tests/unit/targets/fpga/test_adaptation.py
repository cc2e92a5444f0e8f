"""Bounds of v and w of adaptive neurons: they hold for hard inputs, and the hardest nearly reaches them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from snnc.stages import Population
from snnc.targets.fpga.adaptation import states
from snnc.targets.fpga.intervals import Interval

IntArray = npt.NDArray[np.int64]
STEPS, NEURONS, LARGEST = 200, 40, 4000
LIMIT = 2**23 - 1


def population(order: str, reset: str, threshold: int, kb: int) -> Population:
    """Time constants of 5 to 25 steps and of w of 30 to 120, as training draws them, and ka up to 400."""
    rng = np.random.default_rng(21)
    decay_v, decay_w = (
        np.rint(4096 * (1 - np.exp(-1 / rng.uniform(low, high, NEURONS)))).astype(int)
        for low, high in ((5, 25), (30, 120))
    )
    taken = {"reset_by": threshold} if reset == "subtract" else {}
    return Population(
        "a",
        "adlif",
        NEURONS,
        decay_u=4096,
        decay_v=decay_v,
        decay_w=decay_w,
        ka=rng.integers(0, 400, NEURONS),
        kb=rng.integers(-kb, kb + 1, NEURONS),
        order=order,
        threshold=threshold,
        reset=reset,
        bias_mant=rng.integers(-9, 9, NEURONS),
        **taken,
    )


def product(x: IntArray, k: IntArray) -> IntArray:
    """`scale`, and `decay` with 4096 less its constant."""
    return np.sign(x) * np.sign(k) * ((np.abs(x) * np.abs(k)) >> 12)


def run(of: Population, u: IntArray) -> dict[str, IntArray]:
    """Clauses 5, 5a and 6 for int64 [T, neurons]: v before the reset, after it, and w, alike."""
    v = w = spikes = np.zeros(NEURONS, np.int64)
    rows = []
    for now in u:
        w_next = product(w, 4096 - of.decay_w) + product(v, of.ka) + spikes * of.kb
        taken = w_next if of.order == "new" else w
        w = w_next
        before = product(v, 4096 - of.decay_v) + now + of.bias - taken
        spikes = (before > of.threshold << 6).astype(np.int64)
        off = {"zero": before, "none": 0 * before}
        v = before - spikes * (of.reset_by << 6 if of.reset == "subtract" else off[of.reset])
        rows.append((before, v, w))
    return dict(zip(("before", "v", "w"), map(np.array, zip(*rows, strict=True)), strict=True))


def response(of: Population) -> npt.NDArray[np.float64]:
    """What remains in v of 1 in u after 0, 1 ... steps without a spike, float64 [T, neurons]."""
    keep_v, keep_w, ka = 1 - of.decay_v / 4096, 1 - of.decay_w / 4096, of.ka / 4096
    v, w, found = np.ones(NEURONS), np.zeros(NEURONS), []
    for _ in range(STEPS):
        found.append(v)
        w_next = keep_w * w + ka * v
        v, w = keep_v * v - (w_next if of.order == "new" else w), w_next
    return np.array(found)


def bounds(of: Population) -> tuple[Interval, Interval]:
    u = Interval(np.full(NEURONS, -LARGEST), np.full(NEURONS, LARGEST))
    v, w = states(of, u, STEPS, ends=False)
    assert v is not None
    assert w is not None
    return v, w


def hardest(of: Population) -> IntArray:
    """u that drives v as high as it goes in the last step, int64 [T, neurons]."""
    return np.where(response(of)[::-1] > 0, LARGEST, -LARGEST)


@pytest.mark.parametrize("order", ["new", "old"])
def test_the_hardest_input_nearly_reaches_the_bound(order: str) -> None:
    of = population(order, "none", 131071, kb=0)
    v, _ = bounds(of)
    for sign, bound in ((1, v.high), (-1, v.low)):
        last = run(of, sign * hardest(of))["before"][-1]
        assert (sign * last <= sign * bound).all()
        assert (last / bound).min() > 0.97


@pytest.mark.parametrize("order", ["new", "old"])
@pytest.mark.parametrize("reset", ["subtract", "none", "zero"])
def test_the_bounds_hold_for_neurons_that_spike(order: str, reset: str) -> None:
    of = population(order, reset, 60, kb=900)
    v, w = bounds(of)
    rng, spikes = np.random.default_rng(22), 0
    slow = np.repeat(rng.choice([-LARGEST, LARGEST], (STEPS // 20, NEURONS)), 20, axis=0)
    for u in (hardest(of), -hardest(of), slow, rng.integers(-LARGEST, LARGEST + 1, (STEPS, NEURONS))):
        found = run(of, u)
        spikes += (found["before"] > 60 << 6).sum()
        for name, bound in (("before", v), ("v", v), ("w", w)):
            assert (bound.low <= found[name]).all(), name
            assert (found[name] <= bound.high).all(), name
    assert spikes > 1000


def test_what_drives_itself_may_clip() -> None:
    """With a negative ka v adds to itself by w: neither bound is within the limit."""
    of = population("new", "none", 131071, kb=0)
    driven = Population(
        "a",
        "adlif",
        1,
        decay_u=4096,
        decay_v=0,
        decay_w=0,
        ka=-400,
        kb=0,
        order="new",
        threshold=9,
        reset="none",
    )
    u = Interval(np.array([-LARGEST]), np.array([LARGEST]))
    assert states(driven, u, STEPS, ends=False) == (None, None)
    assert states(of, Interval(np.full(NEURONS, -LIMIT), np.full(NEURONS, LIMIT)), 2, ends=False)[0] is None
