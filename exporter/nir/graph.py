"""A NIR graph that snnc did not write -> FloatGraph: cycles, skips, convolutions, several inputs and outputs.

A population is a node with neurons; what lies between two of them, `Linear`, `Affine`, `Scale`, `Delay`,
convolutions, pools and `Flatten`, is folded into one projection or a few. NIR's equations are continuous, so
spikes act in the step in which they arise, but for those that go round: an edge that closes a cycle takes one
step, unless `Delay` nodes say more.

Neurons that feed an Output are a readout; what is only weighed there gets one, neurons without memory.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from math import prod
from typing import Any

import nir
import numpy as np

from snnc.errors import InputError
from snnc.exporter.nir.delays import WholeSteps
from snnc.exporter.nir.foreign import Foreign, Resets
from snnc.exporter.nir.kernels import KERNELS, kernel_of
from snnc.exporter.nir.layers import matrix, one_for_each
from snnc.exporter.nir.lines import At, Lines
from snnc.exporter.nir.neurons import Neurons, neurons_of
from snnc.exporter.nir.nodes import NEURONS, Structure, steps_back, structure_of
from snnc.exporter.nir.one_number import shapes_into
from snnc.exporter.nir.options import Imported, ImportOptions
from snnc.exporter.nir.reach import reach
from snnc.exporter.nir.shapes import flattened_shape, shape_of_input
from snnc.exporter.nir.signals import Signal, Term
from snnc.stages import FloatConvolution, FloatGraph, FloatPopulation, FloatProjection, Readout
from snnc.stages.chain import LAYER_LIMIT
from snnc.stages.order import contract_order
from snnc.stages.population import INPUT, LI


def import_graph(foreign: Foreign, options: ImportOptions) -> Imported:
    """The network of a file. `options` have passed their check.

    Raises
    ------
    InputError
        If it holds a node, a value or a cycle that the contract has no place for, or `options` lack what it
        needs; the text names node and value.
    """
    return _Importer(foreign, options).imported()


class _Importer:
    def __init__(self, foreign: Foreign, options: ImportOptions) -> None:
        assert options.dt is not None
        assert options.time_steps is not None
        self._dt, self._steps, self._fires = options.dt, options.time_steps, options.fires
        self._told = options.notes
        self._structure: Structure = structure_of(foreign.graph)
        self._resets = Resets(foreign, options.reset)
        self._delays = WholeSteps(options.dt, options.round_delays)
        self._notes: dict[str, int | float | str] = {}
        nodes, names = self._structure.nodes, self._structure.of(NEURONS)
        if len(names) > LAYER_LIMIT:
            raise InputError(f"has {len(names)} nodes with neurons, the limit is {LAYER_LIMIT}; use fewer")
        lines = shapes_into(self._structure)
        self._neurons = {
            name: neurons_of(name, nodes[name], self._dt, options.how, lines.get(name)) for name in names
        }
        self._at = At("")
        self._signals = {name: Signal.of_population(name, each.shape) for name, each in self._neurons.items()}
        self._read_linear()

    def imported(self) -> Imported:
        for name, neurons in self._neurons.items():
            if not (self._structure.before[name] or neurons.drift.any()):
                raise InputError(
                    f"node {name!r} is fed by nothing and has no v_leak; connect it, or leave it out"
                )
        arriving = {name: self._arriving(name, each.shape) for name, each in self._neurons.items()}
        readouts, added = self._readouts()
        arriving |= {name: signal for name, (signal, _) in added.items()}
        for name, signal in arriving.items():
            for term in signal.terms:
                self._check_spikes(term.source, name)
        terms = self._recurrent({name: signal.present for name, signal in arriving.items()})
        projections = [
            FloatProjection(source, name, part.synapses())
            for name, into in terms.items()
            for source, part in self._together(name, into)
        ]
        populations = {name: self._input(name) for name in self._structure.of(nir.Input)}
        populations |= {population.name: population for _, population in added.values()}
        heard = {projection.source for projection in projections}
        for name, neurons in self._neurons.items():
            into = [projection for projection in projections if projection.destination == name]
            last = name in readouts and name not in heard
            populations[name] = self._population(neurons, arriving[name], into, last)
        at_once = [(e.source, e.destination) for e in projections if e.synapses.has_delay_0]
        order = contract_order(list(populations), at_once)
        place = {name: number for number, name in enumerate(order)}
        projections.sort(key=lambda each: (place[each.destination], place[each.source]))
        graph = FloatGraph(
            tuple(populations[name] for name in order),
            tuple(projections),
            tuple(self._readout(populations[name]) for name in readouts),
            self._steps,
            self._dt,
        )
        return Imported(graph, self._told | self._delays.notes | self._notes | self._resets.notes)

    def _arriving(self, name: str, shape: tuple[int, ...] | None = None) -> Signal:
        """The sum of what feeds node `name`, whose lines have `shape` if it says so."""
        self._at.name = name
        return Signal.total(self._at, [self._signals[each] for each in self._structure.before[name]], shape)

    def _read_linear(self) -> None:
        """Signals of the nodes without neurons; those that no other node needs any more are let go."""
        nodes, linear = self._structure.nodes, dict.fromkeys(self._structure.linear)
        wanted = Counter(each for sources in self._structure.before.values() for each in sources)
        for name in linear:
            self._at.name = name
            signal = self._signals[name] = self._linear(name, nodes[name])
            self._at.spend(signal.size)
            for each in self._structure.before[name]:
                wanted[each] -= 1
                if not wanted[each] and each in linear:
                    del self._signals[each]

    def _linear(self, name: str, node: nir.NIRNode) -> Signal:
        if isinstance(node, nir.Input):
            return Signal.of_population(name, shape_of_input(name, node))
        at, signal = self._at, self._arriving(name)
        if isinstance(node, nir.Linear | nir.Affine):
            weight = matrix(name, node.weight, signal.lines)
            bias = node.bias if isinstance(node, nir.Affine) else 0.0
            return signal.weighed(at, weight, one_for_each(name, "bias", bias, len(weight)))
        if isinstance(node, nir.Scale):
            return signal.scaled(at, signal.for_each(at, "scale", node.scale))
        if isinstance(node, nir.Delay):
            flat = replace(node, delay=signal.for_each(at, "delay", node.delay))
            return signal.delayed(at, self._delays.of(name, flat, signal.lines))
        if isinstance(node, KERNELS):
            kernel = kernel_of(name, node, signal.shape)
            return signal.convolved(at, kernel, rows=not isinstance(node, nir.Conv1d))
        return replace(signal, shape=flattened_shape(name, node, signal.shape))

    def _input(self, name: str) -> FloatPopulation:
        return FloatPopulation(name, INPUT, prod(shape_of_input(name, self._structure.nodes[name])))

    def _check_spikes(self, source: str, name: str) -> None:
        neurons = self._neurons.get(source)
        if neurons is not None and neurons.threshold is None:
            raise InputError(
                f"node {source!r} ({type(neurons.node).__name__}) does not spike, but {name!r} hears its "
                "v; in the contract only spikes go from neurons to neurons: give it a threshold, or an Output"
            )

    def _readouts(self) -> tuple[list[str], dict[str, tuple[Signal, FloatPopulation]]]:
        """Names of the populations to read out, and those that are added for it, with what arrives there."""
        names: list[str] = []
        added: dict[str, tuple[Signal, FloatPopulation]] = {}
        for output in self._structure.of(nir.Output):
            before = self._structure.before[output]
            signal = self._arriving(output)
            name = _only_population(signal)
            if name is None or name not in self._neurons:
                name = output if len(before) > 1 or self._is_source(before[0]) else before[0]
                nothing: Any = 0.0
                population = FloatPopulation(
                    name, LI, signal.lines, keep_u=nothing, keep_v=nothing, bias=signal.bias
                )
                added[name] = replace(signal, bias=np.zeros(signal.lines)), population
            if name in names:
                raise InputError(
                    f"nodes {output!r} and another Output both give {name!r}; leave one of them out"
                )
            names.append(name)
        return names, added

    def _is_source(self, name: str) -> bool:
        return name in self._neurons or isinstance(self._structure.nodes[name], nir.Input)

    def _recurrent(self, terms: dict[str, tuple[Term, ...]]) -> dict[str, tuple[Term, ...]]:
        """`terms` by destination, those that close a cycle without a delay one step later."""
        at_once, later = set[tuple[str, str]](), set[tuple[str, str]]()
        for name, into in terms.items():
            for term in into:
                if (steps := _earliest(term)) is not None:
                    (later if steps else at_once).add((term.source, name))
        names = list(dict.fromkeys([*self._structure.of(nir.Input), *terms]))
        back, cycle = steps_back(names, at_once, later)
        if cycle:
            raise InputError(
                f"neurons {' -> '.join(map(repr, cycle))} form a cycle that is entered at several places, so "
                "the file does not say which of its edges takes the step of the recurrence; put a Delay of "
                "one step (--dt) on that edge"
            )
        if back:
            self._notes["recurrent_step"] = ", ".join(f"{a} -> {b}" for a, b in sorted(back))
        return {
            name: tuple(_a_step_later(term, name) if (term.source, name) in back else term for term in into)
            for name, into in terms.items()
        }

    def _together(self, name: str, terms: tuple[Term, ...]) -> list[tuple[str, Term]]:
        """One term for each source of lines, and each convolution by itself; no term without synapses."""
        self._at.name = name
        found: dict[str, Term] = {}
        kernels = []
        for term in terms:
            if isinstance(term.part, FloatConvolution):
                kernels.append((term.source, term))
            elif len(term.part.line):
                other = found.get(term.source)
                both = term.part if other is None else other.part.together(self._at, term.part)  # type: ignore[union-attr]
                found[term.source] = replace(term, part=both)
        return [*found.items(), *kernels]

    def _population(
        self, neurons: Neurons, arriving: Signal, into: list[FloatProjection], last: bool
    ) -> FloatPopulation:
        name, node = neurons.name, neurons.node
        if neurons.threshold is None:
            return neurons.population(arriving.bias, None, None)
        if last:
            quiet = neurons.population(arriving.bias, None, None)
            most = reach(quiet, into, self._inputs, self._steps) * neurons.gain
            if (most < neurons.threshold).all():
                self._notes[f"read_as_readout {name}"] = (
                    f"{name} is read as a readout: its threshold of {neurons.threshold.min():.4g} lies above "
                    f"all that v reaches in {self._steps} steps, {most.max():.4g}"
                )
                return quiet
        if np.isinf(neurons.threshold).any():
            raise InputError(
                f"node {name!r}: its threshold is infinite; only the last neurons, a readout, may have no "
                "spikes, and then none of them; write a number"
            )
        reset = self._resets.of(name, node, neurons.remembers)
        if self._fires is None:
            raise InputError(
                f"node {name!r} ({type(node).__name__}): the file does not tell whether its neurons fire at "
                "v > v_threshold (NIR's equations, snnTorch, Norse) or at v >= v_threshold (sinabs)",
                "If the network was trained with the first, pass --fires above; with the second, --fires at",
            )
        said = self._notes.get(how := f"fires_{self._fires}_as_told")
        self._notes[how] = name if said is None else f"{said}, {name}"
        return neurons.population(arriving.bias, reset, self._fires)

    @property
    def _inputs(self) -> frozenset[str]:
        return frozenset(self._structure.of(nir.Input))

    def _readout(self, population: FloatPopulation) -> Readout:
        classes = tuple(str(number) for number in range(population.neurons))
        if population.spikes:
            return Readout(population.name, "count", None, classes)
        neurons = self._neurons.get(population.name)
        scale = 1.0 if neurons is None else neurons.gain
        return Readout(population.name, "softmax", scale, classes)


def _only_population(signal: Signal) -> str | None:
    """The population whose spikes or v the signal is, as they are; None if it is another."""
    if len(signal.terms) != 1 or signal.bias.any():
        return None
    (term,) = signal.terms
    part = term.part
    plain = isinstance(part, Lines) and part.is_straight
    if not plain or not isinstance(part, Lines) or (part.weight != 1).any() or part.delay.any():
        return None
    return term.source


def _earliest(term: Term) -> int | None:
    """The shortest delay; None if there are no synapses."""
    part = term.part
    if isinstance(part, Lines):
        return int(part.delay.min()) if len(part.delay) else None
    present = part.kernel != 0
    return int(part.delay[present].min()) if present.any() else None


def _a_step_later(term: Term, name: str) -> Term:
    if _earliest(term) != 0:
        return term
    if term.delayed:
        raise InputError(
            f"the way from {term.source!r} to {name!r} closes a cycle, and its Delay is 0 steps for some "
            "lines; a spike cannot act on itself in its own step: give each line at least one step (--dt), "
            "or leave the Delay out"
        )
    part = term.part
    if isinstance(part, FloatConvolution):
        return replace(term, part=replace(part, delay=np.int32(1)))  # type: ignore[arg-type]
    return replace(term, part=part.delayed(At(name), np.ones(part.lines, np.int64)))
