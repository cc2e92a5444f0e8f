"""A training run from the data to the model: checks, epochs, checkpoints.

What an epoch does is in `run`. The published code selects its epoch on the test split; here the test split is
never looked at.
"""

import os
from collections.abc import Callable

import torch

from snnc.errors import ConfigError, ModelFileError, TrainingError
from snnc.stages import TrainedModel
from snnc.trainer import buffers
from snnc.trainer.checkpoint import read_checkpoint, write_checkpoint
from snnc.trainer.config import TrainConfig
from snnc.trainer.data import EventDataset
from snnc.trainer.data.published import PUBLISHED
from snnc.trainer.run import EpochMetrics, Run
from snnc.trainer.splitting import Recordings, load_recordings, recordings_of


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
        run = Run(config, splits, time_steps, say)
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
