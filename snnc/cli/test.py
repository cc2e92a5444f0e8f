"""`snnc test`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from snnc.cli.results import Json, Quiet
from snnc.percent import percent, percents
from snnc.report.glossary import ROUNDED_ALONE, STAGES, TUNED, stage_words
from snnc.text import shell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snnc.stages import AccuracyStage
    from snnc.verification.groups import GroupAccuracy, Groups

TEST = "test"
"""The part that is tested where nothing is said."""
_FOLDS = "folds test each source in turn: `{}` writes a sweep of them"
_OF_TUNED = "quantised is of the integers after fine-tuning, all above it of the network before fine-tuning"


def print_accuracy(
    model: Annotated[Path, typer.Argument(help="Model file of `snnc train`, or folder of `snnc export`.")],
    split: Annotated[str, typer.Option(help="Part of the data: train, validation or test.")] = TEST,
    dataset: Annotated[
        str | None,
        typer.Option(
            help="Data set instead of the model's own, all of which is tested unless it has a test part, or "
            "the name of the model's own; or the folder of shd, ssc or gsc."
        ),
    ] = None,
    as_json: Json = None,
    quiet: Quiet = False,
    verbose: Annotated[
        bool,
        typer.Option("-v", "--verbose", help="Also print the accuracy by class and by source (speaker)."),
    ] = False,
) -> None:
    """Measure accuracy on held-out recordings: floating point, whole delays and, for an artifact, quantised.

    Each accuracy stands with its 95 % interval (Wilson), which takes the recordings as independent. It says
    little of other sources (speakers) if those of the recordings are few: a note tells so.

    Example: snnc test model.loihi
    """
    from dataclasses import asdict

    from snnc.cli import console, results
    from snnc.cli.after_model import export_of, unless_exported
    from snnc.cli.export_command import export_command
    from snnc.cli.following import after_test, hint
    from snnc.cli.new_data import tell
    from snnc.cli.own_data import to_measure_on
    from snnc.exporter.artifact import read_artifact
    from snnc.report.accuracy import wilson
    from snnc.report.speakers import caveats, few_speakers
    from snnc.saturated import Saturated
    from snnc.trainer.data.short_recordings import of_empty
    from snnc.trainer.model_file import load_model
    from snnc.trainer.samples import load_splits
    from snnc.trainer.tuning import not_shown
    from snnc.verification import accuracy
    from snnc.verification.groups import groups
    from snnc.verification.tuned_samples import finetuned

    artifact, saturated = None, None
    with console.status(f"accuracy on the {split} split"):
        if model.is_dir():
            artifact = read_artifact(model)
            (samples,) = accuracy.load_data(artifact, dataset, (split,), some=True)
            saturated = Saturated.none_yet(artifact.graph)
            decoded = accuracy.exported_classes(artifact, samples, saturated)
        else:
            trained = load_model(model)
            samples = load_splits(trained, (split,), dataset, model.parent, some=True)[0]
            decoded = accuracy.trained_classes(trained, samples)
    stages = accuracy.stages_of(decoded, samples)
    last = groups(stages[-1].stage, decoded[stages[-1].stage], samples.events)
    rows = [
        {**asdict(stage), "accuracy": stage.accuracy, "interval": wilson(stage.correct, stage.total)}
        for stage in stages
    ]
    found = {"model": model, "split": split, "stages": rows, "data": samples.other, "groups": last}
    found["saturations"] = saturated and saturated.counts
    results.write(as_json, "test", found)
    if samples.other is not None:
        console.out().print(samples.other.text, soft_wrap=True)
        tell(samples.other.notes)
    else:
        tell(f"{samples.name}: {note}" for note in of_empty(samples.events))
        tell(samples.copies)
    tell(f"{samples.name}: {note}" for note in samples.lines)
    if samples.left_out:
        tell([f"{samples.left_out}; the accuracy is of the others"])
    for stage in stages:
        console.out().print(line(stage))
    if any(stage.stage == ROUNDED_ALONE for stage in stages):
        told = "; ".join(f"{name} is {STAGES[name]}" for name in (ROUNDED_ALONE, "quantised"))
        console.out().print(f"note: {told}", soft_wrap=True)
    if artifact is not None and saturated and (told := saturated.note("quantised", artifact)):
        console.out().print(f"note: quantised: {told}", soft_wrap=True)
    if order := accuracy.order_of(samples, decoded[stages[-1].stage]):
        console.out().print(f"note: {order}", soft_wrap=True)
    if artifact is not None and finetuned(artifact) and stages[0].stage != TUNED:
        console.out().print(f"note: {_OF_TUNED}")
    if artifact is None:
        note = _of_floats(stages[-1].stage, export_of(model), split, dataset)
        console.out().print(f"note: {note}", soft_wrap=True)
        if told := not_shown(trained.metrics):
            names = f"`{shell('snnc', 'inspect', model)}` names its options"
            console.out().print(f"note: {told}; {names}", soft_wrap=True)
    spoken = {each.name: (each.correct, each.total) for each in last.speakers}
    for note in caveats(spoken, "" if verbose else "-v tells that of each"):
        console.out().print(f"note: {note}", soft_wrap=True)
    if few_speakers(spoken) and samples.name == TEST:  # whose sources did not train
        trained_file = "MODEL" if model.is_dir() else model  # an artifact does not name it
        console.out().print(f"note: {_FOLDS.format(shell('snnc', 'folds', trained_file))}", soft_wrap=True)
    if verbose:
        for text in group_lines(last):
            console.out().print(text)
    named = None if split == TEST else split
    if artifact is None:
        measured_on = to_measure_on(trained, model.parent, dataset)
        export = export_command(model, trained.metrics, trained.quantised, measured_on)
        hint(unless_exported(model, export, dataset, named))
    else:
        hint(after_test(artifact, dataset, named))


def _of_floats(last: str, export: Path | None, split: str, dataset: str | None) -> str:
    """What the `last` stage of a model file is, and what tells that of the integers: of its `export`, on the
    same recordings."""
    trained = ", after training with them where that helped" if last == "finished" else ""
    name = stage_words(last)
    same: list[object] = [] if split == TEST else ["--split", split]
    same += [] if dataset is None else ["--dataset", dataset]
    test = f"`{shell('snnc', 'test', *([export] if export else []), *same)}`"
    test += "" if export else " of what `snnc export` writes"
    real = f"the network in real numbers with rounded delays{trained}"
    return f"{name} is {real}; {test} tells that of the integers"


def line(stage: AccuracyStage) -> str:
    """One stage in words."""
    share = f"{percent(stage.correct, stage.total):>8}  ({stage.correct} of {stage.total}, {stage.split})"
    return f"{stage_words(stage.stage):<14} {share}  {interval(stage.correct, stage.total)}"


def interval(correct: int, total: int) -> str:
    """As "95 % interval 71.3 to 88.3 %"."""
    from snnc.report.accuracy import wilson

    return f"95 % interval {percents(wilson(correct, total))} %"


def group_lines(found: Groups) -> Iterator[str]:
    """A line a class and a speaker."""
    kinds: tuple[tuple[str, tuple[GroupAccuracy, ...]], ...]
    kinds = (("class", found.classes), ("source (speaker)", found.speakers))
    for kind, members in kinds:
        if members:
            yield f"by {kind}, {stage_words(found.stage)}:"
        width = max((len(each.name) for each in members), default=0)
        for each in members:
            share = f"{percent(each.correct, each.total):>8}  ({each.correct} of {each.total})"
            yield f"  {each.name:<{width}}  {share}  {interval(each.correct, each.total)}"
