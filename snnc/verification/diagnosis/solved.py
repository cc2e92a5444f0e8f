"""Hypotheses that are solved for: constants and orders that follow from what was found.

In each step u, v and the spikes of the step before say what the decay, the bias or the threshold must have
been. Where one constant fits all steps of all samples held, it is a hypothesis; it must then give what was
found.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from snnc import formats
from snnc.verification.diagnosis.hypothesis import Hypothesis, replaced, rules
from snnc.verification.diagnosis.layer_model import U_HALF, V_LIMIT, Integers, LayerModel
from snnc.verification.diagnosis.observed import Held

NAMES = ("decay-changed", "threshold-changed", "biases-permuted", "biases-changed", "neurons-permuted")
LARGEST_BIAS = -formats.BIAS_MANTISSA_MIN << formats.BIAS_EXPONENT_MAX
CONSTANTS_TRIED = 4


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """A layer in one sample: the contract's, what it gives, what was found, and the sums of clause 2."""

    model: LayerModel
    right: Held
    held: Held
    sums: Integers


def solved(seen: Sequence[Seen]) -> Iterator[Hypothesis]:
    """All that the samples `seen` of one layer ask for; needs u, v and spikes, permutations any of them."""
    yield from _neurons(seen)
    if all({"u", "v", "spikes"} <= set(one.held) for one in seen):
        yield from _decays(seen)
        yield from _threshold(seen)
        yield from _biases(seen)


def _before(values: Integers) -> Integers:
    return np.concatenate([np.zeros_like(values[:1]), values[:-1]])


def _stays(one: Seen) -> Integers:
    """Where v was neither reset nor clipped."""
    return (one.held["spikes"] == 0) & (np.abs(one.held["v"]) < V_LIMIT)


def _decayed(x: Integers, k: int) -> Integers:
    return np.sign(x) * ((np.abs(x) * (formats.DECAY_ONE - k)) >> formats.DECAY_BITS)


def _decays(seen: Sequence[Seen]) -> Iterator[Hypothesis]:
    current, membrane = [], []
    for one in seen:
        u, v = one.held["u"], one.held["v"]
        kept = u - (one.sums << formats.STATE_FRACTION_BITS)
        # What is left after a decay is in this range; u may have wrapped.
        kept = (kept + U_HALF) % (2 * U_HALF) - U_HALF
        current.append(np.stack([_before(u).ravel(), kept.ravel()]))
        stays = _stays(one)
        membrane.append(np.stack([_before(v)[stays], (v - u - one.model.bias)[stays]]))
    for name, pairs in (("du", current), ("dv", membrane)):
        constant = getattr(seen[0].model.rules, name)
        least, most = _constants(np.concatenate(pairs, axis=1))
        if most - least > formats.DECAY_ONE // 2 or least <= constant <= most:
            continue
        tried = sorted(range(least, most + 1), key=lambda k: abs(k - constant))[:CONSTANTS_TRIED]
        for k in tried:
            yield Hypothesis("decay-changed", f"{name} {k} instead of {constant}", rules(**{name: k}))


def _constants(pairs: Integers) -> tuple[int, int]:
    """Least and greatest constant of clause 4 that takes each first number to the second."""
    x, y = pairs[:, pairs[0] != 0]
    if (np.sign(x) * np.sign(y) < 0).any() or (np.abs(y) > np.abs(x)).any():
        return 1, 0
    x, y = np.abs(x), np.abs(y)
    # (x (4096 - k)) >> 12 = y, so y 4096 <= x (4096 - k) < (y + 1) 4096.
    keep_least = -(-(y << formats.DECAY_BITS) // x)
    keep_most = (((y + 1) << formats.DECAY_BITS) - 1) // x
    least, most = int(keep_least.max(initial=0)), int(keep_most.min(initial=formats.DECAY_ONE))
    return formats.DECAY_ONE - most, formats.DECAY_ONE - least


def _threshold(seen: Sequence[Seen]) -> Iterator[Hypothesis]:
    """One for the layer, or one of a neuron."""
    model = seen[0].model
    if model.rules.threshold is None:
        return
    limit = model.rules.threshold << formats.STATE_FRACTION_BITS
    quiet, firing = _extremes(seen)
    most = formats.THRESHOLD_MAX << formats.STATE_FRACTION_BITS
    wrong = np.flatnonzero((quiet > limit) | (firing <= limit))
    if not len(wrong):
        return
    least, below = int(quiet.max()), int(firing.min())
    if max(least, 0) < below <= most:
        offset = _nearest(least, below, limit)
        where = _interval(least, below, limit)
        yield Hypothesis("threshold-changed", where, rules(threshold_offset=offset))
    if len(wrong) < len(quiet) and all(quiet[i] < firing[i] <= most for i in wrong):
        more = np.zeros(len(quiet), np.int64)
        for i in wrong:
            more[i] = _nearest(int(quiet[i]), int(firing[i]), limit)
        i = wrong[0]
        where = f"neuron {i}: {_interval(int(quiet[i]), int(firing[i]), limit)}"
        where += f", and {len(wrong) - 1} more neurons" if len(wrong) > 1 else ""
        yield Hypothesis("threshold-changed", where, replaced(threshold_more=more), anywhere=False)


def _extremes(seen: Sequence[Seen]) -> tuple[Integers, Integers]:
    """For each neuron the largest v that did not fire and the smallest that did."""
    quiet = np.full(len(seen[0].model.weight), -V_LIMIT)
    firing = np.full(len(quiet), np.iinfo(np.int64).max)
    for one in seen:
        v = _decayed(_before(one.held["v"]), one.model.rules.dv) + one.held["u"] + one.model.bias
        v, fired = np.clip(v, -V_LIMIT, V_LIMIT), one.held["spikes"] != 0
        quiet = np.maximum(quiet, np.where(fired, -V_LIMIT, v).max(axis=0))
        firing = np.minimum(firing, np.where(fired, v, np.iinfo(np.int64).max).min(axis=0))
    return quiet, firing


def _nearest(least: int, below: int, limit: int) -> int:
    """What to add to `limit` so that it lies in `least` .. `below` - 1, as whole mantissas if it can be."""
    one = 1 << formats.STATE_FRACTION_BITS
    if below <= limit:
        whole = (below - 1) // one * one
        return (whole if whole >= least else below - 1) - limit
    whole = -(-least // one) * one
    return (whole if whole < below else least) - limit


def _interval(least: int, below: int, limit: int) -> str:
    least = max(least, 0)
    between = f", or another from {least} to {below - 1}," if least < below - 1 else ""
    return f"{limit + _nearest(least, below, limit)}{between} instead of {limit} in the units of v"


def _biases(seen: Sequence[Seen]) -> Iterator[Hypothesis]:
    model = seen[0].model
    found = model.bias.copy()
    known = np.zeros(len(found), np.bool_)
    for one in seen:
        asked = one.held["v"] - _decayed(_before(one.held["v"]), one.model.rules.dv) - one.held["u"]
        stays = _stays(one)
        first = stays.argmax(axis=0)
        new = stays.any(axis=0) & ~known
        found[new] = asked[first[new], np.flatnonzero(new)]
        known |= new
    changed = np.flatnonzero(found != model.bias)
    if not len(changed) or np.abs(found).max() > LARGEST_BIAS:
        return
    i = changed[0]
    where = f"neuron {i}: {found[i]} instead of {model.bias[i]}"
    where += f", and {len(changed) - 1} more neurons" if len(changed) > 1 else ""
    name = "biases-changed"
    if np.array_equal(np.sort(found), np.sort(model.bias)):
        name = "biases-permuted"
        if len(changed) == 2:
            where = f"neurons {changed[0]} and {changed[1]} exchanged"
    yield Hypothesis(name, where, replaced(bias_mant=found, bias_exp=0), anywhere=False)


def _neurons(seen: Sequence[Seen]) -> Iterator[Hypothesis]:
    """That neurons which give what others should have changed places with them."""
    names = sorted(set.intersection(*(set(one.held) for one in seen)))
    if not names:
        return
    should, gives = (
        _signatures([side[name] for side in sides for name in names])
        for sides in ([one.right for one in seen], [one.held for one in seen])
    )
    moved = [i for i, (a, b) in enumerate(zip(should, gives, strict=True)) if a != b]
    free = {i: should[i] for i in moved}
    order = np.arange(len(should))
    for i in moved:
        taken = next((k for k, signature in free.items() if signature == gives[i]), None)
        if taken is None:
            return
        order[i] = taken
        del free[taken]
    if moved:
        fields = ("weight", "delay", "bias_mant", "start_u", "start_v")
        yield Hypothesis(
            "neurons-permuted",
            f"neuron {moved[0]} gives what neuron {order[moved[0]]} should",
            lambda model: replace(model, **{name: getattr(model, name)[order] for name in fields}),
            anywhere=False,
        )


def _signatures(arrays: Sequence[Integers]) -> list[bytes]:
    """All that is held of each neuron, as bytes."""
    return [column.tobytes() for column in np.ascontiguousarray(np.concatenate(arrays).T)]
