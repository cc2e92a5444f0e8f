"""The module on fewer and on more steps: the first ones are not to depend on how many follow."""

from __future__ import annotations

import torch

from snnc.conversion.again import calls_told
from snnc.conversion.axes import TIME, Axes, AxesError
from snnc.conversion.neurons import Gives
from snnc.conversion.run import Trace
from snnc.conversion.running import left_as_it_was
from snnc.conversion.tensors import copy

NUMBERS = 1 << 24
"""All neurons in all steps and recordings of the example are so many at most, else this takes long."""
LEAST = 4
"""Steps of which some are half."""
SAME = 1e-4
"""By which share of the largest a membrane may differ, as rounding of other shapes makes it."""


def other_steps(
    module: torch.nn.Module, found: Trace, example: torch.Tensor, axes: Axes, least: float
) -> list[str]:
    """A note if neurons differ in the first of fewer or more steps; `least`: the share that must not.

    `found` is the run on `example`. A module that fails on another number of steps tells nothing.
    """
    if found.keeping or axes.steps < LEAST or work_of(found, axes) > NUMBERS:
        return []
    dim, half = axes.of(TIME), axes.steps // 2
    fewer = half + (half % 2 == axes.steps % 2)  # also for what depends on an even number
    for steps in (fewer, 2 * axes.steps + 1):
        events = torch.cat([example] * 3, dim).narrow(dim, 0, steps)
        try:
            run = _given(module, found, events.clone())
        except Exception:  # of code that is not ours, which may hold the number of steps
            continue
        for name in found.calls:
            both = min(steps, axes.steps)  # what comes behind the input is none of it
            calls = [call.membrane if call.spikes is None else call.spikes for call in found.calls[name]]
            some, others = (_steps(found, name, each)[:both] for each in (calls, run[name]))
            if (said := _first_other(some, others, 1 - least)) is not None:
                return [
                    f"{name}: given {steps} steps the module computes something else than given "
                    f"{axes.steps}, of the same events: {said}; the network is that of {axes.steps} steps"
                ]
    return []


def work_of(found: Trace, axes: Axes) -> int:
    """All neurons in all steps and recordings of the example."""
    return axes.batch * sum(_work(found, name) for name in found.calls)


def _work(found: Trace, name: str) -> int:
    calls = found.calls[name]
    return found.steps_of(name) * calls[-1].axes.lines if calls and calls[-1].axes else 0


Given = list[torch.Tensor | None]
"""What each call of neurons gives, spikes or else membranes."""


def _given(module: torch.nn.Module, found: Trace, events: torch.Tensor) -> dict[str, Given]:
    """By the name of neurons that `found` has, what they give where `module` is given `events`."""
    given: dict[str, Given] = {name: [] for name in found.calls}

    def tell(name: str, gives: Gives) -> None:
        given[name].append(copy(gives.membrane if gives.spikes is None else gives.spikes))

    with left_as_it_was(module), calls_told(module, found, tell):
        module(events)
    return given


def _steps(found: Trace, name: str, given: Given) -> list[torch.Tensor]:
    """`given` by the neurons `name`, in each step; empty where that is not known."""
    tensors = [each for each in given if each is not None]
    if not given or len(tensors) < len(given):
        return []
    axes = found.calls[name][-1].axes
    if axes is None or not axes.has_time:
        return tensors
    try:
        return list(tensors[-1].unbind(axes.of(TIME)))
    except AxesError:
        return []


def _first_other(some: list[torch.Tensor], others: list[torch.Tensor], share: float) -> str | None:
    """Where both differ in the steps that they have in common; None within the `share`."""
    both = list(zip(some, others, strict=False))
    if not both or any(one.shape != other.shape for one, other in both):
        return None
    one, other = (torch.stack([each.double() for each in side]) for side in zip(*both, strict=True))
    wrong = (one - other).abs() > SAME * max(1.0, float(one.abs().max()))
    if not wrong.any() or float(wrong.double().mean()) <= share:
        return None
    first = int(wrong.flatten(1).any(1).nonzero()[0])
    places = f"{int(wrong.sum())} of {wrong.numel()} places of the first {len(both)} steps"
    return f"{places} differ, first in step {first}"
