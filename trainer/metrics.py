"""What an epoch of training measured."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor

from snnc.trainer.graph_network.network import GraphNetwork
from snnc.trainer.network import DelayNetwork

TOLD = ("synapses", "firing", "operations", "kernels")
"""Fields of `EpochMetrics` that only some recipes measure."""


@dataclass(frozen=True, slots=True)
class EpochMetrics:
    """What an epoch measured. Accuracies are shares, 0 .. 1; validation with both kinds of kernels.

    `phase` is "gaussian", "rounded" or, as "int8", the integers; `sigma` is 0 but in the first. `moved` is by
    how many steps the position of a synapse changed in this epoch, on average. `best` says that the epoch is
    the best of its phase so far by the validation accuracy with whole-step delays, ties by its loss, among
    those that may be selected: the kernels have their final width, and the network its final size.

    What only some recipes measure is None elsewhere. `synapses`: share of those drawn that are left. At
    validation with whole-step delays, `firing`: spikes a step of a hidden neuron, `operations`: synaptic
    operations a recording. `kernels`: the taps of each layer's kernels, as "25-31-25".
    """

    epoch: int
    epochs: int
    phase: str
    sigma: float
    moved: float
    loss: float
    train_accuracy: float
    validation_accuracy: float
    validation_loss: float
    validation_accuracy_rounded: float
    validation_loss_rounded: float
    best: bool
    synapses: float | None = None
    firing: float | None = None
    operations: float | None = None
    kernels: str | None = None

    def record(self) -> dict[str, float | str]:
        """All that was measured, by the name of the field."""
        return {name: value for name, value in asdict(self).items() if value is not None}

    def recipe(self) -> dict[str, float | str]:
        """Of these, what only some recipes measure."""
        return {name: value for name, value in self.record().items() if name in TOLD}


def positions(network: DelayNetwork | GraphNetwork) -> list[Tensor]:
    """A copy of the position of every synapse, by connection, in steps."""
    return [connection.position.detach().clone() for connection in network.connections]


def moved(network: DelayNetwork | GraphNetwork, before: Sequence[Tensor]) -> float:
    """By how many steps the positions of synapses changed since `before`, on average."""
    total = synapses = 0.0
    for connection, old in zip(network.connections, before, strict=True):
        present = connection.weight.detach() != 0
        total += float(((connection.position.detach() - old).abs() * present).sum())
        synapses += float(present.sum())
    return total / max(synapses, 1.0)


def whole_delays(network: DelayNetwork | GraphNetwork) -> dict[str, Tensor]:
    """A copy of the whole delay of every synapse, by the name of its connection."""
    return {name: each.delays().clone() for name, each in network.named_connections()}


def delays_of(
    network: DelayNetwork | GraphNetwork, first: Mapping[str, Tensor] | None = None
) -> dict[str, dict[str, Any]]:
    """How many synapses have each whole delay, as `delay_record` says; with `first`, also how they moved.

    Parameters
    ----------
    first : what `whole_delays` gave of the same network before it was trained.
    """
    found: dict[str, dict[str, Any]] = {}
    for name, each in network.named_connections():
        present, before = each.weight.detach() != 0, None if first is None else first[name]
        if isinstance(network, GraphNetwork):
            destination, _, source = name.partition(".")
            name = f"{source} -> {destination}"
        delays = each.delays()[present].cpu()
        synapses = torch.bincount(delays) * each.places
        found[name] = {"taps": each.kernel_size, "synapses": synapses.tolist()}
        if before is not None:
            steps = (delays - before[present].cpu()).abs().double()
            count = max(len(steps), 1)
            found[name] |= {"moved": float(steps.sum()) / count, "changed": float((steps > 0).sum()) / count}
    return found
