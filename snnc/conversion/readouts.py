"""What the outputs of a module are to the contract: populations that are read, and by which decoder."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import starmap
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.conversion.functions.handlers import numbers
from snnc.conversion.neurons import LONGER, NEVER, SEEN, UNSEEN
from snnc.conversion.notes import hears_many
from snnc.conversion.run import Trace
from snnc.conversion.selections import ADDED_UP, ALL_STEPS, LATE, adds, early, weighs
from snnc.conversion.sums_over_time import by_step, is_part, span, summed_up
from snnc.conversion.values import MEMBRANE, NO_CONSTANT, ONE, SPIKES, Path, Unknown, Value
from snnc.errors import InputError
from snnc.stages import Readout
from snnc.stages.readout import OF_V
from snnc.text import did_you_mean, quoted

ADDED = "readout"
"""The name of neurons without memory that are added behind weights with no neurons of their own."""
DEFAULT = "sum"
"""The decoder of what is given for all steps, if none is told."""
OTHERS = ", ".join(each for each in OF_V if each != DEFAULT)
OF_MEAN = "A mean over time is the sum divided by the steps, so its classes are the same: pass decoder='sum'"
OF_MAX = "The largest over time is decoder='max'"
OF_COUNT = "Spikes are counted without it: leave it out, and return them"
OTHER_NAMES = {"mean": OF_MEAN, "average": OF_MEAN, "avg": OF_MEAN, "amax": OF_MAX, "count": OF_COUNT}
"""What is said of decoders that the contract has by another name."""


@dataclass(frozen=True, slots=True)
class Readouts:
    """`added` neurons hear a value for a number of steps; `by_membrane`: populations whose v is read."""

    readouts: tuple[Readout, ...]
    added: Mapping[str, tuple[Value, int]]
    by_membrane: frozenset[str]
    notes: tuple[str, ...]
    outputs: tuple[int, ...]
    """Of which output of the module each readout is."""


def check_decoder(decoder: str | None) -> None:
    """Raises `InputError` if it is none of membranes that are given for all steps."""
    if decoder is not None and decoder not in OF_V:
        raise InputError(
            f"decoder is {quoted(decoder)}, expected one of {', '.join(OF_V)}{did_you_mean(decoder, OF_V)}",
            *filter(None, [OTHER_NAMES.get(str(decoder).lower())]),
        )


def readouts_of(trace: Trace, decoder: str | None) -> Readouts:
    """`decoder` is that of membranes that are given for all steps; "sum" if None.

    Raises `InputError` if no output is one that the contract decodes.
    """
    return _Outputs(trace, decoder).found()


@dataclass(slots=True)
class _Outputs:
    trace: Trace
    decoder: str | None
    added: dict[str, tuple[Value, int]] = field(default_factory=dict)
    by_membrane: set[str] = field(default_factory=set)
    by_default: list[str] = field(default_factory=list)
    """Readouts of which an output has all steps, and the user tells no decoder. `told`: by an output."""
    told: set[str] = field(default_factory=set)
    means: dict[str, str] = field(default_factory=dict)
    """The decoders of readouts of which the module takes the mean over time."""
    unrolled: dict[str, int] = field(default_factory=dict)
    """Readouts that hear so many steps before, all that there are."""

    def found(self) -> Readouts:
        found: dict[str, tuple[Readout, int]] = {}
        reasons: list[InputError] = []
        for number, value in enumerate(self.trace.outputs):
            told = len(self.by_default)
            try:
                readout = self._readout(f"output {number}", value)
                first, earlier = found.setdefault(readout.population, (readout, number))
                if first.decoder != readout.decoder:
                    raise InputError(
                        f"output {number} is {readout.population} by {readout.decoder}; output {earlier} is "
                        f"the same by {first.decoder}: give the one alone that is to be read"
                    )
                if isinstance(value, Value) and value.of_mean:
                    self.means[readout.population] = readout.decoder
                self.told |= {readout.population} if len(self.by_default) == told else set()
                if readout.scale is not None and readout.population not in self.added:
                    self.by_membrane.add(readout.population)
            except InputError as error:
                del self.by_default[told:]  # of what is not read
                reasons.append(error)
        if not found:
            said, *hints = reasons[0].args if reasons else ("the module gives no tensor",)
            unknown = [each for each in self.trace.outputs if isinstance(each, Unknown)]
            if unknown and not hints and unknown[0].instead is not None:
                hints = [unknown[0].instead]
            raise InputError(f"no output of the module is one that the contract decodes: {said}", *hints)
        read = ", ".join(found)
        notes = tuple(f"not read: {reason.args[0]}; the classes are those of {read}" for reason in reasons)
        notes += tuple(
            f"{name}: all steps are given, decoded by {DEFAULT}; pass decoder= for {OTHERS}"
            for name in dict.fromkeys(self.by_default)
            if name not in self.told
        )
        notes += tuple(
            f"{name}: the mean over time that the module takes is read by decoder {decoder!r}, which "
            "tells the same classes"
            for name, decoder in self.means.items()
        )
        notes += tuple(starmap(hears_many, self.unrolled.items()))
        readouts, outputs = zip(*found.values(), strict=True)
        return Readouts(readouts, self.added, frozenset(self.by_membrane), notes, outputs)

    def _readout(self, name: str, value: Value | Unknown | None) -> Readout:
        if value is None:
            raise InputError(f"{name} does not depend on the input{UNSEEN}", LONGER, SEEN)
        if isinstance(value, Unknown):
            raise InputError(f"{name} cannot be followed: {value.why}")
        value = summed_up(replace(value, ranked=False))
        value = by_step(value, self._steps_of, self._out(value))
        steps = value.axes.steps
        if value.over_time is None and not value.axes.has_time:
            value, steps = self._last(name, value)
        else:
            self._check_all_steps(name, value)
        classes = tuple(map(str, range(value.axes.lines)))
        kinds = {path.source.what for path in value.paths} - {ONE}
        if not kinds:
            raise InputError(f"{name} is the same whatever arrives", "Give spikes, their count or membranes")
        if kinds == {MEMBRANE} and len(value.paths) == 1:
            return self._of_membrane(name, value, classes)
        if kinds == {MEMBRANE} and sum(not path.is_constant for path in value.paths) == 1:
            raise InputError(
                f"{name} is a membrane and a constant that is added to it; the contract reads membranes as "
                "they are",
                NO_CONSTANT,
            )
        if kinds != {SPIKES}:
            raise adds(name, [path for path in value.paths if not path.is_constant], steps)
        counts = len(value.paths) == 1 and not value.softmax and value.over_time in (None, "sum")
        if counts and value.paths[0].source.population in self.trace.cells and self._comes_whole(value):
            gain = _gain_of(value.paths[0], len(classes))
            if gain is not None and gain[0] > 0 and (gain == gain[0]).all():
                self._check_fires(name, value.paths[0].source.population)
                return Readout(value.paths[0].source.population, "count", None, classes)
        for population in _sources((value,)) & self.by_membrane:
            raise InputError(
                f"{name} weighs spikes of {population}, whose membrane is read: give one of both"
            )
        own = name if ADDED in self.trace.cells else ADDED
        if own in self.added:
            own = f"{ADDED} of {name}"
        last = max(path.step for path in value.paths) + 1
        self.added[own] = value, steps or max(last, self._out(value))
        heard = len({path.step for path in value.paths if not path.is_constant})
        if heard > 2 and heard >= self.added[own][1]:
            self.unrolled[own] = heard
        return Readout(own, self._decoder_of(own, value), 1.0, classes)

    def _check_fires(self, name: str, population: str) -> None:
        threshold = numbers(self.trace.cells[population].parameters["threshold"])
        if (threshold >= NEVER).all():
            raise InputError(
                f"{name} holds spikes of {population}, whose threshold, {threshold.min():g}, is never met",
                "Give its membrane",
            )

    def _last(self, name: str, value: Value) -> tuple[Value, int]:
        """A value of one step, which has to be the last, as one of all steps; and how many these are."""
        paths = [path for path in value.paths if not path.is_constant]
        step = max((path.step for path in paths), default=0)
        steps = max((self._steps_of(path.source.population) for path in paths), default=1)
        constant = len(paths) < len(value.paths)
        if step != steps - 1 and (constant or any(path.source.what != SPIKES for path in paths)):
            raise early(name, paths, steps, constant)
        back = (
            path if path.is_constant else replace(path, step=path.step - steps + 1) for path in value.paths
        )
        return replace(value, paths=tuple(back), over_time="last"), steps

    def _check_all_steps(self, name: str, value: Value) -> None:
        """Of each source all steps count; or all that come in time, where they come later."""
        for path in value.paths:
            if path.is_constant:
                continue
            steps = self._steps_of(path.source.population)
            if is_part(path, steps, self._out(value)):
                begin, end = span(path, steps)
                listed = value.over_time is None and path.source.what == SPIKES
                raise InputError(
                    f"{name} is of steps {begin} .. {end - 1} of the {steps} of {path.source.population}; "
                    "the contract's decoders take all steps",
                    ADDED_UP if listed else ALL_STEPS,
                    *[LATE] * (value.over_time == "sum" and not begin and path.source.what == SPIKES),
                )

    def _comes_whole(self, value: Value) -> bool:
        """Whether no step of its only source comes too late."""
        (path,) = value.paths
        return self._steps_of(path.source.population) - path.step <= self._out(value)

    def _out(self, value: Value) -> int:
        """Steps of an output."""
        return value.axes.steps or max(self.trace.steps, value.decoded_steps)

    def _steps_of(self, population: str) -> int:
        """The steps of the contract that a population computes."""
        cell = self.trace.cells.get(population)
        return self.trace.input_steps if cell is None else self.trace.steps_of(population) - cell.lag

    def _of_membrane(self, name: str, value: Value, classes: tuple[str, ...]) -> Readout:
        path = value.paths[0]
        population = path.source.population
        cell = self.trace.cells[population]
        added = _sources(value for value, _ in self.added.values())
        if cell.adapts:
            raise InputError(
                f"{name} is the membrane of {population}, which adapts; the contract reads membranes of "
                "neurons without a threshold and without adaptation: read its spikes"
            )
        if not cell.readable and not cell.spikes:
            raise InputError(
                f"{name} is the membrane of {population}, whose converter says membrane_ends=False",
                "Pass membrane_ends=True to its Cell if it is v at the end of the step",
            )
        if not cell.readable or population in self.trace.heard | added:
            raise InputError(
                f"{name} is the membrane of {population}, which spikes; the contract reads membranes of "
                "neurons "
                "without a threshold: read its spikes, or give it no reset and let nobody hear it"
            )
        if not self._comes_whole(value):
            raise InputError(
                f"{name} is the membrane of {population} later, without its last steps; give all"
            )
        gain = _gain_of(path, len(classes))
        if gain is None:
            raise weighs(name, path)
        scale = gain * cell.gains(len(classes))
        if (scale <= 0).any():
            raise InputError(
                f"{name} is the membrane of {population} times {scale.min():g}; the contract's decoders "
                "scale by what is above 0",
                "Put the factor into the weights before these neurons",
            )
        return Readout(population, self._decoder_of(population, value), scale, classes)

    def _decoder_of(self, population: str, value: Value) -> str:
        if value.softmax:
            return "softmax"
        if value.over_time is None and self.decoder is None:
            self.by_default.append(population)
        return value.over_time or self.decoder or DEFAULT


def _sources(values: Iterable[Value]) -> set[str]:
    """The populations whose spikes or membranes are in `values`."""
    return {path.source.population for value in values for path in value.paths}


def _gain_of(path: Path, lines: int) -> npt.NDArray[np.float64] | None:
    """The factor [lines] of a path that only scales; None if it does more."""
    total = np.ones(lines)
    for each in path.operations:
        if each.name != "gain":
            return None
        factor: Any = each.parts[0]
        total = total * np.asarray(factor)
    return total
