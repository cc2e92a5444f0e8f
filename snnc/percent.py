"""Shares in percent, as they are shown everywhere: to the nearest digit, half to even.

What is not all never reads "100 %", and what is not nothing never "0 %".
"""

from __future__ import annotations

from fractions import Fraction

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


def _rounded(part: float, whole: float, digits: int) -> tuple[str, str]:
    """The sign of a bound or "", and the number in percent."""
    exact = 100 * Fraction(part) / Fraction(whole)
    unit = Fraction(1, 10**digits)
    nearest = round(exact / unit) * unit  # Python's round of a Fraction: half to even, without error
    if nearest == 0 and exact > 0:
        return "<", f"{float(unit):.{digits}f}"
    if nearest == 100 and exact < 100:
        return ">", f"{float(100 - unit):.{digits}f}"
    return "", f"{float(nearest):.{digits}f}"
