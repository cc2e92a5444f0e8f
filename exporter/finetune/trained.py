"""The last phase of training for a network that is no chain: it is finished in integers.

A chain is finished by the trainer itself, on grids of its layers. Here the grids are those that an export to
a chip chooses, one for each population, or with `grids_of = "neuron"` those for a processor: one for each
neuron.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from snnc.errors import LimitError, SnncError, StageError, TrainingError
from snnc.exporter.finetune.finish import (
    EpochReport,
    Finished,
    Measure,
    Samples,
    Settings,
    answers,
    finish,
    is_sound,
)
from snnc.exporter.finetune.refused import REFUSED, why_refused
from snnc.exporter.finetune.rounding import starts_of
from snnc.exporter.options import ExportOptions
from snnc.exporter.plan import plan_export
from snnc.percent import short_percent
from snnc.stages import FloatGraph, TrainedGraph
from snnc.targets.registry import target_of
from snnc.trainer import phases
from snnc.trainer.config import TrainConfig, make_config
from snnc.trainer.data import EventDataset
from snnc.trainer.phases import LEFT_OUT
from snnc.trainer.samples import Samples as Recordings
from snnc.trainer.samples import load_splits

TARGETS = {"population": "loihi", "neuron": "c"}
"""By what has a grid of its own, a target with such grids; others of its kind would do."""
FRAMES_LIMIT = 1 << 31
"""Most bytes of the frames of recordings, which are all held at once."""
PARTS = ("train", "validation")
Say = Callable[[str], None]


def finished_in_integers(
    model: TrainedGraph, dataset: EventDataset | None = None, say: Say = lambda text: None
) -> TrainedGraph:
    """`model`, trained on in integers for each of the `weight_bits` of its configuration.

    Parameters
    ----------
    dataset : recordings that it was trained on, if its configuration does not name them.
    say : called with a line for each epoch, and for what is left out: bits without such integers, or with an
        epoch that leaves the formats or has gradients that are not finite; or all of them, if all frames take
        too much memory or the recordings cannot be read again. The metrics of the result say it, too.
    """
    try:
        return _of_all_bits(model, dataset, say)
    except SnncError as error:  # the network in floating point is there, and stays
        return _left_out(model, str(error), say)


def _left_out(model: TrainedGraph, why: str, say: Say) -> TrainedGraph:
    why = f"left out, {why}"
    say(f"in integers: {why}")
    return replace(model, metrics={**model.metrics, LEFT_OUT: {"in integers": why}})


def _of_all_bits(model: TrainedGraph, dataset: EventDataset | None, say: Say) -> TrainedGraph:
    config = make_config(model.config, "the model's configuration")
    train, validation = load_splits(model, PARTS, dataset, to_train=True)
    size = (len(train) + len(validation)) * model.time_steps * model.inputs
    if size > FRAMES_LIMIT:
        why = f"all frames take {size} bytes, the limit is {FRAMES_LIMIT}"
        return _left_out(model, f"{why}; use snnc.finetune with fewer recordings", say)
    own = _framed(train), _framed(validation)
    own = own[0], replace(own[1], answers=answers(model.graph, own[1].events))
    quantised, steps = dict(model.quantised), dict(model.metrics["validation"])
    left_out: dict[str, str] = {}
    without_gain: list[str] = []
    for bits in config.weight_bits:
        try:
            found, sound = _finished(model, bits, config, own, say)
        except (LimitError, StageError, TrainingError) as error:
            no_such = "" if isinstance(error, TrainingError) else "the network has no such integers: "
            left_out[f"int{bits}"] = f"left out, {no_such}{error}"
            say(f"int{bits}: {left_out[f'int{bits}']}")
            continue
        assert isinstance(found.network, FloatGraph)  # as it began
        quantised[bits] = found.network
        steps[f"int{bits}"] = _step(found.before)
        if found.clipped is not None:
            steps[phases.clipped(bits)] = _step(found.clipped)
        steps[f"int{bits}_final"] = _step(found.after)
        if config.integer_epochs and not found.epoch:
            without_gain.append(f"int{bits}")
            say(
                phases.kept_as_it_was(
                    f"int{bits}", found.after.right / found.after.total, found.clipped is not None
                )
            )
        if not sound:
            made = replace(model, quantised=dict(quantised))
            why = why_refused(made, ExportOptions(weight_bits=bits), target_of(TARGETS[config.grids_of]))
            say(f"int{bits}: {REFUSED.format(why)}")
    told = {**model.metrics, "validation": steps} | ({LEFT_OUT: left_out} if left_out else {})
    told |= {phases.WITHOUT_GAIN: without_gain} if without_gain else {}
    return replace(model, quantised=quantised, metrics=told)


def _finished(
    model: TrainedGraph, bits: int, config: TrainConfig, own: tuple[Samples, Samples], say: Say
) -> tuple[Finished, bool]:
    """What training in integers made, and whether overflow is excluded: if it was before, it stays so."""
    plan = plan_export(model.graph, ExportOptions(weight_bits=bits), target_of(TARGETS[config.grids_of]))
    starts = starts_of(model.graph, plan)
    sound = any(is_sound(each.integers(each.graph)) for each in starts)
    settings = Settings(
        config.integer_epochs,
        config.batch_size,
        config.quantise_lr,
        config.seed,
        allow_saturation=not sound,
        keep_last=config.keeps_last,
    )

    def told(report: EpochReport) -> None:
        now = report.validation
        kept = ", the best" if report.best else ", may overflow and is not kept" * report.overflows
        right = short_percent(now.right / now.total)
        say(
            f"int{bits}: epoch {report.epoch} of {report.epochs}: loss {report.loss:.3f}, {right}% of "
            f"validation right{kept}"
        )

    found = finish(starts, *own, settings, told)
    return found, sound and found.sound


def _framed(part: Recordings) -> Samples:
    events, labels = part.frames(np.arange(len(part)))
    return Samples(events, labels[:, None])


def _step(measure: Measure) -> dict[str, Any]:
    """As the steps of a run are recorded."""
    return {"loss": measure.loss, "accuracy": measure.right / measure.total}
