"""What a program's decoder answers before the last step: the scores and the class of the steps so far.

The rules are those of the whole sample (`snnc.verification.answers`), for a sample that ends there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from snnc import decode
from snnc.stages import Answer, AnswerDifference


def so_far_differences(
    answer: Answer,
    readout: npt.NDArray[np.int32],
    scale: float,
    name: Callable[[int], str],
    split: str,
    same_readout: bool,
) -> Iterator[AnswerDifference]:
    """The first wrong score and the first wrong class of `answer` after a step; `name` tells a class.

    `readout` is the reference's v, [samples, T, classes]; `same_readout`: whether the executor's is equal.
    """
    if answer.scores_so_far is None and answer.classes_so_far is None:
        return
    found, taken = answer.scores_so_far, answer.classes_so_far
    dtype = np.float64 if found is None else found.dtype
    right = decode.scores_so_far(readout, scale)
    near = decode.tolerance_so_far(readout, scale, dtype)[..., None]

    def difference(at: tuple[int, ...], kind: str, what: str, right: str, wrong: str) -> AnswerDifference:
        look_at = f"the program's decoder before the last step: {'scores' if kind == 'score' else 'argmax'}"
        if not same_readout:
            look_at = "the states first: v of the readout differs too"
        where = f"{what} after step {at[1]}"
        return AnswerDifference(answer.by, split, at[0], kind, where, right, wrong, look_at)

    # NaN is near to nothing.
    if found is not None and len(wrong := np.argwhere(~(np.abs(found - right) <= near))):
        at = tuple(wrong[0].tolist())
        bound = f"{right[at]:.9g} (within {near[at[:2]][0]:.1e})"
        yield difference(at, "score", f"score of class {name(at[2])}", bound, f"{found[at]:.9g}")
    if taken is not None and len(wrong := np.argwhere(~_allowed(taken, readout, right, near, found))):
        at = tuple(wrong[0].tolist())
        expected = int(right[at].argmax())
        if found is not None and expected == taken[at]:  # right by the true scores, and not by its own
            expected = int(found[at].argmax())
        yield difference(at, "class", "class", name(expected), name(int(taken[at])))


def _allowed(
    taken: npt.NDArray[np.int64],
    readout: npt.NDArray[np.int32],
    right: npt.NDArray[np.float64],
    near: npt.NDArray[np.float64],
    found: npt.NDArray[np.floating] | None,
) -> npt.NDArray[np.bool_]:
    """Whether the class of each sample and step is one that clause 7 allows."""
    inside: npt.NDArray[np.bool_] = (taken >= 0) & (taken < right.shape[2])
    score = np.take_along_axis(right, np.where(inside, taken, 0)[..., None], axis=2)
    likely = (score >= right.max(axis=2, keepdims=True) - 2 * near)[..., 0]
    held: npt.NDArray[np.bool_] = inside & likely
    if found is not None:
        held &= taken == found.argmax(axis=2)
    else:  # of classes with equal v in every step so far, the first
        for later in range(1, readout.shape[2]):
            chosen = taken == later
            if chosen.any():
                alike = np.logical_and.accumulate(readout[:, :, :later] == readout[:, :, later, None], axis=1)
                held &= ~(chosen & alike.any(axis=2))
    return held
