"""How near the two best scores of a readout come to each other (clause 7), by any decoder."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from snnc.decoding.bounds import tolerance_so_far
from snnc.decoding.classes import Alike
from snnc.decoding.scores import SCORES
from snnc.decoding.trace import Recorded
from snnc.stages.readout import OF_SPIKES

Values = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


def closeness(readout: Recorded, record: npt.NDArray) -> tuple[Values, Values]:
    """Whether two classes tie for the best score of a readout, [samples], and how near the best two are.

    The first is 0 for a tie that no rounding decides, else less, by how far the scores lie apart. The second
    [samples, 2] is the score of the second less that of the best, in column 0 if the best has the lower
    number of the two, else in column 1; -inf where rounding may decide, and in the other column.
    """
    samples, own = len(record), readout.own(record)
    apart = np.full((samples, 2), -np.inf)
    if record.shape[2] < 2:
        return np.full(samples, -np.inf), apart
    with np.errstate(over="ignore", invalid="ignore"):
        scores = SCORES[readout.decoder](own, readout.scale)
        order = np.argsort(-scores, axis=1, kind="stable")[:, :2]
        best, after = np.take_along_axis(scores, order, axis=1).T.astype(np.float64)
        gap = np.nan_to_num(after - best, nan=-np.inf)
    if readout.decoder in OF_SPIKES:
        decided, tie = gap < 0, gap == 0
    else:
        assert readout.scale is not None
        with np.errstate(over="ignore", invalid="ignore"):
            near = tolerance_so_far(readout.decoder, own, readout.scale, np.float64)[:, -1]
        decided, tie = -gap > 2 * near, _alike(readout, own, order[:, 0])
    which = (order[:, 0] > order[:, 1]).astype(int)
    apart[decided, which[decided]] = gap[decided]
    return np.where(tie, 0.0, np.minimum(gap, -np.finfo(np.float64).tiny)), apart


def _alike(readout: Recorded, v: npt.NDArray, best: npt.NDArray[np.intp]) -> Flags:
    """Whether another class has the score of the best one by any rounding, [samples]."""
    assert readout.scale is not None
    found = np.zeros(len(v), np.bool_)
    for later in range(1, v.shape[2]):
        alike = Alike(readout.decoder, v, readout.scale, np.array([v.shape[1] - 1])).before(later)[:, 0]
        found |= alike.any(axis=1) & (best == alike.argmax(axis=1))
    return found
