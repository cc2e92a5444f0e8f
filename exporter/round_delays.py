"""Pass: learned positions to whole delays."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from snnc.errors import LimitError
from snnc.stages import DiscreteModel, TrainedLayer


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


def check_delays(model: DiscreteModel, delay_max: int, target: str) -> None:
    """Raise `LimitError` naming the first synapse whose delay `target` cannot hold."""
    for layer in model.layers:
        too_long = np.argwhere((layer.delay > delay_max) & (layer.weight != 0))
        if len(too_long):
            neuron, source = (int(i) for i in too_long[0])
            raise LimitError(
                f"{layer.name}, neuron {neuron}, input {source}: delay {layer.delay[neuron, source]} exceeds "
                f"{delay_max}, the longest of target {target} ({len(too_long)} such synapses); "
                f"train with kernel_size <= {delay_max + 1 - delay_max % 2} "
                "or coarser time steps"
            )
