"""What remains of a state after a step: values with which each spike is the module's, in ever finer steps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from snnc.conversion.fits.driven import Driven
from snnc.conversion.fits.numbers import Found
from snnc.exporter.float_reference import FloatArray

Over = Callable[[Driven, FloatArray], FloatArray]
"""v over the threshold, [N, T, neurons], with what remains, [neurons]."""
FIRST = np.unique(np.concatenate([np.linspace(0, 1, 41), 1 - np.geomspace(1e-4, 0.02, 10)]))
"""What is tried first: tenths and halves of them, and long times."""
FINER, ROUNDS = 9, 14
"""So many are tried between two neighbours, so many times."""
MOST = 64
"""Of so many neurons, those with the most other spikes."""
AT_ONCE = 2**16
"""So many numbers of v are computed at once, of several values: a loop over steps takes as long for one."""


def found(driven: Driven, over: Over) -> Found | None:
    """One value for all neurons, or one for each; None if none gives every spike."""
    wrong = driven.wrong(over_now(driven)).sum(axis=(0, 1))
    some = _few(driven)
    best = _best(some, over, together=True)
    if not _losses(some, over, best).any():
        few = _exact(some, over, best)
        low, high = (_edge(few, over, best, end) for end in (0.0, 1.0))
        tried = np.linspace(low[0], high[0], 2 * FINER)
        neurons = np.zeros(driven.spikes.shape[2])
        every = replace(driven, rounding=few.rounding)
        right = [x for x in tried if not _losses(every, over, neurons + x).any()]
        return Found(np.asarray(right[0]), np.asarray(right[-1])) if right else None
    best = _best(driven, over, together=False) if len(wrong) <= MOST else best
    if len(wrong) > MOST or _losses(driven, over, best).any():
        return None
    exact = _exact(driven, over, best)
    low, high = (_edge(exact, over, best, end) for end in (0.0, 1.0))
    return Found(low, high)


def _exact(driven: Driven, over: Over, right: FloatArray) -> Driven:
    """Without what rounding allows, if what is `right` needs none of it: ends then give every spike."""
    exact = replace(driven, rounding=0.0)
    return driven if _losses(exact, over, right).any() else exact


def nearest(driven: Driven, over: Over) -> float:
    """One value for all neurons with the least loss."""
    return float(_best(_few(driven), over, together=True)[0])


def _few(driven: Driven) -> Driven:
    """The neurons with the most other spikes."""
    wrong = driven.wrong(over_now(driven)).sum(axis=(0, 1))
    return driven.some(np.argsort(-wrong, kind="stable")[:MOST])


def over_now(driven: Driven) -> FloatArray:
    """v over the threshold as the neurons are told."""
    return np.asarray(driven.told - driven.of.threshold)


def _losses(driven: Driven, over: Over, kept: FloatArray) -> FloatArray:
    """By how much v is on the other side of the threshold, summed over all steps of a neuron."""
    beyond = np.where(driven.spikes, -1, 1) * over(driven, kept) - driven.slack
    return np.asarray(np.maximum(beyond, 0).sum(axis=(0, 1)))


def _losses_of(copies: dict[int, Driven], over: Over, tried: FloatArray) -> FloatArray:
    """`_losses` of each of the values `tried`, [values, neurons] as these; `copies` by their number."""
    times = len(tried)
    if times not in copies:
        copies[times] = copies[1].some(np.tile(np.arange(tried.shape[1]), times))
    return _losses(copies[times], over, tried.reshape(-1)).reshape(tried.shape)


def _best(driven: Driven, over: Over, together: bool) -> FloatArray:
    """Of each neuron, or of all `together`, what remains with the least loss."""
    neurons = driven.spikes.shape[2]
    tried = np.repeat(FIRST[:, None], neurons, axis=1)
    size = max(1, AT_ONCE // max(1, driven.spikes.size))
    copies = {1: driven}
    for _ in range(ROUNDS):
        parts = [tried[i : i + size] for i in range(0, len(tried), size)]
        losses = np.concatenate([_losses_of(copies, over, part) for part in parts])
        if together:
            losses = np.repeat(losses.sum(axis=1)[:, None], neurons, axis=1)
        at = losses.argmin(axis=0)
        every = np.arange(neurons)
        if not losses[at, every].any():
            break
        low, high = tried[np.maximum(at - 1, 0), every], tried[np.minimum(at + 1, len(tried) - 1), every]
        tried = np.linspace(low, high, FINER + 2)
    return np.asarray(tried[at, every])


def _edge(driven: Driven, over: Over, right: FloatArray, end: float) -> FloatArray:
    """The value next to `end` up to which, from `right` on, there is no loss."""
    one = len(np.unique(right)) == 1
    near, far = right.copy(), np.full_like(right, end)
    for _ in range(20):
        middle = (near + far) / 2
        fails = _losses(driven, over, middle) > 0
        fails = np.full_like(fails, fails.any()) if one else fails
        near, far = np.where(fails, near, middle), np.where(fails, middle, far)
    return near
