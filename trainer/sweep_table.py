"""What came out of a sweep: mean and 95 % t-interval of each variant, as data, text and a plot.

The interval is over the seeds; where there are folds, over the folds, each of them the mean of its seeds:
seeds of one fold share their recordings, and so are not independent.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from snnc.errors import InputError
from snnc.percent import short_percent
from snnc.text import many
from snnc.trainer.sweep import SweepRun
from snnc.trainer.sweep_points import COSTS, OF_NETWORK, Point, front

CONFIDENCE = 0.95
ALIKE = 1e-12
"""Accuracies that differ by less are equal, but for rounding."""
_INTEGERS = {f"int{bits}": f"{bits} bits" for bits in range(8, 1, -1)}
TEST_STAGES = {
    "test": "whole delays, test",
    **{f"test-{stage}": f"{name}, test" for stage, name in _INTEGERS.items()},
}
"""Accuracies on the test split, where that was asked for."""
STAGES = {
    "gaussian": "Gaussian delays",
    "rounded": "rounded only",
    "final": "whole delays",
    **_INTEGERS,
    **TEST_STAGES,
}
"""Accuracies of a row, those of the validation split first."""
Tested = Mapping[str, Mapping[str, float]]
"""By name of a run, those of `TEST_STAGES` that are known, 0 .. 1, and of how many `recordings` they are."""
NONE = "–"

HEADINGS = {
    "operations": "operations",
    "bytes": "synapse bytes",
    "energy_uj": "µJ, estimate",
    "latency_ms": "ms, estimate",
}
"""Of `COSTS`, in a narrow column."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """Accuracies of the runs, 0 .. 1; `half_width` of the interval is None for a single seed or fold."""

    values: tuple[float, ...]
    mean: float
    half_width: float | None

    def __str__(self) -> str:
        if self.half_width == 0:  # of few recordings: an interval of no width would promise too much
            return f"{short_percent(self.mean)}, all alike"
        spread = "" if self.half_width is None else f" ± {100 * self.half_width:.1f}"
        return f"{short_percent(self.mean)}{spread}"


@dataclass(frozen=True, slots=True)
class Row:
    """One variant: its runs that finished, trained numbers, hidden neurons, and accuracies by `STAGES`.

    `seeds` and `folds` are those of each run; there may be no folds. Integers of a number of bits have an
    accuracy if all of the runs have such integers.
    """

    variant: str
    seeds: tuple[int, ...]
    parameters: int
    hidden: tuple[int, ...]
    accuracy: Mapping[str, Estimate]
    folds: tuple[str, ...] = ()


def estimate(values: Sequence[float], folds: Sequence[str] = ()) -> Estimate:
    """Mean and half-width of Student's t interval, `t(0.975, n - 1) s / sqrt(n)`.

    With `folds`, that of each value, n is the number of folds, and s is of their means.
    """
    means = list(values)
    if folds:
        own = [
            [v for v, of in zip(values, folds, strict=True) if of == fold] for fold in dict.fromkeys(folds)
        ]
        means = [float(np.mean(some)) for some in own]
    n = len(means)
    half = None
    if n > 1:
        from scipy.stats import t as student_t  # takes longer to import than all else here

        quantile = student_t.ppf((1 + CONFIDENCE) / 2, n - 1)
        alike = max(means) - min(means) < ALIKE
        half = 0.0 if alike else float(quantile * np.std(means, ddof=1) / np.sqrt(n))
    return Estimate(tuple(values), float(np.mean(means)), half)


def rows(
    results: Sequence[tuple[SweepRun, Mapping[str, Any]]],
    test: Tested | None = None,
    points: Sequence[Point] = (),
) -> list[Row]:
    """A row a variant of the finished runs, their records, and the `test` accuracies of each.

    `points` are the runs in integers. Raises as `check_data`.
    """
    check_data(results)
    integers = {(point.run, f"int{point.bits}"): point.accuracy for point in points}
    by_variant: dict[str, list[tuple[SweepRun, Mapping[str, Any]]]] = {}
    for run, record in results:
        by_variant.setdefault(run.variant, []).append((run, record))
    made = []
    for variant, runs in by_variant.items():
        folds = tuple(run.fold for run, _ in runs if run.fold)
        accuracy = {
            stage: estimate([record["validation"][stage]["accuracy"] for _, record in runs], folds)
            for stage in ("gaussian", "rounded", "final")
        }
        for run, _ in runs:
            integers |= {(run.name, stage): found for stage, found in (test or {}).get(run.name, {}).items()}
        for stage in STAGES:
            found = [integers[run.name, stage] for run, _ in runs if (run.name, stage) in integers]
            if len(found) == len(runs):
                accuracy[stage] = estimate(found, folds)
        first = runs[0][1]
        seeds = tuple(run.config.seed for run, _ in runs)
        trained, hidden = first["parameters"]["trained"], tuple(first["hidden"])
        made.append(Row(variant, seeds, trained, hidden, accuracy, folds))
    return made


def to_cells(table: Sequence[Row]) -> tuple[list[str], list[list[str]]]:
    """Headings and rows of text; accuracies in percent."""
    stages = [stage for stage in STAGES if any(stage in row.accuracy for row in table)]
    in_folds = any(row.folds for row in table)
    counts = ["folds", "seeds"] if in_folds else ["seeds"]
    headings = ["variant", "hidden", "parameters", *counts, *(f"{STAGES[stage]}, %" for stage in stages)]
    cells = [
        [
            row.variant,
            "-".join(map(str, row.hidden)),
            str(row.parameters),
            *([str(len(set(row.folds)))] if in_folds else []),
            str(len(set(row.seeds))),
            *(str(row.accuracy.get(stage, NONE)) for stage in stages),
        ]
        for row in table
    ]
    return headings, cells


def run_cells(
    results: Sequence[tuple[SweepRun, Mapping[str, Any]]], test: Tested
) -> tuple[list[str], list[list[str]]]:
    """Headings and rows of text of what each run reaches on the test split, beside validation."""
    stages = [stage for stage in TEST_STAGES if any(stage in found for found in test.values())]
    headings = [
        "run",
        "whole delays, validation, %",
        "recordings, test",
        *(f"{TEST_STAGES[stage]}, %" for stage in stages),
    ]
    cells = [
        [
            run.name,
            short_percent(record["validation"]["final"]["accuracy"]),
            f"{test[run.name]['recordings']:.0f}",
            *(short_percent(test[run.name][stage]) if stage in test[run.name] else NONE for stage in stages),
        ]
        for run, record in results
    ]
    return headings, cells


def point_cells(points: Sequence[Point], with_front: bool = True) -> tuple[list[str], list[list[str]]]:
    """Headings and rows of text of runs in integers; those on the front say so, unless there is none."""
    best = front(points) if with_front else []
    known = [name for name in COSTS if any(name in point.costs for point in points)]
    headings = ["run", "bits", "validation, %", *(HEADINGS[name] for name in known)]
    cells = [
        [
            point.run,
            str(point.bits),
            short_percent(point.accuracy),
            *(cost_text(name, point.costs[name]) if name in point.costs else NONE for name in known),
            *(["yes" if point in best else ""] if with_front else []),
        ]
        for point in points
    ]
    headings += ["front"] if with_front else []
    return headings, cells


def cost_text(name: str, value: float) -> str:
    """One of `COSTS`: whole numbers, or three digits of what is a fraction."""
    return f"{value:,.0f}" if name in OF_NETWORK else f"{value:.3g}"


def to_markdown(*tables: tuple[Sequence[str], Sequence[Sequence[str]]], notes: Sequence[str] = ()) -> str:
    """Headings and rows of each, below each other, in Markdown, and `notes` on the last."""
    return "\n".join([*(_markdown(*each) for each in tables), *(f"{note}\n" for note in notes)])


def _markdown(headings: Sequence[str], cells: Sequence[Sequence[str]]) -> str:
    rule = ["---", *["---:"] * (len(headings) - 1)]
    return "".join(f"| {' | '.join(line)} |\n" for line in (headings, rule, *cells))


def to_json(
    table: Sequence[Row],
    failed: Mapping[str, str],
    integers: Mapping[str, Any] | None = None,
    tested: Tested | None = None,
) -> str:
    """The table with every value, the errors of runs that failed, by name, and what is told of `integers`.

    And the accuracies of each run on the test split, if there are any.
    """
    content = {
        "format": "snnc-sweep",
        "version": 1,
        "confidence": CONFIDENCE,
        "rows": [{key: value for key, value in asdict(row).items() if value != ()} for row in table],
        "failed": dict(failed),
    }
    content |= {} if integers is None else {"integers": dict(integers)}
    content |= {} if tested is None else {"tested": {name: dict(found) for name, found in tested.items()}}
    return json.dumps(content, indent=1) + "\n"


def to_html(table: Sequence[Row], title: str) -> str:
    """A bar plot with the intervals, in one file that needs no network."""
    import plotly.graph_objects as go

    figure = go.Figure()
    for stage in ("final", "test"):
        shown = [(row, row.accuracy[stage]) for row in table if stage in row.accuracy]
        if shown:
            halves = [None if found.half_width is None else 100 * found.half_width for _, found in shown]
            figure.add_bar(
                name=STAGES[stage] + (", validation" if stage == "final" else ""),
                y=[row.variant for row, _ in shown],
                x=[100 * found.mean for _, found in shown],
                error_x={"type": "data", "array": halves},
                orientation="h",  # names of variants are long
                customdata=[f"{found} %, {many(len(found.values), 'run')}" for _, found in shown],
                hovertemplate="%{y}: %{customdata}<extra></extra>",
            )
    figure.update_layout(
        title=title,
        template="plotly_white",
        showlegend=True,
        xaxis={"title": f"accuracy, %, and {CONFIDENCE:.0%} t-interval", "rangemode": "tozero"},
        yaxis={"autorange": "reversed"},
    )
    page: str = figure.to_html(include_plotlyjs=True, full_html=True, default_height="95vh")
    return page


def check_data(results: Sequence[tuple[SweepRun, Mapping[str, Any]]]) -> None:
    """Raises `InputError` if two runs of one data set saw other recordings."""
    seen: dict[object, tuple[str, SweepRun]] = {}
    for run, record in results:
        c = run.config
        source = (c.dataset, c.data_dir, c.validation_speakers, c.test_speakers)  # parts are hashed apart
        sha256, first = seen.setdefault(source, (record["data"]["sha256"], run))
        if sha256 != record["data"]["sha256"]:
            raise InputError(
                f"{run.name} and {first.name}: data '{run.config.dataset}' changed between the two runs; "
                "run both again: remove their records"
            )
