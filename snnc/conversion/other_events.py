"""Module and network on other events than the example's: fuller ones, in another number of recordings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from snnc.conversion.axes import BATCH, TIME, Axes
from snnc.conversion.calls import NeuronCall
from snnc.conversion.classes import first_difference
from snnc.conversion.comparison import padded_to
from snnc.conversion.forced import forced_runs
from snnc.conversion.pauses import pause_of
from snnc.conversion.recordings import by_recording
from snnc.conversion.run import Trace
from snnc.conversion.running import left_as_it_was, uncompiled
from snnc.conversion.tensors import copy, tensors_in
from snnc.conversion.values import Value
from snnc.errors import InputError
from snnc.exporter.expectation.agreement import first_place
from snnc.stages import FloatGraph

BURSTS = 8
"""So many times a line begins or stops to send events, at most: v then goes up and down."""


def check_others(
    module: torch.nn.Module,
    found: Trace,
    graph: FloatGraph,
    example: torch.Tensor,
    axes: Axes,
    outputs: Sequence[int],
    least: float,
) -> tuple[str, ...]:
    """Notes of the comparison on events that are drawn, in the places of `example`.

    `outputs[k]` is the output that readout k is of. Neurons whose cell has notes are known to differ; of them
    a difference is a note, too. Raises `InputError` if module and network differ elsewhere.
    """
    notes: list[str] = []
    fails_alone: list[str] = []  # where another number of recordings does
    fixed = any(cell.recordings is not None for cell in found.cells.values())
    for what, most, kinds in _drawn(example, axes, fixed):
        failed = []
        for events, own in kinds:
            try:
                run = _run(module, found, events, own)
            except Exception as error:  # of code that is not ours, which may hold any number of recordings
                failed.append(f"{own.batch} recordings ({type(error).__name__}: {error})")
                continue
            notes += _compared(graph, run, _lines(events, own)[:most], outputs, least, what)
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
    return tuple(notes)


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


def _run(module: torch.nn.Module, found: Trace, events: torch.Tensor, axes: Axes) -> Trace:
    """What `module` computes of `events`; what its tensors are is as it was `found`.

    Raises `ValueError` if it gives tensors of other shapes, and what the module raises.
    """
    run = Trace(found.cells, {name: [] for name in found.calls}, input_steps=found.input_steps)
    with left_as_it_was(module), torch.no_grad(), uncompiled(), _hooked(module, found, run, axes.batch):
        output = module(events.clone())
    for name, calls in found.calls.items():
        if len(run.calls[name]) != len(calls):
            raise ValueError(f"{name} is called {len(run.calls[name])} times, not {len(calls)}")
    run.tensors = list(tensors_in(output))
    if len(found.tensors) == 1 < len(run.tensors):
        run.tensors = [torch.stack(run.tensors)]
    for tensor, value in zip(run.tensors, found.outputs, strict=True):
        if isinstance(value, Value):
            value = replace(value, axes=replace(value.axes, batch=axes.batch))
            _check_shape(tensor, value.axes)
        run.outputs.append(value)
    return run


@contextmanager
def _hooked(module: torch.nn.Module, found: Trace, run: Trace, batch: int) -> Iterator[None]:
    """The neurons that were called before note their calls in `run`."""

    def noting(name: str) -> Any:
        def leave(module: torch.nn.Module, args: Any, kwargs: Any, output: Any) -> None:
            gives, calls = found.cells[name].gives(args, kwargs, output), run.calls[name]
            earlier = found.calls[name][min(len(calls), len(found.calls[name]) - 1)]
            axes = None if earlier.axes is None else replace(earlier.axes, batch=batch)
            for tensor in (gives.spikes, gives.membrane):
                if axes is not None and tensor is not None:
                    _check_shape(tensor, axes)
            calls.append(NeuronCall(name, earlier.arriving, copy(gives.spikes), copy(gives.membrane), axes))

        return leave

    handles = []
    for path, each in module.named_modules():
        name = path or type(each).__name__
        if found.calls.get(name):
            found.cells[name].clear()
            handles.append(each.register_forward_hook(noting(name), with_kwargs=True))
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
        for cell in found.cells.values():
            cell.clear()


def _check_shape(tensor: torch.Tensor, axes: Axes) -> None:
    if tuple(tensor.shape) != axes.shape or (axes.batch > 1 and BATCH not in axes.atoms):
        raise ValueError(f"a tensor has the shape {list(tensor.shape)}, not [{axes}]")


def _compared(
    graph: FloatGraph,
    run: Trace,
    events: npt.NDArray[np.int64],
    outputs: Sequence[int],
    least: float,
    what: str,
) -> list[str]:
    forced = forced_runs(graph, run, padded_to(graph, events))
    notes, differ = [], set()
    for name in forced.states:
        wrong = forced.wrong(name)
        if wrong.any():
            differ.add(name)
        if not forced.beyond(name, wrong):
            continue
        recording, step, neuron = first_place(wrong) or (0, 0, 0)
        said = (
            f"{name}: on other events, {what}, module and network differ in {int(wrong.sum())} of "
            f"{wrong.size} places where the same arrives: first in recording {recording}, step {step}, "
            f"neuron {neuron}"
        )
        if run.cells[name].notes or wrong.mean() <= 1 - least:
            notes.append(said)
            continue
        spikes = forced.states[name] != 0
        pause = pause_of(spikes, wrong) if graph.population(name).spikes else None
        if pause is not None:
            steps = "a step" if pause == 1 else f"{pause} steps"
            raise InputError(
                f"{said}; the module is silent there, as for {steps} after each of its spikes",
                "If it has a refractory period, leave it out and train again: snnc has none",
            )
        raise InputError(
            f"{said}; the module does there what it does not do on the example",
            "Compute the same of all events and of any number of recordings; if that is close enough, pass "
            "least_agreement",
        )
    exact = [each.population not in differ for each in graph.readouts]
    difference = first_difference(graph, forced.runs, run, outputs, exact)
    if difference is not None:
        raise InputError(f"on other events, {what}: {difference[0]}", *difference[1:])
    return notes
