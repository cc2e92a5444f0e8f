"""How far an accuracy that was measured on some recordings can be trusted."""

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
