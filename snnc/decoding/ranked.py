"""The class of each sample and the one behind it, with their scores by clause 7."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.decoding.decoder import Classes, Scores


@dataclass(frozen=True, slots=True, eq=False)
class Ranked:
    """`classes` int64 [samples] and their `scores`; `second`, the next classes, and `second_scores`.

    The last two are None for a readout of one class.
    """

    classes: Classes
    scores: Scores
    second: Classes | None = None
    second_scores: Scores | None = None


def ranked(scores: npt.NDArray[Any]) -> Ranked:
    """Of the scores [samples, classes] that a decoder gives; of equal scores the first class comes first."""
    order = np.argsort(-scores, axis=1, kind="stable")[:, :2]
    best: Any = np.take_along_axis(scores, order, axis=1)
    if order.shape[1] == 1:
        return Ranked(order[:, 0], best[:, 0])
    return Ranked(order[:, 0], best[:, 0], order[:, 1], best[:, 1])
