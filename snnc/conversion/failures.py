"""What is said of a module that fails on the example."""

from __future__ import annotations

import torch

from snnc.conversion.axes import TIME, Axes
from snnc.conversion.functions.nearest import IN_A_LOOP
from snnc.conversion.halves import other_kind
from snnc.conversion.running import runs_on
from snnc.errors import InputError

FAILS = "the module fails on the example"
"""In an error of the module's own code."""


def failure_of(module: torch.nn.Module, example: torch.Tensor, axes: Axes, error: Exception) -> InputError:
    """What `error` of the module's own code says, and what to do, where that is known."""
    remedy = other_kind(module, example, error)
    remedy = remedy or [IN_A_LOOP] * runs_on(module, example.select(axes.of(TIME), 0))
    what = f"{FAILS}, {list(example.shape)}"
    return InputError(f"{what}: {type(error).__name__}: {error}", *remedy)
