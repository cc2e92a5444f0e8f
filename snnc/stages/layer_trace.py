"""The states of one layer, as an executor computed them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from snnc.arrays import frozen
from snnc.errors import StageError


@dataclass(frozen=True, slots=True)
class LayerTrace:
    """State of one layer in every step of every sample.

    `u`, `v`: int32 [samples, T, neurons], v after the reset. `spikes`: bool, same shape; all False
    for the readout. `u_wraps`, `v_clips`: how often clause 3 wrapped and clause 5 clipped, or None
    where the executor cannot count them.
    """

    u: npt.NDArray[np.int32]
    v: npt.NDArray[np.int32]
    spikes: npt.NDArray[np.bool_]
    u_wraps: int | None = None
    v_clips: int | None = None

    def __post_init__(self) -> None:
        shape = np.shape(self.v)
        if len(shape) != 3:
            raise StageError(f"trace: v has shape {shape}, expected [samples, T, neurons]")
        object.__setattr__(self, "u", frozen(self.u, np.int32, name="trace u", shape=shape))
        object.__setattr__(self, "v", frozen(self.v, np.int32, name="trace v"))
        object.__setattr__(self, "spikes", frozen(self.spikes, np.bool_, name="trace spikes", shape=shape))

    def part(self, rows: slice) -> LayerTrace:
        """The samples `rows`; how often they saturated is not known then."""
        return LayerTrace(self.u[rows], self.v[rows], self.spikes[rows])
