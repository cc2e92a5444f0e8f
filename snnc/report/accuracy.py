"""Accuracies of the stages, their changes, and how far both can be trusted: for the page."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from math import sqrt
from statistics import NormalDist

from snnc.percent import percent, percents, signed
from snnc.report.glossary import stage_words
from snnc.stages import AccuracyStage

LEVEL = 0.95
NONE_SEEN = "none seen"
"""What it cost where no recording of those measured was lost in sum: others may be."""
SLIGHT = 1.0
"""Points of accuracy: recordings that exclude a larger loss have shown that there is none that matters."""


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


def interval(stage: AccuracyStage) -> str:
    """The 95 % interval of the accuracy in percent, "92.0 to 96.1"."""
    return percents(wilson(stage.correct, stage.total))


def change_or_accuracy(first: AccuracyStage, integers: AccuracyStage) -> str:
    """As `change`; where it is not known which recordings were lost, the interval of the last accuracy.

    That is as "95 % interval of the integers 51.0 to 100.0 %": so little do 4 of 4 tell.
    """
    if integers.lost is None:
        return f"95 % interval of the integers {interval(integers)} %"
    return change(first, integers)


def points(first: AccuracyStage, last: AccuracyStage) -> str:
    """Change of the accuracy in percentage points, with its sign."""
    return signed(Fraction(last.correct, last.total) - Fraction(first.correct, first.total))


def change(first: AccuracyStage, last: AccuracyStage) -> str:
    """The 95 % interval of the change in points, of the same recordings in both stages.

    A change that may be chance is called so; where there is none, nothing is to be explained.
    """
    ends = change_interval(first, last)
    if ends is None:
        return "no interval, since they were not compared recording by recording"
    chance = ", so it may be chance" if ends[0] <= 0 <= ends[1] and first.correct != last.correct else ""
    return f"95 % interval {_range(ends)} points{chance}"


def change_interval(first: AccuracyStage, last: AccuracyStage) -> tuple[float, float] | None:
    """Both ends in shares, None if it is not known which recordings were lost."""
    if last.lost is None:
        return None
    gained = last.correct - first.correct + last.lost
    both, neither = first.correct - last.lost, last.total - first.correct - gained
    return newcombe(both, last.lost, gained, neither)


def none_seen(first: AccuracyStage, last: AccuracyStage) -> str:
    """ "none seen", of a `last` no worse than `first`; where it may matter, with the loss that may be."""
    many, most = not_excluded(first, last)
    return f"{NONE_SEEN} on {many}, which cannot exclude a loss of up to {most}" if most else NONE_SEEN


def not_excluded(first: AccuracyStage, last: AccuracyStage) -> tuple[str, str]:
    """How many recordings cannot exclude a loss of how many points, as "3.85 points"; empty if it is slight.

    It is the lower end of the interval of the change, with its digits, or, where it is not known which
    recordings were lost, of the last accuracy.
    """
    ends = change_interval(first, last)
    low = ends[0] if ends else wilson(last.correct, last.total)[0] - first.accuracy
    many = "1 recording" if last.total == 1 else f"{last.total} recordings"
    return many, "" if 100 * low >= -SLIGHT else f"{signed(low)[1:]} points"


def _range(ends: tuple[float, float]) -> str:
    return " to ".join(map(signed, ends))


def accuracy_rows(stages: Iterable[AccuracyStage]) -> list[dict[str, str]]:
    """Rows of the accuracy table; `change` and its interval are against the first stage on the same split."""
    rows = []
    base: dict[str, AccuracyStage] = {}
    for stage in stages:
        row = {
            "stage": stage.stage,
            "words": stage_words(stage.stage),
            "split": stage.split,
            "correct": f"{stage.correct} of {stage.total}",
        }
        if not stage.total:
            rows.append(row | {"accuracy": "no samples", "interval": "", "change": "–", "range": ""})
            continue
        moved, ends = "–", None
        if (first := base.setdefault(stage.split, stage)) is not stage:
            moved, ends = points(first, stage), change_interval(first, stage)
        row |= {
            "accuracy": percent(stage.correct, stage.total),
            "interval": interval(stage),
            "change": moved,
        }
        rows.append(row | {"range": _range(ends) if ends else ""})
    return rows
