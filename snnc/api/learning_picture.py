"""A picture of how a network was trained."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from snnc.api.pictures import Picture
from snnc.errors import InputError
from snnc.report import figure_data
from snnc.report.histogram_plots import LEARNING, learning_pair
from snnc.report.plots import Plot
from snnc.report.training_plots import training, training_plots
from snnc.trainer.delay_record import recorded
from snnc.verification.figures import learning_of
from snnc.verification.training_figures import training as training_figures

TITLES = {
    "plot-training-accuracy": "Accuracy by epoch",
    "plot-training-loss": "Loss by epoch",
    "plot-training-sigma": "Width of the delays by epoch",
}


def learning_picture(figures: Mapping[str, Any]) -> Picture:
    """What `figures` of a report tell of learning, as that draws it.

    Raises `InputError` if they tell nothing.
    """
    found = training(figures)
    curves = {} if found is None else training_plots(found)
    drawn: list[tuple[str, Plot]] = [(TITLES[name], plot) for name, plot in curves.items()]
    for layer in figure_data.histograms(figures):
        pair = zip(LEARNING, learning_pair(layer) or (), strict=False)
        drawn += [(f"Delays of {layer.layer}, {when}", plot) for when, plot in pair]
    if not drawn:
        raise InputError(
            "nothing of training is recorded; a network of snnc.train and its model file have it"
        )
    return Picture("Learning", tuple(drawn))


def of_metrics(metrics: Mapping[str, Any]) -> Picture:
    """What the `metrics` of a trained network tell. Raises `InputError` if they tell nothing."""
    rows = [{"layer": name, **learning_of(metrics, name)} for name in recorded(metrics, "learned")]
    return learning_picture({**training_figures(metrics), "histograms": rows})
