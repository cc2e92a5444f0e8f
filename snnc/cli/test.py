"""`snnc test`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from snnc.cli.results import Json, Quiet

if TYPE_CHECKING:
    from snnc.stages import AccuracyStage


def print_accuracy(
    model: Annotated[Path, typer.Argument(help="Model file of `snnc train`, or folder of `snnc export`.")],
    split: Annotated[str, typer.Option(help="Part of the data: train, validation or test.")] = "test",
    dataset: Annotated[
        str | None,
        typer.Option(help="Data set instead of the model's own, or the folder of shd, ssc or gsc."),
    ] = None,
    as_json: Json = None,
    quiet: Quiet = False,
) -> None:
    """Measure accuracy on held-out recordings: floating point, whole delays and, for an artifact, quantised.

    Example: snnc test model.loihi
    """
    from dataclasses import asdict

    from snnc.cli import console, results
    from snnc.cli.following import after_export, after_train, hint
    from snnc.exporter.artifact import read_artifact
    from snnc.trainer.model_file import load_model
    from snnc.trainer.samples import load_samples
    from snnc.verification import accuracy

    artifact = None
    with console.status(f"accuracy on the {split} split"):
        if model.is_dir():
            artifact = read_artifact(model)
            stages = accuracy.stages(artifact, *accuracy.load_data(artifact, dataset, (split,)))
        else:
            trained = load_model(model)
            stages = accuracy.trained_stages(trained, load_samples(trained, split, dataset, model.parent))
    rows = [{**asdict(stage), "accuracy": stage.accuracy} for stage in stages]
    results.write(as_json, "test", {"model": model, "split": split, "stages": rows})
    for stage in stages:
        console.out().print(line(stage))
    hint(after_export(artifact) if artifact else after_train(model))


def line(stage: AccuracyStage) -> str:
    """One stage in words."""
    return f"{stage.stage:<14} {stage.accuracy:7.2%}  ({stage.correct} of {stage.total}, {stage.split})"
