"""A module on other events, when what its tensors are is known: what its neurons and its outputs give."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from snnc.conversion.axes import BATCH, Axes
from snnc.conversion.calls import NeuronCall
from snnc.conversion.comparisons import installed
from snnc.conversion.run import Trace
from snnc.conversion.running import left_as_it_was
from snnc.conversion.tensors import copy, tensors_in
from snnc.conversion.values import Value


def run_again(
    module: torch.nn.Module,
    found: Trace,
    events: torch.Tensor,
    axes: Axes,
    *,
    after: torch.Tensor | None = None,
) -> Trace:
    """What `module` computes of `events`; what its tensors are is as it was `found`.

    `after`: events of a call before this one, which leaves the module's own state to it, but for what is
    reset between two recordings (`_reset`). Raises `ValueError` if it gives tensors of other shapes, and what
    the module raises.
    """
    with left_as_it_was(module):
        for each in (*([] if after is None else [after]), events):
            run = Trace(
                found.cells, {name: [] for name in found.calls}, found.own, input_steps=found.input_steps
            )
            with _hooked(module, found, run, axes.batch):
                output = module(each.clone())
            if each is after:
                _reset(module)
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


def _reset(module: torch.nn.Module) -> None:
    """Call each `reset` that a package defines, as SpikingJelly's users do between two recordings."""
    for each in module.modules():
        reset = getattr(type(each), "reset", None)
        if inspect.isfunction(reset) and installed(Path(reset.__code__.co_filename)):
            reset(each)


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
            found.cells[name].restart()
            handles.append(each.register_forward_hook(noting(name), with_kwargs=True))
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
        for cell in found.cells.values():
            cell.restart()


def _check_shape(tensor: torch.Tensor, axes: Axes) -> None:
    if tuple(tensor.shape) != axes.shape or (axes.batch > 1 and BATCH not in axes.atoms):
        raise ValueError(f"a tensor has the shape {list(tensor.shape)}, not [{axes}]")
