"""How training went, epoch by epoch; see `plots` for colours and escaping."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from snnc.report import figure_data
from snnc.report.plots import SERIES, Plot, figure, scatter, titled

ACCURACIES = {
    "train_accuracy": "training",
    "validation_accuracy": "validation, as trained",
    "validation_accuracy_rounded": "validation, whole delays",
}
LOSSES = {"loss": "training", "validation_loss": "validation"}
DASHES = ("dot", "solid", "dash")
"""Lines are told apart by more than their colour."""


@dataclass(frozen=True, slots=True)
class Training:
    """`curves[name][k]` is of epoch k + 1, None where it was not measured; `phases[k]` is its phase."""

    phases: list[str]
    curves: dict[str, list[float | None]]

    @property
    def spans(self) -> list[tuple[str, int, int]]:
        """Each phase with its first and last epoch, from 1."""
        found, epoch = [], 1
        for phase, rows in groupby(self.phases):
            count = len(list(rows))
            found.append((phase, epoch, epoch + count - 1))
            epoch += count
        return found

    @property
    def sentence(self) -> str:
        """As "80 epochs: gaussian 1 to 60, rounded 61 to 68"."""
        spans = (f"{phase or 'training'} {f'{a} to {b}' if a < b else a}" for phase, a, b in self.spans)
        return f"{len(self.phases)} epochs: {', '.join(spans)}"


def training(figures: Mapping[str, Any]) -> Training | None:
    """What `Report.figures` tells of training; None if nothing."""
    found = figure_data.read(figures, "training", Training)
    if found is not None:
        for name, values in found.curves.items():
            if len(values) != len(found.phases):
                raise figure_data.error(
                    f"training.curves.{name}", f"has {len(values)} epochs, expected {len(found.phases)}"
                )
    return found


def training_plots(found: Training) -> dict[str, Plot]:
    """Accuracy, loss and the width of the delays, where they are there."""
    made = {
        "plot-training-accuracy": _curves(found, ACCURACIES, "accuracy (%)", 100),
        "plot-training-loss": _curves(found, LOSSES, "loss", 1),
    }
    if any(found.curves.get("sigma", ())):
        made["plot-training-sigma"] = _curves(found, {"sigma": "σ"}, "width σ of the delays (steps)", 1)
    return {name: plot for name, plot in made.items() if plot is not None}


def _curves(found: Training, names: Mapping[str, str], unit: str, factor: int) -> Plot | None:
    traces, spoken = [], []
    known = [name for name in names if any(each is not None for each in found.curves.get(name, ()))]
    for name in known:
        number = list(names).index(name)
        points = [(k, factor * y) for k, y in enumerate(found.curves[name], start=1) if y is not None]
        traces.append(
            scatter(
                mode="lines",
                name=names[name],
                x=[epoch for epoch, _ in points],
                y=[round(value, 4) for _, value in points],
                line={"color": SERIES[number], "width": 2, "dash": DASHES[number if len(names) > 1 else 1]},
                hovertemplate=f"epoch %{{x}}, {names[name]}: %{{y}}<extra></extra>",
            )
        )
        spoken.append(f"{names[name]} {points[0][1]:.4g} at first and {points[-1][1]:.4g} in the end")
    if not traces:
        return None
    drawn = figure(
        250,
        34 if len(names) > 1 else 12,
        traces,
        showlegend=len(names) > 1,
        xaxis=titled("epoch"),
        yaxis=titled(unit, nticks=5, **({} if factor == 100 else {"rangemode": "tozero"})),
    )
    line = {"color": "var(--line-strong)", "width": 1, "dash": "dot"}
    place = {"xref": "x", "yref": "paper", "y0": 0, "y1": 1}
    drawn["layout"]["shapes"] = [
        {"type": "line", "line": line, **place, "x0": start - 0.5, "x1": start - 0.5}
        for _, start, _ in found.spans[1:]
    ]
    return Plot(drawn, f"{unit[0].upper()}{unit[1:]} by epoch: {'; '.join(spoken)}.")
