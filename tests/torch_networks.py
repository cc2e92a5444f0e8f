"""Modules of PyTorch for tests of the conversion, and what they compute, told by hooks of our own."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import torch


def recorded(
    module: torch.nn.Module, example: torch.Tensor, kinds: tuple[type, ...]
) -> dict[str, np.ndarray]:
    """Of each module of `kinds` its first output, [calls, ...] or what its one call gives, by its path."""
    found = defaultdict(list)
    handles = [
        each.register_forward_hook(
            lambda _, __, out, name=name: found[name].append(out[0] if isinstance(out, tuple) else out)
        )
        for name, each in module.named_modules()
        if isinstance(each, kinds)
    ]
    module.eval()
    with torch.no_grad():
        module(example)
    for handle in handles:
        handle.remove()
    return {
        name: (torch.stack(calls) if len(calls) > 1 else calls[0]).numpy() for name, calls in found.items()
    }


class Loop(torch.nn.Module):
    """`step` in every step of time, which is the first dimension; the outputs of all steps."""

    def __init__(self, step: torch.nn.Module) -> None:
        super().__init__()
        self.step = step

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.stack([self.step(each) for each in x])


def settled(module: torch.nn.Module, seed: int) -> torch.nn.Module:
    """Batch norms with statistics as after training."""
    draw = torch.Generator().manual_seed(seed)
    for each in module.modules():
        if isinstance(each, torch.nn.modules.batchnorm._BatchNorm):
            each.running_mean.copy_(torch.rand(each.num_features, generator=draw) * 0.2 - 0.1)
            each.running_var.copy_(torch.rand(each.num_features, generator=draw) * 0.2 + 0.02)
    return module


def events(*shape: int, share: float = 0.3, seed: int = 1) -> torch.Tensor:
    """Random spikes."""
    return (torch.rand(shape, generator=torch.Generator().manual_seed(seed)) < share).float()
