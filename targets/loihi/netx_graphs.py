"""Why lava-dl's netx cannot hold a graph that is no chain; its loader is lava-dl 0.6.0, `netx/hdf5.py`."""

from __future__ import annotations

from collections.abc import Iterator

from snnc.stages import Population, QuantizedGraph
from snnc.stages.population import ADLIF, INPUT, ZERO


def unsupported_reason(graph: QuantizedGraph) -> str:
    """What of `graph`, which is no chain, is missing in netx, or in the file that snnc writes for it."""
    return next(_reasons(graph))


def _reasons(graph: QuantizedGraph) -> Iterator[str]:
    inputs = [each for each in graph.populations if each.model == INPUT]
    if len(inputs) != 1:
        yield f"the graph has {len(inputs)} input populations, a network of netx has one"
    if back := _leads_back(graph):
        yield (
            f"{back}: leads back, and netx gives the synapses of its RecurrentDense the delays of the "
            "forward ones and no weight exponent"
        )
    for each in graph.stateful:
        yield from _of_population(each, graph.time_steps)
    for projection in graph.projections:
        if projection.weight_exp:
            yield (
                f"{projection.name}: weight_exp is {projection.weight_exp}, the file of netx has weights of "
                "8 bits and no exponent"
            )
    for each in graph.populations:
        for way, found in (("into", graph.into(each.name)), ("out of", graph.out_of(each.name))):
            if len(found) > 1:
                yield f"{each.name}: {len(found)} projections lead {way} it, netx has layers in one line"
    if reason := graph.why_no_chain():
        yield f"snnc writes the file of netx for chains of layers alone, and this graph is none: {reason}"


def _of_population(of: Population, steps: int) -> Iterator[str]:
    if of.model == ADLIF:
        yield f"{of.name}: the model is {ADLIF}, the CUBA neurons of netx have no adaptation current"
    elif of.spikes and of.reset != ZERO:
        yield f"{of.name}: reset is {of.reset}, the CUBA neurons of netx reset v to {ZERO} alone"
    if of.input_bias.any():
        yield f"{of.name}: has an input bias, netx adds its one bias to v"
    if of.spikes and of.end is not None:
        yield f"{of.name}: end is {of.end}, the neurons of netx spike until the last step, {steps}"
    for name in ("decay_u", "decay_v", "threshold"):
        value = getattr(of, name)
        if value is not None and (value != value[0]).any():
            yield f"{of.name}: {name} differs between neurons, the file of netx has one for a layer"


def _leads_back(graph: QuantizedGraph) -> str:
    """A projection of a cycle, or ""."""
    for each in graph.projections:
        reached, ahead = {each.destination}, [each.destination]
        while ahead:
            for other in graph.out_of(ahead.pop()):
                if other.destination not in reached:
                    reached.add(other.destination)
                    ahead.append(other.destination)
        if each.source in reached:
            return each.name
    return ""
