"""What the networks of a sweep reach on their test splits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from snnc.trainer.sweep import SweepRun
    from snnc.trainer.sweep_table import Tested


def tested_by(runs: Sequence[SweepRun]) -> dict[str, dict[str, float]]:
    """Accuracy of each run's final network on its test split, by the table's name of it."""
    from snnc.trainer.model_file import load_model
    from snnc.trainer.samples import load_samples
    from snnc.verification import accuracy

    found = {}
    for run in runs:
        model = load_model(run.model)
        last = accuracy.trained_stages(model, load_samples(model, "test"))[-1]
        found[run.name] = {"test": last.accuracy, "recordings": last.total}
    return found


def totals(runs: Sequence[SweepRun], tested: Tested) -> list[str]:
    """A line for each variant with folds and each of `TEST_STAGES` that all of its runs have.

    An interval of recordings tells how sure the figure is where all folds are alike; several seeds answer for
    the same recordings, so then there is none.
    """
    from snnc.percent import percents
    from snnc.report.accuracy import wilson
    from snnc.text import many
    from snnc.trainer.sweep_table import TEST_STAGES

    variants: dict[str, list[SweepRun]] = {}
    for run in runs:
        if run.fold:
            variants.setdefault(run.variant, []).append(run)
    lines = []
    for variant, own in variants.items():
        found: list[Mapping[str, float]] = [tested[run.name] for run in own]
        total = round(sum(one["recordings"] for one in found))
        folds, seeds = many(len({run.fold for run in own}), "fold"), len({run.config.seed for run in own})
        for stage, name in TEST_STAGES.items():
            if not all(stage in one for one in found):
                continue
            right = sum(round(one[stage] * one["recordings"]) for one in found)
            if seeds > 1:
                told = f"answers are right, in {folds} with {seeds} seeds each"
            else:
                ends = percents(wilson(right, total))
                told = f"recordings are right, in {folds}: 95 % interval {ends} % for these sources alone"
            lines.append(f"{variant}: {name}: {right} of {total} {told}")
    return lines
