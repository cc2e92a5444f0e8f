"""Shares in percent, as they are shown everywhere: to the nearest digit, half to even. So one accuracy reads
the same wherever it stands.

What is not all never reads "100 %", and what is not nothing never "0 %".
"""

from __future__ import annotations

from fractions import Fraction

_MOST = 1_000_000
"""Recordings: the share of so many, as a float, has one fraction that it can be."""
_WORDS = {"<": "under ", ">": "over ", "": ""}


def percent(part: float, whole: float = 1, digits: int = 2) -> str:
    """`part` of `whole` as "66.67 %", "over 99.99 %" or "under 0.01 %"; "–" if `whole` is 0."""
    if not whole:
        return "–"
    bound, value = _rounded(part, whole, digits)
    return f"{_WORDS[bound]}{value} %"


def short_percent(share: float, digits: int = 1) -> str:
    """`share`, 0 .. 1, in percent for a narrow column: "66.7", ">99.9" or "<0.1"."""
    return "".join(_rounded(share, 1, digits))


def signed(part: float | Fraction, whole: float = 1) -> str:
    """A change of `part` in percent of `whole` with its sign, as "−0.83"; "–" if `whole` is 0."""
    if not whole:
        return "–"
    return f"{_nearest(100 * _exact(part, whole), 2):+.2f}".replace("-", "−")


def percents(ends: tuple[float, float], digits: int = 1) -> str:
    """Both ends of an interval of shares, 0 .. 1, as "92.0 to 96.1"."""
    return " to ".join(f"{_nearest(100 * Fraction(end), digits):.{digits}f}" for end in ends)


def _exact(part: float | Fraction, whole: float) -> Fraction:
    """`part / whole`; of a float the share that it stands for: 0.35625 is 57 of 160, and not a bit less."""
    share = Fraction(part) / Fraction(whole)
    if not (isinstance(part, float) or isinstance(whole, float)):
        return share
    near = share.limit_denominator(_MOST)
    return near if abs(near - share) < Fraction(1, _MOST**2) else share


def _nearest(value: Fraction, digits: int) -> float:
    """Python's round of a Fraction: half to even, without error."""
    return float(round(value, digits))


def _rounded(part: float, whole: float, digits: int) -> tuple[str, str]:
    """The sign of a bound or "", and the number in percent."""
    exact = 100 * _exact(part, whole)
    unit = Fraction(1, 10**digits)
    nearest = round(exact, digits)
    if nearest == 0 and exact > 0:
        return "<", f"{float(unit):.{digits}f}"
    if nearest == 100 and exact < 100:
        return ">", f"{float(100 - unit):.{digits}f}"
    return "", f"{float(nearest):.{digits}f}"
