"""How far an accuracy, or a change of it, that was measured on some recordings can be trusted."""

from __future__ import annotations

from math import sqrt
from statistics import NormalDist

LEVEL = 0.95


def wilson(correct: int, total: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a proportion, for independent recordings; both ends in 0 .. 1.

    Unlike the textbook interval it stays inside 0 .. 1 and has a width at 0 and at `total` of `total`.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
    Journal of the American Statistical Association 22, 1927, 209-212.
    """
    z = NormalDist().inv_cdf((1 + LEVEL) / 2)
    p, shrink = correct / total, 1 + z * z / total
    centre = (p + z * z / (2 * total)) / shrink
    half = z * sqrt(p * (1 - p) / total + (z / (2 * total)) ** 2) / shrink
    # At either end of the range the interval ends there; rounding may miss it by a last bit.
    return (0.0 if correct == 0 else centre - half), (1.0 if correct == total else centre + half)


def newcombe(both: int, lost: int, gained: int, neither: int) -> tuple[float, float]:
    """Newcombe's 95 % interval of the change of a proportion, where both are of the same recordings.

    Parameters
    ----------
    both, lost, gained, neither : recordings that are right before and after, before only, after only, never.

    Source: R. G. Newcombe, "Improved confidence intervals for the difference between binomial proportions
    based on paired data", Statistics in Medicine 17, 1998, 2635-2650, method 10.
    """
    total = both + lost + gained + neither
    before, after = (both + lost) / total, (both + gained) / total
    low, high = wilson(both + lost, total)
    low_after, high_after = wilson(both + gained, total)
    margins = (both + lost) * (gained + neither) * (both + gained) * (lost + neither)
    association: float = both * neither - lost * gained
    if association > 0:
        association = max(association - total / 2, 0)
    phi = association / sqrt(margins) if margins else 0.0

    def joined(one: float, other: float) -> float:
        # Not below 0, but for rounding: |phi| is at most 1.
        return sqrt(max(one * one - 2 * phi * one * other + other * other, 0.0))

    change = after - before
    return change - joined(after - low_after, high - before), change + joined(
        high_after - after, before - low
    )
