"""Converters: what a module of neurons is in the contract. `converter` adds one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch


@dataclass(frozen=True, slots=True)
class Gives:
    """The tensors of one call of a module.

    `current` arrives; `state` is the membrane that it is given. It gives `spikes`, `membrane`, both of all
    steps of the call, and `last`, the membrane of its last step.
    """

    current: Any
    spikes: torch.Tensor | None
    membrane: torch.Tensor | None = None
    last: torch.Tensor | None = None
    state: torch.Tensor | None = None


def _single(args: tuple[Any, ...], kwargs: Mapping[str, Any], output: Any) -> Gives:
    return Gives(args[0] if args else next(iter(kwargs.values())), output)


@dataclass(frozen=True, slots=True)
class Cell:
    """Neurons of the contract that a module computes.

    `parameters` are those of `FloatPopulation`, numbers or tensors, without `input_bias`; `gain` is the
    factor with which a step takes the input up: thresholds and biases are in units of it. `time_dim`: the
    dimension along which a call takes all steps; None if a call is of one step. `lag`: what a call gives is
    the contract's of as many steps before. `membrane_ends`: whether the membrane that the
    module gives is the contract's v times `gain`. `recurrent`: weight and bias of connections among the
    neurons, of a delay of one step. `notes` are told to the user.
    """

    name: str
    parameters: Mapping[str, Any]
    time_dim: int | None = None
    gain: float = 1.0
    lag: int = 0
    gives: Callable[[tuple[Any, ...], Mapping[str, Any], Any], Gives] = _single
    clear: Callable[[], object] = lambda: None
    membrane_ends: bool = False
    recurrent: tuple[torch.Tensor, torch.Tensor | None] | None = None
    notes: tuple[str, ...] = ()


Converter = Callable[[Any, str], Cell]
CONVERTERS: dict[str, Converter] = {}
"""By "module.path.ClassName" as it is imported, or by the class's own module and name."""


def converter(*kinds: type | str) -> Callable[[Converter], Converter]:
    """Register a function (module, its path) -> `Cell` for modules of `kinds`: classes, or their full names.

    A module is converted by the converter of its own class, else by that of the nearest class above it.
    """

    def add(function: Converter) -> Converter:
        for kind in kinds:
            CONVERTERS[kind if isinstance(kind, str) else _full_name(kind)] = function
        return function

    return add


def converter_of(module: torch.nn.Module) -> Converter | None:
    """The one for `module`; None if it is no module of neurons that is known."""
    for kind in type(module).__mro__:
        found = CONVERTERS.get(_full_name(kind))
        if found is not None:
            return found
    return None


def _full_name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"
