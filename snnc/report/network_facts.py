"""A network in words, by name: its populations, projections, classes and time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snnc.report import network

if TYPE_CHECKING:
    from snnc.stages import FloatGraph, QuantizedGraph


def graph_facts(graph: QuantizedGraph | FloatGraph) -> dict[str, str]:
    """Populations and the projections that leave them, the classes of readouts, and the time."""
    from snnc.verification.graph_figures import network_of

    found = network.facts(network_of(graph))
    for each in graph.populations:
        if (each.payload_max or 1) > 1:
            found[f"population {each.name}"] += f", events of 0 to {each.payload_max}"
        if each.end:
            found[f"population {each.name}"] += f", silent from step {each.end} on"
    for readout in graph.readouts:
        found[f"classes of {readout.population}"] = names(readout.class_names)
    return found | {"time": time(graph.time_steps, graph.bin_s)}


def time(steps: int, bin_s: float) -> str:
    return f"{steps} steps of {1000 * bin_s:g} ms"


def names(classes: tuple[str, ...]) -> str:
    """As "20: 0, 1, 2, ... 19"."""
    shown = list(classes) if len(classes) <= 6 else [*classes[:3], "...", classes[-1]]
    return f"{len(classes)}: {', '.join(shown)}"
