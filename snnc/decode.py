"""Clause 7: the host's decoding of the readout. Floating point; its inputs are integers."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def scores(readout: npt.NDArray[np.integer | np.floating], scale: float) -> npt.NDArray[np.float64]:
    """`y_i = sum_t softmax_i(v[t] * scale)`: float64 [samples, classes] from v [samples, T, classes]."""
    x = readout.astype(np.float64) * scale
    x -= x.max(axis=-1, keepdims=True)
    e = np.exp(x)
    total: npt.NDArray[np.float64] = (e / e.sum(axis=-1, keepdims=True)).sum(axis=1)
    return total


def classes(readout: npt.NDArray[np.int32], scale: float) -> npt.NDArray[np.intp]:
    """Decoded class of each sample, [samples]."""
    best: npt.NDArray[np.intp] = np.argmax(scores(readout, scale), axis=-1)
    return best
