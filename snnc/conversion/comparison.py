"""The module's spikes and membranes against those of the graph, in real numbers, population by population."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from snnc.conversion.budget import recordings_compared
from snnc.conversion.classes import first_difference, other_classes
from snnc.conversion.differences import at_first, why_other, why_other_scores, why_other_too, why_other_v
from snnc.conversion.forced import More, forced_runs
from snnc.conversion.left_over import LeftOver
from snnc.conversion.run import Trace
from snnc.exporter.expectation.agreement import Agreement, first_place
from snnc.exporter.expectation.held import Held
from snnc.exporter.float_reference import run_float, wires_of
from snnc.stages import FloatGraph

NEAR = "v all but meets the threshold where a neuron differs first, and the module computes in fewer bits"


@dataclass(frozen=True, slots=True)
class Outputs:
    """`other_classes`: of each output, the recordings of another class than the graph's.

    `difference`: the lines of an error that tells the first score that is another.
    """

    other_classes: Mapping[int, int]
    difference: tuple[str, ...] | None


def compared(
    graph: FloatGraph,
    trace: Trace,
    events: npt.NDArray[np.int64],
    module: str,
    outputs: Sequence[int],
    apart: LeftOver,
    more: More,
) -> tuple[Held, Outputs]:
    """The network held against the module, and what the module gives against what the graph's readouts do.

    `events` [N, T, lines] of the example; `module` names it; `outputs` tells of which output a readout is;
    `apart`, of neurons, causes that other runs of the module show; `more` recordings tell causes apart.
    """
    padded = padded_to(graph, events[: recordings_compared(graph, len(events))])
    wires = wires_of(graph)
    through = [run_float(graph, each, wires=wires) for each in padded]
    forced = forced_runs(graph, trace, padded)
    found = []
    for name, theirs in forced.states.items():
        spikes = graph.population(name).spikes
        wrong, far = forced.wrong(name), forced.wrong(name, through)
        count = int(np.count_nonzero(theirs)) if spikes else None
        causes: tuple[str, ...] = ()
        if spikes and wrong.any():
            near = not forced.beyond(name, wrong)
            other = why_other(forced, trace, name) if near else ()
            causes = apart(name) or other or (NEAR,) * near or why_other_too(forced, more, trace, name)
        elif wrong.any():
            causes = apart(name) or why_other_v(forced, trace, name)
        first = first_place(wrong)
        there = "" if first is None else at_first(forced, trace, name, first)
        sizes = wrong.size, int(wrong.sum()), int(far.sum())
        found.append(Agreement(name, *sizes, count, first, causes, there, len(padded), len(events)))
    spiking = [each.population for each in found if each.spikes is not None]
    alone = {name: np.stack([run[name].spikes for run in through]).astype(bool) for name in spiking}
    held = Held({"module": module}, padded.astype(np.uint8), tuple(found), alone)
    differ = {each.population for each in found if each.different}
    exact = [each.population not in differ for each in graph.readouts]
    causes_of_scores = partial(why_other_scores, forced, trace)
    difference = first_difference(graph, forced.runs, trace, outputs, exact, causes_of_scores)
    return held, Outputs(other_classes(graph, through, trace, outputs), difference)


def padded_to(graph: FloatGraph, events: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """`events` [N, T, lines], with silent steps up to those of the graph."""
    padded = np.zeros((len(events), graph.time_steps, events.shape[2]), np.int64)
    padded[:, : events.shape[1]] = events
    return padded
