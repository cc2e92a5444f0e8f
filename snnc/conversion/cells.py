"""What converters say of modules of neurons, checked: a slip in one is told as its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from snnc.conversion.neurons import Cell, Converter, Gives
from snnc.errors import InputError, SnncError
from snnc.stages.float_population import FIRES
from snnc.stages.population import ADLIF, LI, LIF, ORDERS, RESETS
from snnc.text import did_you_mean, quoted

PARAMETERS = ("keep_u", "keep_v", "bias", "threshold", "fires", "reset", "reset_by")
"""Of a `FloatPopulation`; the conversion fills in the others."""
OF_ADLIF = ("keep_w", "ka", "kb", "order")
"""Those of neurons that adapt besides; all of them are given."""
WORDS = {"model": (LIF, LI, ADLIF), "fires": FIRES, "reset": RESETS, "order": ORDERS}
"""Those that are words, and which."""
KNOWN = ("model", *PARAMETERS, *OF_ADLIF)
OF_W = ("w", "a_w", "b_w", "tau_w", "jump_w", "adaptation", "keep_adaptation", "tau_adaptation")
"""Names that stand for an adaptation, a state w that spikes raise."""
ADAPTING = (
    '"model": "adlif", with keep_w, ka, kb and order, is that of neurons that adapt (docs/from_torch.md, '
    "'Neurons that adapt')"
)
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
            "It is called with the module and its path, before the module runs and after that, and returns a "
            "Cell: set in __init__ what it reads",
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
    _check_values(what, cell.parameters)
    if cell.spikes and "reset" not in cell.parameters:
        raise InputError(f"{what} names a threshold and no reset; give {', '.join(map(repr, RESETS))}")
    _check_model(what, cell)
    return cell


def _check_values(what: str, parameters: Mapping[str, Any]) -> None:
    for key, value in parameters.items():
        if value is None:
            left_out = "leave it out; without a threshold the neurons are a readout"
            remedy = left_out if key == "threshold" else "give a number; that of forward is read after it"
            raise InputError(f"{what} gives {quoted(key)} = None; {remedy}")
        if key not in KNOWN:
            raise InputError(
                f"{what} names the parameter {quoted(key)}{did_you_mean(key, KNOWN)}; there are "
                f"{', '.join(PARAMETERS)}, and with model {ADLIF!r} {', '.join(OF_ADLIF)}",
                *[ADAPTING] * (key in OF_W),
            )
        words = WORDS.get(key, ())
        if words and not (isinstance(value, str) and value in words):
            near = did_you_mean(value, words) if isinstance(value, str) else ""
            raise InputError(
                f"{what} gives {key} = {quoted(value)}{near}, expected {' or '.join(map(repr, words))}"
            )
        if isinstance(value, str) and not words:
            raise InputError(f"{what} gives {key} = {quoted(value)}, expected a number, or one a neuron")


def _check_model(what: str, cell: Cell) -> None:
    """Whether the parameters are those of the model that is named."""
    given = [key for key in OF_ADLIF if key in cell.parameters]
    missing = [key for key in OF_ADLIF if key not in given]
    if cell.adapts and not cell.spikes:
        raise InputError(
            f"{what} gives model = {ADLIF!r} and no threshold; without one the neurons are a readout, which "
            "does not adapt",
            f"Name its threshold, or leave model, {', '.join(OF_ADLIF)} out",
        )
    if cell.model == (LI if cell.spikes else LIF):
        there, meant = ("a", f"{LIF!r} or {ADLIF!r}") if cell.spikes else ("no", repr(LI))
        raise InputError(f"{what} gives model = {cell.model!r} and {there} threshold, expected {meant}")
    if cell.adapts and missing:
        raise InputError(
            f"{what} gives model = {ADLIF!r} and no {', '.join(missing)}; it takes {', '.join(OF_ADLIF)}",
            "Give ka 0.0 where w does not follow v, kb 0.0 where a spike adds nothing to it; order says "
            "whether v takes w of the same step ('new') or of the one before ('old')",
        )
    if given and not cell.adapts:
        value = cell.parameters[given[0]]
        raise InputError(
            f"{what} gives {given[0]} = {quoted(value)}, which the model {cell.model!r} does not have",
            ADAPTING,
        )


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
