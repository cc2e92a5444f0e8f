"""Modules of PyTorch for tests of the conversion, and what they compute, told by hooks of our own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

import numpy as np
import torch

from snnc.exporter.float_reference import run_float
from snnc.stages import FloatGraph


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


def time_first(array: np.ndarray) -> np.ndarray:
    """[N, T, lines] of [T, N, ...]."""
    return array.swapaxes(0, 1).reshape(array.shape[1], array.shape[0], -1)


def recordings_first(array: np.ndarray) -> np.ndarray:
    """[N, T, lines] of [N, T, ...]."""
    return array.reshape(*array.shape[:2], -1)


def same_spikes(
    module: torch.nn.Module,
    example: torch.Tensor,
    graph: FloatGraph,
    kinds: tuple[type, ...],
    order: Callable[[np.ndarray], np.ndarray] = time_first,
    of_calls: Callable[[np.ndarray], np.ndarray] = time_first,
    late: int = 0,
) -> None:
    """Every spike of the modules `kinds` is the graph's, and each of these populations spikes.

    `order` makes [N, T, lines] of the example, `of_calls` of what a module of neurons gives, which comes
    `late` steps after the contract's.
    """
    theirs = recorded(module, example, kinds)
    spiking = {each.name for each in graph.populations if each.spikes} - {graph.populations[0].name}
    assert spiking <= set(theirs)
    for number, one in enumerate(order(example.numpy())):
        padded = np.zeros((graph.time_steps, graph.inputs), np.int64)
        padded[: len(one)] = one
        ours = run_float(graph, padded)
        for name in spiking:
            spikes = of_calls(theirs[name])[number, late:]
            np.testing.assert_array_equal(ours[name].spikes[: len(spikes)], spikes != 0, name)
    for name in spiking:
        assert 0 < (theirs[name] != 0).mean() < 1, name


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
        if isinstance(each, torch.nn.modules.batchnorm._BatchNorm) and each.track_running_stats:
            each.running_mean.copy_(torch.rand(each.num_features, generator=draw) * 0.2 - 0.1)
            each.running_var.copy_(torch.rand(each.num_features, generator=draw) * 0.2 + 0.02)
    return module


def events(*shape: int, share: float = 0.3, seed: int = 1) -> torch.Tensor:
    """Random spikes."""
    return (torch.rand(shape, generator=torch.Generator().manual_seed(seed)) < share).float()
