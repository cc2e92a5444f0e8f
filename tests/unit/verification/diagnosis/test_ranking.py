"""Which of several hypotheses is named."""

from __future__ import annotations

from snnc.verification.diagnosis import ranking
from snnc.verification.diagnosis.hypothesis import UNCHANGED, Hypothesis


def test_what_is_solved_does_not_replace_what_is_listed() -> None:
    """The listed one was tested on every sample; from some the other one follows, and they test nothing."""
    listed, solved, other = (
        ranking.Tested(Hypothesis(name, "du 1", UNCHANGED.change), tests)
        for name, tests in (("decay-changed", 5), ("decay-changed", 2), ("no-reset", 3))
    )
    assert ranking.distinct([listed, other, solved]) == [listed, other]
