"""What an export answers to a network that was finished in integers, if these may overflow."""

from __future__ import annotations

from dataclasses import replace

from snnc.errors import LimitError
from snnc.exporter.graph_of_network import real_numbers
from snnc.exporter.options import ExportOptions
from snnc.exporter.trial import try_export
from snnc.stages import DiscreteModel, FloatGraph, TrainedGraph, TrainedModel
from snnc.target import Target

REFUSED = "may overflow, so an export of these bits is refused: {}"
"""A line on integers, with what `why_refused` gives."""


def why_refused(
    model: TrainedModel | TrainedGraph | DiscreteModel | FloatGraph, options: ExportOptions, target: Target
) -> str:
    """The error, whose remedies were tried; empty if it is exported."""
    network = real_numbers(model, options, target) if isinstance(model, TrainedGraph) else model
    try:
        try_export(network, target, replace(options, budget=False))
    except LimitError as error:
        return str(error)
    return ""
