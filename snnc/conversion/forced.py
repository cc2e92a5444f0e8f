"""The graph where the module's own spikes arrive, beside the module."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.conversion.calls import NeuronCall
from snnc.conversion.classes import same_share
from snnc.conversion.neurons import Cell
from snnc.conversion.recordings import by_recording
from snnc.conversion.run import Trace
from snnc.errors import InputError
from snnc.exporter.expectation.agreement import shifted
from snnc.exporter.float_reference import FloatTrace, run_float, wires_of
from snnc.stages import FloatGraph
from snnc.stages.population import ADLIF, NEW

Runs = Sequence[Mapping[str, FloatTrace]]
Bools = npt.NDArray[np.bool_]
NO_SPIKES = (
    "What its surrogate function gives in forward is no spike (SpikingJelly's spiking=False, a spike_grad of "
    "your own), or a forward of your own changes it: use one that gives 0 and 1, and train with it"
)
"""What is said of neurons of which this package has the converter."""
OWN_NO_SPIKES = "Let its forward give 0 and 1, and scale the weights behind it instead"
HOOKED_NO_SPIKES = (
    "Take hooks off that change what it gives (register_forward_hook, or register_module_forward_hook of all "
    "modules), and scale the weights behind it instead"
)


@dataclass(frozen=True, slots=True)
class Forced:
    """`runs` of `graph` on recordings, in which the module's spikes arrive.

    `states`: by population, what the module gave, [N, T, neurons]: spikes, or v of readouts. `shares`: by
    which share of the largest v the module's may differ. `heard`: the spikes that arrived in `runs`.
    `membranes`: v at the end of a step, of neurons that spike, as far as a converter of the user's gives it.
    """

    graph: FloatGraph
    cells: Mapping[str, Cell]
    states: Mapping[str, npt.NDArray[np.float64]]
    shares: Mapping[str, float]
    heard: Mapping[str, Bools]
    runs: Runs
    membranes: Mapping[str, npt.NDArray[np.float64]] = field(default_factory=dict)

    def wrong(self, name: str, runs: Runs | None = None) -> Bools:
        """Where the population `name` is another than the module, in `runs` or another list of runs."""
        theirs, cell = self.states[name], self.cells[name]
        spikes = self.graph.population(name).spikes
        of = [run[name] for run in (self.runs if runs is None else runs)]
        ours: Any = self.as_given(name, np.stack([each.spikes if spikes else each.v for each in of]))
        if spikes:
            return np.asarray(ours != (theirs != 0))
        far = np.abs(ours * cell.gains(ours.shape[-1]) - theirs)
        return np.asarray(far > self.shares[name] * np.abs(theirs).max())

    def beyond(self, name: str, wrong: Bools) -> bool:
        """Whether there is a neuron whose first difference in `wrong` is none of v that meets the threshold.

        It does where it is nearer than `shares` of the largest v before.
        """
        of: Any = self.graph.population(name)
        if not of.spikes or not wrong.any():
            return bool(wrong.any())
        charged = self.charged(name)
        largest = np.maximum.accumulate(np.abs(charged), axis=1)
        far = np.abs(charged - of.threshold) > self.shares[name] * largest
        first = wrong & (np.cumsum(wrong, axis=1) == 1)
        return bool((first & self.as_given(name, far)).any())

    def charged(self, name: str) -> npt.NDArray[np.float64]:
        """v of the graph before a reset, [N, T, neurons]."""
        of: Any = self.graph.population(name)
        v, u = (np.stack([getattr(run[name], state) for run in self.runs]) for state in "vu")
        charged = of.keep_v * _before(v) + u + of.bias
        if of.model == ADLIF:
            w = np.stack([run[name].w for run in self.runs])
            charged -= w if of.order == NEW else _before(w)
        return np.asarray(charged)

    @property
    def given(self) -> dict[str, npt.NDArray[Any]]:
        """By population, the spikes that arrived, [N, T, neurons]: the module's as far as it gave them."""
        names = [each.name for each in self.graph.populations]
        return {name: np.stack([run[name].spikes for run in self.runs]) for name in names} | dict(self.heard)

    def worst(self, name: str, most: int) -> Forced:
        """Of at most so many recordings: those in which the population `name` differs most."""
        wrong = self.wrong(name).sum(axis=(1, 2))
        if len(wrong) <= most:
            return self
        some = np.sort(np.argsort(-wrong, kind="stable")[:most])
        states = {name: each[some] for name, each in self.states.items()}
        heard = {name: each[some] for name, each in self.heard.items()}
        membranes = {name: each[some] for name, each in self.membranes.items()}
        runs = [self.runs[k] for k in some]
        return replace(self, states=states, heard=heard, runs=runs, membranes=membranes)

    def beside(self, other: Forced) -> Forced:
        """The recordings of both, of the same graph and steps."""

        def both(own: Mapping[str, Any], others: Mapping[str, Any]) -> dict[str, Any]:
            return {
                name: np.concatenate([each, others[name]]) for name, each in own.items() if name in others
            }

        states, heard = both(self.states, other.states), both(self.heard, other.heard)
        runs, membranes = [*self.runs, *other.runs], both(self.membranes, other.membranes)
        return replace(self, states=states, heard=heard, runs=runs, membranes=membranes)

    def as_given(self, name: str, states: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """`states` [N, T, neurons] of the graph in the steps of the module."""
        return shifted(states, self.cells[name].lag)[:, : self.states[name].shape[1]]


More = Callable[[], Forced | None]
"""Recordings of other events than the example's; None if there are none."""


def forced_runs(graph: FloatGraph, trace: Trace, events: npt.NDArray[np.int64]) -> Forced:
    """Run `graph` on `events` [N, T of the graph, lines], the first recordings of `trace`.

    Raises `InputError` for spikes that are neither 0 nor 1.
    """
    states: dict[str, npt.NDArray[np.float64]] = {}
    shares: dict[str, float] = {}
    heard: dict[str, Bools] = {}
    membranes: dict[str, npt.NDArray[np.float64]] = {}
    for population in graph.populations:
        calls = trace.calls.get(population.name, [])
        theirs = recorded(calls, population.spikes)
        if theirs is None:
            continue
        states[population.name] = theirs[: len(events)]
        given = calls[0].spikes if population.spikes else calls[0].membrane
        assert given is not None
        shares[population.name] = same_share(given)
        if population.spikes:
            _check_whole(population.name, theirs, trace)
            spikes = theirs[: len(events), trace.cells[population.name].lag :] != 0
            late = graph.time_steps - spikes.shape[1]  # steps after the end of the population
            heard[population.name] = np.pad(spikes, ((0, 0), (0, late), (0, 0)))
            v = given_v(trace, population.name)
            if v is not None:
                membranes[population.name] = v[: len(events)]
    wires = wires_of(graph)
    runs = [
        run_float(graph, each, {name: spikes[k] for name, spikes in heard.items()}, wires)
        for k, each in enumerate(events)
    ]
    return Forced(graph, trace.cells, states, shares, heard, runs, membranes)


def given_v(trace: Trace, name: str) -> npt.NDArray[np.float64] | None:
    """The membrane of neurons of a user's converter, unless that says that it is not v after a step."""
    if name not in trace.own or not trace.cells[name].spikes or trace.cells[name].membrane_ends is False:
        return None
    return recorded(trace.calls[name], spikes=False)


def _before(state: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """`state` [N, T, neurons] of the step before each."""
    return np.pad(state, ((0, 0), (1, 0), (0, 0)))[:, :-1]


def _check_whole(name: str, spikes: npt.NDArray[np.float64], trace: Trace) -> None:
    odd = spikes[(spikes != 0) & (spikes != 1)]
    if not odd.size:
        return
    instead = NO_SPIKES
    if name in trace.own:
        instead = OWN_NO_SPIKES
    if name in trace.hooked:
        instead = HOOKED_NO_SPIKES
    raise InputError(f"{name}: gives {odd[0]:.6g} where the contract's neurons give 0 or 1", instead)


def recorded(calls: list[NeuronCall], spikes: bool) -> npt.NDArray[np.float64] | None:
    """[N, T, neurons] of all calls of a module; None if it did not give them."""
    parts = []
    for call in calls:
        tensor = call.spikes if spikes else call.membrane
        if tensor is None or call.axes is None:
            return None
        parts.append(by_recording(tensor, call.axes))
    return np.concatenate(parts, axis=1) if parts else None
