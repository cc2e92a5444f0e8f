"""Pass: learned positions to whole delays."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from snnc.stages import TrainedLayer


def round_delays(layer: TrainedLayer) -> npt.NDArray[np.int32]:
    """Delays in steps, int32 [neurons, inputs], from DCLS positions.

    DCLS places tap `T_d // 2 + P` of a kernel that is cross-correlated with an input padded on the
    left by T_d - 1, so tap n is delay `T_d - 1 - n`. Positions are clamped to +-(T_d // 2), as in
    training, and *P* is rounded half to even (Hammouamri et al. 2024, section 3.2, and the dcls
    library's "max" version): rounding the delay instead would break ties the other way when
    T_d // 2 is odd.
    """
    half = layer.kernel_size // 2
    position = np.rint(np.clip(layer.position.astype(np.float64), -half, half))
    return (layer.kernel_size - 1 - (half + position)).astype(np.int32)
