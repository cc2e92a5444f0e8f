"""The training run: Gaussian delays, then whole-step delays, and the best model by validation.

Two phases. *Gaussian*: weights and delays are learned while the delay kernels narrow (Hammouamri et al.).
*Rounded*: the best network so far gets whole-step delays. Rounding moves kernel mass, so the batch-norm
statistics belong to another network; they are measured again with the new kernels, and a few epochs of
fine-tuning follow with the delays fixed. Every step is recorded in the model's metrics.

The published code selects its epoch on the test split; here the test split is never looked at.
"""

import copy
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from torch import nn

from snnc.errors import ConfigError, ModelFileError, TrainingError
from snnc.stages import TrainedModel
from snnc.trainer import buffers, schedules, variants
from snnc.trainer.checkpoint import read_checkpoint, write_checkpoint
from snnc.trainer.config import TrainConfig
from snnc.trainer.data import EventDataset, Splits
from snnc.trainer.data.published import PUBLISHED
from snnc.trainer.epoch import Feed, Measure, evaluate, measure_statistics, train_epoch
from snnc.trainer.inference import layers_of
from snnc.trainer.network import DelayNetwork
from snnc.trainer.splitting import Recordings, load_recordings, recordings_of


@dataclass(frozen=True, slots=True)
class EpochMetrics:
    """What an epoch measured. Accuracies are shares, 0 .. 1; validation with both kinds of kernels.

    `phase` is "gaussian" or "rounded"; `sigma` is 0 in the latter. `best` says that the epoch is the
    best so far by the validation accuracy with whole-step delays, ties by its loss, among those that may
    be selected: the kernels have their final width.
    """

    epoch: int
    epochs: int
    phase: str
    sigma: float
    loss: float
    train_accuracy: float
    validation_accuracy: float
    validation_loss: float
    validation_accuracy_rounded: float
    validation_loss_rounded: float
    best: bool


Progress = Callable[[EpochMetrics], None]
Notify = Callable[[str], None]


def train(
    config: TrainConfig,
    *,
    data: EventDataset | None = None,
    progress: Progress | None = None,
    notify: Notify | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    resume: bool = False,
) -> TrainedModel:
    """Train a network. The same configuration, data and number of threads give the same model on a CPU.

    Parameters
    ----------
    data : recordings to use in place of `config.dataset`.
    progress : called after each epoch.
    notify : called with a line on what one would not expect of the data or the checkpoint.
    checkpoint : file that holds the state after each epoch, replaced whole; an interrupted run leaves it.
    resume : go on from `checkpoint` if it exists; the result is that of an uninterrupted run.

    Raises
    ------
    InputError
        The data cannot be read, do not fit the configuration, or the checkpoint is of another one, of other
        recordings, or damaged.
    TrainingError
        The loss is no longer finite, or no recording is left to train or validate with.
    """
    say = notify or (lambda text: None)
    recordings = load_recordings(config, say) if data is None else recordings_of(config, data)
    splits = recordings.splits
    for name, part, least in (("training", splits.train, 2), ("validation", splits.validation, 1)):
        if len(part) < least:
            raise TrainingError(
                f"event data '{recordings.name}': the {name} part has {len(part)} recordings, "
                f"at least {least} are needed; hold out other speakers"
            )
    time_steps = _time_steps(config, recordings)
    if splits.shared_speakers:
        say(
            f"event data '{recordings.name}': training, validation and test share speakers, since the data "
            "name fewer than three, or none for some recordings"
        )
    hashes = {
        "the recordings": recordings.sha256,
        "those to train with": recordings.parts.get("train") or splits.train.sha256(),
        "those to validate with": recordings.parts.get("validation") or splits.validation.sha256(),
    }
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        run = _Run(config, splits, time_steps)
        if checkpoint is not None and resume:
            state = read_checkpoint(checkpoint, config, hashes)
            if state is None:
                say(f"{checkpoint}: no such checkpoint; training starts anew")
            else:
                try:
                    run.restore(state)
                except (AttributeError, KeyError, RuntimeError, TypeError, ValueError) as error:
                    raise ModelFileError(
                        f"{checkpoint}: its state is not that of this network; remove it and start anew "
                        f"({type(error).__name__})"
                    ) from error
        while run.epoch < run.epochs:
            metrics = run.advance()
            if checkpoint is not None:
                write_checkpoint(run.state(), checkpoint, config, hashes)
            if progress is not None:
                progress(metrics)
        source = {"sha256": recordings.sha256, "recordings": len(recordings), "name": recordings.name}
        buffers.release()
        return run.finish(source | ({"parts": dict(recordings.parts)} if recordings.parts else {}))


def _time_steps(config: TrainConfig, data: Recordings) -> int:
    """T. Raises `ConfigError` if it is too short for the data, or a shift leaves nothing of a recording."""
    if config.dataset in PUBLISHED and config.time_steps is None:
        raise ConfigError(
            f"time_steps is missing: the test part of '{config.dataset}' is not read in training and may "
            f"need more steps than the others; set it, as the preset '{config.dataset}' does"
        )
    needed, units = data.needed_steps(config.bin_s), data.splits.train.unit_count
    time_steps = config.time_steps or needed + config.padding_steps
    if time_steps < needed:
        raise ConfigError(
            f"time_steps = {time_steps}: event data '{data.name}' needs {needed} steps of {config.bin_s} s; "
            "raise time_steps or leave it out"
        )
    for name, size in (("time_shift", time_steps), ("channel_shift", units // config.unit_pool)):
        if getattr(config, name) >= size:
            raise ConfigError(
                f"{name} = {getattr(config, name)}: a recording has {size} and would be empty; lower it"
            )
    return time_steps


class _Run:
    """A run between two epochs. `state` and `restore` hold all that the next epoch depends on."""

    def __init__(self, config: TrainConfig, splits: Splits, time_steps: int) -> None:
        self.config, self.time_steps = config, time_steps
        self.epoch, self.epochs = 0, config.epochs + config.finetune_epochs
        self.train = Feed(splits.train, config, time_steps)
        self.validation = Feed(splits.validation, config, time_steps)
        self.class_names = splits.train.class_names
        inputs = splits.train.unit_count // config.unit_pool
        shape = (config, inputs, len(self.class_names))
        self.network = variants.build(*shape)
        self.parameters = {
            "trained": variants.parameters(*shape),
            "with_learned_delays": variants.with_learned_delays(*shape),
        }
        self.positions = torch.optim.Adam([c.position for c in self.network.connections])
        self.weights = _weight_optimizer(self.network, config)
        self.best: dict[str, Any] | None = None
        self.gaussian: dict[str, Any] | None = None
        self.history: list[dict[str, Any]] = []
        self.steps: dict[str, dict[str, float]] = {}

    def advance(self) -> EpochMetrics:
        """Train one epoch and measure."""
        config, epoch = self.config, self.epoch
        if epoch == config.epochs:
            self._make_delays_whole()
        # Drawn anew for each epoch, so that a resumed run repeats an uninterrupted one.
        rng = np.random.default_rng([config.seed, epoch])
        torch.manual_seed(int(rng.integers(1 << 62)))
        try:
            if epoch < config.epochs:
                phase, sigma = "gaussian", self._prepare_gaussian()
                trained = train_epoch(self.network, self.train, (self.weights, self.positions), rng)
                gaussian = evaluate(self.network, self.validation, rounded=False)
            else:
                phase, sigma = "rounded", self._prepare_rounded()
                trained = train_epoch(self.network, self.train, (self.weights,), rng)
                gaussian = None
            rounded = evaluate(self.network, self.validation, rounded=True)
        except TrainingError as error:
            raise TrainingError(f"epoch {epoch + 1}, {error}") from error
        selectable = sigma <= config.sigma_final or epoch == config.epochs - 1
        measured = rounded if gaussian is None else gaussian
        metrics = EpochMetrics(
            epoch=epoch,
            epochs=self.epochs,
            phase=phase,
            sigma=sigma,
            loss=trained.loss,
            train_accuracy=trained.accuracy,
            validation_accuracy=measured.accuracy,
            validation_loss=measured.loss,
            validation_accuracy_rounded=rounded.accuracy,
            validation_loss_rounded=rounded.loss,
            best=selectable and self._keep_if_best(rounded),
        )
        self.history.append(asdict(metrics))
        self.epoch += 1
        return metrics

    def finish(self, source: dict[str, Any]) -> TrainedModel:
        """The best network, its delays whole; `source` describes the data in the model's metrics."""
        if not self.config.finetune_epochs:
            self._make_delays_whole()
        best = self._load_best()
        self.steps["final"] = asdict(evaluate(self.network, self.validation, rounded=True))
        final = layers_of(self.network)
        assert self.gaussian is not None  # delays were made whole above, or before the fine-tune
        self.network.load_state_dict(self.gaussian["network"])
        self.network.set_sigma(self.gaussian["sigma"])
        return TrainedModel(
            layers=final,
            time_steps=self.time_steps,
            bin_s=self.config.bin_s,
            unit_pool=self.config.unit_pool,
            class_names=self.class_names,
            dataset=self.config.dataset,
            config=self.config.model_dump(mode="json"),
            metrics={
                "selected_epoch": best["epoch"],
                "validation": self.steps,
                "history": self.history,
                "parameters": self.parameters,
                "data": source,
            },
            gaussian=layers_of(self.network),
        )

    def state(self) -> dict[str, Any]:
        return {
            "epoch": self.epoch,
            "network": self.network.state_dict(),
            "weights": self.weights.state_dict(),
            "positions": self.positions.state_dict(),
            "best": self.best,
            "gaussian": self.gaussian,
            "history": self.history,
            "steps": self.steps,
        }

    def restore(self, state: dict[str, Any]) -> None:
        self.epoch, self.best = int(state["epoch"]), state["best"]
        self.gaussian, self.history, self.steps = (
            state["gaussian"],
            list(state["history"]),
            dict(state["steps"]),
        )
        # What is not needed before the end must fail here too, if it is damaged.
        for kept, keys in ((self.best, ("epoch", "rank")), (self.gaussian, ("sigma",))):
            if kept is not None and all(kept[key] is not None for key in keys):
                self.network.load_state_dict(kept["network"])
        self.network.load_state_dict(state["network"])
        if self.epoch > self.config.epochs:
            self.network.round_positions()
        self.weights.load_state_dict(state["weights"])
        self.positions.load_state_dict(state["positions"])

    def _make_delays_whole(self) -> None:
        """Round the best network's delays, measure batch-norm statistics again, keep what validates best."""
        best = self._load_best()
        self.gaussian = {"sigma": self._sigma(best["epoch"]), "network": best["network"]}
        self.network.set_sigma(self.gaussian["sigma"])
        self.steps["gaussian"] = asdict(evaluate(self.network, self.validation, rounded=False))
        self.network.round_positions()
        self.best = None
        self._candidate("rounded")
        measure_statistics(self.network, self.train, np.random.default_rng([self.config.seed, self.epochs]))
        self._candidate("statistics")
        self.weights = _weight_optimizer(self.network, self.config)

    def _candidate(self, step: str) -> None:
        measure = evaluate(self.network, self.validation, rounded=True)
        self.steps[step] = asdict(measure)
        self._keep_if_best(measure)

    def _keep_if_best(self, measure: Measure) -> bool:
        rank = [measure.accuracy, -measure.loss]
        if self.best is not None and rank <= self.best["rank"]:
            return False
        self.best = {"epoch": self.epoch, "rank": rank, "network": copy.deepcopy(self.network.state_dict())}
        return True

    def _load_best(self) -> dict[str, Any]:
        assert self.best is not None  # the last epoch of a phase is always a candidate
        self.network.load_state_dict(self.best["network"])
        return self.best

    def _prepare_gaussian(self) -> float:
        """Set this epoch's learning rates and kernel width; returns the width."""
        config, epoch = self.config, self.epoch
        _set_rate(self.weights, schedules.one_cycle(epoch, config.epochs, config.lr_weights))
        _set_rate(self.positions, schedules.cosine(epoch, config.epochs, config.lr_positions))
        self.network.set_sigma(self._sigma(epoch))
        self.network.train()
        return self._sigma(epoch)

    def _sigma(self, epoch: int) -> float:
        return variants.sigma(self.config, epoch)

    def _prepare_rounded(self) -> float:
        """Set the fine-tune's learning rate; batch norm keeps its statistics, as in the deployed network."""
        config = self.config
        done = self.epoch - config.epochs
        _set_rate(self.weights, schedules.cosine(done, config.finetune_epochs, config.finetune_lr))
        self.network.train()
        for module in self.network.modules():
            if isinstance(module, nn.BatchNorm1d):
                module.eval()
        return 0.0


def _weight_optimizer(network: DelayNetwork, config: TrainConfig) -> torch.optim.Adam:
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


def _set_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    for group in optimizer.param_groups:
        group["lr"] = rate
