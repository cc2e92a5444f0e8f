"""One pass over recordings: training, measuring, and batch-norm statistics."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from snnc.errors import TrainingError
from snnc.trainer.augment import augment
from snnc.trainer.config import TrainConfig
from snnc.trainer.data import EventDataset
from snnc.trainer.inference import time_first
from snnc.trainer.loss import class_scores, cross_entropy
from snnc.trainer.network import DelayNetwork

Indices = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True, slots=True)
class Measure:
    """Mean loss, and share of recordings that got their class."""

    loss: float
    accuracy: float


class Feed:
    """Recordings as batches; frames are made a batch at a time, so memory does not grow with the data."""

    def __init__(self, data: EventDataset, config: TrainConfig, time_steps: int) -> None:
        self.data, self.config, self.time_steps = data, config, time_steps

    def __len__(self) -> int:
        return len(self.data)

    def batches(self, order: Indices | None = None) -> list[Indices]:
        """Pieces of about `batch_size`, all alike: a last one of 1 would leave batch norm no variance."""
        order = np.arange(len(self)) if order is None else order
        pieces = min(round(len(order) / self.config.batch_size), len(order) // 2)
        return np.array_split(order, max(1, pieces))

    def batch(self, which: Indices, augmented: np.random.Generator | None = None) -> tuple[Tensor, Tensor]:
        """Input events [T, B, inputs] float32 and labels [B]."""
        frames = self.data.frames(which, self.config.bin_s, self.time_steps, self.config.unit_pool)
        if augmented is not None:
            frames = augment(frames, self.config, augmented)
        return time_first(frames), torch.from_numpy(self.data.labels[which])


def train_epoch(
    network: DelayNetwork, feed: Feed, optimizers: Sequence[torch.optim.Optimizer], rng: np.random.Generator
) -> Measure:
    """Train on every recording once, in an order drawn from `rng`; measured while training.

    The mode of batch norm is the caller's: frozen statistics stay frozen.

    Raises
    ------
    TrainingError
        A loss is not finite; the text names the batch and the first broken parameter.
    """
    total, right = 0.0, 0
    for number, which in enumerate(feed.batches(rng.permutation(len(feed)))):
        x, labels = feed.batch(which, augmented=rng)
        potential = network(x)
        loss = cross_entropy(potential, labels, feed.config.loss)
        check_finite(float(loss.detach()), network, f"batch {number}")
        for optimizer in optimizers:
            optimizer.zero_grad()
        loss.backward()
        for optimizer in optimizers:
            optimizer.step()
        network.clamp_parameters()
        total += float(loss.detach()) * len(which)
        right += _right(potential.detach(), labels)
    return Measure(total / len(feed), right / len(feed))


@torch.no_grad()
def evaluate(network: DelayNetwork, feed: Feed, rounded: bool) -> Measure:
    """Loss and accuracy in evaluation mode, with Gaussian or with whole-step delays."""
    network.eval()
    total, right = 0.0, 0
    for which in feed.batches():
        x, labels = feed.batch(which)
        potential = network(x, rounded)
        total += float(cross_entropy(potential, labels, feed.config.loss)) * len(which)
        right += _right(potential, labels)
    check_finite(total, network, "evaluation")
    return Measure(total / len(feed), right / len(feed))


@torch.no_grad()
def measure_statistics(network: DelayNetwork, feed: Feed, rng: np.random.Generator) -> None:
    """Set batch norm's mean and variance to those of the present kernels.

    The recordings are augmented as in training: on plain ones the statistics would change for a second
    reason besides the kernels, and validation gets worse.
    """
    network.eval()
    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm1d)]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # the plain mean over batches
        norm.train()
    for which in feed.batches():
        network(feed.batch(which, augmented=rng)[0])
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


def _right(potential: Tensor, labels: Tensor) -> int:
    return int((class_scores(potential).argmax(1) == labels).sum())
