"""Synapses go while the network is trained, those that matter least first, until a share is left.

How much the loss rises without a synapse is about half of its squared weight times the curvature of the loss
there (Optimal Brain Damage, LeCun et al., NIPS 1989), and that is about the mean square of its gradient (the
empirical Fisher information), which Adam keeps. So all synapses of a network are ranked together, and layers
that need more keep more. The schedule is that of Zhu & Gupta (2017, arXiv:1710.01878): the share that is left
falls by a cubic from 1 to its end, fast at first. A weight of 0 is no synapse, whatever its delay; it stays 0
in all later phases, and so a checkpoint needs no masks.
"""

import math
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from snnc.trainer.config import TrainConfig

FIRST, LAST = 0.125, 0.625
"""Shares of the Gaussian epochs between which synapses go: the rest adapts those that are left."""


def share_left(config: TrainConfig, epoch: int) -> float:
    """Share of the synapses that is left in this Gaussian epoch (0 is the first)."""
    progress = min(max((epoch / config.epochs - FIRST) / (LAST - FIRST), 0.0), 1.0)
    if epoch == config.epochs - 1:  # a short run has no epoch in the last part
        progress = 1.0
    return config.prune_to + (1 - config.prune_to) * (1 - progress) ** 3


def drawn_synapses(config: TrainConfig, weight: Tensor) -> int:
    """How many synapses a layer with `weight` [neurons, inputs] had before any were pruned."""
    neurons, inputs = weight.shape
    return neurons * (config.synapses_per_neuron or inputs)


@torch.no_grad()
def prune(weights: Sequence[Tensor], optimizer: torch.optim.Optimizer, left: int) -> None:
    """Leave `left` synapses of all `weights` together; the other weights become 0.

    Each of `weights` keeps one synapse at least. `optimizer` is the Adam that trains them; before its first
    step all gradients count as equal.
    """
    ranks = [_loss_without(weight, optimizer) for weight in weights]
    order = torch.cat([rank.flatten() for rank in ranks]).argsort(descending=True, stable=True)
    kept = torch.zeros(len(order), dtype=torch.bool, device=order.device)
    kept[order[:left]] = True
    for weight, rank, own in zip(weights, ranks, kept.split([rank.numel() for rank in ranks]), strict=True):
        own[rank.argmax()] = True
        weight.mul_(own.view(weight.shape))


def _loss_without(weight: Tensor, optimizer: torch.optim.Optimizer) -> Tensor:
    """Of the shape of `weight`; up to a factor that all have in common."""
    squares: Tensor | float = optimizer.state.get(weight, {}).get("exp_avg_sq", 1.0)
    return weight.detach().square() * squares


def count_left(config: TrainConfig, weights: Sequence[Tensor], epoch: int) -> int:
    """Synapses of all `weights` that are left in this Gaussian epoch."""
    return math.ceil(share_left(config, epoch) * sum(drawn_synapses(config, weight) for weight in weights))


class Masks:
    """Which synapses of `weights`, by name, there are, to be kept so after steps of the optimiser."""

    def __init__(self, weights: Mapping[str, Tensor]) -> None:
        self._kept = {name: weight.detach() != 0 for name, weight in weights.items()}

    @torch.no_grad()
    def apply(self, weights: Mapping[str, Tensor]) -> None:
        """Make weights of these names 0 again where they were."""
        for name, kept in self._kept.items():
            weights[name].mul_(kept)
