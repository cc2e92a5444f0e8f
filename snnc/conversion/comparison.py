"""The module's spikes and membranes against those of the graph, in real numbers, population by population."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from snnc.conversion.axes import BATCH, TIME, Axes
from snnc.conversion.calls import NeuronCall
from snnc.conversion.neurons import Cell
from snnc.conversion.tracer import Trace
from snnc.exporter.float_reference import FloatTrace, run_float
from snnc.stages import FloatGraph, FloatPopulation
from snnc.stages.population import INPUT

RECORDINGS = 8
"""Most recordings of the example that are compared."""
SAME_V = 1e-4
"""v of a readout may differ by this share of the largest: a module computes in 32 bits."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """What a module and the graph make of the same input, at the neurons `population`.

    Of `total` places (recordings, steps, neurons), `different` have another spike although the module's own
    spikes arrive; `first` is recording, step and neuron of the earliest, None if there is none. `through` are
    those that differ where the graph computes all by itself. `spikes` are the module's. Of a readout, whose
    `spikes` is None, v takes the place of spikes.
    """

    population: str
    total: int
    different: int
    through: int
    spikes: int | None
    first: tuple[int, int, int] | None

    @property
    def share(self) -> float:
        """Of places that are equal, 0 .. 1."""
        return 1 - self.different / self.total


def compared(graph: FloatGraph, trace: Trace, events: npt.NDArray[np.int64]) -> tuple[Agreement, ...]:
    """`events` [N, T, lines] of the example."""
    some = min(len(events), RECORDINGS)
    padded = np.zeros((some, graph.time_steps, events.shape[2]), np.int64)
    padded[:, : events.shape[1]] = events[:some]
    through = [run_float(graph, each) for each in padded]
    given = {each.name: np.stack([run[each.name].spikes for run in through]) for each in graph.populations}
    states: dict[str, npt.NDArray[np.float64]] = {}
    for population in graph.populations:
        theirs = _recorded(trace.calls.get(population.name, []), population.spikes)
        if theirs is None:
            continue
        states[population.name] = theirs[:some]
        if population.spikes:
            given[population.name] = _earlier(
                theirs[:some] != 0, given[population.name], trace, population.name
            )
    found = []
    for name, theirs in states.items():
        alone, lines = alone_with_sources(graph, name)
        spikes = graph.population(name).spikes
        forced = [
            run_float(alone, np.concatenate([given[each][k] for each in lines], 1)) for k in range(some)
        ]
        wrong, far = (
            _wrong(np.stack([_own(run[name], spikes) for run in runs]), theirs, trace.cells[name], spikes)
            for runs in (forced, through)
        )
        count = int(np.count_nonzero(theirs)) if spikes else None
        found.append(Agreement(name, wrong.size, int(wrong.sum()), int(far.sum()), count, _first(wrong)))
    return tuple(found)


def alone_with_sources(graph: FloatGraph, name: str) -> tuple[FloatGraph, list[str]]:
    """The population `name` and, as inputs, all that it hears, itself among them; their names in order."""
    into = graph.into(name)
    lines = list(dict.fromkeys(each.source for each in into)) or [graph.populations[0].name]
    inputs = []
    for each in lines:
        of = graph.population(each)
        inputs.append(FloatPopulation(f"{each} >", INPUT, of.neurons, payload_max=of.payload_max))
    projections = [replace(each, source=f"{each.source} >") for each in into]
    own = graph.population(name)
    return replace(graph, populations=(*inputs, own), projections=tuple(projections), readouts=()), lines


def _wrong(
    ours: npt.NDArray[Any], theirs: npt.NDArray[np.float64], cell: Cell, spikes: bool
) -> npt.NDArray[np.bool_]:
    ours = _later(ours, cell.lag)[:, : theirs.shape[1]]
    wrong: npt.NDArray[np.bool_]
    if spikes:
        wrong = ours != (theirs != 0)
    else:
        wrong = np.abs(ours * cell.gains(ours.shape[-1]) - theirs) > SAME_V * np.abs(theirs).max()
    return wrong


def _first(wrong: npt.NDArray[np.bool_]) -> tuple[int, int, int] | None:
    if not wrong.any():
        return None
    step = int(wrong.any(axis=(0, 2)).argmax())
    recording, neuron = np.argwhere(wrong[:, step])[0].tolist()
    return recording, step, neuron


def _own(run: FloatTrace, spikes: bool) -> npt.NDArray[Any]:
    return run.spikes if spikes else run.v


def _later(states: npt.NDArray[Any], lag: int) -> npt.NDArray[Any]:
    """[N, T, neurons], `lag` steps later."""
    if not lag:
        return states
    return np.concatenate([np.zeros_like(states[:, :lag]), states[:, :-lag]], axis=1)


def _earlier(
    theirs: npt.NDArray[np.bool_], ours: npt.NDArray[Any], trace: Trace, name: str
) -> npt.NDArray[Any]:
    """The module's spikes in steps of the contract, [N, T, neurons]; beyond them, those of the graph."""
    lag, found = trace.cells[name].lag, ours.copy()
    shifted = theirs[:, lag:]
    found[:, : shifted.shape[1]] = shifted
    return found


def _recorded(calls: list[NeuronCall], spikes: bool) -> npt.NDArray[np.float64] | None:
    """[N, T, neurons] of all calls of a module; None if it did not give them."""
    parts = []
    for call in calls:
        tensor = call.spikes if spikes else call.membrane
        if tensor is None or call.axes is None:
            return None
        parts.append(_by_recording(tensor, call.axes))
    return np.concatenate(parts, axis=1) if parts else None


def _by_recording(tensor: torch.Tensor, axes: Axes) -> npt.NDArray[np.float64]:
    """[N, T, lines], T is 1 without time."""
    sizes = {TIME: axes.steps, BATCH: axes.batch}
    atoms = axes.atoms
    array = tensor.detach().cpu().numpy().astype(np.float64)
    array = array.reshape([sizes[atom] if isinstance(atom, str) else atom for atom in atoms])
    first = [atoms.index(atom) for atom in (BATCH, TIME) if atom in atoms]
    order = [*first, *(k for k, atom in enumerate(atoms) if isinstance(atom, int))]
    return array.transpose(order).reshape(axes.batch, axes.steps or 1, axes.lines)
