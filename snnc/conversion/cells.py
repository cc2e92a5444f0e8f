"""What converters say of modules of neurons, checked: a slip in one is told as its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from snnc.conversion.neurons import Cell, Converter, Gives
from snnc.errors import InputError, SnncError
from snnc.stages.population import RESETS
from snnc.text import did_you_mean, quoted

PARAMETERS = ("keep_u", "keep_v", "bias", "threshold", "fires", "reset", "reset_by")
"""Of a `FloatPopulation`; the conversion fills in the others."""
OF_W = ("w", "keep_w", "a_w", "b_w", "tau_w", "jump_w", "adaptation", "keep_adaptation", "tau_adaptation")
"""Names that stand for an adaptation, a state w that spikes raise."""
NO_W = (
    "Neurons of your own have no adaptation (w): leave it out and train again (docs/from_torch.md, "
    "'Neurons of your own')"
)
WORDS = ("fires", "reset")
"""Those that are words."""
TENSORS = ("current", "spikes", "membrane", "last", "state")
"""Of `Gives`."""
GIVES = (
    "Say in the Cell what a call takes and gives, as in gives=lambda args, kwargs, output: "
    "Gives(args[0], spikes=output[0], membrane=output[1], state=args[1])"
)


def cell_of(convert: Converter, module: torch.nn.Module, name: str) -> Cell:
    """What `convert` makes of `module`. Raises `InputError` if it fails, or that is no `Cell`."""
    what = f"{name}: the converter of {type(module).__name__}"
    try:
        cell = convert(module, name)
    except SnncError:
        raise
    except Exception as error:
        raise InputError(
            f"{what} fails: {type(error).__name__}: {error}",
            "It is called with the module and its path, and returns a Cell",
        ) from error
    if not isinstance(cell, Cell):
        raise InputError(f"{what} returns {quoted(cell)}, expected a Cell")
    if not callable(cell.gives):
        raise InputError(f"{what} gives gives = {quoted(cell.gives)}, expected a function", GIVES)
    if cell.clear is not None and not callable(cell.clear):
        raise InputError(
            f"{what} gives clear = {quoted(cell.clear)}, expected a function without arguments, or None if "
            "the module has no state"
        )
    for key, value in cell.parameters.items():
        if isinstance(value, str) and key in PARAMETERS and key not in WORDS:
            raise InputError(f"{what} gives {key} = {quoted(value)}, expected a number, or one a neuron")
        if value is None:
            left_out = "; without a threshold the neurons are a readout" if key == "threshold" else ""
            raise InputError(f"{what} gives {quoted(key)} = None; leave it out{left_out}")
        if key not in PARAMETERS:
            raise InputError(
                f"{what} names the parameter {quoted(key)}{did_you_mean(key, PARAMETERS)}; there are "
                f"{', '.join(PARAMETERS)}",
                *[NO_W] * (key in OF_W),
            )
    if cell.spikes and "reset" not in cell.parameters:
        raise InputError(f"{what} names a threshold and no reset; give {', '.join(map(repr, RESETS))}")
    return cell


def given_by(cell: Cell, args: tuple[Any, ...], kwargs: Mapping[str, Any], output: Any) -> Gives:
    """What a call gives. Raises `InputError` if `cell.gives` fails, or names what is no tensor."""
    try:
        found = cell.gives(args, kwargs, output)
    except SnncError:
        raise
    except Exception as error:
        raise InputError(f"{cell.name}: gives of its Cell fails: {type(error).__name__}: {error}") from error
    if not isinstance(found, Gives):
        raise InputError(f"{cell.name}: gives of its Cell returns {quoted(found)}, expected Gives(...)")
    for field in TENSORS:
        value = getattr(found, field)
        if value is not None and not isinstance(value, torch.Tensor):
            raise InputError(
                f"{cell.name}: {field} of a call is a {type(value).__name__}, expected a tensor",
                GIVES,
            )
    if found.spikes is not None and not cell.spikes:
        raise InputError(
            f"{cell.name}: its Cell names no threshold, and gives of it spikes; without one it is a readout",
            "Give its membrane: gives=lambda args, kwargs, output: Gives(args[0], None, membrane=output); or "
            "name its threshold",
        )
    return found
