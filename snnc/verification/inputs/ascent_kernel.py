"""The compiled loop of `ascent.py`."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from snnc.compiled import compiled


@compiled
def spread_back(
    current: npt.NDArray[np.float32],
    weight: npt.NDArray[np.int32],
    delay: npt.NDArray[np.int32],
    source: npt.NDArray[np.float32],
) -> None:
    """Clause 2 backwards: what a source's spike adds to the neurons, times `current` [trains, T, neurons], is
    added to `source` [trains, T, sources]."""
    steps = current.shape[1]
    for k in range(len(current)):
        for t in range(steps):
            for i in range(current.shape[2]):
                wanted = current[k, t, i]
                if wanted == 0:
                    continue
                for j in range(source.shape[2]):
                    sent = t - delay[i, j]
                    if sent >= 0:
                        source[k, sent, j] += wanted * np.float32(weight[i, j])
