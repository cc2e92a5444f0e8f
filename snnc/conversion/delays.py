"""Modules that delay lines: a function tells the steps of each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from snnc.conversion.axes import TIME
from snnc.conversion.calls import Known
from snnc.conversion.neurons import full_name
from snnc.conversion.operations import later
from snnc.conversion.values import Unknown, Value

Delays = Callable[[Any, int], npt.NDArray[np.int64]]
DELAYS: dict[str, Delays] = {}
"""By full name of the class: (module, lines) -> steps [lines]."""


def delays(*kinds: str) -> Callable[[Delays], Delays]:
    """Register a function for modules of `kinds`, full names of classes, whose last dimension is time."""

    def add(function: Delays) -> Delays:
        DELAYS.update(dict.fromkeys(kinds, function))
        return function

    return add


def delays_of(module: torch.nn.Module) -> Delays | None:
    """The one for `module`; None if it delays nothing that is known."""
    return next((DELAYS[name] for kind in type(module).__mro__ if (name := full_name(kind)) in DELAYS), None)


def delayed(value: Known | None, module: torch.nn.Module, steps: Delays, name: str) -> Known | None:
    """What `module`, whose path is `name`, makes of `value`; what would come after the last step is lost."""
    if not isinstance(value, Value):
        return value
    if value.axes.dims[-1] != (TIME,) or any(path.is_constant for path in value.paths):
        return Unknown(f"{name} is not followed: it delays [{value.axes}], expected spikes, time last")
    return value.then(later(steps(module, value.axes.lines)))
