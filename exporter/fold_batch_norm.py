"""Pass: fold batch normalisation into weights and a bias."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from snnc.stages import TrainedLayer

FloatArray = npt.NDArray[np.float64]


def fold_batch_norm(layer: TrainedLayer) -> tuple[FloatArray, FloatArray]:
    """Weight [neurons, inputs] and bias [neurons] that equal weight followed by batch norm.

    Batch norm acts on the summed, delayed input of every step, so its offset becomes a bias that is
    added every step. Computed in float64 from the float32 parameters.
    """
    weight = layer.weight.astype(np.float64)
    norm = layer.batch_norm
    if norm is None:
        return weight, np.zeros(weight.shape[0])
    gain = norm.gamma.astype(np.float64) / np.sqrt(norm.var.astype(np.float64) + norm.eps)
    return weight * gain[:, None], norm.beta.astype(np.float64) - norm.mean.astype(np.float64) * gain
