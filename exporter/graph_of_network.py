"""Integers of any network that is read from a file, chain or not, before anything is done for a target."""

from __future__ import annotations

from snnc.errors import LimitError
from snnc.exporter.nir.importer import Imported
from snnc.exporter.options import ExportOptions
from snnc.exporter.passes import Legalise, before, run_passes
from snnc.exporter.plan import plan_export
from snnc.stages import DiscreteModel, FloatGraph, QuantizedGraph, TrainedGraph, TrainedModel
from snnc.target import Target


def integers_of(network: TrainedModel | DiscreteModel | FloatGraph, options: ExportOptions) -> QuantizedGraph:
    """`network` quantised as `options` say. Raises `SnncError` if an option or a number does not fit."""
    graph: QuantizedGraph = run_passes(network, plan_export(network, options), before(Legalise))[-1].after
    return graph


def real_numbers(
    model: TrainedModel | TrainedGraph | Imported,
    options: ExportOptions,
    target: Target | None = None,
) -> TrainedModel | DiscreteModel | FloatGraph:
    """The network that the passes begin with, of what was read from a file.

    With a scale that is asked for, the integers of training are not used, as of a chain (`Discretise`).

    Raises
    ------
    LimitError
        Training finished it with a scale for each neuron, and the `target` has one for each population.
    """
    if isinstance(model, TrainedGraph):
        if options.anew:
            return model.graph
        found = model.of_bits(options.weight_bits)
        of_neurons = model.config.get("grids_of") == "neuron" and found is not model.graph
        if of_neurons and target is not None and target.chip:
            raise LimitError(
                f"target {target.name}: its weights of {options.weight_bits} bits were trained with a scale "
                "for each neuron (grids_of = 'neuron'), and a population on a chip has one; train with "
                "grids_of = 'population', export for a processor, or give bits that were not trained"
            )
        return found
    return model.model if isinstance(model, Imported) else model
