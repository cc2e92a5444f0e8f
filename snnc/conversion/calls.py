"""One call of a module of neurons: what arrives, what its tensors are, and whether the contract allows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import torch

from snnc.conversion.axes import BATCH, TIME, Axes, AxesError
from snnc.conversion.cells import check_shapes
from snnc.conversion.functions import for_lines, numbers, over_one, rounding, weighed
from snnc.conversion.functions.nearest import (
    EACH_STEP_ALIKE,
    EACH_STEP_ALIKE_AHEAD,
    NOTHING,
    SYNAPSES,
    IfReadSo,
)
from snnc.conversion.functions.taken_steps import why_no_time, with_time
from snnc.conversion.neurons import SEEN, UNSEEN, Cell, Gives
from snnc.conversion.values import MEMBRANE, SPIKES, Path, Source, Unknown, Value
from snnc.errors import InputError

Known = Value | Unknown
ONE_EACH = "Where several layers share it, use a module of neurons for each layer"
"""What is said of neurons that are called more than once a step."""
OF_ALL_STEPS = (
    "With time_dim, membrane is the tensor of all steps as the call gives it (membrane=output), last that of "
    "its last step, and steps a list with a tensor for each step"
)
OF_ONE_STEP = "membrane in gives of a Cell is v at the end of the step; other states are not read"
"""What is said of a tensor that `gives` of a user's Cell does not name."""
ONE_STEP = "computes one step a call"
"""What is said of neurons without time_dim that are given all steps."""
WHOLE = (
    "Call it once, with all steps: time in chunks, as for truncated backpropagation, is for training (if "
    "self.training)"
)


@dataclass(frozen=True, slots=True)
class NeuronCall:
    """One call of the neurons `name`: what arrived, and the spikes or membrane tensors that it gave.

    `seen`: whether what arrived was made of the input, as far as functions of PyTorch tell.
    """

    name: str
    arriving: Value | None
    spikes: torch.Tensor | None
    membrane: torch.Tensor | None
    axes: Axes | None
    seen: bool = True


def arriving_at(cell: Cell, arriving: Known | None, steps: int = 0) -> Known | None:
    """What arrives behind the module's own weights.

    Raises `InputError` if it is decoded, or of later steps alone. `steps`: how many the example has.
    """
    if isinstance(arriving, Unknown) and arriving.instead == EACH_STEP_ALIKE:
        return replace(arriving, instead=EACH_STEP_ALIKE_AHEAD)
    if isinstance(arriving, Value) and arriving.is_decoded:
        what = f"a {arriving.over_time} over time" if arriving.over_time else "a softmax"
        raise InputError(
            f"{cell.name}: {what} arrives; in the contract neurons hear spikes",
            "Leave it to the end of the module, where it is a decoder",
        )
    if isinstance(arriving, Value) and cell.time_dim is not None:
        arriving = _of_all_steps(arriving, cell.time_dim, steps)
    _check_begin(cell, arriving)
    if cell.weighed is None or not isinstance(arriving, Value):
        return arriving
    weight, axes = numbers(cell.weighed[0]), arriving.axes
    if weight.ndim == 2 and axes.dims[-1] == axes.features and axes.lines != weight.shape[1]:
        raise InputError(
            f"{cell.name}: weighed: its weight is {list(weight.shape)}, [neurons, lines], and {axes.lines} "
            "lines arrive",
            f"Give it {axes.lines} columns, one a line",
        )
    try:
        return weighed(arriving, weight, cell.weighed[1])
    except AxesError as error:
        return Unknown(f"the weights inside {cell.name} are not followed: {error}")


def _of_all_steps(value: Value, dim: int, steps: int) -> Known:
    """`value` with its time, if places of `dim`, as many as there are steps, were taken one by one."""
    shape = value.axes.shape
    dim %= max(len(shape), 1)
    if value.axes.has_time or value.is_decoded or len(shape) <= dim or shape[dim] != steps:
        return value
    if (found := with_time(value, dim)) is not None:
        return found
    odd = why_no_time(value, dim)
    return value if odd is None else Unknown(f"{odd.where or 'it'} {odd.why}", odd.instead)


def _check_begin(cell: Cell, arriving: Known | None) -> None:
    """Raises `InputError` for a chunk of time other than the first one."""
    if not isinstance(arriving, Value) or not arriving.axes.has_time or arriving.is_decoded:
        return
    steps = arriving.axes.steps
    moving = [path for path in arriving.paths if not path.is_constant]
    if moving and all(0 < path.step == path.first and path.stop == path.step + steps for path in moving):
        first = moving[0].step
        raise InputError(
            f"{cell.name}: a call is given steps {first} .. {first + steps - 1} of "
            f"{moving[0].source.population} alone; neurons of the contract begin in the first step",
            WHOLE,
        )


def bias_at(cell: Cell, current: torch.Tensor, example: Axes, step: int) -> Known:
    """What arrives in a step in which it was not made of the input: the bias of what does not come yet.

    Raises `InputError` if it is no constant of one step of an example of the axes `example`.
    """
    at = example.without(example.of(TIME)).of(BATCH) if (BATCH,) in example.dims else None
    dims = tuple((BATCH,) if dim == at else (size,) for dim, size in enumerate(current.shape))
    axes = Axes(dims, example.batch)
    try:
        if cell.time_dim is not None or axes.shape != tuple(current.shape):
            raise AxesError("it is not of one step of the example")
        found = arriving_at(
            cell, Value(axes, ()).plus(for_lines(axes, numbers(current), share=rounding(current)))
        )
    except AxesError as error:
        raise not_of_the_input(cell.name, step) from error
    assert found is not None
    return found


def not_of_the_input(name: str, step: int) -> InputError:
    """The error about what arrives at the neurons `name` in `step`."""
    return InputError(
        f"{name}: what arrives in step {step} does not depend on the input{UNSEEN}, and is not 0",
        NOTHING,
        SEEN,
    )


def tensors_of(cell: Cell, gives: Gives, axes: Axes, call: int) -> Iterator[tuple[torch.Tensor, Value]]:
    """What the tensors are that a call of neurons, the `call`-th, gives."""

    def of(what: str, step: int, own: Axes) -> Value:
        paths = (Path(Source(cell.name, what), step - cell.lag),)
        return Value(own, paths if own.has_time or step >= cell.lag else ())

    first = 0 if axes.has_time else call
    if gives.spikes is not None:
        yield gives.spikes, of(SPIKES, first, axes)
    if gives.membrane is not None:
        yield gives.membrane, of(MEMBRANE, first, axes)
    dim = None if cell.time_dim is None else cell.time_dim % len(axes.dims)
    one = axes if dim is None else replace(axes.without(dim), steps=0)
    for step, tensor in enumerate(gives.steps):
        yield tensor, of(MEMBRANE, step, one)
    if gives.last is not None:
        yield gives.last, of(MEMBRANE, call if dim is None else axes.steps - 1, one)
    if gives.decoded is not None and dim is not None:
        tensor, how = gives.decoded
        yield tensor, over_one(of(MEMBRANE, first, axes), dim, how)


def other_state(cell: Cell, own: bool) -> Unknown:
    """What a tensor of a call is that it does not give as spikes or membrane; `own` as of `check_steps`."""
    if not own:
        return Unknown(f"it is a state of {cell.name} other than its membrane")
    why = f"gives of the Cell of {cell.name} names it neither as spikes nor as membrane"
    return Unknown(why, OF_ONE_STEP if cell.time_dim is None else OF_ALL_STEPS)


def check_steps(cell: Cell, axes: Axes | None, gives: Gives, own: bool = False, steps: int = 0) -> None:
    """Raises `InputError` unless a call takes and `gives` all steps, or one, as the module does.

    `own`: the converter is the user's. `steps`: how many the example has.
    """
    if axes is None:
        return
    dim = cell.time_dim
    there = next((k for k in range(len(axes.dims)) if axes.holds(k, cell.time_within)), None)
    told = own and there is not None
    inside = dim is not None and -len(axes.dims) <= dim < len(axes.dims)
    if dim is not None and not (inside and axes.holds(dim, cell.time_within)):
        if there is None and inside and axes.shape[dim] == steps:
            raise InputError(
                f"{cell.name}: takes time along dimension {dim}, and the {steps} places there of what "
                "arrives are no steps one after another",
                SYNAPSES,
            )
        what = f"{' x '.join(map(str, cell.time_within))} along dimension {dim}"
        raise InputError(
            f"{cell.name}: takes {what}, but [{axes}] arrives",
            IfReadSo(
                f"If its forward takes time along dimension {there}, set time_dim={there} in its Cell"
                if told
                else f"If the layout of the example is right, put {what} of what it is given"
                + (", or leave time_dim out of its Cell if it is called for each step" if own else "")
            ),
        )
    if dim is None and axes.has_time:
        what = f"{cell.name}: {ONE_STEP}, but all steps arrive at once as [{axes}]"
        if not told:
            raise InputError(f"{what}; call it in a loop over time, or in its mode for several steps")
        raise InputError(
            f"{what}; call it in a loop over time, or set time_dim in its Cell",
            IfReadSo(f"If its forward takes time along dimension {there}, set time_dim={there} in its Cell"),
        )
    if own:
        check_shapes(cell, gives, axes)


def check_state(
    cell: Cell,
    state: torch.Tensor | None,
    known: Known | None,
    step: int,
) -> None:
    """Raises `InputError` if the membrane that a call is given, which is `known`, is not the cell's own."""
    if not isinstance(state, torch.Tensor) or not state.numel():
        return
    if known is None and not state.any():
        return
    own = Path(Source(cell.name, MEMBRANE), step - 1 - cell.lag)
    if isinstance(known, Value) and known.paths == ((own,) if own.step >= 0 else ()):
        return
    earlier = isinstance(known, Value) and len(known.paths) == 1 and known.paths[0].source == own.source
    why = f" ({known.why})" if isinstance(known, Unknown) else ""
    raise InputError(
        f"{cell.name}: its membrane is given in step {step}, and is neither 0 nor its own of the step "
        f"before{why}; the contract's neurons keep their own",
        *[ONE_EACH] * earlier,
    )
