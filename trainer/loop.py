"""A training run from the data to the model: checks, epochs, checkpoints.

What an epoch does is in `run`. The published code selects its epoch on the test split; here the test split is
never looked at.
"""

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import torch

from snnc.errors import ConfigError, InputError, ModelFileError, TrainingError
from snnc.io.files import remove_parts
from snnc.text import one_line, quoted
from snnc.trainer import buffers, late_delays
from snnc.trainer.checkpoint import read_checkpoint, write_checkpoint
from snnc.trainer.config import TrainConfig
from snnc.trainer.data import EventDataset, load
from snnc.trainer.data.published import PUBLISHED
from snnc.trainer.encoder_record import LAYOUT
from snnc.trainer.hardware import Hardware
from snnc.trainer.introduction import introduction
from snnc.trainer.line_record import KEY as LINES
from snnc.trainer.line_record import record as line_record
from snnc.trainer.metrics import EpochMetrics
from snnc.trainer.model_file import AnyModel
from snnc.trainer.other_data import VALIDATED, fingerprint
from snnc.trainer.processes import train_together
from snnc.trainer.products.candidates import using
from snnc.trainer.products.choice import Choice, choose, operations
from snnc.trainer.recipes.augmented import deleted_note
from snnc.trainer.run import TrainingRun
from snnc.trainer.run_state import restore, state_of
from snnc.trainer.seen import SOURCES, names_of_sources
from snnc.trainer.splitting import Recordings, load_recordings, recordings_of
from snnc.trainer.step_record import STEP
from snnc.trainer.tensorboard import Log, tensorboard_log
from snnc.trainer.threads import for_steps_of
from snnc.trainer.worker import Worker

Progress = Callable[[EpochMetrics], None]
Notify = Callable[[str], None]

SAID = 5
"""Most classes that a line names."""

# What restoring a damaged state runs into.
_DAMAGED = (AssertionError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)


def train(
    config: TrainConfig,
    *,
    data: EventDataset | None = None,
    progress: Progress | None = None,
    notify: Notify | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    resume: bool = False,
    hardware: Hardware | None = None,
    log_dir: str | os.PathLike[str] | None = None,
    introduce: str | None = None,
) -> AnyModel:
    """Train a network. The same configuration, data and number of threads give the same model on a CPU.

    Several processes compute what one would, up to the order of sums. All return the model; the first one
    alone calls `progress` and `notify` and writes `checkpoint`.

    Parameters
    ----------
    data : recordings to use in place of `config.dataset`. The model names that data set only if it holds just
        these; else it records their own name and hash, and `snnc test` wants `--dataset FILE`.
    progress : called after each epoch.
    notify : called with a line on what one would not expect of the data or the checkpoint.
    checkpoint : file that holds the state after each epoch, replaced whole; an interrupted run leaves it.
    resume : go on from `checkpoint` if it exists; the result is that of an uninterrupted run.
    hardware : what to train on; if not given, this process on the CPU. Processes that it starts import the
        main module again: a script needs its `if __name__ == "__main__"`.
    log_dir : folder of event files for TensorBoard.
    introduce : if given, `notify` is also called with lines on the network, its time step and the parts of
        the data, before the first epoch; it is how the reader sets another step.

    Raises
    ------
    InputError
        The data cannot be read, do not fit the configuration, or the checkpoint is of another one, of other
        recordings, or damaged. There is no such hardware, or it needs a package that is not installed.
        `log_dir` cannot be written.
    TrainingError
        The loss is no longer finite, no recording is left to train or validate with, or a process was lost.
    """
    hardware, say = hardware or Hardware(), notify or _ignore
    if hardware.starts_processes:
        job = {"config": config, "data": data, "checkpoint": checkpoint, "resume": resume, "log_dir": log_dir}
        job |= {"introduce": introduce}
        return train_together(train, hardware, job, progress or _ignore, say)
    with hardware.worker(config) as worker:
        if worker.rank > 0:
            progress, say, log_dir = None, _ignore, None
        if worker.device.type == "cuda":
            say(f"training on {worker.device}, where a run repeats only up to rounding")
        with tensorboard_log(log_dir) as log:
            return _train(config, data, progress, say, checkpoint, resume, worker, log, introduce)


def _untrained(part: EventDataset) -> str:
    """The first classes that no recording of `part` has, and what to do; empty if there are none."""
    found = np.setdiff1d(np.arange(len(part.class_names)), part.labels)
    if not len(found):
        return ""
    names = ", ".join(quoted(part.class_names[number]) for number in found[:SAID])
    numbered = part.class_names == tuple(map(str, range(len(part.class_names))))
    remedy = "number classes from 0 on" if numbered else "add recordings that train, or leave the class out"
    return f"class {names}{', ...' * (len(found) > SAID)}; {remedy}"


def _ignore(report: object) -> None:
    pass


def _train(
    config: TrainConfig,
    data: EventDataset | None,
    progress: Progress | None,
    say: Notify,
    checkpoint: str | os.PathLike[str] | None,
    resume: bool,
    worker: Worker,
    log: Log,
    introduce: str | None,
) -> AnyModel:
    """This process's part of `train`."""
    with worker.first_here():
        recordings = load_recordings(config, say) if data is None else recordings_of(config, data, say)
    splits = recordings.splits
    for name, part, least in (("training", splits.train, 2), ("validation", splits.validation, 1)):
        if len(part) < least:
            raise TrainingError(
                f"event data '{recordings.name}': the {name} part has {len(part)} recordings, "
                f"at least {least} are needed; hold out other speakers"
            )
    time_steps = _time_steps(config, recordings)
    if splits.sharing:
        say(f"event data '{recordings.name}': {splits.sharing}")
    if untrained := _untrained(splits.train):
        say(f"event data '{recordings.name}': no recording trains {untrained}")
    hashes = {
        "the recordings": recordings.sha256,
        "those to train with": recordings.parts.get("train") or splits.train.sha256(),
        "those to validate with": recordings.parts.get("validation") or splits.validation.sha256(),
    }
    writes = checkpoint is not None and worker.rank == 0
    if checkpoint is not None and writes:
        remove_parts(Path(checkpoint))
    with torch.random.fork_rng(devices=[worker.device] if worker.device.type == "cuda" else []):
        torch.manual_seed(config.seed)
        behind: list[str] = []
        run = TrainingRun(config, splits, time_steps, behind.append, worker)
        if introduce is not None and worker.rank == 0:
            for line in introduction(run.network, config, recordings, time_steps, introduce):
                say(line)
        if checkpoint is not None and resume:
            state = worker.from_first(partial(read_checkpoint, checkpoint, config, hashes))
            if state is None:
                say(f"{checkpoint}: no such checkpoint; training starts from the beginning")
            else:
                try:
                    restore(run, state)
                except _DAMAGED as error:
                    why = " ".join(str(error).split())[:160]
                    raise ModelFileError(
                        f"{checkpoint}: its state does not fit this network; name another file for it "
                        f"({type(error).__name__}: {why})"
                    ) from error
        choice = worker.from_first(partial(_choice, run))
        if choice.why:
            say(choice.why)
        run.product = choice.product
        while run.epoch < run.epochs:
            with using(choice.product), for_steps_of(operations(run.network, time_steps, _batch(run))):
                metrics = run.advance()
            if metrics is not None:
                log(metrics, run)  # before the checkpoint: a killed run logs an epoch again rather than never
            if checkpoint is not None and writes:
                write_checkpoint(state_of(run), checkpoint, config, hashes)
            if progress is not None and metrics is not None:
                progress(metrics)
            for line in behind:  # on the phase that this epoch ended, so behind its last row
                say(line)
            behind.clear()
        source = {"sha256": recordings.sha256, "recordings": len(recordings), "name": recordings.name}
        source["validation"] = len(recordings.splits.validation)
        source[VALIDATED] = fingerprint(recordings.splits.validation)
        source |= {"parts": dict(recordings.parts)} if recordings.parts else {}
        names = names_of_sources((recordings.splits.train, recordings.splits.validation))
        source |= {SOURCES: names} if names else {}
        encoder = recordings.splits.train.encoder
        source |= {} if encoder is None else {"encoder": encoder}
        layout = recordings.splits.train.layout
        source |= {} if layout is None else {LAYOUT: layout}
        step_s = recordings.splits.train.step_s
        source |= {} if step_s is None else {STEP: step_s}
        source |= {LINES: line_record(splits.train, config.unit_pool)}
        if data is not None and not _named(config.dataset, recordings.sha256):
            source |= {"in_memory": True}
        with using(choice.product):
            quiet = run.silent()
        buffers.release()
        if quiet:
            say(quiet)
        if note := deleted_note(config, run.history, run.steps["final"]["accuracy"], splits, time_steps):
            say(note)
        model = run.finish(source)
        if late := late_delays.of_training(model.metrics, time_steps):
            say(late)
        return model


def _choice(run: TrainingRun) -> Choice:
    """Who computes the matrix products of `run`, for this process's share of a batch."""
    return choose(
        run.network,
        run.config,
        batch=_batch(run),
        time_steps=run.time_steps,
        recordings=run.epochs * len(run.train),
        before=run.product,
    )


def _batch(run: TrainingRun) -> int:
    """Recordings in this process's share of a batch."""
    return -(-run.config.batch_size // run.train.worker.processes)


def _named(dataset: str, sha256: str) -> bool:
    """Whether `dataset` names recordings with this hash, so that they can be read again."""
    try:
        return dataset not in PUBLISHED and load(dataset).sha256() == sha256
    except InputError:
        return False


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
        raise ConfigError(_too_few(time_steps, needed, data, config.bin_s))
    sizes = {"time": time_steps, "channel": units // config.unit_pool}
    for name, size in ((f"{of}_{how}", sizes[of]) for how in ("shift", "mask") for of in sizes):
        if getattr(config, name) >= size:
            raise ConfigError(
                f"{name} = {getattr(config, name)}: a recording has {size} and would be empty; lower it"
            )
    return time_steps


def _too_few(time_steps: int, needed: int, data: Recordings, bin_s: float) -> str:
    """Which recordings do not fit into `time_steps`, of `needed` ones, and what to do."""
    parts = (data.splits.train, data.splits.validation, data.splits.test)
    every = [part.select([number]) for part in parts for number in range(len(part))]
    long = {one.needed_steps(bin_s): one for one in every}[needed]
    count = sum(one.needed_steps(bin_s) > time_steps for one in every)
    which = "" if long.files is None else f" ({one_line(long.files[0])})"
    return (
        f"time_steps = {time_steps}: {count} of {len(every)} recordings of '{data.name}' "
        f"{'needs' if count == 1 else 'need'} more, up to {needed} steps of {bin_s} s{which}; raise "
        "time_steps, do without it, or cut or leave out such recordings"
    )
