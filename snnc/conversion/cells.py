"""What converters say of modules of neurons, checked: a slip in one is told as its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from snnc.conversion.axes import Axes
from snnc.conversion.cell_fields import numbers_in
from snnc.conversion.functions.handlers import numbers
from snnc.conversion.neurons import Cell, Converter, Gives, is_own
from snnc.errors import CallError, InputError, SnncError
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
DECODED = ("mean", "sum", "max")
"""What `decoded` may be of the membrane over all steps."""
DECODED_INSIDE = (
    "Where the module decodes over time itself, give decoded=(tensor, 'mean'), 'sum' or 'max' as it does, or "
    "last=tensor for the membrane of the last step"
)
LEFT_OUT = "Leave it out: the spikes are read"
BEHIND = "Return the spikes of all steps and give those: a sum over time is followed behind the module"
NO_KEEPDIM = "Leave the dimension of 1 in the place of time out (keepdim=False)"
OF_ALL = "A tensor of all steps is spikes or membrane (membrane=output)"
OF_ONE = "Give a tensor with a value for each neuron, in the dimensions of what arrives"
"""What is said of tensors of another shape than what arrives."""
GIVES = (
    "Say in the Cell what a call takes and gives, as in gives=lambda args, kwargs, output: "
    "Gives(args[0], spikes=output[0], membrane=output[1], state=args[1])"
)


def cell_of(convert: Converter, module: torch.nn.Module, name: str) -> Cell:
    """What `convert` makes of `module`. Raises `InputError` if it fails, or that is no `Cell`."""
    what = f"{name}: the converter of {type(module).__name__}"
    try:
        cell = convert(module, name)
    except CallError as error:
        raise CallError(f"{what}: {error.args[0]}", *error.args[1:]) from error
    except InputError as error:
        if not is_own(convert):  # it names the neurons itself
            raise
        raise InputError(f"{what}: {error.args[0]}", *error.args[1:]) from error
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
    if cell.name != name:
        raise InputError(
            f"{what} returns a Cell of the name {quoted(cell.name)}, expected {quoted(name)}, the name that "
            "it is given"
        )
    _check_values(what, cell.parameters)
    if cell.spikes and "reset" not in cell.parameters:
        raise InputError(f"{what} names a threshold and no reset; give {', '.join(map(repr, RESETS))}")
    if cell.spikes and (numbers(cell.gain) < 0).any():
        raise InputError(
            f"{what} gives gain = {quoted(cell.gain)}, expected numbers above 0 of neurons that spike",
            "Weigh the input by -1 in front of the neurons, in the place of a gain below 0",
        )
    _check_model(what, cell)
    return cell


def _check_values(what: str, parameters: Mapping[str, Any]) -> None:
    for key, value in parameters.items():
        if value is None:
            left_out = "leave it out; without a threshold the neurons are a readout"
            remedy = left_out if key == "threshold" else "give a number, or an array of one for each neuron"
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
        if not words and numbers_in(value) is None:
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
    except CallError as error:
        raise CallError(f"{cell.name}: gives of its Cell: {error.args[0]}", *error.args[1:]) from error
    except SnncError:
        raise
    except Exception as error:
        raise InputError(f"{cell.name}: gives of its Cell fails: {type(error).__name__}: {error}") from error
    if not isinstance(found, Gives):
        raise InputError(f"{cell.name}: gives of its Cell returns {quoted(found)}, expected Gives(...)")
    for field in TENSORS:
        value = getattr(found, field)
        if (value is not None or field == "current") and not isinstance(value, torch.Tensor):
            raise InputError(
                f"{cell.name}: {field} of a call is {_a_kind(value)}, expected a tensor",
                GIVES,
            )
    if isinstance(found.steps, torch.Tensor):
        raise InputError(f"{cell.name}: steps of a call is a tensor, expected a list with one a step", OF_ALL)
    each = found.steps if isinstance(found.steps, list | tuple) else [found.steps]
    if odd := [one for one in (each or ()) if not isinstance(one, torch.Tensor)]:
        holds = "is" if odd[0] is found.steps else "holds"
        raise InputError(
            f"{cell.name}: steps of a call {holds} {_a_kind(odd[0])}, expected a list with a tensor a step"
        )
    if found.decoded is not None:
        _check_decoded(cell, found.decoded)
    if found.spikes is not None and not cell.spikes:
        raise InputError(
            f"{cell.name}: its Cell names no threshold, and gives of it spikes; without one it is a readout",
            "Give its membrane: gives=lambda args, kwargs, output: Gives(args[0], None, membrane=output); or "
            "name its threshold",
        )
    return found


def _a_kind(value: Any) -> str:
    name = type(value).__name__
    return "None" if value is None else f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def _check_decoded(cell: Cell, given: Any) -> None:
    tensor, how = given if isinstance(given, tuple) and len(given) == 2 else (given, None)
    if not isinstance(tensor, torch.Tensor) or not isinstance(how, str) or how not in DECODED:
        said = f"a {type(given).__name__}" if how is None else f"(a {type(tensor).__name__}, {quoted(how)})"
        expected = f"(tensor, how), how one of {', '.join(map(repr, DECODED))}"
        raise InputError(f"{cell.name}: decoded of a call is {said}, expected {expected}")


def check_shapes(cell: Cell, gives: Gives, axes: Axes) -> None:
    """Raises `InputError` if a tensor of a call has not the shape of what arrives, of these `axes`.

    Without its time, where `gives` says that it is of one step or decoded over all.
    """
    every = axes.shape
    dim = None if cell.time_dim is None else cell.time_dim % len(every)
    one = every if dim is None else axes.without(dim).shape
    given = [("spikes", gives.spikes, every), ("membrane", gives.membrane, every), ("last", gives.last, one)]
    given += [("one of steps", each, one) for each in gives.steps]
    given += [("decoded", gives.decoded[0], one)] if gives.decoded is not None else []
    for field, tensor, wanted in given:
        if tensor is None or (shape := tuple(tensor.shape)) == wanted:
            continue
        if dim is not None and shape == (*every[:dim], 1, *every[dim + 1 :]):
            remedy = f"{NO_KEEPDIM}. {_without_time(cell, field)}"
        elif wanted == every and shape == one:
            remedy = _without_time(cell, field)
        else:
            remedy = OF_ALL if shape == every else OF_ONE
        if cell.weighed is not None and shape[:-1] == wanted[:-1]:
            remedy = (
                f"Give weighed of its Cell a row for each of its {shape[-1]} neurons, if they are so many"
            )
        without = ", without time" * (wanted == every != one and remedy is not OF_ONE)
        raise InputError(
            f"{cell.name}: {field} of a call has the shape {list(shape)}{without}; expected {list(wanted)}, "
            f"as [{axes}] arrives",
            remedy,
        )


def _without_time(cell: Cell, field: str) -> str:
    """What to do about `field` where the module gives one tensor for all steps."""
    if field == "spikes":
        return BEHIND
    return LEFT_OUT if field == "membrane" and not cell.readable else DECODED_INSIDE
