"""The optimisers of the phases of training."""

import torch
from torch import nn

from snnc.trainer.config import TrainConfig
from snnc.trainer.network import DelayNetwork
from snnc.trainer.quantised import QuantisedNetwork


def weight_optimizer(network: DelayNetwork, config: TrainConfig) -> torch.optim.Adam:
    """Adam on all but positions, with weight decay on the synapses only (not on batch norm)."""
    synapses = [connection.weight for connection in network.connections]
    norms = [
        p for module in network.modules() if isinstance(module, nn.BatchNorm1d) for p in module.parameters()
    ]
    groups = [
        {"params": synapses, "weight_decay": config.weight_decay},
        {"params": norms, "weight_decay": 0.0},
    ]
    return torch.optim.Adam([group for group in groups if group["params"]], lr=config.lr_weights)


def integer_optimizer(network: QuantisedNetwork, config: TrainConfig) -> torch.optim.Adam:
    """Adam on weights and biases; no decay, which would push weights across the grid."""
    return torch.optim.Adam(network.parameters(), lr=config.quantise_lr)


def set_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    """Set the learning rate of all parameters."""
    for group in optimizer.param_groups:
        group["lr"] = rate
