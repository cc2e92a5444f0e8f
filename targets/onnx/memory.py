"""How many samples run at once, so that what they take in memory is bounded."""

from __future__ import annotations

from snnc.stages import Convolution, Projection, QuantizedGraph, SynapseList, SynapseMatrix
from snnc.targets.onnx.arrivals import reached, stored_projections
from snnc.targets.onnx.kernels import columns
from snnc.targets.onnx.synapses import live_synapses, table_places

GATHERED = 1 << 24
"""How many numbers a step gathers at most, 64 MiB of int32; it bounds the samples of one run."""
RECORDED = 1 << 25
"""How many values of u, or of v, are recorded at most, 128 MiB each."""


def batch_size(graph: QuantizedGraph) -> int:
    """Samples of one run: as many as `GATHERED` and `RECORDED` allow, 1 to 64."""
    most = max((_gathered(each, graph) for each in stored_projections(graph)), default=1)
    neurons = sum(each.neurons for each in graph.stateful)
    return min(64, max(1, min(GATHERED // most, RECORDED // (neurons * graph.time_steps))))


def _gathered(projection: Projection, graph: QuantizedGraph) -> int:
    """Numbers of one sample that a step holds for `projection`; of a chain, those that it gathers."""
    synapses = projection.synapses
    if isinstance(synapses, Convolution):
        return max(columns(synapses), synapses.pre_neurons * (reached(projection, graph.time_steps) + 1))
    assert isinstance(synapses, SynapseList | SynapseMatrix)
    live = live_synapses(synapses, graph.time_steps)
    tables = table_places(live.fan_ins(), together=graph.is_chain)
    return tables if graph.is_chain else max(tables, synapses.pre_neurons * (live.reach + 1))
