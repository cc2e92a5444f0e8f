"""Hypotheses that are solved for: parameters of neurons that follow from what was recorded.

Each recorded step says, from the step before, which constants its neuron may have had. Where one constant
fits all steps of all samples held, for every neuron, it is a hypothesis; it must then give what was found.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from snnc import formats
from snnc.verification.diagnosis.graphs.hypothesis import Hypothesis, numbers
from snnc.verification.diagnosis.graphs.population_model import PopulationModel, before, scale
from snnc.verification.diagnosis.graphs.sample import Mask, Sample, sums
from snnc.verification.diagnosis.layer_model import U_HALF, V_LIMIT, Integers, decay

NAMES = {
    "du": "decay-changed",
    "dv": "decay-changed",
    "dw": "decay-changed",
    "ka": "adaptation-by-v-changed",
    "kb": "adaptation-by-spike-changed",
    "threshold": "threshold-changed",
    "r": "reset-amount-changed",
    "bias": "biases-changed",
    "input_bias": "input-biases-changed",
}
EVERY = -(1 << 40), 1 << 40
MANTISSA = formats.BIAS_MANTISSA_MAX << formats.BIAS_EXPONENT_MAX
RANGES = {
    "du": (0, 4096),
    "dv": (0, 4096),
    "dw": (0, 4096),
    "ka": (-4096, 4096),
    "kb": (formats.KB_MIN, formats.KB_MAX),
    "threshold": (0, formats.THRESHOLD_MAX << 6),
    "r": (0, formats.THRESHOLD_MAX << 6),
    "bias": (-MANTISSA - 128, MANTISSA),
    "input_bias": (-MANTISSA - 128, MANTISSA),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the steps ask of a constant: `least` and `most` int64 [neurons]."""

    least: Integers
    most: Integers

    def __and__(self, other: Asked) -> Asked:
        return Asked(np.maximum(self.least, other.least), np.minimum(self.most, other.most))


def solved(model: PopulationModel, samples: Sequence[Sample]) -> Iterator[Hypothesis]:
    """One for each parameter that has to be another, and can be."""
    asked: dict[str, Asked] = {}
    for one in samples:
        for name, more in _asked(model, one).items():
            asked[name] = asked[name] & more if name in asked else more
    for name, of in asked.items():
        values, (low, high) = model.numbers[name], RANGES[name]
        least, most = np.maximum(of.least, low), np.minimum(of.most, high)
        wrong = np.flatnonzero((values < least) | (values > most))
        if not len(wrong) or (least > most)[wrong].any():
            continue
        found = np.clip(values, least, most)
        found = np.where(least > most, values, found)
        if name in ("threshold", "r"):  # a whole mantissa where there is one
            whole = np.where(found > values, -(-found >> 6) << 6, found >> 6 << 6)
            found = np.where((whole >= least) & (whole <= most) & (found != values), whole, found)
        yield Hypothesis(
            NAMES[name], _where(name, values, found, wrong), numbers(**{name: found}), False, True
        )


def _where(name: str, values: Integers, found: Integers, wrong: Integers) -> str:
    i = wrong[0]
    change = f"{name} {found[i]} instead of {values[i]}"
    if len(wrong) == len(values) > 1 and len(set(zip(values.tolist(), found.tolist(), strict=True))) == 1:
        return f"{change} in all neurons"
    more = f", and {len(wrong) - 1} more neurons" if len(wrong) > 1 else ""
    return f"neuron {i}: {change}{more}"


def _asked(model: PopulationModel, one: Sample) -> dict[str, Asked]:
    of, record = model.numbers, one.record
    u, v, s = record["u"], record["v"], record["spikes"]
    u0, v0, s0 = before(u), before(v), before(s)
    wired = sums(model, one, np.arange(model.size))
    kept = _wrapped(u - ((wired + of["input_bias"]) << 6))
    steady = _wrapped(u - decay(u0, of["du"], "zero") - (wired << 6))
    asked = {"du": _decay(u0, kept), "input_bias": _constant(steady >> 6, (steady & 63) == 0)}
    acts = np.zeros_like(u)
    if model.adapts:
        w, w0 = record["w"], before(record["w"])
        by_v, by_spike = scale(v0, of["ka"]), s0 * of["kb"]
        free = np.abs(w) < V_LIMIT
        rest = w - decay(w0, of["dw"], "zero")
        asked |= {
            "dw": _decay(w0, w - by_v - by_spike, free),
            "ka": _scale(v0, rest - by_spike, free),
            "kb": _constant(rest - by_v, np.ones_like(s0, bool), free & (s0 != 0)),
        }
        acts = w0 if model.population.order == "old" else w
    quiet = (s == 0) & (np.abs(v) < V_LIMIT)
    drive = v - u + acts
    asked["dv"] = _decay(v0, drive - of["bias"], quiet)
    asked["bias"] = _constant(drive - decay(v0, of["dv"], "zero"), np.ones_like(quiet), quiet)
    pre = np.clip(decay(v0, of["dv"], "zero") + u + of["bias"] - acts, -V_LIMIT, V_LIMIT)
    if "threshold" in of:
        early = np.arange(len(u))[:, None] < model.end
        silent = np.where((s == 0) & early, pre, EVERY[0]).max(axis=0)
        asked["threshold"] = Asked(silent, np.where(s != 0, pre, EVERY[1]).min(axis=0) - 1)
    if "r" in of and model.population.reset == "subtract":
        asked["r"] = _constant(pre - v, np.ones_like(quiet), s != 0)
    return asked


def _wrapped(x: Integers) -> Integers:
    return (x + U_HALF) % (2 * U_HALF) - U_HALF


def _constant(values: Integers, possible: Mask, which: Mask | None = None) -> Asked:
    """One that equals `values` in all steps in which `which` holds; none if one of them is not `possible`."""
    which = np.ones_like(values, bool) if which is None else which
    least = np.where(which, values, EVERY[0]).max(axis=0)
    most = np.where(which, values, EVERY[1]).min(axis=0)
    bad = (which & ~possible).any(axis=0)
    return Asked(np.where(bad, EVERY[1], least), most)


def _decay(x: Integers, y: Integers, which: Mask | None = None) -> Asked:
    """Constants of clause 4 that take `x` to `y`."""
    keeps = _scale(x, y, which)
    return Asked(4096 - keeps.most, 4096 - keeps.least)


def _scale(x: Integers, y: Integers, which: Mask | None = None) -> Asked:
    """Factors k of clause 5a with which `scale(x, k)` is `y`: also those below 0."""
    which = np.ones_like(x, bool) if which is None else which
    size, sign = np.abs(x), np.sign(x)
    y = y * np.where(sign == 0, 1, sign)  # now it is scale(|x|, k)
    divide = np.maximum(size, 1)
    # |y| 4096 <= |x| |k| < (|y| + 1) 4096
    inner = -(-(np.abs(y) << 12) // divide)
    outer = (((np.abs(y) + 1) << 12) - 1) // divide
    least = np.where(y > 0, inner, -outer)
    most = np.where(y < 0, -inner, outer)
    nothing = size == 0
    least = np.where(nothing, np.where(y == 0, EVERY[0], EVERY[1]), least)
    most = np.where(nothing, EVERY[1], most)
    return Asked(np.where(which, least, EVERY[0]).max(axis=0), np.where(which, most, EVERY[1]).min(axis=0))
