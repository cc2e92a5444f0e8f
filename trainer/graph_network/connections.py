"""Connections with delays of sources (axons), without delays, and of convolutions along features."""

from __future__ import annotations

import torch
from torch import Tensor

from snnc.stages.trained import GAUSS
from snnc.trainer.convolution import Engine
from snnc.trainer.kernel import KERNELS, Kernel
from snnc.trainer.network import DelayedConnection
from snnc.trainer.network_fields import Kernels


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


class ConvolvedConnection(DelayedConnection):
    """Kernels that move along the columns of a source; their elements have a weight and a delay each.

    A source of C channels and W columns has the lines c W + x. `weight`, `position`: parameters [channels,
    C * width]. Neuron o `places` + x of the destination hears `width` columns from x * stride on.
    """

    def __init__(
        self, grid: tuple[int, int], kernels: Kernels, kernel_size: int, engine: Engine, form: Kernel
    ) -> None:
        super().__init__(grid[0] * kernels.width, kernels.channels, kernel_size, engine, form)
        self.grid, self.kernels = grid, kernels
        self.places = places_of(grid, kernels)
        if kernel_size == 1:
            self.round_positions()

    @property
    def lines(self) -> int:
        """How many neurons the source has."""
        return self.grid[0] * self.grid[1]

    def set_sigma(self, sigma: float) -> None:
        """Set the width of the kernels over delays, if there is more than one delay."""
        super().set_sigma(sigma if self.kernel_size > 1 else 0.0)

    def forward(self, x: Tensor, rounded: bool = False) -> Tensor:
        """[T, B, C * W] -> [T, B, channels * places]."""
        steps, samples, _ = x.shape
        windows = self._windows(x.view(steps, samples, *self.grid))
        y = super().forward(windows.flatten(1, 2).flatten(2), rounded)
        return y.view(steps, samples, self.places, -1).transpose(2, 3).flatten(2)

    def fan_out(self) -> Tensor:
        """[C * W]: how many synapses each line has."""
        line = torch.arange(self.lines, device=self.weight.device).view(self.grid)
        count = (self.weight.detach() != 0).sum(0).float()
        found = count.new_zeros(self.lines)
        return found.index_add_(0, self._windows(line).flatten(), count.repeat(self.places))

    def _windows(self, x: Tensor) -> Tensor:
        """[..., C, W] -> [..., places, C, width]."""
        return x.unfold(-1, self.kernels.width, self.kernels.stride).transpose(-3, -2)


def places_of(grid: tuple[int, int], kernels: Kernels) -> int:
    """How many places kernels have in a source; 0 or less if they do not fit."""
    return (grid[1] - kernels.width) // kernels.stride + 1
