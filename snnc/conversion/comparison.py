"""The module's spikes and membranes against those of the graph, in real numbers, population by population."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.conversion.calls import NeuronCall
from snnc.conversion.classes import SAME_V, first_difference, other_classes
from snnc.conversion.neurons import Cell
from snnc.conversion.recordings import by_recording
from snnc.conversion.run import Trace
from snnc.errors import InputError
from snnc.exporter.expectation.agreement import Agreement, first_place, shifted
from snnc.exporter.expectation.causes import causes_of
from snnc.exporter.expectation.held import Held
from snnc.exporter.expectation.readings import OfGraph
from snnc.exporter.float_reference import FloatTrace, run_float
from snnc.stages import FloatGraph

RECORDINGS = 8
"""Most recordings of the example that are compared."""


@dataclass(frozen=True, slots=True)
class Outputs:
    """`other_classes`: of each output, the recordings of another class than the graph's.

    `difference`: the lines of an error that tells the first score that is another.
    """

    other_classes: Mapping[int, int]
    difference: tuple[str, ...] | None


def compared(
    graph: FloatGraph, trace: Trace, events: npt.NDArray[np.int64], module: str, outputs: Sequence[int]
) -> tuple[Held, Outputs]:
    """The network held against the module, and what the module gives against what the graph's readouts do.

    `events` [N, T, lines] of the example; `module` names it; `outputs` tells of which output a readout is.
    """
    some = min(len(events), RECORDINGS)
    padded = np.zeros((some, graph.time_steps, events.shape[2]), np.int64)
    padded[:, : events.shape[1]] = events[:some]
    through = [run_float(graph, each) for each in padded]
    heard: dict[str, npt.NDArray[np.bool_]] = {}
    states: dict[str, npt.NDArray[np.float64]] = {}
    for population in graph.populations:
        theirs = _recorded(trace.calls.get(population.name, []), population.spikes)
        if theirs is None:
            continue
        states[population.name] = theirs[:some]
        if population.spikes:
            _check_whole(population.name, theirs)
            own = np.stack([run[population.name].spikes for run in through])
            heard[population.name] = _earlier(theirs[:some] != 0, own, trace.cells[population.name].lag)
    forced = [
        run_float(graph, each, {name: spikes[k] for name, spikes in heard.items()})
        for k, each in enumerate(padded)
    ]
    given = {each.name: np.stack([run[each.name].spikes for run in forced]) for each in graph.populations}
    given |= heard
    found = []
    for name, theirs in states.items():
        spikes, cell = graph.population(name).spikes, trace.cells[name]
        wrong, far = (
            _wrong(np.stack([_own(run[name], spikes) for run in runs]), theirs, cell, spikes)
            for runs in (forced, through)
        )
        count = int(np.count_nonzero(theirs)) if spikes else None
        causes: tuple[str, ...] = ()
        if spikes and wrong.any():
            causes = causes_of(graph, name, given, theirs != 0, OfGraph(graph), cell.lag)
        first = first_place(wrong)
        found.append(Agreement(name, wrong.size, int(wrong.sum()), int(far.sum()), count, first, causes))
    spiking = [each.population for each in found if each.spikes is not None]
    alone = {name: np.stack([run[name].spikes for run in through]).astype(bool) for name in spiking}
    held = Held({"module": module}, padded.astype(np.uint8), tuple(found), alone)
    equal = {each.population for each in found if not each.different}
    exact = [each.population in equal or each.population not in states for each in graph.readouts]
    difference = first_difference(graph, forced, trace, outputs, exact)
    return held, Outputs(other_classes(graph, through, trace, outputs), difference)


def _check_whole(name: str, spikes: npt.NDArray[np.float64]) -> None:
    odd = spikes[(spikes != 0) & (spikes != 1)]
    if odd.size:
        raise InputError(
            f"{name}: gives {odd[0]:.6g} where the contract's neurons give 0 or 1; scale the weights behind "
            "it instead, and take hooks off it that change what it gives"
        )


def _wrong(
    ours: npt.NDArray[Any], theirs: npt.NDArray[np.float64], cell: Cell, spikes: bool
) -> npt.NDArray[np.bool_]:
    ours = shifted(ours, cell.lag)[:, : theirs.shape[1]]
    wrong: npt.NDArray[np.bool_]
    if spikes:
        wrong = ours != (theirs != 0)
    else:
        wrong = np.abs(ours * cell.gains(ours.shape[-1]) - theirs) > SAME_V * np.abs(theirs).max()
    return wrong


def _own(run: FloatTrace, spikes: bool) -> npt.NDArray[Any]:
    return run.spikes if spikes else run.v


def _earlier(theirs: npt.NDArray[np.bool_], ours: npt.NDArray[Any], lag: int) -> npt.NDArray[Any]:
    """The module's spikes in steps of the contract, [N, T, neurons]; beyond them, those of the graph."""
    found = ours.copy()
    recorded = theirs[:, lag:]
    found[:, : recorded.shape[1]] = recorded
    return found


def _recorded(calls: list[NeuronCall], spikes: bool) -> npt.NDArray[np.float64] | None:
    """[N, T, neurons] of all calls of a module; None if it did not give them."""
    parts = []
    for call in calls:
        tensor = call.spikes if spikes else call.membrane
        if tensor is None or call.axes is None:
            return None
        parts.append(by_recording(tensor, call.axes))
    return np.concatenate(parts, axis=1) if parts else None
