"""What `print` shows of a network and of an export, in the words of the command line."""

from __future__ import annotations

from collections.abc import Iterator

from snnc.api.words import in_python
from snnc.errors import SnncError
from snnc.report import network
from snnc.report.exported import facts, proof, told
from snnc.report.network_facts import graph_facts
from snnc.stages import (
    Artifact,
    DiscreteModel,
    FloatGraph,
    QuantizedGraph,
    TrainedGraph,
    TrainedModel,
)
from snnc.stages.float_graph import graph_of_chain
from snnc.target import Target
from snnc.targets.registry import load_target
from snnc.text import LINE, few, one_line, shortened
from snnc.verification.stirring import STIRS_NOTHING, stirs_nothing

ROWS = 40
"""Most lines of a network."""


def of_network(model: TrainedModel | TrainedGraph | DiscreteModel | FloatGraph | QuantizedGraph) -> list[str]:
    """Its populations with their decoders, its projections with their delays, and more, a line each."""
    if isinstance(model, TrainedModel):
        found = _of_layers(model)
    else:
        graph = model.graph if isinstance(model, TrainedGraph) else model
        found = graph_facts(graph_of_chain(graph) if isinstance(graph, DiscreteModel) else graph)
    return few([shortened(one_line(f"{name}: {value}"), LINE) for name, value in found.items()], ROWS)


def _of_layers(model: TrainedModel) -> dict[str, str]:
    """Of layers whose delays are learned, and not whole."""
    rows = [
        {
            "name": each.name,
            "neurons": each.weight.shape[0],
            "inputs": each.weight.shape[1],
            "synapses": int((each.weight != 0).sum()),
            "threshold": each.threshold,
        }
        for each in model.layers
    ]
    drawn = network.of_layers(rows, {each.name: [0, each.kernel_size - 1] for each in model.layers})
    return {} if drawn is None else network.facts(drawn)


def of_export(artifact: Artifact) -> list[str]:
    """As `snnc export`: whether overflow is excluded, what was changed or lost, and what that costs."""
    target = load_target(artifact.target)
    found = [f"{artifact.path} for {artifact.target}, {proof(artifact.manifest['range_proof'])[1]}"]
    try:
        found += _lines(artifact, target)
    except SnncError as error:  # a file of it is damaged
        found.append(str(error))
    return [one_line(in_python(each)) for each in found]


def _lines(artifact: Artifact, target: Target) -> Iterator[str]:
    yield from told(artifact, target)
    if stirs_nothing(artifact):
        yield STIRS_NOTHING
    yield from (f"{label}: {text}" for label, text in facts(artifact, target))
