"""What is said of a network that is read all the same: where it differs, its synapses, a step's duration."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Real

import numpy as np
import torch

from snnc.conversion.ahead import MORE_STEPS
from snnc.conversion.neurons import converter_of
from snnc.conversion.run import Trace
from snnc.conversion.values import Value
from snnc.exporter.expectation.agreement import Agreement, why
from snnc.stages import FloatGraph, Readout
from snnc.stages.population import INPUT

MANY = 8
"""Synapses of a pair of neurons, each of another delay, from which on they are told."""

SAID = 6
"""Most readouts that are named."""


def differing(agreement: Sequence[Agreement]) -> list[str]:
    """What to say of populations that are not their module everywhere, and of recordings not compared."""
    found = []
    for each in agreement:
        if each.different:
            what, cause = ("v differs", "") if each.spikes is None else ("spikes differ", why(each.causes))
            found.append(
                f"{each.population}: {what} in {each.different} of {each.places} where the same arrives, in "
                f"{each.through} where earlier differences arrive, too: {each.where}{cause and f': {cause}'}"
            )
    less = next((each for each in agreement if each.recordings < each.of), None)
    if less is not None:
        found.append(
            f"module and network are compared in the first {less.recordings} of {less.of} recordings; "
            "recordings that may differ from those are to stand first in the example"
        )
    return found


def other_durations(module: torch.nn.Module, dt: float) -> list[str]:
    """What to say of the first neurons that compute with another `dt` than what a step is told to last."""
    for name, each in module.named_modules():
        own = getattr(each, "dt", None) if converter_of(each) is not None else None
        if isinstance(own, torch.Tensor) and own.numel() == 1:
            own = own.item()
        if isinstance(own, Real) and not np.isclose(float(own), dt, rtol=1e-6, atol=0):
            return [
                f"{name or type(each).__name__}: computes with its own dt, {float(own):g}, and dt is {dt:g}: "
                "times are told by the latter, pass the same"
            ]
    return []


def steps_as_classes(trace: Trace, outputs: Sequence[int]) -> list[str]:
    """What to say of `outputs` that hold as many parts as there are steps, and are not taken for these."""
    found = []
    for number in dict.fromkeys(outputs):
        value = trace.outputs[number]
        if not isinstance(value, Value) or value.axes.has_time or len(value.axes.features) < 2:
            continue
        several = len({path.step for path in value.paths if not path.is_constant}) > 1
        if several and trace.input_steps in value.axes.features:
            sizes = " x ".join(map(str, value.axes.features))
            found.append(
                f"output {number}: is read as {value.axes.lines} classes, {sizes}; if {trace.input_steps} of "
                "these are the steps, give in each step what the neurons give in that step"
            )
    return found


def more_steps(graph: FloatGraph, steps: int) -> list[str]:
    """What to say of a network of more steps than the example has, which its samples have, too."""
    if (more := graph.time_steps - steps) <= 0:
        return []
    name = next(
        each.name
        for each in graph.populations
        if each.model != INPUT and each.end in (None, graph.time_steps)
    )
    return [
        f"{name}: the module computes {graph.time_steps} steps of the example's {steps}, so the network "
        f"takes samples of {graph.time_steps}: add {more} silent step{'s' * (more > 1)} at the end of each "
        f"sample for predict, verify and run, and none to the example; or l{MORE_STEPS[1:]}"
    ]


def hears_many(name: str, steps: int) -> str:
    """What to say of neurons that hear so many `steps` before, all that there are."""
    return (
        f"{name}: hears {steps} steps by {steps} synapses in the place of one, as what the loop keeps by "
        "hand; a module of neurons with a converter needs one (docs/from_torch.md)"
    )


def several_readouts(readouts: Sequence[Readout]) -> list[str]:
    """What to say where a module gives more than one output that is decoded, in a line."""
    if len(readouts) < 2:
        return []
    named = [f"{each.population} ({each.decoder})" for each in readouts]
    named[SAID:] = [f"{len(named) - SAID} more"] if len(named) > SAID else []
    return [
        f"{len(readouts)} readouts: {', '.join(named)}; name one in predict, as "
        f"readout={readouts[0].population!r}, or give a module that returns it alone (docs/from_torch.md, "
        "'Several outputs')"
    ]


def many_delays(graph: FloatGraph) -> list[str]:
    """What to say of projections with many synapses for each pair of neurons, as a trace makes them."""
    found = []
    for each in graph.projections:
        synapses = each.synapses
        of_a_pair = synapses.count // (synapses.pre_neurons * synapses.post_neurons)
        if of_a_pair >= MANY:
            found.append(
                f"{each.name}: {synapses.count:,} synapses, {of_a_pair} of each pair of neurons, with delays "
                f"of up to {synapses.max_delay} steps; if they are a trace that the loop keeps "
                "(tr = b * tr + s), neurons behind it that keep it as their current (Synaptic of snnTorch, "
                "keep_u of a Cell) need one of each pair; a bias of the weights between them would add up in "
                "that current, so give it to the neurons (bias of a Cell), or train again"
            )
    return found
