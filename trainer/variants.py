"""Networks of the ablation: what of delays and weights is learned, and how many synapses there are.

The models of Hammouamri et al. (ICLR 2024), Fig. 5, are choices of `delays`, `weights`, `sigma_schedule`,
`synapses_per_neuron` and `equal_parameters` in the configuration. Beside them, `delays_of = "none"` with
`recurrence` has delays in recurrence alone.
"""

import math
from collections.abc import Sequence
from itertools import pairwise

import torch

from snnc.errors import ConfigError
from snnc.trainer import phases
from snnc.trainer.config import TrainConfig
from snnc.trainer.graph_network.build import build_graph
from snnc.trainer.graph_network.connections import DirectConnection
from snnc.trainer.graph_network.network import GraphNetwork
from snnc.trainer.network import DelayedConnection, DelayNetwork, build_network


def build(config: TrainConfig, inputs: int, classes: int) -> DelayNetwork | GraphNetwork:
    """The network of `config`, drawn at random from torch's global generator.

    Fixed delays are whole steps from the start, drawn as learned ones begin; without delays every kernel
    has one tap. Fixed delays and weights take no gradient.

    Raises
    ------
    ConfigError
        A layer has fewer inputs than `synapses_per_neuron`.
    """
    taps = 1 if config.delays == "none" else config.kernel_size
    shape = {"hidden": widths(config, inputs, classes), "kernel_size": taps}
    make = build_network if config.is_chain else build_graph
    network = make(config.model_copy(update=shape), inputs, classes)
    for number, connection in enumerate(network.connections, start=1):
        if config.synapses_per_neuron is not None:
            _thin_out(connection, config.synapses_per_neuron, f"layer {number}")
        if config.delays != "learned":
            connection.round_positions()
        if config.weights == "fixed":
            connection.weight.requires_grad_(False)
    return network


def sigma(config: TrainConfig, epoch: int) -> float:
    """Width of the delay kernels in this epoch, in steps; 0 where delays are whole from the start."""
    if config.delays != "learned":
        return 0.0
    if config.sigma_schedule == "constant":
        return config.sigma_final
    return phases.sigma(epoch, config.epochs, config.first_sigma, config.sigma_final, config.sigma_fraction)


def widths(config: TrainConfig, inputs: int, classes: int) -> tuple[int, ...]:
    """Neurons of each hidden layer.

    With `equal_parameters` those of `config.hidden` times a common factor, so that there are about as many
    trained numbers as with learned delays between layers and no recurrence; the last layer takes up what is
    left.
    """
    if not config.equal_parameters:
        return config.hidden
    target = with_learned_delays(config, inputs, classes)

    def count(hidden: Sequence[int]) -> int:
        return _count(config, hidden, inputs, classes, learned_delays=False) + _loops(config, hidden)

    def scaled(first: int) -> tuple[int, ...]:
        return tuple(max(1, width * first // config.hidden[0]) for width in config.hidden)

    first, best = 1, scaled(1)
    while count(wider := scaled(first + 1)) <= target:
        first, best = first + 1, wider
    while abs(count(wider := (*best[:-1], best[-1] + 1)) - target) < abs(count(best) - target):
        best = wider
    return best


def parameters(config: TrainConfig, inputs: int, classes: int) -> int:
    """How many numbers training adjusts: weights and delays of synapses, scale and shift of batch norm."""
    hidden = widths(config, inputs, classes)
    return _count(config, hidden, inputs, classes, learned_delays=config.delays == "learned")


def with_learned_delays(config: TrainConfig, inputs: int, classes: int) -> int:
    """`parameters` of the same configuration with learned delays, its hidden layers as written."""
    return _count(config, config.hidden, inputs, classes, learned_delays=True)


def parameter_counts(
    config: TrainConfig, inputs: int, classes: int, network: DelayNetwork | GraphNetwork
) -> dict[str, int]:
    """Both of `network`, which `build` made, as the metrics of a model tell them."""
    if isinstance(network, GraphNetwork):
        trained = sum(each.numel() for each in network.parameters() if each.requires_grad)
        ways = [each for each in network.connections if not isinstance(each, DirectConnection)]
        positions = [each.position for each in ways]
        fixed = sum(each.numel() for each in positions if not each.requires_grad)
        return {"trained": trained, "with_learned_delays": trained + fixed}
    shape = config, inputs, classes
    return {"trained": parameters(*shape), "with_learned_delays": with_learned_delays(*shape)}


def _count(
    config: TrainConfig, hidden: Sequence[int], inputs: int, classes: int, *, learned_delays: bool
) -> int:
    synapses = sum(
        after * (config.synapses_per_neuron or before)
        for before, after in pairwise((inputs, *hidden, classes))
    )
    norm = 2 * sum(hidden) if config.batch_norm else 0
    return synapses * ((config.weights == "learned") + learned_delays) + norm


def _loops(config: TrainConfig, hidden: Sequence[int]) -> int:
    """Weights and learned delays of recurrence."""
    if config.recurrence == "none":
        return 0
    weights = sum(width**2 for width in hidden)
    if config.delays != "learned":
        return weights
    return weights + (sum(hidden) if config.recurrence == "axon" else weights)


@torch.no_grad()
def _thin_out(connection: DelayedConnection, synapses: int, name: str) -> None:
    """Leave each neuron `synapses` inputs, drawn at random; the other weights are 0 and stay exactly 0.

    A weight of 0 without a gradient is not moved by Adam or weight decay, nor is its position, whose
    gradient has the weight as a factor. The scale of what is left is that of the smaller fan-in.
    """
    weight = connection.weight
    neurons, inputs = weight.shape
    if synapses > inputs:
        raise ConfigError(
            f"synapses_per_neuron = {synapses}: {name} has {inputs} inputs; "
            "lower it or widen the layer before"
        )
    chosen = torch.rand(neurons, inputs).argsort(dim=1)[:, :synapses]
    mask = torch.zeros(neurons, inputs).scatter_(1, chosen, 1.0)
    weight.mul_(mask * math.sqrt(inputs / synapses))
    weight.register_hook(lambda gradient: gradient * mask.to(gradient.device))
