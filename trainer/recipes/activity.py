"""How much a network fires, as a cost in training and as figures at validation.

A spike is a synaptic operation for each synapse that it passes, so spikes are weighted by the fan-out of
their neuron (Sorbaro et al., Front. Neurosci. 14:662, 2020). The cost is an upper bound on activity as in
Cramer et al. (IEEE TNNLS 33(7), 2022) and Zenke & Vogels (Neural Computation 33(4), 2021): the squared excess
over a target.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from torch import Tensor, nn

from snnc.trainer.graph_network.connections import ConvolvedConnection
from snnc.trainer.graph_network.network import GraphNetwork
from snnc.trainer.graph_network.populations import Population
from snnc.trainer.network import DelayedConnection
from snnc.trainer.quantised import QuantisedLayer, QuantisedNetwork


@dataclass
class Watch:
    """What a network's synapses received in its last forward pass: signals [T, B, lines] and their fan-out.

    `received` leaves out the input events of the network, `events` are those.
    """

    received: list[tuple[Tensor, Tensor]] = field(default_factory=list)
    events: list[tuple[Tensor, Tensor]] = field(default_factory=list)

    def cost(self, target: float) -> Tensor:
        """Mean over recordings of the squared excess over `target`, scalar.

        The activity of a recording is its synaptic operations after hidden neurons, as a share of those that
        there are if all of these neurons fire in every step.
        """
        operations = sum(signal.sum(0) @ fan_out for signal, fan_out in self.received)
        most = sum(len(signal) * float(fan_out.sum()) for signal, fan_out in self.received)
        assert isinstance(operations, Tensor)  # there are hidden neurons
        return (operations / max(most, 1.0) - target).clamp(min=0).square().mean()


@contextmanager
def watched(network: nn.Module) -> Iterator[Watch]:
    """`network` tells what its synapses receive; what a forward pass told is gone with the next one."""
    watch, inputs = Watch(), list[Tensor]()

    def begin(module: nn.Module, args: tuple[Tensor, ...]) -> None:
        inputs[:] = args[:1]
        watch.received.clear()
        watch.events.clear()

    def receive(module: nn.Module, args: tuple[Tensor, ...]) -> None:
        is_input = args[0] is inputs[0]
        (watch.events if is_input else watch.received).append((args[0], _fan_out(module)))

    def loop(population: Population, args: object, spikes: Tensor) -> None:
        assert population.loop is not None
        watch.received.append((spikes, _fan_out(population.loop)))

    hooks = [network.register_forward_pre_hook(begin)]
    hooks += [each.register_forward_pre_hook(receive) for each in receivers(network)]
    if isinstance(network, GraphNetwork):  # loops hear what their population sends
        hooks += [each.register_forward_hook(loop) for each in network.members if each.loop is not None]
    try:
        yield watch
    finally:
        for hook in hooks:
            hook.remove()


@dataclass
class Count:
    """Sums over forward passes; `spikes` are those of hidden neurons, `places` neurons times steps."""

    recordings: int = 0
    spikes: float = 0.0
    places: int = 0
    operations: float = 0.0


@contextmanager
def counted(network: nn.Module) -> Iterator[Count]:
    """Count what `network` does in evaluation mode, where signals are 0 or 1."""
    count = Count()
    with watched(network) as watch:

        def add(module: nn.Module, args: object, output: Tensor) -> None:
            count.recordings += output.shape[1]
            for signal, fan_out in watch.received + watch.events:
                count.operations += float(signal.sum((0, 1)).double() @ fan_out.double())
            for signal in {id(signal): signal for signal, _ in watch.received}.values():
                count.spikes += float(signal.sum((0, 1)).double().sum())
                count.places += signal.numel()

        hook = network.register_forward_hook(add)
        try:
            yield count
        finally:
            hook.remove()


def receivers(network: nn.Module) -> list[DelayedConnection | QuantisedLayer]:
    """The modules of a network that hold synapses, layer by layer."""
    return list(network.layers if isinstance(network, QuantisedNetwork) else network.connections)  # type: ignore[arg-type]


def synapses(network: nn.Module) -> list[Tensor]:
    """The weights that a network computes with, layer by layer; those of 0 are no synapses."""
    return [_weight(each) for each in receivers(network)]


def _weight(layer: nn.Module) -> Tensor:
    weight = layer.integer_weight() if isinstance(layer, QuantisedLayer) else layer.weight
    assert isinstance(weight, Tensor)
    return weight.detach()


def _fan_out(layer: nn.Module) -> Tensor:
    """[lines]: how many synapses each line has."""
    if isinstance(layer, ConvolvedConnection):
        return layer.fan_out()
    return (_weight(layer) != 0).sum(0).float()
