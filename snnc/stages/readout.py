"""Readout: a population that the host decodes, and how (clause 7)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from snnc.arrays import frozen, same
from snnc.brief import brief
from snnc.errors import StageError
from snnc.stages.names import check_class_names
from snnc.text import quoted

SOFTMAX = "softmax"
OF_V = (SOFTMAX, "sum", "max", "last")
"""Decoders of the v of an `li` population."""
OF_SPIKES = ("count", "first")
"""Decoders of the spikes of a spiking population; they have no scale."""
LEAST_SCALE = float(np.finfo(np.float64).smallest_normal)
"""Smaller numbers are subnormal: they have fewer bits, and round more coarsely than clause 7 bounds."""


@dataclass(frozen=True, slots=True)
class Readout:
    """`population` is decoded by `decoder` of clause 7 into scores of the classes, one for each neuron.

    `scale` multiplies v: one number, or float64 [classes], one for each class; equal ones become one number.
    None for decoders of spikes.
    """

    __repr__ = brief

    population: str
    decoder: str
    scale: float | npt.NDArray[np.float64] | None
    class_names: tuple[str, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "class_names", tuple(self.class_names))
        check_class_names(self.class_names)
        if self.decoder not in OF_V + OF_SPIKES:
            raise StageError(
                f"readout {self.population}: the decoder is {quoted(self.decoder)}, the contract has "
                f"{', '.join(OF_V + OF_SPIKES)}; choose one of these"
            )
        if self.decoder in OF_SPIKES:
            if self.scale is not None:
                raise StageError(
                    f"readout {self.population}: scale is given, but the decoder {self.decoder} has none; "
                    "use None"
                )
            return
        if self.scale is None:
            raise StageError(
                f"readout {self.population}: scale is missing, the decoder {self.decoder} needs it; give one"
            )
        object.__setattr__(self, "scale", self._scale(self.scale))

    def _scale(self, given: npt.ArrayLike) -> float | npt.NDArray[np.float64]:
        scale = np.asarray(given, np.float64)
        if scale.ndim and scale.shape != (len(self.class_names),):
            raise StageError(
                f"readout {self.population}: scale has shape {scale.shape}, expected one number, or one for "
                f"each of {len(self.class_names)} classes"
            )
        wrong = ~(np.isfinite(scale) & (scale > 0))
        if wrong.any():
            raise StageError(
                f"readout {self.population}: scale is {float(scale[wrong].ravel()[0])}, expected finite and "
                "> 0; choose another"
            )
        if (small := scale < LEAST_SCALE).any():
            raise StageError(
                f"readout {self.population}: scale is {float(scale[small].ravel()[0])}, subnormal in "
                f"binary64, the contract (clause 7) allows {LEAST_SCALE} and more; choose a larger one"
            )
        if (scale == scale.ravel()[0]).all():
            return float(scale.ravel()[0])
        return frozen(scale, np.float64, name=f"readout {self.population}: scale")

    def __eq__(self, other: object) -> bool:
        return same(self, other)
