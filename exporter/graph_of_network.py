"""Integers of any network that is read from a file, chain or not, before anything is done for a target."""

from __future__ import annotations

from collections.abc import Sequence

from snnc.exporter.nir.importer import Imported
from snnc.exporter.options import ExportOptions
from snnc.exporter.passes import Legalise, before, run_passes
from snnc.exporter.plan import plan_export
from snnc.stages import DiscreteModel, FloatGraph, QuantizedGraph, TrainedGraph, TrainedModel


def integers_of(network: TrainedModel | DiscreteModel | FloatGraph, options: ExportOptions) -> QuantizedGraph:
    """`network` quantised as `options` say. Raises `SnncError` if an option or a number does not fit."""
    graph: QuantizedGraph = run_passes(network, plan_export(network, options), before(Legalise))[-1].after
    return graph


def real_numbers(
    model: TrainedModel | TrainedGraph | Imported, weight_bits: int | Sequence[int]
) -> TrainedModel | DiscreteModel | FloatGraph:
    """The network that the passes begin with, of what was read from a file."""
    if isinstance(model, TrainedGraph):
        return model.of_bits(weight_bits)
    return model.model if isinstance(model, Imported) else model
