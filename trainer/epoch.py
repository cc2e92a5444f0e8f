"""One pass over recordings: training, measuring, and batch-norm statistics."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from snnc.errors import ConfigError, TrainingError
from snnc.trainer.config import TrainConfig
from snnc.trainer.data import EventDataset
from snnc.trainer.data_parallel import add_up, add_up_gradients
from snnc.trainer.graph_network.network import GraphNetwork
from snnc.trainer.inference import time_first
from snnc.trainer.loss import class_scores, cross_entropy
from snnc.trainer.network import DelayNetwork
from snnc.trainer.quantised import QuantisedNetwork
from snnc.trainer.recipes.augmentation import augment, blended, mixed, stretch
from snnc.trainer.worker import Worker

Network = DelayNetwork | GraphNetwork | QuantisedNetwork
Indices = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True, slots=True)
class Measure:
    """Mean loss, and share of recordings that got their class."""

    loss: float
    accuracy: float


class Feed:
    """Recordings as batches; frames are made a batch at a time, so memory does not grow with the data.

    Every batch is shared with the other processes of `worker`.
    """

    def __init__(
        self, data: EventDataset, config: TrainConfig, time_steps: int, worker: Worker | None = None
    ) -> None:
        self.data, self.config, self.time_steps = data, config, time_steps
        self.worker = worker or Worker()

    def __len__(self) -> int:
        return len(self.data)

    def refuse_idle_processes(self, part: str) -> None:
        """Raise `ConfigError` if a batch has fewer recordings than there are processes; `part` is for it."""
        least, processes = min(map(len, self.batches())), self.worker.processes
        if least < processes:
            raise ConfigError(
                f"batch_size = {self.config.batch_size}: a batch of the {part} part has {least} recordings, "
                f"for {processes} processes; use fewer processes, or a larger batch_size"
            )

    def batches(self, order: Indices | None = None) -> list[Indices]:
        """Pieces of about `batch_size`, all alike: a last one of 1 would leave batch norm no variance."""
        order = np.arange(len(self)) if order is None else order
        pieces = min(round(len(order) / self.config.batch_size), len(order) // 2)
        return np.array_split(order, max(1, pieces))

    def batch(self, which: Indices, augmented: np.random.Generator | None = None) -> tuple[Tensor, Tensor]:
        """Input events [T, B, inputs] float32 and labels [B], of this process's share of the batch.

        Labels of mixed recordings are probabilities [B, classes].
        """
        config, device = self.config, self.worker.device
        factors = None if augmented is None else stretch(config, len(which), augmented)
        frames = self.data.frames(which, config.bin_s, self.time_steps, config.unit_pool, stretch=factors)
        labels: npt.NDArray[Any] = self.data.labels[which]
        if augmented is not None:
            frames = augment(blended(frames, self.data.labels[which], config, augmented), config, augmented)
            frames, labels = mixed(frames, labels, config, len(self.data.class_names), augmented)
        if share := self.worker.share(len(which)):
            frames, labels = frames[share.rows], labels[share.rows]
        return time_first(frames, device), torch.from_numpy(labels).to(device)

    def loss(self, potential: Tensor, labels: Tensor, smoothing: float = 0.0) -> Tensor:
        """The mean loss of what the readout does, [T, B, classes]; labels as `batch` gives them."""
        return cross_entropy(potential, labels, self.config.loss, self.config.decoder, smoothing)

    def right(self, potential: Tensor, labels: Tensor) -> int:
        """How many recordings get their class; of a mixture, that of the larger part."""
        if labels.dim() == 2:
            labels = labels.argmax(1)
        return int((class_scores(potential, self.config.decoder).argmax(1) == labels).sum())


def training_mode(network: Network, *, statistics: bool) -> None:
    """Make ready for `train_epoch`; without `statistics` those of batch norm stay, as when deployed."""
    network.train()
    for module in network.modules():
        if isinstance(module, nn.BatchNorm1d):
            module.train(statistics)


class Steps:
    """What may be done around the steps of an epoch; here nothing."""

    def watching(self, network: Network) -> AbstractContextManager[Any]:
        """Around all of them."""
        return nullcontext()

    def cost(self, loss: Tensor) -> Tensor:
        """What the optimisers minimise, of the `loss` of the last forward pass."""
        return loss

    def after_step(self, network: Network) -> None:
        """After a step of the optimisers."""


def train_epoch(
    network: Network,
    feed: Feed,
    optimizers: Sequence[torch.optim.Optimizer],
    rng: np.random.Generator,
    steps: Steps | None = None,
) -> Measure:
    """Train on every recording once, in an order drawn from `rng`; measured while training.

    The mode of batch norm is the caller's: frozen statistics stay frozen.

    Raises
    ------
    TrainingError
        A loss is not finite; the text names the batch and the first broken parameter.
    """
    total, right, worker, steps = 0.0, 0, feed.worker, steps or Steps()
    parameters = [p for optimizer in optimizers for group in optimizer.param_groups for p in group["params"]]
    with steps.watching(network):
        for number, which in enumerate(feed.batches(rng.permutation(len(feed)))):
            x, labels = feed.batch(which, augmented=rng)
            share = worker.share(len(which))
            with worker.autocast():
                potential = network(x, share=share)
            loss = steps.cost(feed.loss(potential, labels, feed.config.label_smoothing))
            if share is not None:
                loss = loss * share.fraction
            for optimizer in optimizers:
                optimizer.zero_grad()
            loss.backward()
            mean = float(loss.detach() if share is None else add_up_gradients(parameters, loss))
            check_finite(mean, network, f"batch {number}")
            for optimizer in optimizers:
                optimizer.step()
            network.clamp_parameters()
            steps.after_step(network)
            total += mean * len(which)
            right += feed.right(potential.detach(), labels)
    return Measure(total / len(feed), _over_all(right, worker) / len(feed))


@torch.no_grad()
def evaluate(network: Network, feed: Feed, rounded: bool) -> Measure:
    """Loss and accuracy in evaluation mode, with Gaussian or with whole-step delays."""
    network.eval()
    total, right = 0.0, 0
    for which in feed.batches():
        x, labels = feed.batch(which)
        potential = network(x, rounded)
        total += float(feed.loss(potential, labels)) * len(labels)
        right += feed.right(potential, labels)
    total = _over_all(total, feed.worker)
    check_finite(total, network, "evaluation")
    return Measure(total / len(feed), _over_all(right, feed.worker) / len(feed))


@torch.no_grad()
def measure_statistics(
    network: DelayNetwork | GraphNetwork, feed: Feed, rng: np.random.Generator, most: int | None = None
) -> None:
    """Set batch norm's mean and variance to those of the present kernels.

    The recordings are augmented as in training: on plain ones the statistics would change for a second
    reason besides the kernels, and validation gets worse. With `most`, about so many recordings are used,
    drawn at random.
    """
    network.eval()
    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm1d)]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # the plain mean over batches
        norm.train()
    batches = feed.batches(None if most is None else rng.permutation(len(feed)))
    count = len(batches) if most is None else -(-most // feed.config.batch_size)
    for which in batches[:count]:
        network(feed.batch(which, augmented=rng)[0], share=feed.worker.share(len(which)))
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
    network.eval()


def check_finite(loss: float, network: nn.Module, where: str) -> None:
    """Raise `TrainingError` if `loss` is NaN or infinite."""
    if np.isfinite(loss):
        return
    broken = [name for name, value in network.named_parameters() if not torch.isfinite(value).all()]
    seen = f"first broken parameter: {broken[0]}" if broken else "all parameters are still finite"
    raise TrainingError(f"{where}: the loss is {loss} ({seen}); lower lr_weights or lr_positions")


def _over_all(number: float, worker: Worker) -> float:
    """The sum over all processes."""
    if worker.processes == 1:
        return number
    return float(add_up(torch.tensor(number, dtype=torch.float64, device=worker.device)))
