"""Training on events, and accuracy."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from snnc.api.checks import check_filled, named, warn_of_classes, warn_of_data
from snnc.api.exported import Exported
from snnc.api.loading import load
from snnc.api.network import Network
from snnc.api.numbers import warn
from snnc.api.recordings import PathOrName, Recordings
from snnc.api.training_lines import TrainingLines
from snnc.api.words import python_words
from snnc.errors import InputError, LeftOutWarning
from snnc.exporter.finetune.trained import finished_in_integers
from snnc.keywords import checked_keywords, unknown_argument
from snnc.stages import TrainedGraph, TrainedModel
from snnc.text import did_you_mean, quoted
from snnc.trainer.config import TrainConfig, limited, load_config, presets
from snnc.trainer.data import EventDataset
from snnc.trainer.data import load as load_events
from snnc.trainer.data.class_names import NO_CLASS
from snnc.trainer.for_data import for_data
from snnc.trainer.hardware import Hardware
from snnc.trainer.loop import train as run
from snnc.trainer.model_file import model_bytes
from snnc.trainer.other_names import OTHER_NAMES
from snnc.trainer.phases import LEFT_OUT
from snnc.trainer.samples import load_splits
from snnc.trainer.suited import PRESET, preset_with
from snnc.trainer.tuning import not_shown
from snnc.verification import accuracy

BATCHES = 8
"""Of an epoch, at least, if there are as many recordings."""
OF_COUNTS = "counts to an export: its verify(x, labels=labels) tells the accuracy"
"""What `test` takes recordings of 0 and 1 for."""
FOLDERS = ("data_dir", "cache_dir")
"""Settings that say where data lie."""
LEAST_BATCH = 2
"""Recordings: batch norm has no variance of one."""


@checked_keywords()
def train(
    data: PathOrName | EventDataset,
    *,
    config: PathOrName | None = None,
    checkpoint: PathOrName | None = None,
    resume: bool = False,
    device: str = "auto",
    verbose: bool = True,
    **settings: Any,
) -> Network:
    """Train a network with learned delays, as `snnc train`; `save` of the result writes model.pt.

    Parameters
    ----------
    data : the name of a data set, an event file, or recordings of `load_data` or `from_arrays`. The model
        names them as its data; `test` and `verify` find a file again, recordings of arrays are given to them.
    config : a preset or a TOML file. Without it, data with a preset of their name ("shd") take that; others
        take the settings of "digits", some replaced to suit them; recordings of arrays take these in their
        own steps, without the augmentation. A line says so.
    checkpoint : a file for the state after each epoch; with `resume` an interrupted run goes on from it, or
        begins if it does not exist yet. Without `resume` no file that exists is replaced.
    device : "cpu", "cuda", one GPU as "cuda:1", or "auto".
    verbose : print a line for each phase of the training, and show a bar in a notebook or a terminal.
    **settings : fields of the configuration, as `epochs=3, hidden=[64]`. Fewer `epochs` limit later phases,
        too.

    Raises
    ------
    InputError
        If the data or the configuration cannot be read, or do not fit each other.
    TrainingError
        If the loss is no longer finite, or no recording is left to train or validate with.

    Warns
    -----
    LeftOutWarning
        Training in integers failed or is not possible for some `weight_bits`. The trained network is kept,
        and an export rounds it.
    UnlikelyWarning
        With `resume` and without `verbose`: the checkpoint does not exist, and training starts from the
        beginning.

    Examples
    --------
    >>> trained = snnc.train(recordings, hidden=[8], epochs=1, verbose=False)
    """
    _check_names(settings)
    _check_resumed(checkpoint, resume, verbose)
    lines = TrainingLines(verbose)
    with python_words():
        chosen = _config(data, config, settings, lines.say)
        warn_of_classes(data)
        try:
            model = run(
                chosen,
                data=data if isinstance(data, EventDataset) else None,
                progress=lines,
                notify=lines.say,
                checkpoint=checkpoint,
                resume=resume,
                hardware=Hardware(device),
                introduce="bin_s=SECONDS" if verbose else None,
            )
        finally:
            lines.end()
        if isinstance(model, TrainedGraph):
            recordings = data if isinstance(data, EventDataset) else None
            model = finished_in_integers(model, recordings, lines.say)
    for phase, why in model.metrics.get(LEFT_OUT, {}).items():
        warn(f"{phase}: {why}", LeftOutWarning)
    return Network(model, f"trained on {Path(model.dataset).name}", content=model_bytes(model))


@checked_keywords()
def test(
    model: Network | Exported | PathOrName,
    data: PathOrName | EventDataset | None = None,  # noqa: PT028
    *,
    split: str = "test",  # noqa: PT028
) -> dict[str, float]:
    """Accuracy on recordings that training did not see: the share, 0 .. 1, by stage, as `snnc test`.

    Stages are "float", "rounded" (whole delays), "finished" (whole delays, after the last phase of training)
    and, of an exported network, "quantised". What finetune trained is measured on the exported network:
    `test(tuned.export(...))`. For samples of your own, `Exported.verify(x, labels=...)` tells the accuracy.

    Parameters
    ----------
    model : what `train` gave, an exported network, or the path of either.
    data : other data than those that the model was trained on: a name, a path or recordings. All of them are
        measured, unless a test part comes with them. The recordings of arrays that it was trained on are
        given, too, and divided as in training. Recordings without a label are not counted.
    split : "train", "validation" or "test".

    Raises
    ------
    InputError
        If the model was not trained by snnc, or its data cannot be read.

    Warns
    -----
    UnlikelyWarning
        If `data` hold recordings that trained or validated the model, or without a label, or are a file with
        odd times; or if their classes seem to have other names, or another order, than the network learned.

    Examples
    --------
    >>> accuracy = snnc.test(trained, recordings)
    >>> sorted(accuracy)
    ['finished', 'float', 'rounded']
    """
    with python_words():
        found = model if isinstance(model, Network | Exported) else load(model)
        if isinstance(found, Exported):
            dataset = named(data, step_s=found.graph.bin_s, counts=OF_COUNTS)
            (samples,) = accuracy.load_data(found.artifact, dataset, (split,), some=True)
            decoded = accuracy.exported_classes(found.artifact, samples)
        elif isinstance(found.model, TrainedModel | TrainedGraph):
            near = None if found.path is None else found.path.parent
            dataset = named(data, step_s=found.model.bin_s, counts=OF_COUNTS)
            samples = load_splits(found.model, (split,), dataset, near, some=True)[0]
            decoded = accuracy.trained_classes(found.model, samples)
            if told := not_shown(found.model.metrics):
                print(f"{found.name}: {told}: test(net.export(...))")
        else:
            raise InputError(
                f"model: {found.name} was not trained by snnc.train; export it, and "
                "verify(data=recordings) or verify(x, labels=labels) of that tells the accuracy"
            )
    stages = accuracy.stages_of(decoded, samples)
    if samples.other is not None:
        warn_of_data(samples.other)
    if samples.left_out:
        warn(f"data: {samples.left_out}; the accuracy is of the others")
    for told in (*samples.copies, *samples.lines):
        warn(f"data: {told}")
    if (order := accuracy.order_of(samples, decoded[stages[-1].stage])) is not None:
        warn(order)
    return {each.stage: each.accuracy for each in stages}


test.__test__ = False  # type: ignore[attr-defined]  # pytest: no test


def _check_names(settings: Iterable[str]) -> None:
    """Raises `CallError` for a name that is none of a field, nor near one; the configuration tells those."""
    fields = TrainConfig.model_fields
    for name in settings:
        if name not in fields and not did_you_mean(name, fields, OTHER_NAMES):
            known = [key for key in inspect.signature(train).parameters if key != "settings"]
            raise unknown_argument("train", name, known, fields=fields)


def _check_resumed(checkpoint: PathOrName | None, resume: bool, verbose: bool) -> None:
    """Raises `InputError` if no file is named, or one is there that the training would replace.

    Warns of one to go on from that is missing; `verbose` tells it, too.
    """
    if not resume:
        if checkpoint is not None and os.path.lexists(checkpoint):
            raise InputError(
                f"checkpoint: {checkpoint} exists; give another name, or, of an interrupted run, resume=True"
            )
        return
    if checkpoint is None:
        raise InputError("resume: is True without checkpoint; give checkpoint, the file to go on from, too")
    if not verbose and not Path(checkpoint).exists():
        warn(f"checkpoint: {checkpoint} does not exist; training starts from the beginning")


def _config(
    data: PathOrName | EventDataset,
    config: PathOrName | None,
    settings: dict[str, Any],
    say: Callable[[str], None],
) -> TrainConfig:
    if not isinstance(data, str | os.PathLike | EventDataset):
        raise InputError(
            f"data: is {quoted(data)}; snnc.from_arrays(x, labels, dt=...) makes recordings of arrays"
        )
    if settings.get("dataset") is not None:
        raise InputError(f"dataset: is {quoted(settings['dataset'])}, and data say what trains; leave it out")
    if isinstance(data, EventDataset):
        check_filled(data)
        if data.class_names == (NO_CLASS,):
            raise InputError(f"data: no class is known of {quoted(data)}; give labels to train")
        if beside := [name for name in FOLDERS if settings.get(name) is not None]:
            raise InputError(f"{beside[0]}: is for data that are named, recordings are given; leave it out")
    if isinstance(data, Recordings) and config is None and data.steps is not None:
        own = _of_arrays(data) | settings
        chosen = limited(preset_with(own), settings)
        said = ", ".join(f"{name}={value!r}" for name, value in own.items())
        say(f"settings of the preset {PRESET!r} with {said}")
        return chosen
    if config is None:
        if isinstance(data, EventDataset) or str(data) not in presets():
            return limited(preset_with(_of_data(data, settings, say)), settings)
        config = data
    source = data.source if isinstance(data, Recordings) else None
    if not isinstance(data, EventDataset) and str(data) != str(config):
        source = str(data)
    if source is not None:
        settings = {"dataset": source, **settings}
    return limited(load_config(config, settings), settings)


def _of_data(
    data: PathOrName | EventDataset, settings: dict[str, Any], say: Callable[[str], None]
) -> dict[str, Any]:
    """As `snnc train` of data alone: `settings`, and those that suit the data, which are said."""
    source: PathOrName | None
    if isinstance(data, EventDataset):
        events, source = data, data.source if isinstance(data, Recordings) else None
    else:
        step = preset_with({"bin_s": settings["bin_s"]}).bin_s if "bin_s" in settings else None
        try:
            events, source = load_events(data, step), data
        except InputError as error:
            if isinstance(data, str) and (meant := did_you_mean(data, presets())):
                error.args = (f"{error}{meant}",)
            raise
        if events.class_names == (NO_CLASS,):
            raise InputError(f"data: no class is known of {quoted(str(data))}; give labels to train")
    fields, lines = for_data(source or events.name, events, settings, "bin_s=")
    for line in lines:
        say(line)
    return fields


def _of_arrays(data: Recordings) -> dict[str, Any]:
    """Settings that fit recordings of arrays: all of them in their steps, and several batches an epoch."""
    assert data.steps is not None
    preset = load_config(PRESET)
    longest = data.steps - 1 + data.steps % 2
    return {
        "dataset": data.name,
        "bin_s": data.tick_s,
        "time_steps": data.steps,
        "padding_steps": 0,
        "kernel_size": min(preset.kernel_size, longest),
        "batch_size": min(preset.batch_size, max(LEAST_BATCH, len(data) // BATCHES)),
        "time_shift": 0,
        "channel_shift": 0,
        "event_dropout": 0.0,
    }
