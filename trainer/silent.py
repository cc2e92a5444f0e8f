"""Whole layers of a trained network of which no neuron ever fires."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn

from snnc.text import joined
from snnc.trainer.config import TrainConfig
from snnc.trainer.data_parallel import add_up
from snnc.trainer.epoch import Feed, Network
from snnc.trainer.graph_network.network import GraphNetwork
from snnc.trainer.graph_network.neurons import Integrators
from snnc.trainer.quantised import QuantisedNetwork


def silent_note(networks: Iterable[Network], feed: Feed, config: TrainConfig) -> str:
    """Layers of which no neuron fires on all of `feed`, and what to do; empty if there are none.

    `networks` are the same one with whole delays, and in integers: they are silent in each. All processes of
    `feed` have to call it.
    """
    found: dict[str, int] = {}
    for number, network in enumerate(networks):
        quiet = _silent(network, feed)
        found = {name: size for name, size in quiet.items() if name in found or not number}
        if not found:
            return ""
    told = joined([f"{name} ({count} neuron{'s' * (count > 1)})" for name, count in found.items()])
    suits = TrainConfig.model_fields["threshold"].default
    usual = "" if config.batch_norm and config.threshold <= suits else f"; {suits:g} suits batch_norm=true"
    return (
        f"note: no neuron of {told} fires on the recordings that validate, so classes do not depend on what "
        f"arrives there; lower threshold (now {config.threshold:g}{usual})"
    )


@torch.no_grad()
def _silent(network: Network, feed: Feed) -> dict[str, int]:
    """Name and neurons of each; stops with the batch in which the last one is found to fire."""
    spiking = _spiking(network)
    sizes, fired = [0] * len(spiking), torch.zeros(len(spiking), dtype=torch.float64)

    def hear(number: int, spikes: Tensor) -> None:
        sizes[number] = spikes.shape[2]
        fired[number] += bool(spikes.any())

    hooks = [
        each.register_forward_hook(lambda module, args, spikes, number=number: hear(number, spikes))
        for number, each in enumerate(spiking.values())
    ]
    network.eval()
    try:
        for which in feed.batches():
            network(feed.batch(which)[0], True)
            if fired.all():
                break
    finally:
        for hook in hooks:
            hook.remove()
    if feed.worker.processes > 1:
        fired = add_up(fired.to(feed.worker.device)).cpu()
    return {name: size for name, size, one in zip(spiking, sizes, fired, strict=True) if not one}


def _spiking(network: Network) -> dict[str, nn.Module]:
    """The layers that spike, by name."""
    if isinstance(network, GraphNetwork):
        return {each.name: each for each in network.members if not isinstance(each.neurons, Integrators)}
    if isinstance(network, QuantisedNetwork):
        return {str(each.name): each for each in network.layers if each.threshold is not None}
    return {f"hidden{number}": each for number, each in enumerate(network.hidden, start=1)}
