"""All figures of a report, by the id of their place in the page."""

from __future__ import annotations

from snnc.errors import InputError
from snnc.report import (
    bits_front,
    figure_data,
    histogram_plots,
    membrane_plots,
    plots,
    sample_data,
    step_plots,
    training_plots,
)
from snnc.report.figure_data import LayerHistograms
from snnc.report.plots import Plot
from snnc.stages import Report
from snnc.stages.losses import ExportLosses


def page_plots(report: Report) -> tuple[dict[str, Plot], list[tuple[LayerHistograms, list[str]]]]:
    """`report_plots` as the page has them: all accuracies in one, and no raster beside the same to pick from.

    Raises
    ------
    InputError
        If `report.figures` is malformed.
    """
    figures, histograms = report_plots(report)
    budget = figures.pop("plot-loss", None)
    if budget is not None:
        figures["plot-accuracy"] = plots.accuracy_bars(report.accuracy, report.costs.loss)
    if sample_data.script_data(report.figures) and "plot-raster-found" not in figures:
        figures.pop("plot-raster", None)  # it is of the first sample to pick
    return figures, histograms


def report_plots(report: Report) -> tuple[dict[str, Plot], list[tuple[LayerHistograms, list[str]]]]:
    """The figures that there are data for, and of each layer its histograms with the ids of their figures.

    Raises
    ------
    InputError
        If `report.figures` is malformed.
    """
    figures: dict[str, Plot] = {}
    if any(stage.total for stage in report.accuracy):
        figures["plot-accuracy"] = plots.accuracy_bars(report.accuracy)
    figures |= _rasters(report)
    if (readout := figure_data.readout(report.figures)) is not None:
        figures["plot-readout"] = membrane_plots.readout_curves(readout)
    first = report.first_divergence
    if first is not None and first[1].vicinity is not None:
        executor, divergence = first[0].name, first[1]
        near = first[1].vicinity
        figures["plot-context"] = membrane_plots.membrane_traces(near, divergence, report.reference, executor)
    histograms = []
    for index, layer in enumerate(figure_data.histograms(report.figures)):
        pictures = {
            "delays": histogram_plots.delays(layer),
            "weights": histogram_plots.weights(layer),
        }
        drawn = {f"plot-{kind}-{index}": plot for kind, plot in pictures.items() if plot is not None}
        figures |= drawn
        histograms.append((layer, list(drawn)))
        if (pair := histogram_plots.learning_pair(layer)) is not None:
            figures |= {f"plot-initial-{index}": pair[0], f"plot-learned-{index}": pair[1]}
    if (training := training_plots.training(report.figures)) is not None:
        figures |= training_plots.training_plots(training)
    figures |= _losses(report.costs)
    if report.chip is not None:
        figures["plot-steps"] = plots.step_bars(report.chip)
    return figures, histograms


def _losses(losses: ExportLosses) -> dict[str, Plot]:
    found = {}
    if losses.loss is not None:
        found["plot-loss"] = plots.loss_bars(losses.loss)
        found["plot-sqnr"] = plots.sqnr_bars(losses.loss)
    if losses.bits is not None:
        before, after = losses.bits.found[0], losses.bits.best
        if (front := bits_front.bits_front(losses.bits)) is not None:
            found["plot-front"] = front
        found["plot-bytes"] = plots.byte_bars(losses.bits.layers, before.synapse_bytes, after.synapse_bytes)
    return found


def _rasters(report: Report) -> dict[str, Plot]:
    """One raster, or where spikes of an executor that differs are there two."""
    rows = figure_data.rasters(report.figures)
    if not rows:
        return {}
    steps = figure_data.time_steps(report.figures)
    if all(row.found is None for row in rows):
        return {"plot-raster": step_plots.raster(rows, steps)}
    first = report.first_divergence
    if first is None:
        raise InputError(
            "report: figures.raster: holds spikes of an executor that differs, but none does; "
            "write the report again with `snnc verify`"
        )
    expected, found = step_plots.raster_pair(rows, steps, report.reference, first[0].name, first[1].step)
    return {"plot-raster": expected, "plot-raster-found": found}


def differing_spikes(report: Report) -> bool:
    """Whether a spike of the pictured sample differs."""
    rows = figure_data.rasters(report.figures)
    return any(row.found is not None and set(row.found) != set(row.spikes) for row in rows)
