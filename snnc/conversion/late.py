"""Delays of as many steps as the example has, or more: what waits so long arrives in none of its steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import torch

from snnc.conversion.axes import TIME, Axes
from snnc.conversion.other_steps import NUMBERS, work_of
from snnc.conversion.run import Trace
from snnc.conversion.tracer import trace
from snnc.errors import InputError
from snnc.stages import FloatGraph, FloatProjection
from snnc.stages.population import INPUT

NOTHING = (
    "; if what arrives is delayed or waits in a buffer, give an example of more steps than it waits, else "
    "train again with weights other than 0"
)
"""What is said of neurons at which nothing arrives, where no delay is known."""
Fold = Callable[[Trace, int], FloatGraph]


def late_delays(
    module: torch.nn.Module, found: Trace, graph: FloatGraph, example: torch.Tensor, axes: Axes, fold: Fold
) -> list[str]:
    """What to say of synapses that deliver in no step of `example`, and of populations without any.

    A value that no step hears leaves nothing in a trace, so the module is followed again on more steps, if it
    takes them; `fold` makes the graph of a trace of so many.
    """
    steps = graph.time_steps
    longer, of = _longer(module, found, graph, example, axes, fold)
    said = {each.name: _of_projection(each, graph, of, found) for each in longer.projections}
    notes = [note for note in said.values() if note]
    named = {each.source for each in longer.projections if said[each.name]}
    notes += _of_values(found, steps, named)  # of a module that makes a fixed number of steps
    return notes + [each + NOTHING * (not notes) for each in _without_projections(graph)]


def _longer(
    module: torch.nn.Module, found: Trace, graph: FloatGraph, example: torch.Tensor, axes: Axes, fold: Fold
) -> tuple[FloatGraph, int]:
    """The graph of more steps, and how many; `graph` itself if none is made or that takes long."""
    waits = max((steps for _, steps in found.late), default=0)
    steps = max(2 * axes.steps + 1, waits + axes.steps + 1)
    if work_of(found, axes) * steps > NUMBERS * axes.steps:
        return graph, graph.time_steps
    silent = example.new_zeros(
        [steps if k == axes.of(TIME) else size for k, size in enumerate(example.shape)]
    )
    try:
        other = fold(trace(module, silent, axes.with_steps(steps)), steps)
    except InputError:  # a module may take this number of steps alone
        return graph, graph.time_steps
    return (other, other.time_steps) if other.time_steps > graph.time_steps else (graph, graph.time_steps)


def _grows(projection: FloatProjection, steps: int) -> bool:
    """Whether its delays are as long as `steps` allow, as those of states that a loop keeps by hand."""
    return projection.synapses.max_delay == steps - 1


def _of_projection(projection: FloatProjection, graph: FloatGraph, longest: int, found: Trace) -> str:
    """Of a projection of the network of `longest` steps; empty if all synapses deliver in `graph`."""
    steps, synapses = graph.time_steps, projection.synapses
    if synapses.max_delay < steps or (longest > steps and _grows(projection, longest)):
        return ""
    late = _late(projection, steps)
    kept = sum(_late(each, steps) for each in graph.projections if each.name == projection.name)
    where = {
        place
        for (source, waits), place in found.late.items()
        if source == projection.source and place and waits
    }
    told = f" ({min(where)})" if where else ""
    they = "they never act" if kept >= late else "the network is without them"
    return (
        f"{projection.name}: {late} of {synapses.count} synapses have delays of {steps} steps or more, "
        f"up to {synapses.max_delay}, and the example has {steps}, so that nothing arrives by them "
        f"and {they}{told}; give an example of more than {synapses.max_delay} steps"
    )


def _late(projection: FloatProjection, steps: int) -> int:
    if projection.synapses.max_delay < steps:
        return 0
    return int(np.count_nonzero(projection.synapses.as_list().delay >= steps))


def _of_values(found: Trace, steps: int, named: set[str]) -> Iterator[str]:
    """Of what the run itself shows to be delayed beyond its end, from populations that are not `named`."""
    of: dict[str, int] = {}
    for (source, waits), place in found.late.items():
        if place and waits >= steps and source not in named:
            of[source] = max(of.get(source, 0), waits)
    for source, waits in of.items():
        yield (
            f"{source}: is delayed by {waits} steps ({found.late[source, waits]}), and the example has "
            f"{steps}, so that nothing of this arrives and the network is without it; give an example of "
            f"more than {waits} steps"
        )


def _without_projections(graph: FloatGraph) -> Iterator[str]:
    """Of inputs that lead nowhere, and of neurons at which nothing arrives from others."""
    sources = {each.source for each in graph.projections}
    heard = {each.destination for each in graph.projections if each.source != each.destination}
    for each in graph.populations:
        if each.model == INPUT and each.name not in sources:
            yield f"{each.name}: is connected to no neurons, so nothing of it reaches the network"
        elif each.model != INPUT and each.name not in heard:
            yield f"{each.name}: no synapses of other populations lead there, so nothing arrives but a bias"
