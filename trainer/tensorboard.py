"""A training run for TensorBoard: scalars of every epoch, histograms of the delays every few."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from snnc.errors import InputError
from snnc.trainer.metrics import EpochMetrics
from snnc.trainer.run import TrainingRun

HISTOGRAM_EPOCHS = 5
"""Epochs from one histogram to the next; the last epoch has one too."""


Log = Callable[[EpochMetrics, TrainingRun], None]
"""Takes an epoch and the run, whose network is what the next epoch starts from."""


@contextmanager
def tensorboard_log(folder: str | os.PathLike[str] | None) -> Iterator[Log]:
    """What logs in event files in `folder`, or nowhere. The step is the number of the epoch, from 1.

    A run that starts there anew, or goes on from an earlier epoch, hides what was logged of the epochs that
    it repeats.

    Raises
    ------
    InputError
        The package tensorboard is not installed, or `folder` cannot be written.
    """
    if folder is None:
        yield lambda metrics, run: None
        return
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        raise InputError(
            "TensorBoard is not installed; pip install 'snnc[tensorboard]', or leave --log-dir out"
        ) from None
    writer: SummaryWriter | None = None

    def log(metrics: EpochMetrics, run: TrainingRun) -> None:
        nonlocal writer
        step = metrics.epoch + 1
        with _writing(folder):
            writer = writer or SummaryWriter(os.fspath(folder), purge_step=step)
            for tag, value in _scalars(metrics, run).items():
                writer.add_scalar(tag, value, step)
            if step % HISTOGRAM_EPOCHS == 0 or run.epoch == run.epochs:
                _add_delays(writer, run, step)
            writer.flush()  # a killed run keeps what it logged

    def told_here(lost: threading.ExceptHookArgs) -> None:
        if not issubclass(lost.exc_type, OSError):
            hook(lost)

    with _writing(folder):
        os.makedirs(folder, exist_ok=True)
    # The writer's thread hands an error of writing on to `log`; Python would print it as well.
    hook, threading.excepthook = threading.excepthook, told_here
    try:
        yield log
    finally:
        try:
            if writer is not None:
                with _writing(folder):
                    writer.close()
        finally:
            threading.excepthook = hook


@contextmanager
def _writing(folder: str | os.PathLike[str]) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InputError(
            f"{folder}: cannot be written ({error.strerror or error}); choose another --log-dir"
        ) from error


def _add_delays(writer: Any, run: TrainingRun, step: int) -> None:
    for name, connection in run.network.named_connections():
        delays = connection.learned_delays().expand(connection.weight.shape)[connection.weight != 0]
        edges = connection.least + np.arange(connection.kernel_size + 1) - 0.5  # a bar for each step
        writer.add_histogram(f"delays/{name}", delays.cpu().numpy(), step, bins=edges)


def _scalars(metrics: EpochMetrics, run: TrainingRun) -> dict[str, Any]:
    return {
        "loss/train": metrics.loss,
        "loss/validation": metrics.validation_loss,
        "loss/validation_rounded": metrics.validation_loss_rounded,
        "accuracy/train": metrics.train_accuracy,
        "accuracy/validation": metrics.validation_accuracy,
        "accuracy/validation_rounded": metrics.validation_accuracy_rounded,
        "delays/sigma": metrics.sigma,
        "delays/moved": metrics.moved,
        **{f"learning_rate/{name}": rate for name, rate in run.rates.items()},
        **{f"recipe/{name}": value for name, value in metrics.recipe().items() if name != "kernels"},
    }
