"""Changes of single events that bring a state of the first layer to an exact value.

What arrives at a neuron in a step adds 64 times its weight to u and v of that step, and changes nothing of
that neuron before. So an event more or less, or two, can make up exactly what is missing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from snnc import formats
from snnc.stages import QuantizedGraph, QuantizedLayer
from snnc.verification.inputs.coverage import ONE_WEIGHT, Count, Reached, before
from snnc.verification.inputs.distances import FAR
from snnc.verification.inputs.reachable import Reachable
from snnc.verification.inputs.trains import Rng, Train

Whole = npt.NDArray[np.int64]

CELLS, MOST = 6, 2
"""Steps of neurons that are tried, and those that are changed, at most."""


@dataclass(frozen=True, slots=True)
class FirstLayer:
    """u and v of the first layer on a train, int32 [T, neurons]."""

    u: npt.NDArray[np.int32]
    v: npt.NDArray[np.int32]


def met_exactly(
    graph: QuantizedGraph,
    train: Train,
    state: FirstLayer,
    found: Reached,
    reachable: Reachable,
    rng: Rng,
) -> Train | None:
    """`train` with some events changed for values that `found` lacks; None if there are none, or no way.

    Each change alone does what it should; several may disturb each other.
    """
    layer = graph.layers[0]
    kinds = list(_wanted(layer, state, found, reachable))
    if not kinds:
        return None
    missing = kinds[rng.integers(len(kinds))]
    cells = np.argwhere((missing % ONE_WEIGHT == 0) & (missing != 0))
    if not len(cells):
        return None
    changed, left = train.copy(), int(rng.integers(1, MOST + 1))
    for t, i in cells[rng.integers(len(cells), size=CELLS)]:
        if not left:
            break
        sent = t - layer.delay[i]
        lines = np.flatnonzero((layer.weight[i] != 0) & (sent >= 0))
        at = sent[lines], lines
        units = int(missing[t, i]) // ONE_WEIGHT
        more = made_up(units, layer.weight[i, lines], changed[at], graph.payload_max, rng)
        if more is not None:
            changed[at] = changed[at] + more
            left -= 1
    return changed


def _wanted(
    layer: QuantizedLayer, state: FirstLayer, found: Reached, reachable: Reachable
) -> Iterator[Whole]:
    """What each u or v misses of a value to be met, [T, neurons]; 1 where it is not to be changed."""
    if layer.threshold is not None:
        level = layer.threshold * ONE_WEIGHT
        v = before(state.v[None], layer.decay_v)[0] + state.u + layer.bias
        unmet = reachable.met[0] & ~found.met[0]
        if unmet.any():
            yield np.where(unmet, level - v, 1)
        above, least = found.above[0], reachable.above[0]
        if above.min() > least.min():
            yield np.where(least == least.min(), level + np.minimum(least, FAR - level) - v, 1)
        if (over := (least < ONE_WEIGHT) & (above >= ONE_WEIGHT)).any():
            yield np.where(over, level + 1 + (v - level - 1) % ONE_WEIGHT - v, 1)
        if (under := (reachable.below[0] < ONE_WEIGHT) & (found.below[0] >= ONE_WEIGHT)).any():
            yield np.where(under, level - 1 - (level - 1 - v) % ONE_WEIGHT - v, 1)
    for count, limit in ((Count.U_AT_TOP, formats.U_MAX), (Count.U_AT_BOTTOM, -formats.U_MAX)):
        if reachable.counts[0, count] and not found.counts[0, count]:
            for wrapped in (-formats.U_WRAP, 0, formats.U_WRAP):
                yield limit + wrapped - state.u.astype(np.int64)


def made_up(
    missing: int,
    weight: npt.NDArray[np.integer],
    payload: npt.NDArray[np.uint8],
    most: int | npt.NDArray[np.int64],
    rng: Rng,
) -> Whole | None:
    """What to add to each payload so that `missing` more arrives, or None if no way is found.

    Payloads stay in 0 .. `most`, of all or of each. Lines are changed at random until two more can make up
    the rest.
    """
    if not len(weight):
        return None
    lowest, highest = -payload.astype(np.int64), most - payload.astype(np.int64)
    even = missing % weight == 0
    single = np.where(even, missing // weight, 0)
    fits = np.flatnonzero(even & (single >= lowest) & (single <= highest))
    more = np.zeros(len(weight), np.int64)
    if len(fits):
        k = rng.choice(fits)
        more[k] = single[k]
        return more
    drawn = rng.integers(lowest, highest + 1)
    drawn = np.where(drawn == 0, np.where(highest > 0, highest, lowest), drawn)
    gain = drawn * weight
    order = rng.permutation(np.flatnonzero(gain * np.sign(missing) > 0))
    sums = np.cumsum(np.abs(gain[order]))
    taken = order[: np.searchsorted(sums, abs(missing) - np.abs(gain).max(), side="right")]
    more[taken] = drawn[taken]
    rest = missing - int(gain[taken].sum())
    gain[taken] = 0  # what is taken makes up no more
    pair = _pair(gain, rest)
    if pair is None:
        return None
    more[pair] = drawn[pair]
    return more


def _pair(gain: Whole, rest: int) -> list[int] | None:
    """No, one or two places of `gain` that add up to `rest`."""
    if rest == 0:
        return []
    ones = np.flatnonzero(gain == rest)
    if len(ones):
        return [int(ones[0])]
    order = np.argsort(gain, kind="stable")
    ranked = gain[order]
    where = np.minimum(np.searchsorted(ranked, rest - ranked), len(ranked) - 1)
    both = np.flatnonzero((ranked[where] == rest - ranked) & (where != np.arange(len(ranked))))
    return [int(order[both[0]]), int(order[where[both[0]]])] if len(both) else None
