"""Converters: what a module of neurons is in the contract. `converter` adds one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch.nn.modules import module as every

from snnc.brief import brief
from snnc.conversion.axes import TIME, Dim
from snnc.conversion.cell_fields import EXPECTED, PARAMETERS, check_fields, numbers_in
from snnc.conversion.functions.handlers import FloatArray, numbers
from snnc.conversion.functions.nearest import REGISTER
from snnc.errors import InputError
from snnc.keywords import checked_class
from snnc.stages.population import ADLIF, LI, LIF
from snnc.text import quoted

NEVER = 1e6
"""Thresholds from here on say that neurons are not to fire: a readout."""
HOOKED = (
    "It has hooks (register_forward_hook, register_forward_pre_hook, or those of all modules: "
    "register_module_forward_hook, register_module_forward_pre_hook), which may change what it takes or "
    "gives: remove them, and write what they do as operations before or behind it"
)
UNSEEN = ", as far as functions of PyTorch tell"
SEEN = "Write what is scripted, mapped by vmap or computed by NumPy in functions of PyTorch"
"""What it says of a tensor that no function made of the input."""
LONGER = (
    "If the input waits in a buffer, as a deque or a ring buffer: give an example of more steps than such a "
    "buffer has places"
)
"""What it says first where nothing of the input comes in any step."""
OF_NEURONS = dict.fromkeys(
    ("model", "keep_u", "keep_v", "keep_w", "threshold", "reset", "reset_by", "bias", "ka", "kb", "order"),
    f"It is one of the parameters: Cell(name, {PARAMETERS})",
)
OF_GIVES = {
    "current": "the tensor that arrives, as args[0]",
    "spikes": "the tensor of spikes that the call gives, or None",
}
"""How arguments are given, and those that are none."""


@checked_class(examples=OF_GIVES)
@dataclass(frozen=True, slots=True)
class Gives:
    """The tensors of one call of a module.

    `current` arrives; `state` is the membrane that it is given. It gives `spikes`, `membrane`, both of all
    steps of the call, `last`, the membrane of its last step, `steps`, that of each step by itself, and
    `decoded`, a tensor that is the "mean", "sum" or "max" of the membrane over all steps, and which of these.
    """

    current: Any
    spikes: torch.Tensor | None
    membrane: torch.Tensor | None = None
    last: torch.Tensor | None = None
    state: torch.Tensor | None = None
    steps: Sequence[torch.Tensor] = ()
    decoded: tuple[torch.Tensor, str] | None = None


def _single(args: tuple[Any, ...], kwargs: Mapping[str, Any], output: Any) -> Gives:
    return Gives(args[0] if args else next(iter(kwargs.values())), output)


@checked_class(OF_NEURONS, EXPECTED)
@dataclass(frozen=True, slots=True)
class Cell:
    """Neurons of the contract that a module computes.

    `parameters` are those of `FloatPopulation`, numbers or tensors, without `input_bias`; without a threshold
    the neurons never spike. With `model` "adlif", they adapt by `keep_w`, `ka`, `kb` and `order`. `gain`, a
    number or one a neuron, is the factor with which a step takes the input up; `threshold`, `reset_by`,
    `bias` and `kb` stay those of the module, and are not divided by it. `time_dim`: the dimension along
    which a call takes all steps, -1 the last one, None if a call is of one step; `time_within`: what it
    holds, (BATCH, TIME) where recordings and their steps are one. `lag`: what a call gives is the contract's
    of as many steps before. `membrane_ends`: whether the membrane that the module gives is v at the end of
    the step, in the contract v times `gain`; None: it is where no spike resets v.
    `weighed`: weight [neurons, lines] and bias of what arrives, inside the module. `recurrent`: weight and
    bias of connections among the neurons, from the call before; a weight for each neuron, or one, connects
    each to itself. `recordings`: the only number of recordings that the module takes, None if it takes any.
    `notes` are told to the user.
    """

    __repr__ = brief

    name: str
    parameters: Mapping[str, Any]
    time_dim: int | None = None
    time_within: Dim = (TIME,)
    gain: Any = 1.0
    lag: int = 0
    gives: Callable[[tuple[Any, ...], Mapping[str, Any], Any], Gives] = _single
    clear: Callable[[], object] | None = None
    membrane_ends: bool | None = None
    weighed: tuple[torch.Tensor, torch.Tensor | None] | None = None
    recurrent: tuple[torch.Tensor, torch.Tensor | None] | None = None
    recordings: int | None = None
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_fields(self)

    @property
    def spikes(self) -> bool:
        return "threshold" in self.parameters

    @property
    def model(self) -> str:
        """That of the contract: `lif`, `adlif` or, without a threshold, `li`."""
        return str(self.parameters.get("model", LIF if self.spikes else LI))

    @property
    def adapts(self) -> bool:
        return self.model == ADLIF

    def restart(self) -> None:
        """The states are those before a run. Raises `InputError` if `clear` fails."""
        if self.clear is None:
            return
        try:
            self.clear()
        except Exception as error:
            raise InputError(
                f"{self.name}: clear of its Cell fails: {type(error).__name__}: {error}",
                "It is called without arguments, and sets the states of the module to those of the start",
            ) from error

    @property
    def readable(self) -> bool:
        """Whether the membrane that the module gives is one that the contract reads.

        Where it is not v after all, the comparison with the module says so.
        """
        if self.membrane_ends is not None:
            return self.membrane_ends
        never = self.spikes and bool((numbers(self.parameters["threshold"]) >= NEVER).all())
        return not self.spikes or never or self.parameters.get("reset") == "none"

    def gains(self, lines: int) -> FloatArray:
        """`gain` of each of `lines` neurons. Raises `InputError` if it is none of them."""
        return self._of_each("gain", self.gain, lines)

    def numbers_of(self, lines: int) -> dict[str, FloatArray]:
        """All of `parameters` that are numbers, of each of `lines` neurons.

        Raises `InputError` if one is neither a number nor one a neuron.
        """
        told = {key: value for key, value in self.parameters.items() if not isinstance(value, str)}
        return {key: self._of_each(key, value, lines) for key, value in told.items()}

    def _of_each(self, key: str, value: Any, lines: int) -> FloatArray:
        array = numbers_in(value)
        if array is None:
            raise InputError(
                f"{self.name}: its Cell gives {key} = {quoted(value)}, expected a number, or one a neuron"
            )
        if array.size not in (1, lines):
            raise InputError(
                f"{self.name}: its Cell gives {key} of shape {array.shape}, expected one number, or one for "
                f"each of its {lines} neurons"
            )
        return np.broadcast_to(array.reshape(-1), (lines,))


Converter = Callable[[Any, str], Cell]
CONVERTERS: dict[str | type, Converter] = {}
"""By class, or by name: "module.path.ClassName" as it is imported, or the class's own module and name."""


def converter(*kinds: type | str) -> Callable[[Converter], Converter]:
    """Register a function (module, its path) -> `Cell` for modules of `kinds`: classes, or their full names.

    A module is converted by the converter of its own class, else by that of the nearest class above it. A
    class that is defined again, as in a notebook, is another one; a full name is of all classes called so.

    Examples
    --------
    >>> @snnc.converter("mine.Half")
    ... def half(module, name):
    ...     return Cell(name, {"keep_u": 0.0, "keep_v": 0.0, "threshold": 0.5, "reset": "zero"}, time_dim=0)
    """

    for kind in kinds or (None,):
        if not isinstance(kind, str | type) or not kind:
            raise InputError(
                f"converter: {quoted(kind)} is no class; give the class of the neurons, or its full name"
            )

    def add(function: Converter) -> Converter:
        if not callable(function):
            raise InputError(
                f"converter: {quoted(function)} is no function; give one of the module and its name"
            )
        for kind in kinds:
            CONVERTERS[kind] = function
        return function

    return add


@dataclass(frozen=True, slots=True)
class Refused:
    """Modules of neurons `kinds` that the contract cannot say: `why`, and what to do `instead`."""

    kinds: tuple[str, ...]
    why: str
    instead: str

    def __call__(self, module: torch.nn.Module, name: str) -> Cell:
        theirs = full_name(type(module)).partition(".")[0] == self.kinds[0].partition(".")[0]
        hints = [self.instead] if theirs else [self.instead, REGISTER]
        raise InputError(f"{name} ({type(module).__name__}): {self.why}", *hints)


def refuse(*kinds: str, why: str, instead: str) -> None:
    """Refuse modules of `kinds`, full names of classes: the error says `why`, and `instead` what to do."""
    converter(*kinds)(Refused(kinds, why, instead))


def converter_of(module: torch.nn.Module) -> Converter | None:
    """The one for `module`; None if it is no module of neurons that is known.

    Raises
    ------
    InputError
        One is known for another class of the same name alone, as of a cell of a notebook that ran before.
    """
    of_classes = {full_name(each) for each in CONVERTERS if isinstance(each, type)}
    for kind in type(module).__mro__:
        name = full_name(kind)
        found = CONVERTERS.get(kind) or CONVERTERS.get(name)
        if found is not None:
            return found
        if name in of_classes:
            raise InputError(
                f"{type(module).__name__}: snnc.converter was called for another class of the name {name}, "
                "which may compute something else, as one that is defined again in a notebook",
                f"Call it for this class, too (run its cell again), or with {quoted(name)}, the name of both",
            )
    return None


def is_own(convert: Converter) -> bool:
    """Whether it is the user's, and none of this package."""
    return not str(getattr(convert, "__module__", "")).startswith("snnc.")


def is_hooked(module: torch.nn.Module) -> bool:
    """Whether a forward hook, its own or one of all modules, may change what it takes or gives."""
    of_all = every._global_forward_hooks or every._global_forward_pre_hooks
    return bool(module._forward_hooks or module._forward_pre_hooks or of_all)


def full_name(kind: type) -> str:
    """Of a class: its module and its name."""
    return f"{kind.__module__}.{kind.__qualname__}"
