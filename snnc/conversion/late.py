"""Delays of as many steps as the example has, or more: what waits so long arrives in none of its steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import torch

from snnc.brief import SHORT
from snnc.conversion.axes import BATCH, TIME, Axes
from snnc.conversion.failures import FAILS
from snnc.conversion.held_numbers import held_numbers
from snnc.conversion.other_steps import NUMBERS, work_of
from snnc.conversion.run import Trace
from snnc.conversion.tracer import trace
from snnc.errors import InputError
from snnc.stages import FloatGraph, FloatProjection
from snnc.stages.population import INPUT
from snnc.text import one_line, shortened

NOTHING = (
    "; if what arrives is delayed or waits in a buffer, give an example of more steps than it waits, else "
    "train again with weights other than 0"
)
"""What is said of neurons at which nothing arrives, where no delay is known."""
UNSEEN = (
    "delays of {steps} steps or more could not be looked for: {why}; if what arrives is delayed by as many, "
    "the network is without these synapses, and how many they are is not known: give an example of more "
    "steps than the longest delay"
)
"""What is said where the module cannot be followed on more steps than its example has."""
MOST = 512
"""Of the numbers that a module holds, those up to it, divided by the populations, are tried as delays: each
step that is followed takes time."""
Fold = Callable[[Trace, int], FloatGraph]


def late_delays(
    module: torch.nn.Module, found: Trace, graph: FloatGraph, example: torch.Tensor, axes: Axes, fold: Fold
) -> list[str]:
    """What to say of synapses that deliver in no step of `example`, and of populations without any.

    A value that no step hears leaves nothing in a trace, so the module is followed again on more steps, if it
    takes them; `fold` makes the graph of a trace of so many.
    """
    steps = graph.time_steps
    longer, of, unseen = _longer(module, found, graph, example, axes, fold)
    said = {each.name: _of_projection(each, graph, of, found) for each in longer.projections}
    notes = [note for note in said.values() if note]
    named = {each.source for each in longer.projections if said[each.name]}
    notes += _of_values(found, steps, named)  # of a module that makes a fixed number of steps
    notes += [unseen] if unseen else []
    return notes + [each + NOTHING * (not notes) for each in _without_projections(graph)]


def _longer(
    module: torch.nn.Module, found: Trace, graph: FloatGraph, example: torch.Tensor, axes: Axes, fold: Fold
) -> tuple[FloatGraph, int, str]:
    """The graph of more steps, how many, and what is to be said of it; `graph` itself if none is made.

    The steps are those that the run itself asks for, and more where the module holds a larger number, which
    may be a delay. All recordings are run where that does not take long, else one.
    """
    least = max(2 * axes.steps + 1, max((steps for _, steps in found.late), default=0) + axes.steps + 1)
    most = MOST // max(1, len(found.calls))
    held = max((each for each in held_numbers(module) if each <= most), default=0)
    why = ""
    for steps in dict.fromkeys((max(least, held + axes.steps + 1), least)):
        for batch in dict.fromkeys((axes.batch, 1)):
            if (work := work_of(found, axes) * batch * steps // (axes.batch * axes.steps)) > NUMBERS:
                why = why or f"{steps} steps take too long ({work} states of neurons, the limit is {NUMBERS})"
                continue
            of = replace(axes, batch=batch, steps=steps)
            sizes = {axes.of(TIME): steps} | ({axes.of(BATCH): batch} if batch != axes.batch else {})
            silent = example.new_zeros([sizes.get(k, size) for k, size in enumerate(example.shape)])
            try:
                other = fold(trace(module, silent, of), steps)
            except InputError as error:
                alone = FAILS in str(error) and batch == axes.batch  # it takes the example's number of steps
                told = shortened(one_line(str(error)), SHORT)
                why = "" if alone else f"it cannot be followed on {steps} steps ({told})"
                break
            if other.time_steps > graph.time_steps:
                return other, other.time_steps, ""
            return graph, graph.time_steps, ""  # it makes so many steps, whatever it is given
    return graph, graph.time_steps, why and UNSEEN.format(steps=graph.time_steps, why=why)


def _grows(projection: FloatProjection, steps: int, graph: FloatGraph) -> bool:
    """Whether its delays are as long as `steps` allow, and as those of `graph`, as those of states that a
    loop keeps by hand."""
    own = (each.synapses.max_delay for each in graph.projections if each.name == projection.name)
    return projection.synapses.max_delay == steps - 1 and graph.time_steps - 1 in own


def _of_projection(projection: FloatProjection, graph: FloatGraph, longest: int, found: Trace) -> str:
    """Of a projection of the network of `longest` steps; empty if all synapses deliver in `graph`."""
    steps, synapses = graph.time_steps, projection.synapses
    if synapses.max_delay < steps or (longest > steps and _grows(projection, longest, graph)):
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
