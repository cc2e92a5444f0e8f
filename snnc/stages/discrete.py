"""DiscreteModel: batch norm folded, delays whole steps; weights still floating point."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from snnc.arrays import frozen
from snnc.brief import brief
from snnc.errors import StageError
from snnc.stages.chain import check_chain


@dataclass(frozen=True, slots=True)
class DiscreteLayer:
    """One layer with integer delays.

    `weight` float64 [neurons, inputs], `delay` int32 [neurons, inputs] in steps, `bias` float64
    [neurons] added every step, `tau` in steps (infinite: no leak), `threshold` None for the readout. `scale`:
    weights are integers divided by it, as quantisation-aware training left them; None: real numbers.
    `tau_syn`: time constant of the synaptic current in steps; 1: it has no memory.
    """

    __repr__ = brief

    name: str
    weight: npt.NDArray[np.float64]
    delay: npt.NDArray[np.int32]
    bias: npt.NDArray[np.float64]
    tau: float
    threshold: float | None
    scale: float | None = None
    tau_syn: float = 1.0

    def __post_init__(self) -> None:
        shape = np.shape(self.weight)
        object.__setattr__(self, "weight", frozen(self.weight, np.float64, name=f"{self.name}: weight"))
        object.__setattr__(
            self, "delay", frozen(self.delay, np.int32, name=f"{self.name}: delay", shape=shape)
        )
        object.__setattr__(
            self, "bias", frozen(self.bias, np.float64, name=f"{self.name}: bias", shape=shape[:1])
        )
        if (self.delay < 0).any():
            raise StageError(f"{self.name}: a delay is negative ({int(self.delay.min())} steps)")
        for field in ("tau", "tau_syn"):
            if not getattr(self, field) >= 1:
                raise StageError(f"{self.name}: {field} is {getattr(self, field)} steps, expected >= 1")
        if self.threshold is not None and not self.threshold > 0:
            raise StageError(f"{self.name}: threshold is {self.threshold}, expected > 0")
        if self.scale is not None and not (np.isfinite(self.scale) and self.scale > 0):
            raise StageError(f"{self.name}: scale is {self.scale}, expected finite and > 0")


@dataclass(frozen=True, slots=True)
class DiscreteModel:
    """A chain of `DiscreteLayer`; T and labels as in `TrainedModel`."""

    __repr__ = brief

    layers: tuple[DiscreteLayer, ...]
    time_steps: int
    bin_s: float
    class_names: tuple[str, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "layers", tuple(self.layers))
        if not self.layers:
            raise StageError("discrete model: has no layers")
        check_chain([(layer.name, layer.weight.shape) for layer in self.layers])
