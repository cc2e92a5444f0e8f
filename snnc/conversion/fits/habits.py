"""What neurons of a module may do, and their Cell does not say: pause, bound v, change their threshold."""

from __future__ import annotations

from functools import partial

import numpy as np

from snnc.conversion.fits import kept, linear, membranes
from snnc.conversion.fits.driven import Driven
from snnc.conversion.fits.evidence import different
from snnc.conversion.fits.numbers import range_of, shortest
from snnc.conversion.pauses import shortest_pause
from snnc.exporter.float_reference import FloatArray
from snnc.stages.population import ADLIF, NEW, OLD, SUBTRACT, ZERO

NONE = "snnc has none: leave it out and train again"
OF_ZERO = "with reset 'zero' the contract has none: train with reset by subtraction"
PAUSES = ((False, False), (False, True), (True, False))
"""Whether what arrives in a pause counts, and whether v stays as it is."""
DECAYS = np.unique(np.concatenate([np.linspace(0, 1, 41), 1 - np.geomspace(1e-3, 0.02, 6)]))
ROUNDS, FINER = 8, 9
BOUNDS: tuple[tuple[str, dict[str, int]], ...] = (
    ("never falls below about {}", {"least": -1}),
    ("never rises above about {}", {"most": 1}),
    ("never leaves about {} .. {}", {"least": -1, "most": 1}),
    ("is, behind a reset, never above about {}", {"after": 1}),
    ("never leaves, behind a reset, about {} .. {}", {"least": -1, "after": 1}),
)
"""In words, and by what `Driven.bounded` calls them, with the sign of each. v below 0 has no reset."""
SWEEPS = 4
"""So many times the ends of a range are sought, each with the other as it was found."""
OF_NUMBER, OF_RISE, OF_STEP = 3, 6, 10
"""So many other spikes show that a number is no chance: a pause is one, a rise and its decay are two.

Of a number for each step, so many different ones a step.
"""
LEAST_RISE = 0.01
"""Of the threshold. What each spike raises it by is more, and lasts longer than a step."""


def habits(driven: Driven, gains: FloatArray, few: bool = False) -> tuple[str, ...]:
    """In words, what explains every spike, if something does; `gains` as `Cell.gains` tells them.

    `few`: also where so few spikes tell a number that it may be chance.
    """
    wrong = int(driven.wrong(kept.over_now(driven)).sum())
    adapts = driven.of.model == ADLIF
    least = 1 if few else OF_NUMBER
    found = _paused(driven) if wrong >= least else None
    if found is None and wrong >= least and not adapts:
        found = _bounded(driven, gains)
    if found is None and wrong >= OF_RISE and not adapts and membranes.explained(driven, driven.told):
        found = _adapting(driven, gains)
    return () if found is None else (found,)


def _paused(driven: Driven) -> str | None:
    """Of each number of steps up to those between the nearest two spikes."""
    quiet = np.zeros_like(driven.spikes)
    for pause in range(1, (shortest_pause(driven.spikes) or 0) + 1):
        quiet[:, pause:] |= driven.spikes[:, :-pause]
        for counts, held in PAUSES:
            sums = driven.sums(pause=0 if counts else pause, held=held)
            v = driven.charged(sums)
            wrong = driven.wrong(v - driven.of.threshold)
            if not (wrong & ~quiet).any() and membranes.explained(driven, v):
                steps = "a step" if pause == 1 else f"{pause} steps"
                return f"it has a refractory period, {steps} after each spike ({NONE})"
    return None


def _bounded(driven: Driven, gains: FloatArray) -> str | None:
    """The numbers that v never passes: shares of the least, or the largest, v without them."""
    v = driven.told
    for what, signs in BOUNDS:
        largest = {end: sign * float((sign * v).max(initial=0)) for end, sign in signs.items()}
        found = _ends_of(driven, largest) if all(largest.values()) else None
        if found is None or _is_threshold(driven, found):
            continue
        nearest = (driven.bounded(**{end: each[k] for end, each in found.items()}) for k in (0, 1))
        if not membranes.explained(driven, *nearest):
            continue
        told = [
            range_of(np.array([shortest(*sorted((low * gain, high * gain))) for gain in _ends(gains)]))
            for low, high in found.values()
        ]
        return f"its v {what.format(*told)} ({NONE})"
    return None


def _ends_of(driven: Driven, largest: dict[str, float]) -> dict[str, tuple[float, float]] | None:
    """By the name of an end, the least and the largest number that it may be; None if none explains all."""
    ends = dict(largest)
    found = dict[str, tuple[float, float]]()

    def over(some: Driven, share: FloatArray, end: str) -> FloatArray:
        return np.asarray(some.bounded(**(ends | {end: largest[end] * share})) - some.of.threshold)

    for _ in range(SWEEPS if len(ends) > 1 else 0):
        for end in ends:
            ends[end] = largest[end] * kept.nearest(driven, partial(over, end=end))
    for end in ends:
        one = kept.found(driven, partial(over, end=end))
        if one is None or not one.is_one:
            return None
        found[end] = largest[end] * float(one.low), largest[end] * float(one.high)
        ends[end] = sum(found[end]) / 2
    return found


def _is_threshold(driven: Driven, ends: dict[str, tuple[float, float]]) -> bool:
    """Whether v, which is `most` where it would be more, is as the threshold: then it fires or does not."""
    return "most" in ends and bool((ends["most"][0] - driven.of.threshold <= 2 * driven.slack).any())


def scheduled(driven: Driven) -> tuple[str, ...]:
    """In words, a threshold of each step, the same multiple of that of every neuron, if that explains all.

    It may make up for one number of another kind: this is for where none does.
    """
    threshold = driven.of.threshold
    spikes = different(driven, driven.wrong(kept.over_now(driven))).sum()
    few = spikes < OF_STEP * driven.spikes.shape[1]
    if few or (threshold <= 0).any() or not membranes.explained(driven, driven.told):
        return ()
    v, slack = driven.told / threshold, driven.slack / threshold.min()
    most = np.where(driven.spikes, v, np.inf).min(axis=(0, 2)) + slack
    least = np.where(driven.spikes, -np.inf, v).max(axis=(0, 2)) - slack
    lowest, highest = int(most.argmin()), int(least.argmax())
    if (least > most).any() or most[lowest] >= least[highest] or _by_numbers(driven):
        return ()
    first, then = (f"{least[t]:.3g} .. {most[t]:.3g} times in step {t}" for t in sorted((lowest, highest)))
    return (f"its threshold is another in each step: that of the Cell {first}, {then} ({NONE})",)


def _by_numbers(driven: Driven) -> bool:
    """Whether a threshold, a bias and the v that it begins at explain all together.

    Where no reset sets v, these change it in each step by as much in all recordings, as a threshold of each
    step does. Of each step and neuron, the spike with the least v and the other place with the largest tell.
    """
    if driven.of.reset == ZERO:
        return False
    from scipy.optimize import linprog

    over, spikes = kept.over_now(driven), driven.spikes
    least = np.where(spikes, over, np.inf).min(axis=0).ravel()
    most = np.where(spikes, -np.inf, over).max(axis=0).ravel()
    rises = [-np.ones(over[0].shape), driven.sums().biased[0]]
    if driven.of.model != ADLIF:
        rises.append(driven.begun()[0])
    rise = np.stack([each.ravel() for each in rises], axis=1)
    low, high = np.isfinite(least), np.isfinite(most)
    sides = np.concatenate([-rise[low], rise[high]])
    room = driven.slack + np.concatenate([least[low], -most[high]])
    return bool(linprog(np.zeros(len(rises)), sides, room, bounds=(None, None)).success)


def _ends(numbers: FloatArray) -> tuple[float, float]:
    return float(numbers.min()), float(numbers.max())


def _adapting(driven: Driven, gains: FloatArray) -> str | None:
    """A threshold that each spike raises, and that decays. It is told in the module's units, as v is."""
    over, tried = kept.over_now(driven), DECAYS
    small = LEAST_RISE * np.abs(driven.of.threshold).max()
    for _ in range(ROUNDS):
        values = (linear.values(driven, -_raised(driven, float(decay)), over) for decay in tried)
        gaps = [(float(low.max()), float(high.min())) for low, high in values]
        widths = [low - high if np.isfinite(low) else np.inf for low, high in gaps]
        at = int(np.argmin(widths))  # the decay that leaves most room is nearest to the right one
        (least, most), decay = gaps[at], float(tried[at])
        if 0 < least <= most < np.inf:
            if decay == 0 or most < small:
                return None
            ends = [shortest(least * gain, most * gain) for gain in _ends(gains)]
            rise = range_of(np.array(ends))
            return (
                f"its threshold rises by about {rise} after each spike, and what it rose by decays "
                f"by the factor {decay:.4g} a step ({_said_by(driven, rise, f'{decay:.4g}')})"
            )
        tried = np.linspace(tried[max(0, at - 1)], tried[min(len(tried) - 1, at + 1)], FINER + 2)
    return None


def _said_by(driven: Driven, rise: str, decay: str) -> str:
    """What says of neurons that their threshold rises: v less what it rose by, over one that stays."""
    of = driven.of
    if of.reset == ZERO:
        return OF_ZERO
    now, by = (NEW, "keep_w") if (of.keep_v == 0).any() else (OLD, "keep_v")
    kb = "(keep_w - keep_v)" if now == OLD else "(1 - keep_v / keep_w)"
    subtracts = (
        f"reset_by {rise} / {by} more" if of.reset == SUBTRACT else f"reset 'subtract' by {rise} / {by}"
    )
    return (
        f"give the Cell model 'adlif', order {now!r}, ka 0, keep_w {decay}, kb = {rise} {kb} and "
        f"{subtracts}: docs/from_torch.md, 'Neurons that adapt'"
    )


def _raised(driven: Driven, decay: float) -> FloatArray:
    """By how much the threshold is higher, [N, T, neurons], if a spike raises it by 1."""
    found = np.zeros_like(driven.arriving)
    for t in range(1, driven.spikes.shape[1]):
        found[:, t] = decay * found[:, t - 1] + driven.spikes[:, t - 1]
    return found
