"""Module and network on other events than the example's: fuller ones, in another number of recordings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from snnc.conversion.again import run_again
from snnc.conversion.axes import BATCH, TIME, Axes
from snnc.conversion.classes import first_difference
from snnc.conversion.comparison import padded_to
from snnc.conversion.differences import OWN_CELL, at_first, why_other
from snnc.conversion.forced import Bools, Forced, forced_runs
from snnc.conversion.left_over import LeftOver, left_over_of
from snnc.conversion.pauses import pause_of
from snnc.conversion.recordings import by_recording
from snnc.conversion.run import Trace
from snnc.errors import InputError
from snnc.exporter.expectation.agreement import first_place, why
from snnc.stages import FloatGraph

BURSTS = 8
"""So many times a line begins or stops to send events, at most: v then goes up and down."""
CLOSE = "If that is close enough, pass least_agreement"
PAUSED = "If it has a refractory period, leave it out and train again: snnc has none"


@dataclass(frozen=True, slots=True)
class Others:
    """Notes of the comparison, and those of them that `least_agreement` allows."""

    notes: tuple[str, ...]
    allowed: tuple[str, ...]


def check_others(
    module: torch.nn.Module,
    found: Trace,
    graph: FloatGraph,
    example: torch.Tensor,
    axes: Axes,
    outputs: Sequence[int],
    least: float,
) -> Others:
    """The comparison on events that are drawn, in the places of `example`.

    `outputs[k]` is the output that readout k is of. Neurons whose cell has notes are known to differ; of them
    a difference is a note, too. Raises `InputError` if module and network differ elsewhere.
    """
    notes: list[str] = []
    allowed: list[str] = []
    fails_alone: list[str] = []  # where another number of recordings does
    fixed = any(cell.recordings is not None for cell in found.cells.values())
    for what, most, kinds in _drawn(example, axes, fixed):
        failed = []
        for events, own in kinds:
            try:
                run = run_again(module, found, events, own)
            except Exception as error:  # of code that is not ours, which may hold any number of recordings
                failed.append(f"{own.batch} recordings ({type(error).__name__}: {error})")
                continue
            again = left_over_of(module, found, events, own)
            found_here = _compared(graph, run, _lines(events, own)[:most], outputs, least, what, again)
            notes, allowed = [*notes, *found_here.notes], [*allowed, *found_here.allowed]
            break
        else:
            notes.append(f"not compared on other events, {what}: the module fails on {failed[-1]}")
            continue
        if failed:
            fails_alone.append(failed[0])
    if fails_alone:
        notes.append(
            f"compared in the example's number of recordings alone: the module fails on {fails_alone[0]}"
        )
    return Others(tuple(notes), tuple(allowed))


Drawn = list[tuple[torch.Tensor, Axes]]


def _drawn(example: torch.Tensor, axes: Axes, fixed: bool) -> Iterator[tuple[str, int, Drawn]]:
    """What the events are in words, how many recordings are compared at most, and the events.

    These are in each number of recordings that is to be tried, in order: another than the example's first,
    unless the number is `fixed`.
    """
    draw = torch.Generator().manual_seed(1)
    free = not fixed and (BATCH,) in axes.dims
    largest = max(1, int(example.max()))
    numbers = example.reshape(-1)

    def each(make: Any, other: int = 3 if axes.batch == 2 else 2) -> Drawn:
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

    yield "drawn from the example's", 2, each(alike)
    yield "in bursts", 2, each(bursts)
    # So many events as no example of this size has.
    yield f"{largest} everywhere", 1, each(lambda own: torch.full(own.shape, largest), axes.batch + 1)


def _lines(events: torch.Tensor, axes: Axes) -> npt.NDArray[np.int64]:
    """[N, T, lines]"""
    return by_recording(events, axes).astype(np.int64)


def _compared(
    graph: FloatGraph,
    run: Trace,
    events: npt.NDArray[np.int64],
    outputs: Sequence[int],
    least: float,
    what: str,
    left_over: LeftOver,
) -> Others:
    """What differs within what is allowed. Raises `InputError` for what differs beyond."""
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
            f"{wrong.size} places where the same arrives: first in recording {recording}, step {step}, "
            f"neuron {neuron}"
        )
        said += f" ({at_first(forced, run, name, place)})"
        if run.cells[name].notes:
            notes.append(said)
            continue
        causes = _causes(forced, run, name, left_over)
        if wrong.mean() <= 1 - least:
            allowed.append(f"{said}: {why(causes)}" if causes else said)
            continue
        raise InputError(*_why(said, forced, run, name, wrong, causes))
    exact = [each.population not in differ for each in graph.readouts]
    difference = first_difference(graph, forced.runs, run, outputs, exact)
    if difference is not None:
        raise InputError(f"on other events, {what}: {difference[0]}", *difference[1:])
    return Others((*notes, *allowed), tuple(allowed))


def _causes(forced: Forced, run: Trace, name: str, left_over: LeftOver) -> tuple[str, ...]:
    """In words, what makes neurons of the user's converter spike as their module; empty if unknown."""
    spiking = forced.graph.population(name).spikes
    return left_over(name) or (why_other(forced, run, name) if spiking and name in run.own else ())


def _why(
    said: str, forced: Forced, run: Trace, name: str, wrong: Bools, causes: tuple[str, ...]
) -> tuple[str, ...]:
    """The lines of an error that begins with `said`: the cause, if it is known, and what to do."""
    if causes:
        return f"{said}: {why(causes)}", CLOSE
    spiking = forced.graph.population(name).spikes
    pause = pause_of(forced.states[name] != 0, wrong) if spiking else None
    if pause is not None:
        steps = "a step" if pause == 1 else f"{pause} steps"
        return f"{said}; the module is silent there, as for {steps} after each of its spikes", PAUSED
    if name in run.own:
        return f"{said}: {why(())}", OWN_CELL, CLOSE
    return (
        f"{said}; the module does there what it does not do on the example",
        "Compute the same of all events and of any number of recordings; if that is close enough, pass "
        "least_agreement",
    )
