"""What a recipe does in the course of a run, to the network that is trained and to what is told of it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import Any

import numpy as np
import torch
from torch import Tensor

from snnc.trainer import variants
from snnc.trainer.config import TrainConfig
from snnc.trainer.data_parallel import add_up
from snnc.trainer.epoch import Feed, Measure, Network, Steps, evaluate, measure_statistics
from snnc.trainer.graph_network.network import GraphNetwork
from snnc.trainer.network import DelayedConnection, DelayNetwork
from snnc.trainer.quantised import QuantisedNetwork
from snnc.trainer.recipes.activity import Count, Watch, counted, receivers, synapses, watched
from snnc.trainer.recipes.averaging import Average
from snnc.trainer.recipes.growing import change_of_size, remember_size, resize
from snnc.trainer.recipes.pruning import Masks, count_left, drawn_synapses, prune, share_left

RealNetwork = DelayNetwork | GraphNetwork
STATISTICS = 2048
"""Recordings of which an averaged network's batch-norm statistics are measured, after each Gaussian epoch."""


class Course(Steps):
    """The part of a run's state that a recipe adds; nothing where all of it is off.

    In each epoch: `begin`, then `watching` around the steps with `cost` and `after_step` in each, then
    `measuring` around what is measured and kept.
    """

    def __init__(self, config: TrainConfig, network: RealNetwork, time_steps: int) -> None:
        self.config, self.time_steps = config, time_steps
        if config.grow_delays:
            for connection in network.connections:
                remember_size(connection)
        self._average: tuple[int, Average] | None = None
        """By the phase in which it began."""
        self._masks: Masks | None = None
        self._watch: Watch | None = None

    def begin(self, network: Network, phase: int, epoch: int, weights: torch.optim.Optimizer) -> None:
        """Before an epoch trains `network`: a phase begins its average, synapses go, kernels grow.

        `weights` is the optimiser of the weights.
        """
        config = self.config
        if config.weight_averaging and (self._average is None or self._average[0] != phase):
            self._average = phase, Average(network, config.weight_averaging)
        self._masks = None
        if not isinstance(
            network, QuantisedNetwork
        ):  # layers in integers keep synapses and delays themselves
            if phase == 0:
                self._prune(network, epoch, weights)
                self._grow(network, epoch)
            if config.prune_to < 1:
                self._masks = Masks({f"{name}.weight": way.weight for name, way in _connections(network)})
        if self._average is not None and self._masks is not None:
            self._masks.apply(self._average[1].values)

    def _prune(self, network: RealNetwork, epoch: int, optimizer: torch.optim.Optimizer) -> None:
        if share_left(self.config, epoch) < 1:
            weights = [connection.weight for connection in network.connections]
            prune(weights, optimizer, count_left(self.config, weights, epoch))

    def _grow(self, network: RealNetwork, epoch: int) -> None:
        """Change kernel sizes; while kernels are wide, positions at their end mean little."""
        config = self.config
        if not config.grow_delays or epoch == 0 or variants.sigma(config, epoch) > config.sigma_final:
            return
        for name, connection in _connections(network):
            if not connection.position.requires_grad:
                continue  # it has no delays
            change = change_of_size(connection, config.grow_delays, self.time_steps)
            resize(connection, change)
            if self._average is not None:
                self._average[1].values[f"{name}.position"] += change // 2

    @contextmanager
    def watching(self, network: Network) -> Iterator[None]:
        """Around the steps of an epoch."""
        with watched(network) if self.config.activity_cost else nullcontext() as self._watch:
            yield
        self._watch = None

    def cost(self, loss: Tensor) -> Tensor:
        """`loss` of the last forward pass, with what its activity costs."""
        if self._watch is None:
            return loss
        cost = self._watch.cost(self.config.target_rate)
        self._watch.received.clear()  # memory of large signals is used again
        return loss + self.config.activity_cost * cost

    def after_step(self, network: Network) -> None:
        """After a step of the optimisers."""
        if self._masks is not None:
            self._masks.apply(dict(network.named_parameters()))
        if self._average is not None:
            self._average[1].update(network)

    @contextmanager
    def measuring(self, network: Network, feed: Feed, rng: np.random.Generator, phase: int) -> Iterator[None]:
        """The network that is measured and kept: the averaged one, with statistics that fit it.

        After the Gaussian epochs statistics stay as they are in training, too.
        """
        if self._average is None:
            yield
            return
        with self._average[1].applied(network):
            if phase == 0 and not isinstance(network, QuantisedNetwork):
                measure_statistics(network, feed, rng, STATISTICS)
            yield

    def measure(self, network: Network, feed: Feed, phase: int) -> tuple[Measure, Measure, dict[str, Any]]:
        """With the kernels of the phase and with whole-step delays; and what `EpochMetrics` has besides."""
        with counted(network) if self.config.activity_cost else nullcontext() as count:
            rounded = evaluate(network, feed, rounded=True)
        measured = evaluate(network, feed, rounded=False) if phase == 0 else rounded
        return measured, rounded, self._told(network, count, feed)

    def _told(self, network: Network, count: Count | None, feed: Feed) -> dict[str, Any]:
        told: dict[str, Any] = {}
        if self.config.grow_delays:
            told["kernels"] = "-".join(str(layer.kernel_size) for layer in receivers(network))
        if self.config.prune_to < 1:
            weights = synapses(network)
            drawn = sum(drawn_synapses(self.config, weight) for weight in weights)
            told["synapses"] = sum(int((weight != 0).sum()) for weight in weights) / drawn
        if count is not None:
            sums = [count.recordings, count.spikes, count.places, count.operations]
            if feed.worker.processes > 1:
                sums = add_up(torch.tensor(sums, dtype=torch.float64, device=feed.worker.device)).tolist()
            told |= {"firing": sums[1] / sums[2], "operations": sums[3] / sums[0]}
        return told

    def is_selectable(self, epoch: int, sigma: float) -> bool:
        """Whether a network of this epoch has its final kernel width and size, or no later one has."""
        config = self.config
        final = sigma <= config.sigma_final and share_left(config, epoch) <= config.prune_to
        return final or epoch == config.epochs - 1

    def state(self) -> dict[str, Any]:
        """What a checkpoint holds besides; empty where nothing is needed."""
        if self._average is None:
            return {}
        phase, average = self._average
        return {"course": {"phase": phase, "average": average.state()}}

    def restore(self, state: Mapping[str, Any], network: Network, phase: int) -> None:
        """Go on from `state`, which may hold what `state` gave. Raises `ValueError` if it does not fit."""
        if ("course" in state) != bool(self.config.weight_averaging):
            raise ValueError(f"an average is {'present, expected none' if 'course' in state else 'missing'}")
        if "course" not in state:
            return
        found = state["course"]
        if found["phase"] == phase:  # else the next epoch begins another one
            average = Average.restored(network, self.config.weight_averaging, found["average"])
            self._average = phase, average


def _connections(network: RealNetwork) -> list[tuple[str, DelayedConnection]]:
    """By the names that their parameters have."""
    return [(name, each) for name, each in network.named_modules() if isinstance(each, DelayedConnection)]
