"""What to look at where a score or a class is wrong; nothing is said that the answers do not show."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from snnc.stages import Answer
from snnc.stages.readout import SOFTMAX
from snnc.verification.right_answers import Right

DECODERS = {
    SOFTMAX: "the softmax, the sum over the steps and readout_scale in the program's decoder",
    "sum": "the sum over the steps and the scale in the program's decoder",
    "max": "the largest over the steps and the scale in the program's decoder",
    "last": "the last step that it takes and the scale in the program's decoder",
    "count": "the steps in which the program's decoder counts spikes",
    "first": "the step of the first spike, and the end, in the program's decoder",
}


def why_scores(right: Right, found: npt.NDArray[np.floating | np.integer], sample: int, near: float) -> str:
    """Of the scores `found` [classes] of a sample, which may be off by `near`."""
    if not right.same:
        return right.states_first
    expected, decoder = right.scores[sample], DECODERS[right.decoder.readout.decoder]
    if not np.isfinite(found).all():
        return f"{decoder}: it gives a score that is no number"
    if np.abs(np.sort(found) - np.sort(expected)).max() <= near:
        return "the order of the classes: the scores are right and stand in other places"
    steps = right.decoder.end
    off = max(1e-6 * steps, len(found) * near)
    if right.decoder.readout.decoder == SOFTMAX and abs(found.sum() - steps) > off:
        return f"{decoder}: the scores add up to {found.sum():.6g} instead of the {steps} steps"
    return decoder


def why_class(right: Right, answer: Answer, sample: int) -> str:
    """Of the class of a sample."""
    assert answer.classes is not None
    taken = int(answer.classes[sample])
    own = right.scores[sample] if answer.scores is None else answer.scores[sample]
    if not 0 <= taken < len(own):
        return "the program's argmax: there is no such class"
    if answer.scores is not None and taken == int(own.argmax()):
        return "the scores, whose largest it is" if right.same else right.states_first
    if own[taken] == own.max():
        return "the program's argmax: of classes with equal scores it must take the first"
    if not right.same and answer.scores is None:
        return right.states_first
    if taken == int(own.argmin()):
        return "the program's argmax: it takes the class with the smallest score"
    return "the program's argmax: it decodes a class whose score is not the largest"
