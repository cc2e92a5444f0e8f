"""Connections whose delays belong to their sources (axons), and connections without delays."""

from __future__ import annotations

import torch
from torch import Tensor

from snnc.stages.trained import GAUSS
from snnc.trainer.convolution import Engine
from snnc.trainer.kernel import KERNELS, Kernel
from snnc.trainer.network import DelayedConnection


class AxonalConnection(DelayedConnection):
    """All-to-all synapses with one weight each, and one delay for each source.

    `weight`: parameter [neurons, inputs]; `position`: parameter [1, inputs], as of `DelayedConnection`.
    """

    def __init__(
        self, inputs: int, neurons: int, kernel_size: int, engine: Engine, form: Kernel = KERNELS[GAUSS]
    ) -> None:
        super().__init__(inputs, neurons, kernel_size, engine, form)
        self.position = torch.nn.Parameter(self.position.detach()[:1].clone())

    def delays(self) -> Tensor:
        """int64 [neurons, inputs]: the rounded delays in steps."""
        return super().delays().expand(self.weight.shape)

    def taps(self, rounded: bool = False) -> Tensor:
        """[inputs, T_d]: what of a spike of each source passes each tap, 1 in all."""
        return self.spread(torch.ones_like(self.position), rounded)[0]

    def kernel(self, rounded: bool = False) -> Tensor:
        """[neurons, inputs, T_d]: as `form` says, or one-hot at the rounded delays."""
        return self.weight[:, :, None] * self.taps(rounded)


class DirectConnection(AxonalConnection):
    """All-to-all synapses with one weight each; all delays are 0 for good."""

    def __init__(self, inputs: int, neurons: int, engine: Engine) -> None:
        super().__init__(inputs, neurons, 1, engine)
        self.round_positions()

    def set_sigma(self, sigma: float) -> None:
        """There is nothing to spread."""
