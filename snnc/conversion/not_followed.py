"""What is said of a function that is not followed: why, and what to do instead, by what it was given."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path as FilePath
from types import MappingProxyType
from typing import Any

import numpy as np
import torch

from snnc.conversion.axes import TIME, AxesError
from snnc.conversion.calls import Known
from snnc.conversion.comparisons import COMPARISONS, OWN_MODULE, compared_in, installed, place_in
from snnc.conversion.functions import INSTEAD
from snnc.conversion.functions.nearest import (
    BOUNDS,
    CHOOSE,
    FIRST,
    LARGER,
    LATER,
    LATER_EVENTS,
    LINEAR,
    MASKS,
    NEURONS,
    OF_EVENTS,
    OF_SPIKES,
    OF_STEPS,
    OVER_TIME,
    PRODUCT,
    REGISTER,
    SAME,
    SCORES,
    SYNAPSES,
)
from snnc.conversion.functions.over_steps import FOURIER, product
from snnc.conversion.scripted import SCRIPTED, UNSCRIPTED
from snnc.conversion.unseen import called_by_forward
from snnc.conversion.values import SPIKES, Operation, Path, Unknown, Value

WEIGHTED = frozenset(
    [
        *("bmm", "baddbmm", "addbmm", "tensordot", "_sparse_mm", "sparse_mm", "_sparse_addmm"),
        *("inner", "dot", "vdot", "mv", "addmv", "multi_dot", "chain_matmul", "vecdot", "bilinear"),
    ]
)
"""Functions that are linear where all but one of their tensors are weights."""
LINES_MOVED = frozenset(
    [
        *("conv_transpose1d", "conv_transpose2d", "conv_transpose3d", "interpolate", "upsample"),
        *("pixel_shuffle", "pixel_unshuffle", "channel_shuffle", "native_channel_shuffle"),
        *("fold", "unfold", "col2im", "im2col"),
        *("cumsum", "cumsum_", "diff", "rot90", "tril", "triu", "diagonal", "diag", "diag_embed", "trace"),
        *("kron", "block_diag", "as_strided", "scatter", "scatter_", "scatter_add", "scatter_add_"),
        *("index_add", "index_add_", "index_copy", "index_copy_", "take", "select_scatter", "slice_scatter"),
        *("trapezoid", "trapz", "masked_select"),
    ]
)
"""Functions that are linear in a tensor, and are not followed."""
SUMMED = ("cumsum", "cumsum_")
NONE: Mapping[str, Any] = MappingProxyType({})
PICKS = (
    "Over lines, write it as slices and torch.cat, or as x @ M with a constant matrix M (one-hot where it "
    "picks lines)"
)
INTEGRATES = (
    "Over time, as an output, it is a readout that integrates: make it an nn.Module of its own and register "
    "it with keep_v 1.0, without a threshold, with time_dim (snnc.converter; docs/from_torch.md, 'Neurons of "
    "your own', has such a readout); where its last step alone is read, write .sum({}) in its place. Neurons "
    "behind it keep it themselves: keep_u 1 in their Cell, or Synaptic of snnTorch with alpha 1"
)
"""What is said of a sum up to each step; with the dimension of time."""
OVER = ("sum", "mean", "max", "amax")
"""Functions of one dimension or all."""
REPEATS = ("repeat", "tile", "repeat_interleave")
"""Functions with which an encoding makes steps of one."""
OUTSIDE = (
    "If it makes whole events, 0 .. 255, compute it outside of the module, and give the module these; else "
    "leave it out, or use a constant factor in its place, and train again"
)
"""What is said of encodings, which hear nothing but the input."""
OWN_NEURONS = "{}; if {!r} computes neurons itself, register it: snnc.converter (docs/from_torch.md)"
OWN_OR_CURRENT = f"{OWN_MODULE}; where no v is compared, but a current, p{NEURONS[1:]}"
OF_NEURONS = (NEURONS, OF_EVENTS, OF_SPIKES)
RISING = ("sigmoid", "sigmoid_", "logsigmoid", "tanh", "tanh_", "exp", "exp_", "expm1", "arctan", "softplus")
"""Functions that give more of more."""
SAME_CLASSES = (
    "Leave it out at the end{}: the largest of the scores stays the largest, so the classes are the same, "
    "but for ties where it saturates"
)
UNLESS_ADDED = ", unless steps are added up behind it"
WHEN = ("argmax", "argmin", "sort", "argsort", "min", "amin", "median", "cummax", "cummin")
"""Functions that readouts of a first spike use."""
LAST = ("topk", "kthvalue", "sort", "argsort", "median", "nanmedian", "mode")
"""Functions of the last dimension, if none is told."""


def not_followed(
    name: str,
    given: Sequence[Known],
    module: torch.nn.Module,
    path: str,
    args: Sequence[Any] = (),
    kwargs: Mapping[str, Any] = NONE,
) -> Unknown:
    """Of the function `name`, which no handler follows, in the part `path` of `module`.

    `given`: the tensors among its arguments, `args` and `kwargs`, that depend on the input.
    """
    part, place = module.get_submodule(path), place_in(module, path)
    if (by_itself := called_by_forward(place)) is not None:
        return by_itself
    if name in COMPARISONS and (where := compared_in(part, not path)):
        return Unknown(f"{name.strip('_')} in {where} is a comparison, which is not linear", _compared(given))
    if name.startswith(SCRIPTED):
        return Unknown(f"{place}{name} is not followed", UNSCRIPTED)
    if name in SUMMED and (dim := _of_time(given[0], kwargs.get("dim", args[1:2]))) is not None:
        return Unknown(f"{place}{name} over time is not followed", INTEGRATES.format(dim))
    if name == "unfold" and _of_time(given[0], kwargs.get("dimension", args[1:2])) is not None:
        return Unknown(f"{place}{name} over time is not followed", SYNAPSES)
    if name in LINES_MOVED:
        return Unknown(f"{place}{name} is not followed", INSTEAD.get(name, PICKS))
    of_fft = kwargs.get("dim", args[2] if len(args) > 2 else -1)
    if name.startswith("fft_") and _of_time(given[0], of_fft) is not None:
        return Unknown(f"{place}{name} is not followed", FOURIER)
    if name in WEIGHTED and len(given) == 1:
        (value,) = given
        error = product(name, value.axes, args, kwargs) if isinstance(value, Value) else None
        why = "" if error is None else f": {error}"
        return Unknown(f"{place}{name} is not followed{why}", LINEAR if error is None else error.instead)
    if name in OVER_TIME and not _encodes(given) and _is_over_time(name, given[0], args, kwargs):
        said = f"{place}{name} over time is none of the contract's decoders"
        return Unknown(said, (name in WHEN and first_spike(given)) or OF_STEPS)
    instead = INSTEAD.get(name, REGISTER)
    one_step = instead != LARGER  # the largest so far is of several
    if instead in (REGISTER, SCORES, LARGER) and name not in COMPARISONS and _encodes(given, one_step):
        instead = OUTSIDE
    if instead == REGISTER and (name in COMPARISONS or name in WHEN):
        instead = first_spike(given) or instead
    if instead == SCORES and not any(isinstance(each, Value) and each.is_decoded for each in given):
        instead = CHOOSE
    if name in BOUNDS:
        instead = _of_spikes(given) or instead
    own = instead in OF_NEURONS and path and _is_of_a_user(part)
    alone = own and not any(True for _ in part.children())  # else it may hold neurons, or be the last part
    rises = name in RISING and any(isinstance(each, Value) and not each.axes.has_time for each in given)
    if alone or (own and rises):
        instead = OWN_NEURONS.format(instead, path)
    if rises and not alone:
        decoded = any(isinstance(each, Value) and each.is_decoded for each in given)
        elsewhere = "" if decoded else f". Elsewhere {instead[0].lower()}{instead[1:]}"
        instead = SAME_CLASSES.format("" if decoded else UNLESS_ADDED) + elsewhere
    return Unknown(f"{place}{name} is no linear operation that snnc follows", instead)


def _compared(given: Sequence[Known]) -> str:
    """What to do in the place of a comparison.

    v of neurons is of one step in the first one, as a current is; of all steps at once, it would be none.
    """
    if _encodes(given):
        return OUTSIDE
    if _unweighted(given):
        when = first_spike(given)
        return f"{MASKS}; as an output: t{when[1:]}" if when else MASKS
    moving = [path for path in _paths(given) if not path.is_constant]
    if not moving or any(path.source.what != SPIKES for path in moving):
        return OWN_MODULE
    if any(isinstance(each, Value) and each.axes.has_time for each in given):
        return NEURONS
    return OWN_OR_CURRENT if len({path.step for path in moving}) == 1 else OWN_MODULE


def instead_of(name: str, error: AxesError, given: Iterable[Known]) -> str | None:
    """What to do in the place of the function `name`, whose handler raised `error`."""
    given = list(given)
    if error.instead == SAME and (when := first_spike(given)):
        return f"{SAME}; if a step counts by its time: t{when[1:]}"
    if error.instead == LATER and _encodes(given):
        return LATER_EVENTS
    encodes = error.instead in (REGISTER, SAME) or (error.instead is None and name in OVER)
    if (encodes or name in REPEATS) and _encodes(given):
        return OUTSIDE
    if error.instead is None and name in ("max", "amax"):
        return CHOOSE
    return PRODUCT if error.instead == REGISTER and _unweighted(given) else error.instead


def first_spike(given: Sequence[Known]) -> str | None:
    """What to do where spikes of one population, as they are, are asked for their time; else None."""
    names = {path.source.population for path in _paths(given) if not path.is_constant} - {"input"}
    if len(names) != 1 or _encodes(given, one_step=False) or not _unweighted(given, one_step=False):
        return None
    return FIRST.format(*names)


def _of_time(value: Known, dim: Any) -> int | None:
    """The dimension `dim` of `value`, or the only one in a list, if it is of time alone."""
    number = dim[0] if isinstance(dim, Sequence) and dim else dim
    if not isinstance(value, Value) or not isinstance(number, int):
        return None
    dims = value.axes.dims
    return number if -len(dims) <= number < len(dims) and value.axes.holds(number, (TIME,)) else None


def _is_over_time(name: str, value: Known, args: Sequence[Any], kwargs: Mapping[str, Any]) -> bool:
    """Whether a function of `OVER_TIME` is told the dimension of time."""
    at = OVER_TIME[name]
    told = kwargs.get("dim", kwargs.get("axis", args[at] if len(args) > at else None))
    return _of_time(value, -1 if told is None and name in LAST else told) is not None


def _of_spikes(given: Sequence[Known]) -> str | None:
    """What to do if all are events, or spikes, as they are, at other places at most; None if they are not."""
    paths = _paths(given)
    alone = len(paths) == len(given) == sum(isinstance(each, Value) for each in given)
    if not alone or not all(path.source.what == SPIKES and _moved(path.operations) for path in paths):
        return None
    return OF_EVENTS if any(path.source.population == "input" for path in paths) else OF_SPIKES


def _moved(operations: Sequence[Operation]) -> bool:
    """Whether each line is a former one."""
    return all(
        each.name == "matrix" and len(each.parts) == 4 and each.keeps_order and not _other_than_one(each)
        for each in operations
    )


def _other_than_one(operation: Operation) -> bool:
    return bool(np.any(np.asarray(operation.parts[3]) != 1))


def _encodes(given: Sequence[Known], one_step: bool = True) -> bool:
    """Whether all are the input without weights that are trained: of `one_step`, or of all steps at once."""
    moving = [path for path in _paths(given) if not path.is_constant]
    alone = {path.source.population for path in moving} == {"input"}
    return alone and _unweighted(given, one_step)


def _unweighted(given: Sequence[Known], one_step: bool = True) -> bool:
    """Whether all are spikes, or sums of them, without weights that are trained."""
    moving = [path for path in _paths(given) if not path.is_constant]
    return (
        all(isinstance(each, Value) for each in given)
        and {path.source.what for path in moving} == {SPIKES}
        and (not one_step or len({path.step for path in moving}) == 1)
        and not any(_weighs(each) for path in moving for each in path.operations)
    )


def _paths(given: Sequence[Known]) -> list[Path]:
    return [path for each in given if isinstance(each, Value) for path in each.paths]


def _weighs(operation: Operation) -> bool:
    """Whether lines count differently in it: sums, means and picks of lines have one weight."""
    if operation.name != "matrix" or len(operation.parts) != 4:
        return operation.name != "gain"
    weight: Any = operation.parts[3]
    return len(np.unique(weight)) > 1


def _is_of_a_user(module: torch.nn.Module) -> bool:
    """Whether its class is of no package that is installed."""
    file = getattr(sys.modules.get(type(module).__module__), "__file__", None)
    if file is None:
        return True
    return not installed(FilePath(file))
