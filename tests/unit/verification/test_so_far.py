"""Scores and classes after each step, against those worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from answers_by_hand import SCORES, differences, one

from snnc.stages import Answer

# After step 0 of V the shares are 1/7, 2/7, 4/7 and thrice 1/3; after step 1 they are SCORES.
SO_FAR = np.array([[[1 / 7, 2 / 7, 4 / 7], SCORES[0]], [[1 / 3] * 3, SCORES[1]]])
CLASSES_SO_FAR = [[2, 2], [0, 0]]


def early(value: float, *place: int) -> np.ndarray:
    changed = SO_FAR.copy()
    changed[place] = value
    return changed


def test_scores_and_classes_so_far_that_are_right() -> None:
    assert differences(one(scores_so_far=SO_FAR, classes_so_far=CLASSES_SO_FAR)) == []
    assert differences(one(classes_so_far=[[2, 2], [0, 0]])) == []
    assert one(scores_so_far=SO_FAR).part(slice(1, 2)).scores_so_far.shape == (1, 2, 3)


@pytest.mark.parametrize(
    ("answer", "sample", "kind", "what", "expected", "found"),
    [
        (one(classes_so_far=[[2, 2], [3, 0]]), 1, "class", "class after step 0", "0 (class0)", "3, which is"),
        (one(classes_so_far=[[2, 2], [1, 0]]), 1, "class", "class after step 0", "0 (class0)", "1 (class1)"),
        (
            one(scores_so_far=early(np.nextafter(1 / 3, 1), 1, 0, 1), classes_so_far=CLASSES_SO_FAR),
            *(1, "class", "class after step 0", "1 (class1)", "0 (class0)"),
        ),
        (one(classes_so_far=[[0, 2], [0, 0]]), 0, "class", "class after step 0", "2 (class2)", "0 (class0)"),
        (
            one(scores_so_far=SO_FAR, classes_so_far=[[2, 2], [0, 1]]),
            *(1, "class", "class after step 1", "0 (class0)", "1 (class1)"),
        ),
        (
            one(scores_so_far=early(1 / 3 + 1e-12, 1, 0, 2)),
            *(1, "score", "score of class 2 (class2) after step 0", "0.333333333 (within", "0.333333333"),
        ),
        (
            one(scores_so_far=early(np.nan, 0, 1, 0)),
            *(0, "score", "score of class 0 (class0) after step 1", "0.285714286", "nan"),
        ),
    ],
)
def test_scores_and_classes_so_far(
    answer: Answer, sample: int, kind: str, what: str, expected: str, found: str
) -> None:
    (wrong,) = differences(answer)
    assert (wrong.sample, wrong.kind, wrong.what) == (sample, kind, what)
    assert wrong.expected.startswith(expected)
    assert wrong.found.startswith(found)
