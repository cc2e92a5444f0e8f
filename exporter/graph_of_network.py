"""Integers of any network that is read from a file, chain or not, before anything is done for a target."""

from __future__ import annotations

from snnc.exporter.options import ExportOptions
from snnc.exporter.passes import Legalise, QuantiseGraph, Step, before, run_passes
from snnc.exporter.plan import plan_export
from snnc.exporter.record import Observer, PassRecord, Recorder
from snnc.stages import DiscreteModel, FloatGraph, QuantizedGraph, TrainedModel
from snnc.target import Target


def integers_of(network: TrainedModel | DiscreteModel | FloatGraph, options: ExportOptions) -> QuantizedGraph:
    """`network` quantised as `options` say. Raises `SnncError` if an option or a number does not fit."""
    if isinstance(network, FloatGraph):
        return quantised(network, options)[0]
    graph: QuantizedGraph = run_passes(network, plan_export(network, options), before(Legalise))[-1].after
    return graph


def quantised(
    network: FloatGraph, options: ExportOptions, target: Target | None = None, observe: Observer | None = None
) -> tuple[QuantizedGraph, tuple[PassRecord, ...]]:
    """`network` on the grids that suit `target`, checked, and the record of the pass.

    Raises
    ------
    InputError
        If an option has no effect on a graph.
    LimitError
        If a number does not fit the formats of the contract.
    """
    recorder = Recorder(observe)
    done = QuantiseGraph.asked(options, target)
    graph = done.run(network)
    recorder(Step(done, network, graph))
    return graph, tuple(recorder.records)
