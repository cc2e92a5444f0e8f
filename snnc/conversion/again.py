"""A module on other events, when what its tensors are is known: what its neurons and its outputs give."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

import torch

from snnc.conversion.axes import BATCH, Axes
from snnc.conversion.calls import NeuronCall
from snnc.conversion.neurons import Gives
from snnc.conversion.run import Trace
from snnc.conversion.running import left_as_it_was, same_draws
from snnc.conversion.tensors import copy, tensors_in
from snnc.conversion.values import Value


class OtherRunError(ValueError):
    """A run calls neurons another number of times, or makes tensors of other shapes."""


def run_again(
    module: torch.nn.Module,
    found: Trace,
    events: torch.Tensor,
    axes: Axes,
    gradients: bool = False,
) -> Trace:
    """What `module` computes of `events`; what its tensors are is as it was `found`.

    `gradients`: as PyTorch is told to compute them. Raises `OtherRunError`, and what the module raises.
    """
    return runs_in_a_row(module, found, [events], axes, gradients)[0]


def runs_in_a_row(
    module: torch.nn.Module,
    found: Trace,
    several: Sequence[torch.Tensor],
    axes: Axes,
    gradients: bool = False,
) -> list[Trace]:
    """As `run_again`, of calls with `several` events, each of which leaves the module's state to the next.

    Random numbers are drawn alike in each call. Cells are cleared in between, and layers of SpikingJelly.
    """
    set_back, runs = same_draws(), list[Trace]()
    with left_as_it_was(module, gradients=gradients):
        for events in several:
            set_back()
            run = replace(found, calls={name: [] for name in found.calls}, outputs=[], tensors=[])
            with calls_told(module, found, partial(_note, found, run, axes.batch)):
                output = module(events.clone())
            _reset(module)
            runs.append(_checked(run, found, output, axes))
    return runs


def _checked(run: Trace, found: Trace, output: Any, axes: Axes) -> Trace:
    """`run` with its `output`. Raises `OtherRunError`."""
    for name, calls in found.calls.items():
        if len(run.calls[name]) != len(calls):
            raise OtherRunError(f"{name} is called {len(run.calls[name])} times, not {len(calls)}")
    run.tensors = [each.detach() for each in tensors_in(output)]
    if len(found.tensors) == 1 < len(run.tensors):
        run.tensors = [torch.stack(run.tensors)]
    if len(run.tensors) != len(found.outputs):
        raise OtherRunError(f"{len(run.tensors)} tensors are returned, not {len(found.outputs)}")
    for tensor, value in zip(run.tensors, found.outputs, strict=True):
        if isinstance(value, Value):
            value = replace(value, axes=replace(value.axes, batch=axes.batch))
            _check_shape(tensor, value.axes)
        run.outputs.append(value)
    return run


def _reset(module: torch.nn.Module) -> None:
    """Call each `reset` of SpikingJelly, as its users do between two recordings (`functional.reset_net`).

    Others are left alone: what is called `reset` elsewhere may draw the weights anew.
    """
    for each in module.modules():
        reset = getattr(type(each), "reset", None)
        if inspect.isfunction(reset) and reset.__module__.partition(".")[0] == "spikingjelly":
            reset(each)


@contextmanager
def calls_told(module: torch.nn.Module, found: Trace, tell: Callable[[str, Gives], None]) -> Iterator[None]:
    """In the block, `tell` is called with the name of neurons that `found` has, and what a call gives."""

    def telling(name: str) -> Any:
        def leave(module: torch.nn.Module, args: Any, kwargs: Any, output: Any) -> None:
            tell(name, found.cells[name].gives(args, kwargs, output))

        return leave

    handles = []
    for path, each in module.named_modules():
        name = path or type(each).__name__
        if found.calls.get(name):
            found.cells[name].restart()
            handles.append(each.register_forward_hook(telling(name), with_kwargs=True))
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
        for cell in found.cells.values():
            cell.restart()


def _note(found: Trace, run: Trace, batch: int, name: str, gives: Gives) -> None:
    calls = run.calls[name]
    earlier = found.calls[name][min(len(calls), len(found.calls[name]) - 1)]
    axes = None if earlier.axes is None else replace(earlier.axes, batch=batch)
    for tensor in (gives.spikes, gives.membrane):
        if axes is not None and tensor is not None:
            _check_shape(tensor, axes)
    calls.append(NeuronCall(name, earlier.arriving, copy(gives.spikes), copy(gives.membrane), axes))


def _check_shape(tensor: torch.Tensor, axes: Axes) -> None:
    if tuple(tensor.shape) != axes.shape or (axes.batch > 1 and BATCH not in axes.atoms):
        raise OtherRunError(f"a tensor has the shape {list(tensor.shape)}, not [{axes}]")
