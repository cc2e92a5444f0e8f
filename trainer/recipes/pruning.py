"""Synapses go while the network is trained, the weakest first, until a share is left.

The schedule is that of Zhu & Gupta (2017, arXiv:1710.01878): the share that is left falls by a cubic from 1
to its end, fast at first. The strength of a synapse is its weight times the gain of batch norm. A weight of 0
is no synapse, whatever its delay; it stays 0 in all later phases, and so a checkpoint needs no masks.
"""

import math
from collections.abc import Iterator, Mapping

import torch
from torch import Tensor, nn

from snnc.trainer.config import TrainConfig
from snnc.trainer.graph_network.network import GraphNetwork
from snnc.trainer.network import DelayedConnection, DelayNetwork

FIRST, LAST = 0.25, 0.75
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


def ways(network: DelayNetwork | GraphNetwork) -> Iterator[tuple[DelayedConnection, nn.BatchNorm1d | None]]:
    """All connections, and what norms what they deliver."""
    if isinstance(network, GraphNetwork):
        for each in network.members:
            for way in each.ways.values():
                yield way, None if way is each.loop else each.norm
    else:
        for layer in network.hidden:
            yield layer.connection, layer.norm  # type: ignore[misc]
        yield network.readout.connection, None  # type: ignore[misc]


@torch.no_grad()
def prune(connection: DelayedConnection, norm: nn.BatchNorm1d | None, left: int) -> None:
    """Leave the `left` strongest synapses of `connection`, which leads to `norm`; other weights become 0."""
    strength = connection.weight.abs()
    if norm is not None:
        assert norm.running_var is not None
        strength = strength * (norm.weight.abs() / (norm.running_var + norm.eps).sqrt())[:, None]
    order = strength.flatten().argsort(descending=True, stable=True)
    connection.weight.view(-1)[order[left:]] = 0


def count_left(config: TrainConfig, connection: DelayedConnection, epoch: int) -> int:
    """Synapses of `connection` that are left in this Gaussian epoch; at least one."""
    return max(1, math.ceil(share_left(config, epoch) * drawn_synapses(config, connection.weight)))


class Masks:
    """Which synapses of `weights`, by name, there are, to be kept so after steps of the optimiser."""

    def __init__(self, weights: Mapping[str, Tensor]) -> None:
        self._kept = {name: weight.detach() != 0 for name, weight in weights.items()}

    @torch.no_grad()
    def apply(self, weights: Mapping[str, Tensor]) -> None:
        """Make weights of these names 0 again where they were."""
        for name, kept in self._kept.items():
            weights[name].mul_(kept)
