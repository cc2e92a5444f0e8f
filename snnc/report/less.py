"""What a page that would be too large leaves out, one thing after the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from snnc.report import figure_data
from snnc.stages import Report
from snnc.stages.losses import ExportLosses

CURVES = 20
"""Readout curves that are left where those of all classes do not fit."""

Reduction = Callable[[Report], Report]


def _without_figures(*names: str) -> Reduction:
    def reduced(report: Report) -> Report:
        kept = {name: data for name, data in report.figures.items() if name not in names}
        return replace(report, figures=kept)

    return reduced


def _fewer_curves(report: Report) -> Report:
    """The classes whose v is largest, and the two that are named."""
    curves = figure_data.readout(report.figures)
    if curves is None:
        return report
    order = sorted(range(len(curves.v)), key=lambda index: -max(curves.v[index], default=0.0))
    named = {index for index, name in enumerate(curves.classes) if name in (curves.label, curves.predicted)}
    kept = sorted({*order[:CURVES], *named})
    fewer = {
        **report.figures["readout"],
        "classes": [curves.classes[index] for index in kept],
        "v": [curves.v[index] for index in kept],
    }
    return replace(report, figures={**report.figures, "readout": fewer})


LESS: tuple[tuple[str, Reduction], ...] = (
    (f"readout curves of all classes but {CURVES}", _fewer_curves),
    ("the samples to pick from", _without_figures("samples", "synapses")),
    ("the rasters of spikes", _without_figures("raster")),
    ("the learning curves", _without_figures("training")),
    ("the histograms", _without_figures("histograms")),
    ("the table of cores", lambda report: replace(report, resources=())),
    ("the section on the chip", lambda report: replace(report, chip=None)),
    ("the confusions", lambda report: replace(report, confusion=None)),
    ("the coverage", lambda report: replace(report, coverage=())),
    ("the table of layers", lambda report: replace(report, layers=())),
    ("the drawing and table of projections", lambda report: replace(report, network={})),
    ("the accuracy losses", lambda report: replace(report, costs=ExportLosses())),
    ("all pictures", lambda report: replace(report, figures={})),
    ("the provenance", lambda report: replace(report, provenance={})),
)
"""What is left out, in words, and the report without it."""
