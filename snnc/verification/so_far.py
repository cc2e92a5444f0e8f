"""What a program's decoder answers before the last step: the scores and the class of the steps so far.

The rules are those of the whole sample (`snnc.verification.answers`), for a sample that ends there.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from snnc.stages import Answer, AnswerDifference
from snnc.verification.right_answers import Right


def so_far_differences(right: Right, answer: Answer, split: str) -> Iterator[AnswerDifference]:
    """The first wrong score and the first wrong class of `answer` after a step.

    Raises
    ------
    StageError
        If clause 7 has no bound for scores of its type.
    """
    if answer.scores_so_far is None and answer.classes_so_far is None:
        return
    found, taken = answer.scores_so_far, answer.classes_so_far
    scores = right.decoder.scores_so_far(right.record)

    def difference(at: tuple[int, ...], kind: str, what: str, expected: str, wrong: str) -> AnswerDifference:
        look_at = f"the program's decoder before the last step: {'scores' if kind == 'score' else 'argmax'}"
        where = f"{what}{right.whose} after step {at[1]}"
        look_at = look_at if right.same else right.states_first
        return AnswerDifference(answer.by, split, at[0], kind, where, expected, wrong, look_at)

    if found is not None:
        near = right.decoder.tolerance_so_far(right.record, found.dtype)[..., None]
        # NaN is near to nothing.
        if len(wrong := np.argwhere(~(np.abs(found - scores) <= near))):
            at = tuple(wrong[0].tolist())
            bound = right.bound(scores[at], near[at[:2]][0])
            yield difference(at, "score", f"score of class {right.name(at[2])}", bound, f"{found[at]:.9g}")
    if taken is not None:
        allowed = right.decoder.allowed_so_far(right.record, taken, found, scores=scores)
        if len(wrong := np.argwhere(~allowed)):
            at = tuple(wrong[0].tolist())
            expected = int(scores[at].argmax())
            if found is not None and expected == taken[at]:  # right by the true scores, and not by its own
                expected = int(found[at].argmax())
            yield difference(at, "class", "class", right.name(expected), right.name(int(taken[at])))
