"""TrainedModel: what training leaves behind, still in floating point."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc import formats
from snnc.arrays import frozen
from snnc.brief import brief
from snnc.errors import StageError
from snnc.stages.chain import check_chain
from snnc.stages.discrete import DiscreteLayer
from snnc.stages.names import check_class_names, check_layer_name
from snnc.text import quoted

FloatArray = npt.NDArray[np.float32]
NO_DATA = "none"
"""The data set of a network that names no recordings."""
MAX_STEPS = 1 << 16
"""Longest recording, and longest kernel, in steps: far beyond any use, it bounds memory."""
DCLS_SIGMA_FLOOR = 0.27
"""DCLS's Gaussian kernel has the width |SIG| + 0.27."""
GAUSS, TRIANGLE = "gauss", "triangle"
"""Forms of a kernel over delays."""


@dataclass(frozen=True, slots=True)
class BatchNorm:
    """Inference-time batch normalisation of one layer: `gamma * (x - mean) / sqrt(var + eps) + beta`.

    `gamma`, `beta`, `mean`, `var`: float32 [neurons].
    """

    __repr__ = brief

    gamma: FloatArray
    beta: FloatArray
    mean: FloatArray
    var: FloatArray
    eps: float

    def __post_init__(self) -> None:
        for name in ("gamma", "beta", "mean", "var"):
            object.__setattr__(self, name, frozen(getattr(self, name), np.float32, name=f"batch norm {name}"))
        if not (self.gamma.shape == self.beta.shape == self.mean.shape == self.var.shape):
            raise StageError("batch norm: gamma, beta, mean and var differ in shape")
        if (self.var < 0).any() or not self.eps > 0:
            raise StageError("batch norm: var must be >= 0 and eps > 0")


@dataclass(frozen=True, slots=True)
class TrainedLayer:
    """One delayed layer.

    `weight`, `position`: float32 [neurons, inputs]. `position` is DCLS's P; the delay in steps is
    `max_delay - (max_delay // 2 + round(P))`, see `exporter/passes/discretise.py`. `tau` is the membrane
    time constant in steps, `threshold` the firing threshold (None for the readout).
    `kernel_size` is T_d, the count of possible delays 0 .. T_d - 1. `kernel` is the form of the kernels over
    delays; `sigma` of Gaussians is DCLS's SIG, of triangles half of their base; 0: delays are whole steps.
    """

    __repr__ = brief

    name: str
    weight: FloatArray
    position: FloatArray
    kernel_size: int
    sigma: float
    tau: float
    threshold: float | None
    batch_norm: BatchNorm | None
    kernel: str = GAUSS

    def __post_init__(self) -> None:
        check_layer_name(self.name)
        object.__setattr__(self, "weight", frozen(self.weight, np.float32, name=f"{self.name}: weight"))
        object.__setattr__(
            self,
            "position",
            frozen(self.position, np.float32, name=f"{self.name}: position", shape=self.weight.shape),
        )
        if self.weight.ndim != 2 or 0 in self.weight.shape:
            raise StageError(
                f"{self.name}: weight has shape {self.weight.shape}, expected [neurons, inputs], none zero"
            )
        if self.kernel_size < 1 or self.kernel_size % 2 == 0:
            raise StageError(f"{self.name}: kernel_size is {self.kernel_size}, expected an odd number >= 1")
        if self.kernel not in (GAUSS, TRIANGLE):
            raise StageError(
                f"{self.name}: kernel is {quoted(self.kernel)}, expected '{GAUSS}' or '{TRIANGLE}'"
            )
        if self.kernel == TRIANGLE and 0 < self.sigma < 1:
            raise StageError(f"{self.name}: sigma is {self.sigma}, expected 0 or >= 1 for triangles")
        if not self.tau >= 1:
            raise StageError(f"{self.name}: tau is {self.tau} steps, expected >= 1")
        if self.threshold is not None and not self.threshold > 0:
            raise StageError(f"{self.name}: threshold is {self.threshold}, expected > 0")
        if self.batch_norm is not None and self.batch_norm.gamma.shape != self.weight.shape[:1]:
            raise StageError(
                f"{self.name}: batch norm has {self.batch_norm.gamma.size} channels "
                f"for {self.weight.shape[0]} neurons"
            )


@dataclass(frozen=True, slots=True)
class TrainedModel:
    """A trained feed-forward network with learned delays.

    `time_steps` is T, common to all layers, silent right-padding included; `bin_s` the step in
    seconds; `unit_pool` how many neighbouring input channels share one input line. `config` is the
    training configuration and `metrics` what training measured, both plain data. `gaussian` is the
    selected network with Gaussian delay kernels and learned positions, as it was before training made
    the delays of `layers` whole; None if it never was one. `quantised` holds, for each number of weight
    bits that training finished for, the layers with batch norm folded and weights on that grid.
    """

    __repr__ = brief

    layers: tuple[TrainedLayer, ...]
    time_steps: int
    bin_s: float
    unit_pool: int
    class_names: tuple[str, ...]
    dataset: str = NO_DATA
    config: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, Any] = field(default_factory=dict)
    gaussian: tuple[TrainedLayer, ...] | None = None
    quantised: Mapping[int, tuple[DiscreteLayer, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "layers", tuple(self.layers))
        object.__setattr__(self, "class_names", tuple(self.class_names))
        object.__setattr__(self, "config", MappingProxyType(dict(self.config)))
        object.__setattr__(self, "metrics", MappingProxyType(dict(self.metrics)))
        _check_layers(self.layers)
        if self.gaussian is not None:
            object.__setattr__(self, "gaussian", tuple(self.gaussian))
            _check_layers(self.gaussian)
            _check_alike(self.gaussian, self.layers, "Gaussian")
        quantised = {bits: tuple(layers) for bits, layers in sorted(self.quantised.items())}
        object.__setattr__(self, "quantised", MappingProxyType(quantised))
        for bits, layers in quantised.items():
            if not 2 <= bits <= formats.WEIGHT_BITS_DEFAULT:
                raise StageError(f"model: finished for weights of {bits} bits, expected 2 .. 8")
            _check_layers(layers)
            _check_alike(layers, self.layers, f"{bits}-bit")
            for layer in layers:
                _check_fits(layer, bits)
        check_class_names(self.class_names)
        if self.time_steps < 1 or not self.bin_s > 0 or self.unit_pool < 1:
            raise StageError(
                f"model: time_steps {self.time_steps}, bin_s {self.bin_s}, unit_pool {self.unit_pool} "
                "must all be positive"
            )
        if len(self.class_names) != self.layers[-1].weight.shape[0]:
            raise StageError(
                f"model: {len(self.class_names)} class names for "
                f"{self.layers[-1].weight.shape[0]} readout neurons"
            )

    @property
    def inputs(self) -> int:
        """Input lines."""
        return int(self.layers[0].weight.shape[1])


def _check_alike(
    layers: Sequence[TrainedLayer | DiscreteLayer], final: Sequence[TrainedLayer], what: str
) -> None:
    found, wanted = ([(layer.name, layer.weight.shape) for layer in chain] for chain in (layers, final))
    if found != wanted:
        raise StageError(f"model: its {what} network has the layers {found}, the final one {wanted}")


def _check_fits(layer: DiscreteLayer, bits: int) -> None:
    """Weights on the layer's grid are within the symmetric range of `bits` bits."""
    if layer.scale is None:
        raise StageError(f"{layer.name}: the {bits}-bit network has no scale for it")
    largest = float(np.abs(layer.weight).max()) * layer.scale
    most = formats.SignedFormat(bits).maximum
    if largest >= most + 0.5:
        raise StageError(f"{layer.name}: a weight is {largest:.0f}, {bits} bits hold -{most}..{most}")


def _check_layers(layers: Sequence[TrainedLayer | DiscreteLayer]) -> None:
    if not layers:
        raise StageError("model: has no layers")
    check_chain([(layer.name, layer.weight.shape) for layer in layers])
    for layer in layers[:-1]:
        if layer.threshold is None:
            raise StageError(f"{layer.name}: only the readout (last layer) may lack a threshold")
    if layers[-1].threshold is not None:
        raise StageError(f"{layers[-1].name}: the readout must not spike (threshold None)")
