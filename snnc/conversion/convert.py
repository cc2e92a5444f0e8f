"""`from_torch`: a PyTorch module becomes a graph, and both are compared."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from math import inf
from numbers import Real
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

import snnc.conversion.converters  # noqa: F401  # registers them
from snnc.conversion.arguments import axes_of, check_module, events_of, kind_of, tensor_of
from snnc.conversion.axes import Axes
from snnc.conversion.calls import ONE_STEP
from snnc.conversion.comparison import Outputs, compared
from snnc.conversion.differences import SILENT, remedies
from snnc.conversion.evidence import more_of
from snnc.conversion.fold import graph_of
from snnc.conversion.gradients import of_gradients
from snnc.conversion.halves import halves_of, told_of_halves
from snnc.conversion.late import late_delays
from snnc.conversion.left_over import between_calls, check_draws, check_kept, left_over_of
from snnc.conversion.notes import (
    differing,
    many_delays,
    more_steps,
    other_durations,
    several_readouts,
    steps_as_classes,
)
from snnc.conversion.other_events import check_others, close_enough
from snnc.conversion.other_steps import other_steps
from snnc.conversion.own_time import Sure, check_own_time
from snnc.conversion.readouts import check_decoder, readouts_of
from snnc.conversion.run import DRAWS, TAKEN, Trace
from snnc.conversion.running import left_as_it_was, runs_on
from snnc.conversion.tensors import Tensors
from snnc.conversion.tracer import trace
from snnc.errors import InputError
from snnc.exporter.expectation.agreement import ALONE, Agreement, why
from snnc.exporter.expectation.held import Held
from snnc.stages import FloatGraph
from snnc.text import quoted

CONSTANT = (
    "Compute it without random numbers, numbers of tensors, and what an earlier call has left over, or as "
    "buffers that stay"
)
NUMBER = "Give it as a number: dt=1e-3"
BRANCH = (
    "Let no branch and no factor depend on what arrives: call the same layers whatever it is. One that is "
    "left out where nothing arrives may be called all the same, as a Linear gives its bias then"
)


@dataclass(frozen=True, slots=True)
class Converted:
    """A graph in real numbers, `held` against the module that it is of.

    `export_network` takes `held`, too, and says in the manifest what quantising adds.
    """

    graph: FloatGraph
    held: Held
    notes: tuple[str, ...] = ()

    @property
    def agreement(self) -> tuple[Agreement, ...]:
        """How far its spikes agree with those of the module."""
        return self.held.agreement

    def __repr__(self) -> str:
        sizes = " + ".join(str(each.neurons) for each in self.graph.populations)
        return f"Converted({sizes} neurons, T = {self.graph.time_steps}, {self.graph.bin_s:g} s a step)"


def from_torch(
    module: torch.nn.Module,
    example: Any,
    *,
    dt: float,
    layout: str = "TNC",
    decoder: str | None = None,
    least_agreement: float = 0.999,
    in_batches: bool = True,
) -> Converted:
    """The network that `module` computes.

    The module runs on `example`, in evaluation mode, and the functions that it calls tell what lies
    between its neurons. It runs again on silent events, and has to compute the same network then. The
    network runs on the same input, in float64, and every spike is compared, of a large network in the first
    recordings alone; so it is on other events, which are drawn.

    Parameters
    ----------
    module : neurons are modules that a converter knows (`snnc.converter`); all between them is linear.
    example : what the module takes: one tensor or array of whole events, 0 .. 255.
    dt : seconds a step.
    layout : the dimensions of `example`, a letter each: T time, N recordings, any others features.
    decoder : how outputs that hold all steps are decoded: "sum", the default, which a note tells, "softmax",
        "max" or "last"; spikes are counted.
    least_agreement : the share of steps and neurons in which spikes must be equal, 0 .. 1, at each population
        if the module's own spikes arrive. A module computes in 32 bits, so a v that all but meets the
        threshold may fall on either side.
    in_batches : compare other events also in more recordings than the example has, which takes most of the
        time of a large network.

    Raises
    ------
    InputError
        If `example` does not fit `layout` or holds no events, the module does what the contract does not
        have, or agreement is below `least_agreement`.
    """
    check_module(module)
    tensor = tensor_of(example)
    axes = axes_of(tensor, layout)
    events = events_of(tensor, axes)
    bin_s = _seconds(dt)
    if not isinstance(least_agreement, Real) or not 0 <= least_agreement <= 1:
        raise InputError(f"least_agreement is {quoted(least_agreement)}, expected a share, 0 .. 1")
    check_decoder(decoder)
    with left_as_it_was(module):
        return _converted(module, tensor, events, axes, bin_s, decoder, float(least_agreement), in_batches)


def _seconds(dt: object) -> float:
    if isinstance(dt, Real):
        with suppress(OverflowError):
            found = float(dt)
            if 0 < found <= sys.float_info.max:
                return found
    raise InputError(
        f"dt is {quoted(dt)}, expected seconds a step, above 0", *[NUMBER] * (not isinstance(dt, Real))
    )


def _converted(
    module: torch.nn.Module,
    tensor: torch.Tensor,
    events: npt.NDArray[np.int64],
    axes: Axes,
    bin_s: float,
    decoder: str | None,
    least_agreement: float,
    in_batches: bool,
) -> Converted:
    run = _taken_by(module, tensor)
    check_own_time(module, run, axes)
    silent, kept = torch.zeros_like(run), run.clone()  # the module may change what it is given

    def converted(found: Trace, steps: int = axes.steps) -> FloatGraph:
        return graph_of(found, axes.lines, steps, int(max(1, events.max(initial=1))), bin_s, decoder)

    found = _traced(module, run, kept, axes)
    for cell in found.cells.values():
        if cell.recordings not in (None, axes.batch):
            raise InputError(
                f"{cell.name}: recordings of its Cell is {cell.recordings}, and the example has {axes.batch}",
                f"Give an example of {cell.recordings}, or leave recordings out",
            )
    check_draws(module, found, kept, axes)
    graph = converted(found)
    _check_constant(module, found.doubts, graph, lambda: converted(trace(module, silent, axes)))
    uncompared = between_calls(module, found, kept, axes)
    read = readouts_of(found, decoder)
    again = left_over_of(module, found, kept, axes)
    trained = of_gradients(module, found, graph, kept, axes)
    more, name = more_of(module, found, graph, kept, axes), type(module).__name__
    held, outputs = compared(
        graph, found, events, name, read.outputs, lambda own: again(own) or trained(own), more
    )
    told = {name: cell.notes for name, cell in found.cells.items()}
    halves = halves_of(module, found)
    with told_of_halves(halves):
        _check(held.agreement, least_agreement, told, found)
    _check_outputs(outputs, held)
    notes = [note for each in told.values() for note in each]
    notes += [f"{doubt}; {ALONE}" for doubt in dict.fromkeys(found.doubts) if doubt.endswith((TAKEN, DRAWS))]
    if decoder is not None and all(each.decoder != decoder for each in graph.readouts):
        said = ", ".join(sorted({each.decoder for each in graph.readouts}))
        notes.append(f"decoder {decoder!r} is not used: what the module gives is decoded by {said}")
    notes += [
        *more_steps(graph, axes.steps),
        *dict.fromkeys(found.asked),
        *steps_as_classes(found, read.outputs),
    ]
    notes += [*read.notes, *several_readouts(graph.readouts)]  # outputs that are not read are said
    with told_of_halves(halves):
        others = check_others(
            module, found, graph, kept, axes, read.outputs, least_agreement, more, in_batches
        )
    notes += other_steps(module, found, kept, axes, least_agreement)
    notes += late_delays(module, found, graph, kept, axes, converted)
    check_kept(found)
    notes += [*others.notes, *uncompared, *([halves.note] if halves else []), *other_durations(module, bin_s)]
    notes += [*differing(held.agreement), *many_delays(graph)]
    notes += [
        f"{each.population}: never spikes on the example, so that nothing is compared but silence"
        for each in held.agreement
        if each.spikes == 0
    ]
    return Converted(graph, replace(held, others=others.allowed), tuple(notes))


def _traced(module: torch.nn.Module, run: torch.Tensor, kept: torch.Tensor, axes: Axes) -> Trace:
    """As `trace`; of neurons without time_dim that take all steps, their own dimension of time is told."""
    try:
        return trace(module, run, axes)
    except InputError as error:
        if ONE_STEP not in str(error):
            raise
        refused = error
    check_own_time(module, kept, axes, unsaid=True)
    raise refused


def followed_so_far(module: torch.nn.Module, example: Any, layout: str) -> float:
    """How many tensors of `module` are followed from an `example` of this layout up to the first that is not.

    Infinity if all are. Raises `InputError` for a layout that does not fit.
    """
    tensor = tensor_of(example)
    axes, tensors = axes_of(tensor, layout), Tensors()
    try:
        with left_as_it_was(module):
            found = trace(module, _taken_by(module, tensor), axes, tensors)
            graph_of(found, axes.lines, axes.steps, 1, 1.0, None)
    except InputError:
        return tensors.followed
    return inf


def _taken_by(module: torch.nn.Module, tensor: torch.Tensor) -> torch.Tensor:
    """A copy, in the module's own kind of numbers if it takes no other."""
    if not tensor.is_floating_point() and not runs_on(module, tensor.clone()):
        return tensor.to(kind_of(module))
    return tensor.clone()


def _check_constant(
    module: torch.nn.Module, doubts: Sequence[str], graph: FloatGraph, again: Callable[[], FloatGraph]
) -> None:
    """Raises `InputError` unless the module computes the same network again, on silence."""
    try:
        other = again()
        parts = ("populations", "projections", "readouts", "time_steps")
        wrong = [each for each in parts if getattr(other, each) != getattr(graph, each)]
        how = f"computes another network ({', '.join(wrong)})"
    except InputError as error:
        wrong, how = ["all"], f"cannot be read: {error.args[0]}"
    if wrong:
        why = f"{doubts[0]}, and " if doubts else ""
        raise InputError(
            f"{why}on silent events {type(module).__name__} {how}; the contract's networks are "
            "the same whatever arrives",
            BRANCH if doubts and doubts[0].endswith(TAKEN) else CONSTANT,
        )


def _check(
    agreement: Sequence[Agreement], least: float, notes: Mapping[str, Sequence[str]], found: Trace
) -> None:
    for each in agreement:
        if each.share < least:
            told = notes.get(each.population, ())  # what is known to differ
            known = each.spikes is not None and not told
            cause = f": {why(each.causes)}" if known or each.causes else ""
            close = close_enough(least)
            raise InputError(
                f"{each.population}: module and network differ in {each.different} of {each.total} places "
                f"where the same arrives: {each.where}{cause}",
                *told,
                *remedies(found, each.population, each.causes),
                Sure(close) if _explained(each.causes) else close,
            )


def _explained(causes: Sequence[str]) -> bool:
    """Whether a cause makes every spike, of which there are some: then the example was read rightly."""
    return any(not each.endswith(SILENT) for each in causes)


def _check_outputs(outputs: Outputs, held: Held) -> None:
    """What is read has to agree, where the same arrives; and where all places agree, classes."""
    if outputs.difference is not None:
        raise InputError(*outputs.difference)
    agree = not any(each.different or each.through for each in held.agreement)
    for number, count in outputs.other_classes.items():
        if count and agree:
            raise InputError(
                f"output {number}: tells another class than the network in {count} of {len(held.events)} "
                "recordings, although all neurons agree; the module decodes it in a way that is not followed",
                "Return the scores, or the membranes of all steps, and pass decoder",
            )
