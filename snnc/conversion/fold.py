"""A trace, folded over time, is a graph: what arrives at neurons in each step is the same, steps later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from snnc.conversion.ahead import ZEROS, check_count, hears_some, looks_ahead
from snnc.conversion.calls import NeuronCall, not_of_the_input
from snnc.conversion.functions import numbers
from snnc.conversion.functions.nearest import DELAY
from snnc.conversion.functions.odd_steps import odd_paths
from snnc.conversion.functions.remembered import CURRENT, REMEMBERED, remembered
from snnc.conversion.neurons import LONGER, SEEN, UNSEEN, Cell
from snnc.conversion.readouts import readouts_of
from snnc.conversion.run import TAKEN, Trace
from snnc.conversion.values import MEMBRANE, ONE, FloatArray, Path, same_paths
from snnc.errors import InputError
from snnc.exporter.nir.lines import At
from snnc.exporter.nir.signals import Signal, Term
from snnc.stages import FloatConvolution, FloatGraph, FloatPopulation, FloatProjection
from snnc.stages.order import contract_order
from snnc.stages.population import INPUT, LI, SUBTRACT

INPUT_NAME = "input"
AT_ONCE = (
    "A bias that waits with what it is added to is missing in the first steps: delay what arrives at the "
    "weights and not what they give, or add the bias behind the delay"
)
"""What is said of a bias that is not there in every step."""
SILENT_BEFORE = (
    "Before the first step nothing has spiked in the contract: let what the loop keeps, as spikes that come "
    "back or a buffer of delays, begin with zeros, not with other numbers or learned ones, and train with it"
)
"""What is said of one that is there in the first steps alone."""
EVERY_STEP = f"Compute the same in every step; a{DELAY[1:]}"
SAME_BIAS = 1e-6
"""By which share of the largest a bias may differ between steps, as rounding makes it in 32 bits."""


@dataclass(frozen=True, slots=True)
class Arriving:
    """What arrives at the neurons `name` in each of `steps` steps; `step` of a path is minus the delay."""

    name: str
    lines: int
    steps: int
    paths: tuple[Path, ...]


def graph_of(
    trace: Trace, lines: int, steps: int, payload_max: int, dt: float, decoder: str | None
) -> FloatGraph:
    """The graph that a module computed on an input of `lines` lines and `steps` steps.

    Raises
    ------
    InputError
        If the module does what the contract does not have; the text names the module and the operation.
    """
    return _Folding(trace, lines, steps, payload_max, dt, decoder).graph()


class _Folding:
    def __init__(
        self, trace: Trace, lines: int, steps: int, payload_max: int, dt: float, decoder: str | None
    ) -> None:
        self._trace, self._dt, self._decoder = trace, dt, decoder
        self._at = At("")
        self._populations = {INPUT_NAME: FloatPopulation(INPUT_NAME, INPUT, lines, payload_max=payload_max)}
        self._steps = {INPUT_NAME: steps}
        self._terms: dict[str, tuple[Term, ...]] = {}

    def graph(self) -> FloatGraph:
        arriving = {name: self._arriving(name, calls) for name, calls in self._trace.calls.items() if calls}
        self._steps |= {name: each.steps for name, each in arriving.items()}
        readouts = readouts_of(self._trace, self._decoder)
        self._added = readouts.added
        self._read_by_v = readouts.by_membrane
        for name, (value, steps) in readouts.added.items():
            arriving[name] = self._checked(Arriving(name, value.axes.lines, steps, value.paths))
            self._steps[name] = steps
        steps = max(self._steps.values())
        for name, each in arriving.items():
            signal = self._signal(each)
            self._terms[name] = signal.terms
            self._populations[name] = self._population(name, each, signal, steps)
        projections = [
            FloatProjection(term.source, name, term.synapses())
            for name, terms in self._terms.items()
            for term in self._together(name, terms)
        ]
        names = list(self._populations)
        at_once = [(e.source, e.destination) for e in projections if e.synapses.has_delay_0]
        order = contract_order(names, at_once)
        place = {name: number for number, name in enumerate(order)}
        projections.sort(key=lambda each: (place[each.destination], place[each.source]))
        populations = tuple(self._populations[name] for name in order)
        return FloatGraph(populations, tuple(projections), readouts.readouts, steps, self._dt)

    # -- over time -------------------------------------------------------------------------------------------

    def _arriving(self, name: str, calls: list[NeuronCall]) -> Arriving:
        for number, call in enumerate(calls):
            if not call.seen and number == len(calls) - 1:
                raise InputError(
                    f"{name}: what arrives does not depend on the input{UNSEEN}",
                    LONGER,
                    SEEN,
                )
        last, lag = calls[-1].arriving, self._trace.cells[name].lag
        assert last is not None
        if lag >= (steps := last.axes.steps if last.axes.has_time else len(calls)):
            raise InputError(
                f"{name}: its Cell gives lag = {lag}, expected less than the {steps} steps of a run"
            )
        if last.axes.has_time:
            return self._checked(Arriving(name, last.axes.lines, last.axes.steps - lag, last.paths))
        end = len(calls) - 1
        paths = tuple(_at_step(path, end) for path in last.paths)
        for step, call in enumerate(calls):
            value = call.arriving
            found = [] if value is None else [_at_step(path, step) for path in value.paths]
            wanted = [path for path in paths if self._arrives(path, step)]
            found = [path for path in found if self._arrives(path, step)]
            if not self._same(found, wanted, last.axes.lines):
                if end > 1 and remembered(calls[-2].arriving, last):
                    raise InputError(f"{name}: what arrives {REMEMBERED}", CURRENT)
                check_count(name, calls, self._steps[INPUT_NAME], self._arriving)
                if same_paths(_moving(found), _moving(wanted)):
                    missing = all(any(each.same_way(other) for other in wanted) for each in found)
                    raise InputError(
                        f"{name}: the bias that arrives in step {step} is not that of step {end}; in the "
                        "contract a bias acts in every step",
                        *[SILENT_BEFORE] * (not missing),
                        AT_ONCE,
                    )
                if not call.seen and value is not None:
                    raise not_of_the_input(name, step)
                if odd := odd_paths(step, _moving(found), _moving(paths), end):
                    raise InputError(f"{name}: {odd.where or 'the module'} {odd.why}", odd.instead)
                raise InputError(
                    f"{name}: what arrives in step {step} is not what arrives in step {end}, that many steps "
                    "earlier; the contract's connections do not change",
                    *self._taken(),
                    *[ZEROS] * (not _moving(found)),
                    EVERY_STEP,
                )
        return self._checked(Arriving(name, last.axes.lines, len(calls) - lag, paths))

    def _arrives(self, path: Path, step: int) -> bool:
        """Whether what `path` brings in `step` is there, and can be other than silence."""
        at = path.step + step
        return path.source.what == ONE or (at >= 0 and not self._trace.is_silent(replace(path, step=at)))

    def _taken(self) -> list[str]:
        """Where numbers of tensors were taken, which a branch may depend on."""
        found = [each for each in self._trace.doubts if each.endswith(TAKEN)][:1]
        return [f"{each}: let no branch and no factor depend on them" for each in found]

    def _same(self, found: Sequence[Path], wanted: Sequence[Path], lines: int) -> bool:
        """Whether both are the same sum; biases may differ by rounding, as the module computes in 32 bits."""
        if same_paths(found, wanted):
            return True
        if not same_paths(_moving(found), _moving(wanted)):
            return False
        here, there = (self._bias(paths, lines) for paths in (found, wanted))
        return np.allclose(here, there, rtol=SAME_BIAS, atol=SAME_BIAS * np.abs(there).max(initial=0))

    def _bias(self, paths: Sequence[Path], lines: int) -> FloatArray:
        """The sum of the constants among `paths`, float64 [lines]."""
        signals = [self._constant(path) for path in paths if path.is_constant]
        return Signal.total(self._at, signals, (lines,)).bias

    def _constant(self, path: Path) -> Signal:
        signal = Signal((), np.zeros(0), (0,))
        for operation in path.operations:
            signal = operation.apply(signal, self._at)
        return signal

    def _checked(self, arriving: Arriving) -> Arriving:
        for path in arriving.paths:
            source = path.source
            if source.what == ONE:
                continue
            if source.what == MEMBRANE:
                raise InputError(
                    f"{arriving.name}: hears the membrane of {source.population}; in the contract only "
                    "spikes go from neurons to neurons"
                )
        if ahead := [path for path in _moving(arriving.paths) if path.step > 0]:
            raise looks_ahead(arriving.name, max(ahead, key=lambda path: path.step))
        return arriving

    def _check_cut(self, arriving: Arriving) -> None:
        """No spikes of a source are cut off that would arrive."""
        for path in arriving.paths:
            if path.source.what == ONE:
                continue
            has = self._steps[path.source.population]
            stop = has if path.stop is None else path.stop
            if path.first > 0 or (stop < has and stop - path.step < arriving.steps):
                raise hears_some(arriving.name, path)

    # -- lines -----------------------------------------------------------------------------------------------

    def _signal(self, arriving: Arriving) -> Signal:
        self._check_cut(arriving)
        self._at.name = arriving.name
        signals = [self._one(path, arriving) for path in arriving.paths]
        cell = self._trace.cells.get(arriving.name)
        if cell is not None and cell.recurrent is not None:
            signals.append(self._recurrent(cell, arriving.lines))
        return Signal.total(self._at, signals, (arriving.lines,))

    def _one(self, path: Path, arriving: Arriving) -> Signal:
        source = path.source
        if source.what == ONE:
            return self._constant(path)
        name = source.population
        lines = self._populations[name].neurons if name in self._populations else self._lines(name)
        signal = Signal.of_population(name, (lines,))
        if path.step:
            signal = signal.delayed(self._at, np.full(lines, -path.step))
        for operation in path.operations:
            signal = operation.apply(signal, self._at)
        return signal

    def _lines(self, name: str) -> int:
        return next(call.axes.lines for call in self._trace.calls[name] if call.axes is not None)

    def _recurrent(self, cell: Cell, lines: int) -> Signal:
        assert cell.recurrent is not None
        weight, bias = numbers(cell.recurrent[0]), cell.recurrent[1]
        if weight.size != 1 and len(weight) != lines:
            raise InputError(
                f"{cell.name}: its Cell gives recurrent with a weight of the shape {list(weight.shape)}, "
                f"expected [{lines}, {lines}], or one number, or one for each of its {lines} neurons"
            )
        delay = np.full(lines, 1 + cell.lag)
        signal = Signal.of_population(cell.name, (lines,)).delayed(self._at, delay)
        if weight.ndim < 2:
            return signal.scaled(self._at, np.broadcast_to(weight.reshape(-1), (lines,)))
        return signal.weighed(self._at, weight, np.zeros(lines) if bias is None else numbers(bias))

    def _together(self, name: str, terms: tuple[Term, ...]) -> list[Term]:
        """One term for each source of lines, and each convolution by itself."""
        self._at.name = name
        found: dict[str, Term] = {}
        kernels = []
        for term in terms:
            if isinstance(term.part, FloatConvolution):
                kernels.append(term)
            elif len(term.part.line):
                other = found.get(term.source)
                both: Any = term.part if other is None else other.part.together(self._at, term.part)  # type: ignore[union-attr]
                found[term.source] = replace(term, part=both)
        return [*found.values(), *kernels]

    # -- populations -----------------------------------------------------------------------------------------

    def _population(self, name: str, arriving: Arriving, signal: Signal, steps: int) -> FloatPopulation:
        end = arriving.steps if arriving.steps < steps else None
        if name in self._added:
            nothing: Any = 0.0
            return FloatPopulation(
                name, LI, arriving.lines, keep_u=nothing, keep_v=nothing, bias=signal.bias, end=end
            )
        cell = self._trace.cells[name]
        spikes, gain = cell.spikes and name not in self._read_by_v, cell.gains(arriving.lines)
        given: dict[str, Any] = {**cell.parameters, **cell.numbers_of(arriving.lines)}
        model = cell.model if spikes else LI
        given.pop("model", None)
        if not spikes:
            for key in ("threshold", "reset", "reset_by", "fires"):
                given.pop(key, None)
        given["bias"] = given.get("bias", 0.0) / gain
        for key in ("threshold", "reset_by", "kb"):
            if key in given:
                given[key] = given[key] / gain
        remembers_u = np.any(given.get("keep_u", 0.0))
        given["input_bias" if remembers_u else "bias"] = signal.bias + (0 if remembers_u else given["bias"])
        if spikes and given["reset"] != SUBTRACT:
            given.pop("reset_by", None)
        return FloatPopulation(name, model, arriving.lines, end=end, **given)


def _moving(paths: Sequence[Path]) -> list[Path]:
    return [path for path in paths if not path.is_constant]


def _at_step(path: Path, step: int) -> Path:
    return path if path.source.what == ONE else replace(path, step=path.step - step, first=0, stop=None)
