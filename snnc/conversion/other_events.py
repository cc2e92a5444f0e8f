"""Module and network on other events than the example's: fuller ones, in another number of recordings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from snnc.conversion.again import OtherRunError, run_again
from snnc.conversion.axes import BATCH, TIME, Axes
from snnc.conversion.budget import recordings_compared
from snnc.conversion.classes import first_difference
from snnc.conversion.comparison import padded_to
from snnc.conversion.differences import WITH, at_first, remedies, why_few, why_other
from snnc.conversion.forced import Bools, Forced, More, forced_runs
from snnc.conversion.left_over import LeftOver, left_over_of, same_runs
from snnc.conversion.pauses import pause_of
from snnc.conversion.recordings import by_recording, of_recordings
from snnc.conversion.run import Trace
from snnc.errors import InputError
from snnc.exporter.expectation.agreement import first_place, why
from snnc.stages import FloatGraph

BURSTS = 8
"""So many times a line begins or stops to send events, at most: v then goes up and down."""
RARE = 6
"""A step of so many has events where they are rare: no line sends any in those between."""
MANY, MOST = 4, 257
"""Recordings are compared in so many times those of the example, and in so many, if that is cheap."""
NUMBERS = 1 << 26
"""Cheap: all neurons, and lines of the input, in all steps of these recordings are at most so many."""
CLOSE = "If that is close enough, pass a smaller least_agreement"
"""What is said of neurons that differ, before the share that they are held to now (`close_enough`)."""
OF_NO_GRAD = (
    "The network is that of torch.no_grad(): compute the same with gradients, and ask self.training for "
    "what training alone is to do"
)
PAUSED = "If it has a refractory period, leave it out and train again: snnc has none"


@dataclass(frozen=True, slots=True)
class Others:
    """Notes of the comparison, and those of them that `least_agreement` allows."""

    notes: tuple[str, ...]
    allowed: tuple[str, ...]


def close_enough(least: float) -> str:
    """What to do about a difference that does not matter, where `least` is `least_agreement`."""
    return f"{CLOSE} ({least:.15g} now)"


def check_others(
    module: torch.nn.Module,
    found: Trace,
    graph: FloatGraph,
    example: torch.Tensor,
    axes: Axes,
    outputs: Sequence[int],
    least: float,
    more: More,
    in_batches: bool = True,
) -> Others:
    """The comparison on events that are drawn, in the places of `example`.

    `outputs[k]` is the output that readout k is of. `in_batches`: also in more recordings than there are.
    Neurons whose cell has notes are known to differ; of them a difference is a note, too. Raises `InputError`
    if module and network differ elsewhere. `more` recordings tell causes apart.
    """
    notes: list[str] = []
    allowed: list[str] = []
    lines = lines_of(example, axes)

    @cache
    def known() -> Forced:
        some = lines[: recordings_compared(graph, len(lines))]
        of_example, others = forced_runs(graph, found, padded_to(graph, some)), more()
        return of_example if others is None else of_example.beside(others)

    fails: dict[int, str] = {}  # by number of recordings
    held: set[int] = set()
    fixed = any(cell.recordings is not None for cell in found.cells.values())
    for what, which, kinds in drawn(example, axes, graph if in_batches else None, fixed):
        failed: dict[int, str] = {}
        for events, own in kinds:
            try:
                run = run_again(module, found, events, own)
            except Exception as error:  # of code that is not ours, which may hold any number of recordings
                several = f"{own.batch} recording{'s' * (own.batch != 1)}"
                failed[own.batch] = f"the module fails on {several} ({_told(error)})"
                continue
            again = left_over_of(module, found, events, own)
            some = list(dict.fromkeys(number % own.batch for number in which if number < own.batch))
            heard = lines_of(events, own)[some]
            compared = partial(_compared, graph, heard, some, outputs, least, what, again, known)
            found_here = compared(run)
            if not held:
                notes += _with_gradients(module, found, events, own, run, compared)
            notes, allowed = [*notes, *found_here.notes], [*allowed, *found_here.allowed]
            held.add(own.batch)
            fails |= failed
            break
        else:
            notes.append(f"not compared on other events, {what}: {failed[axes.batch]}")
    if fails and held <= {axes.batch}:
        notes.append(f"compared in the example's number of recordings alone: {next(iter(fails.values()))}")
    elif fails:
        notes += (f"compared in other numbers of recordings: {said}" for said in fails.values())
    return Others(tuple(dict.fromkeys(notes)), tuple(dict.fromkeys(allowed)))


Drawn = list[tuple[torch.Tensor, Axes]]


def drawn(
    example: torch.Tensor, axes: Axes, graph: FloatGraph | None, fixed: bool, several: int = 2, seed: int = 1
) -> Iterator[tuple[str, tuple[int, ...], Drawn]]:
    """What the events are in words, which recordings are compared of those that there are, and the events.

    These are in each number of recordings that is to be tried, in order: `several` first, or one more if that
    is the example's, unless the number is `fixed`. Without the `graph` none has more.
    """
    draw = torch.Generator().manual_seed(seed)
    free = not fixed and (BATCH,) in axes.dims
    largest = max(1, int(example.max()))
    numbers = example.reshape(-1)

    def each(make: Any, other: int = several + (several == axes.batch)) -> Drawn:
        sizes = [other, axes.batch] if free else [axes.batch]
        return [(make(own).to(example), own) for own in (replace(axes, batch=size) for size in sizes)]

    def alike(own: Axes) -> torch.Tensor:
        return numbers[torch.randint(len(numbers), own.shape, generator=draw).to(numbers.device)]

    def bursts(own: Axes) -> torch.Tensor:
        blocks = own.with_steps(min(BURSTS, own.steps)).shape
        there = torch.randint(0, 2, blocks, generator=draw) * torch.randint(
            1, largest + 1, blocks, generator=draw
        )
        when = torch.arange(own.steps) * min(BURSTS, own.steps) // own.steps
        return there.index_select(own.of(TIME), when)

    def rare(own: Axes) -> torch.Tensor:
        shape = [
            size if {TIME, BATCH} & set(dim) else 1 for dim, size in zip(own.dims, own.shape, strict=True)
        ]
        events = alike(own)
        return events * (torch.rand(shape, generator=draw) < 1 / RARE).to(events)

    def full(own: Axes) -> torch.Tensor:
        return torch.full(own.shape, largest)

    yield "drawn from the example's", (0, 1), each(alike)
    yield "in bursts", (0, 1), each(bursts)
    yield "in few of the steps", (0, 1), each(rare)
    # So many events as no example of this size has.
    yield f"{largest} everywhere", (0,), each(full, 1)
    for number in _more(axes, graph) if graph is not None else ():
        yield f"{largest} everywhere", (0, axes.batch, -1), each(full, number)


def _more(axes: Axes, graph: FloatGraph) -> list[int]:
    """More recordings than the example has: as many as there are in batches, where memory holds them."""
    work = axes.steps * sum(each.neurons for each in graph.populations)
    several = MANY * axes.batch + 1
    numbers = [several, MOST] if several < MOST else [several]
    return [number for number in numbers if number * work <= NUMBERS] or [axes.batch + 1]


def _told(error: Exception) -> str:
    return str(error) if isinstance(error, OtherRunError) else f"{type(error).__name__}: {error}"


def lines_of(events: torch.Tensor, axes: Axes) -> npt.NDArray[np.int64]:
    """[N, T, lines]"""
    return by_recording(events, axes).astype(np.int64)


def _with_gradients(
    module: torch.nn.Module,
    found: Trace,
    events: torch.Tensor,
    axes: Axes,
    run: Trace,
    compared: Callable[[Trace], Others],
) -> list[str]:
    """Raises `InputError` if `module` computes something else with gradients; a note if it fails with them.

    `run`: what it makes of `events` without, which is compared. Neurons that keep a state from one run to the
    next tell nothing of gradients.
    """
    if found.keeping:
        return []
    try:
        other = run_again(module, found, events, axes, gradients=True)
        if not same_runs(run, other):
            compared(other)
    except (InputError, OtherRunError) as error:
        raise InputError(
            f"{type(module).__name__} computes something else within torch.enable_grad(): "
            f"{error.args[0].partition(' (')[0]}",
            OF_NO_GRAD,
        ) from error
    except Exception as error:  # of code that is not ours
        return [f"not compared within torch.enable_grad(): the module fails there ({_told(error)})"]
    return []


def _compared(
    graph: FloatGraph,
    events: npt.NDArray[np.int64],
    numbers: Sequence[int],
    outputs: Sequence[int],
    least: float,
    what: str,
    left_over: LeftOver,
    known: Callable[[], Forced],
    run: Trace,
) -> Others:
    """What differs within what is allowed in `run`, in its recordings of these `numbers`.

    Its causes explain what is `known` as well. Raises `InputError` for what differs beyond.
    """
    run = of_recordings(run, numbers)
    forced = forced_runs(graph, run, padded_to(graph, events))
    notes, allowed, differ = list[str](), list[str](), set[str]()
    for name in forced.states:
        wrong = forced.wrong(name)
        if wrong.any():
            differ.add(name)
        if not forced.beyond(name, wrong):
            continue
        recording, step, neuron = place = first_place(wrong) or (0, 0, 0)
        said = (
            f"{name}: on other events, {what}, module and network differ in {int(wrong.sum())} of "
            f"{wrong.size} places where the same arrives: first in recording {numbers[recording]}, step "
            f"{step}, neuron {neuron}"
        )
        said += f" ({at_first(forced, run, name, place)})"
        if run.cells[name].notes:
            notes.append(said)
            continue
        causes = _causes(forced, run, name, left_over, known)
        if wrong.mean() <= 1 - least:
            allowed.append(f"{said}: {why(causes)}" if causes else said)
            continue
        raise InputError(*_why(said, forced, run, name, wrong, causes, close_enough(least)))
    exact = [each.population not in differ for each in graph.readouts]
    difference = first_difference(graph, forced.runs, run, outputs, exact)
    if difference is not None:
        raise InputError(f"on other events, {what}: {difference[0]}", *difference[1:])
    return Others((*notes, *allowed), tuple(allowed))


def _causes(
    forced: Forced, run: Trace, name: str, left_over: LeftOver, known: Callable[[], Forced]
) -> tuple[str, ...]:
    """In words, what makes neurons of the user's converter spike as their module; empty if unknown.

    It has to do so on all that is `known`, too: the example, and more of other events, where few may differ.
    """
    if found := left_over(name):
        return found
    if not forced.graph.population(name).spikes or name not in run.own:
        return ()
    every = forced.beside(known())
    return why_other(every, run, name) or why_few(every, run, name, WITH)


def _why(
    said: str, forced: Forced, run: Trace, name: str, wrong: Bools, causes: tuple[str, ...], close: str
) -> tuple[str, ...]:
    """The lines of an error that begins with `said`: the cause, if it is known, and what to do."""
    if causes:
        return f"{said}: {why(causes)}", *remedies(run, name, causes), close
    spiking = forced.graph.population(name).spikes
    pause = pause_of(forced.states[name] != 0, wrong) if spiking else None
    if pause is not None:
        steps = "a step" if pause == 1 else f"{pause} steps"
        return f"{said}; the module is silent there, as for {steps} after each of its spikes", PAUSED
    if known := remedies(run, name):
        return f"{said}: {why(())}", *known, close
    return (
        f"{said}; the module does there what it does not do on the example",
        f"Compute the same of all events and of any number of recordings; {close[0].lower()}{close[1:]}",
    )
