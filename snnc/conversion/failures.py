"""What is said of a module that fails on the example."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import torch

from snnc.conversion.axes import TIME, Axes
from snnc.conversion.functions.nearest import IN_A_LOOP
from snnc.conversion.halves import other_kind
from snnc.conversion.neurons import Cell, converter_of
from snnc.conversion.running import runs_on
from snnc.errors import InputError

FAILS = "the module fails on the example"
"""In an error of the module's own code."""


def failure_of(
    module: torch.nn.Module, example: torch.Tensor, axes: Axes, error: Exception, cells: Iterable[Cell]
) -> InputError:
    """What `error` of the module's own code says, and what to do, where that is known.

    `cells`: those of its neurons. Where one takes all steps, a call of the module is of all steps.
    """
    remedy = other_kind(module, example, error)
    if not remedy and all(cell.time_dim is None for cell in cells):
        remedy = [IN_A_LOOP] * _takes_one_step(module, example.select(axes.of(TIME), 0))
    what = f"{FAILS}, {list(example.shape)}"
    return InputError(f"{what}: {type(error).__name__}: {error}", *remedy)


def _takes_one_step(module: torch.nn.Module, step: torch.Tensor) -> bool:
    """Whether it runs on `step`, and does not take lines of it for steps, as a loop of its own would."""
    calls = Counter[torch.nn.Module]()
    neurons = [each for each in module.modules() if converter_of(each) is not None]
    handles = [each.register_forward_hook(lambda module, *_: calls.update([module])) for each in neurons]
    try:
        return runs_on(module, step) and max(calls.values(), default=1) == 1
    finally:
        for handle in handles:
            handle.remove()
