"""What `snnc targets --for` tells of the nearest network that a chip's limits hold."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING, Any

from snnc.cli.check import CHANGE, PROBLEM
from snnc.cli.nearest_training import training_lines
from snnc.cli.training_command import COMMAND

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console
    from rich.table import Table

    from snnc.exporter.calibration import Calibration
    from snnc.exporter.nearest.measure import Right
    from snnc.exporter.nearest.run import Nearest
    from snnc.exporter.passes import Step
    from snnc.stages import QuantizedGraph
    from snnc.target import Limits, Target
    from snnc.trainer.model_file import AnyModel

NONE = "none"
"""As a data set: measure nothing."""


def print_nearest(graph: QuantizedGraph, recordings: Calibration | str, model: Path, out: Console) -> None:
    """Of each chip that has one, the nearest network to the integers `graph` of `model`, measured on
    `recordings`.
    """
    from snnc.cli import console
    from snnc.errors import LimitError, StageError
    from snnc.exporter.nearest.measure import measure_nearest
    from snnc.exporter.nearest.run import has_nearest, nearest
    from snnc.targets.registry import load_target
    from snnc.targets.registry import targets as known

    chips = [target for name in sorted(known()) if not (target := load_target(name)).emit]
    found: list[tuple[Nearest, Target]] = []
    with console.status("the nearest networks") as progress:
        for chip in chips:
            try:
                one = nearest(graph, chip, progress) if has_nearest(chip.limits) else None
            except (LimitError, StageError) as error:
                out.print(f"{chip.name}: no nearest network: {error}")
            else:
                found += [] if one is None else [(one, chip)]
        if not found:
            return
        trained = trained_at(model)
        for one, chip in found:
            measured: Right | str = (
                recordings
                if isinstance(recordings, str)
                else measure_nearest(graph, one, recordings, progress)
            )
            right = None if isinstance(measured, str) else measured
            out.print(nearest_table(one, chip.limits, right), soft_wrap=False)
            for line in chain(
                nearest_lines(one, chip, measured),
                training_lines(model, trained, one, chip.limits),
            ):
                out.print(line, soft_wrap=line.startswith(COMMAND))  # a command stays whole
        if not isinstance(recordings, str) and recordings.other is not None:
            out.print(f"note: measured on {recordings.other.text}", soft_wrap=True)


def recordings_of(model: Path, graph: QuantizedGraph, dataset: str | None) -> Calibration | str:
    """Recordings to measure on, or why there are none. Raises `InputError` for a bad `dataset`."""
    from snnc.errors import InputError
    from snnc.exporter.nearest.measure import recordings_for_nearest

    if dataset == NONE:
        return "--dataset none"
    try:
        return recordings_for_nearest(model, graph, dataset)
    except InputError as error:
        if dataset is not None:
            raise
        return str(error)


def trained_at(path: Path) -> AnyModel | None:
    """The model of `snnc train` at `path`, or that an exported folder carries; None if it is another file."""
    from snnc.errors import SnncError
    from snnc.exporter.nearest.measure import trained_model

    try:
        return trained_model(path)
    except SnncError:
        return None


def nearest_table(found: Nearest, limits: Limits, right: Right | None) -> Table:
    """A row a step: the limit, what it changes, and how many recordings are right then."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    title = f"{found.fit.target}: the nearest network of the same neurons, one limit after another"
    table = Table(title=title, title_style="", box=SIMPLE_HEAD, pad_edge=False, title_justify="left")
    table.add_column("limit")
    table.add_column("what it changes")
    if right is not None:
        table.add_column("right" if right.by_label else "as before", justify="right", no_wrap=True)
    rows = [("integers, as exported", "nothing yet")]
    rows += [(_limit(step.done.name, limits), _changes(step)) for step in found.steps]
    counts = [] if right is None else [right.integers, *right.steps]
    for number, row in enumerate(rows):
        table.add_row(*row, *(_share(counts[number], right) if right is not None else ()))
    return table


def nearest_lines(found: Nearest, chip: Target, right: Right | str) -> Iterator[str]:
    """Below the table: the recordings, or why there are none; what it is."""
    from snnc.cli.check import verdict

    if isinstance(right, str):
        yield f"accuracy: not measured: {right}"
    else:
        of = right.recordings
        what = "right" if right.by_label else "decoded as by the integers before"
        yield (
            f"{what}: of {of.used:,} of {of.available:,} recordings ({of.split}), in the event-driven "
            "simulator"
        )
    answer = verdict(found.fit, chip.limits.chips * chip.limits.cores)
    yield f"this nearest network and the limits of {chip.name}: {answer}"
    yield from (f"  {CHANGE}: {text}" for text in found.fit.changes)
    yield from (f"  {PROBLEM}: {text}" for text in found.fit.problems)
    yield f"estimate: this network was not trained so, and nothing can be exported to {found.fit.target}"


def _share(count: int, right: Right) -> tuple[str]:
    from snnc.percent import percent

    return (f"{count:,} ({percent(count, right.recordings.used)})",)


def _limit(step: str, limits: Limits) -> str:
    """The limit that `step` keeps, in words."""
    return {
        "fan_in": f"{limits.axons_in_per_core} sources a neuron",
        "levels": f"{limits.weights_per_neuron} weights a neuron",
        "no_leak": "no leak that multiplies",
        "whole_bias": "biases of whole weights",
        "one_delay": "one delay a source",
    }[step]


def _changes(step: Step[Any, Any]) -> str:
    from snnc.target import NO_LIMIT

    done: Any = step.done
    counts = done.summary(step.before, step.after)
    if done.name == "fan_in":
        return (
            f"{counts['synapses_removed']:,} of {counts['synapses']:,} synapses go, the weakest of "
            f"{counts['neurons_limited']:,} neurons"
        )
    if done.name == "levels":
        there = sum(each.synapses.count for each in step.before.projections)
        return (
            f"{there - counts['synapses_removed']:,} of {there:,} synapses stay, "
            f"{counts['weights_changed']:,} weights change, by "
            f"{counts['squares_lost_percent']:g} % of the sum of squares"
        )
    if done.name == "no_leak":
        return (
            f"decay_v of up to {counts['largest_decay_v']} becomes 0 in {counts['populations_changed']} "
            "populations: nothing is forgotten before a spike"
        )
    if done.name == "whole_bias":
        return (
            f"{counts['biases_rounded']:,} biases are rounded, by up to "
            f"{counts['largest_bias_change_steps']:g} of a weight step"
        )
    delays = f"{done.shortest}..{done.longest} steps: " if done.longest < NO_LIMIT - 1 else ""
    return (
        f"{delays}{counts['synapses_moved']:,} of {counts['synapses']:,} synapses move, by "
        f"{counts['mean_steps']:g} steps on average by weight, {counts['farthest_steps']} at most"
    )
