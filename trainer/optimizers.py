"""The optimisers of the phases of training."""

import inspect

import torch
from torch import nn

from snnc.trainer.config import TrainConfig
from snnc.trainer.graph_network.network import GraphNetwork
from snnc.trainer.graph_network.neurons import Integrators, Neurons
from snnc.trainer.network import DelayNetwork
from snnc.trainer.quantised import QuantisedNetwork


class Adam(torch.optim.Adam):
    """`torch.optim.Adam` without what keeps torch's compiler away from it.

    The first call of one of these methods would import that compiler, which takes longer than all else that a
    short run does before its first epoch; nothing is compiled here.
    """

    add_param_group = inspect.unwrap(torch.optim.Adam.add_param_group)
    load_state_dict = inspect.unwrap(torch.optim.Adam.load_state_dict)
    state_dict = inspect.unwrap(torch.optim.Adam.state_dict)
    step = torch.no_grad()(inspect.unwrap(torch.optim.Adam.step))
    zero_grad = inspect.unwrap(torch.optim.Adam.zero_grad)


def weight_optimizer(network: DelayNetwork | GraphNetwork, config: TrainConfig) -> Adam:
    """Adam on all but positions, with weight decay on the synapses only (not on batch norm or neurons)."""
    synapses = [connection.weight for connection in network.connections]
    others = [
        p
        for module in network.modules()
        if isinstance(module, nn.BatchNorm1d | Neurons | Integrators)
        for p in module.parameters()
    ]
    if isinstance(network, GraphNetwork):
        others += [each.bias for each in network.members if each.bias is not None]
    groups = [
        {"params": synapses, "weight_decay": config.weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]
    return Adam([group for group in groups if group["params"]], lr=config.lr_weights)


def integer_optimizer(network: QuantisedNetwork, config: TrainConfig) -> Adam:
    """Adam on weights and biases; no decay, which would push weights across the grid."""
    return Adam(network.parameters(), lr=config.quantise_lr)


def set_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    """Set the learning rate of all parameters."""
    for group in optimizer.param_groups:
        group["lr"] = rate
