"""Spikes that return to their own population: what arrives in a step, and the way back.

A loop has delays 1 .. R. Tap n of a kernel is the delay R - n, as in every delayed connection, one step
later. Both loops hold the spikes of all steps, with R silent ones before the first, and for the way back the
gradients of what arrived, with R steps of 0 behind the last.
"""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor


class Loop(Protocol):
    """What `scan` asks for, step by step; all signals are [B, neurons]."""

    def __init__(self, steps: int, samples: int, *tensors: Tensor) -> None: ...

    def arriving(self, t: int) -> Tensor:
        """What arrives in step `t` of the spikes that were sent before it."""

    def send(self, t: int, spikes: Tensor) -> None:
        """Take the spikes of step `t`."""

    def begin_back(self) -> None:
        """After the last step: the way back begins."""

    def told(self, t: int) -> Tensor:
        """The gradient of the spikes of step `t`, by all steps after it."""

    def tell(self, t: int, gradient: Tensor) -> None:
        """Take the gradient of what arrived in step `t`."""

    def gradients(self) -> tuple[Tensor, ...]:
        """Those of the loop's tensors, at the end of the way back."""


class SynapseLoop:
    """A delay for each synapse. `kernel`: [neurons, sources, R].

    One product a step: the spikes of R steps lie side by side in a row.
    """

    def __init__(self, steps: int, samples: int, kernel: Tensor) -> None:
        self._kernel, (neurons, _, self._reach) = kernel, kernel.shape
        self._steps = steps
        self._matrix = kernel.permute(2, 1, 0).reshape(-1, neurons)
        self._sent = kernel.new_zeros(samples, self._reach + steps, neurons)

    def arriving(self, t: int) -> Tensor:
        return self._sent[:, t : t + self._reach].flatten(1) @ self._matrix

    def send(self, t: int, spikes: Tensor) -> None:
        self._sent[:, self._reach + t] = spikes

    def begin_back(self) -> None:
        self._matrix = self._kernel.flip(2).permute(2, 0, 1).reshape(-1, self._kernel.shape[1])
        self._told = torch.zeros_like(self._sent)

    def told(self, t: int) -> Tensor:
        return self._told[:, t + 1 : t + 1 + self._reach].flatten(1) @ self._matrix

    def tell(self, t: int, gradient: Tensor) -> None:
        self._told[:, t] = gradient

    def gradients(self) -> tuple[Tensor, ...]:
        told = self._told[:, : self._steps].flatten(0, 1).T
        found = [told @ self._sent[:, n : n + self._steps].flatten(0, 1) for n in range(self._reach)]
        return (torch.stack(found).permute(1, 2, 0),)


class AxonLoop:
    """A delay for each source. `weight`: [neurons, sources]; `taps`: [sources, R], what each tap passes on.

    The spikes of each source are spread over the steps in which they arrive; then one product a step follows.
    """

    def __init__(self, steps: int, samples: int, weight: Tensor, taps: Tensor) -> None:
        self._weight, self._taps = weight, taps.T[:, None].contiguous()  # [R, 1, sources]
        self._steps, self._reach = steps, len(self._taps)
        self._later = self._taps.flip(0)  # by delay 1 .. R
        self._sent = weight.new_zeros(self._reach + steps, samples, weight.shape[1])
        self._spread = torch.zeros_like(self._sent)  # step t, and R behind the last

    def arriving(self, t: int) -> Tensor:
        return self._spread[t] @ self._weight.T

    def send(self, t: int, spikes: Tensor) -> None:
        self._sent[self._reach + t] = spikes
        later = self._spread[t + 1 : t + 1 + self._reach]
        later.addcmul_(self._later[: len(later)], spikes)

    def begin_back(self) -> None:
        self._to_spikes, self._to_spread = torch.zeros_like(self._sent), torch.zeros_like(self._spread)
        self._told = self._weight.new_zeros(self._steps, self._sent.shape[1], len(self._weight))

    def told(self, t: int) -> Tensor:
        return self._to_spikes[self._reach + t]

    def tell(self, t: int, gradient: Tensor) -> None:
        self._told[t] = gradient
        torch.matmul(gradient, self._weight, out=self._to_spread[t])
        self._to_spikes[t : t + self._reach].addcmul_(self._taps, self._to_spread[t])

    def gradients(self) -> tuple[Tensor, ...]:
        steps = self._steps
        to_weight = self._told.flatten(0, 1).T @ self._spread[:steps].flatten(0, 1)
        to_spread = self._to_spread[:steps]
        to_taps = [(to_spread * self._sent[n : n + steps]).sum((0, 1)) for n in range(self._reach)]
        return to_weight, torch.stack(to_taps, dim=1)
