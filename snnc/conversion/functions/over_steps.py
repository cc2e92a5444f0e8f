"""Weights of steps: a matrix over time, as a delay may be written, and what to write in its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch

from snnc.conversion.axes import BATCH, TIME, Axes, AxesError, Dim
from snnc.conversion.functions.handlers import FloatArray, numbers
from snnc.conversion.functions.nearest import RECORDINGS

DELAYS = (
    "sum(w[k] * F.pad(x, (0, 0, 0, 0, k, 0))[:len(x)] for k in range(K)), x of [steps, samples, lines], or "
    "F.conv1d over time"
)
FOURIER = f"Write a convolution over time as {DELAYS}"
SAME_IN_EACH = f"It weighs what came k steps before by the same w[k] in every step: write {DELAYS}"
OF_DELAYS = (
    "The contract's weights are the same in every step: give what came k steps before one weight w[k], and "
    f"train with it: {DELAYS}"
)
"""What to do in the place of other weights of steps."""
NO_LATER = (
    "A network hears no later step: give what came k steps before one weight w[k], and train with it: "
    f"{DELAYS}"
)
LAST = ("inner", "dot", "vdot", "mv", "addmv", "vecdot", "bilinear")
"""Functions that sum over the last dimension of each factor."""


def over_steps(weight: FloatArray | None, steps: int) -> AxesError:
    """Why it is not followed that steps are sums of steps by `weight`, [..., step, step that it hears].

    None, or another shape, where it is not known how they are weighed.
    """
    said = "it weighs steps, by a matrix over time"
    if weight is None or weight.ndim < 2 or weight.shape[-2:] != (steps, steps):
        return AxesError(said, OF_DELAYS)
    if np.triu(weight, 1).any():
        return AxesError(f"{said} that takes later ones, too", NO_LATER)
    if (weight[..., 1:, 1:] == weight[..., :-1, :-1]).all():
        return AxesError(said, SAME_IN_EACH)
    return AxesError(f"{said} with other weights in other steps", OF_DELAYS)


def product(name: str, axes: Axes, args: Sequence[Any], kwargs: Mapping[str, Any]) -> AxesError | None:
    """Why a product of a constant and a tensor of `axes` may not sum as it does, over steps or recordings."""
    factors = [each for each in args if isinstance(each, torch.Tensor)]
    factors = factors[1:] if name in ("addmm", "baddbmm", "addbmm", "addmv", "_sparse_addmm") else factors
    at = next((k for k, each in enumerate(factors) if tuple(each.shape) == axes.shape), None)
    if at is None or len(factors) != 2:
        return None
    dims = _summed(name, at, len(axes.dims), args, kwargs)
    over: set[Dim] = {axes.dims[dim] for dim in dims if -len(axes.dims) <= dim < len(axes.dims)}
    if any(TIME in dim for dim in over):
        known = over == {(TIME,)} and factors[1 - at].ndim > 1
        weight = numbers(factors[1 - at]) if known else None
        if weight is not None and _hears_first(name, at, args, kwargs):
            weight = np.swapaxes(weight, -1, -2)
        return over_steps(weight, axes.steps)
    if any(BATCH in dim for dim in over) and axes.batch > 1:
        return AxesError("it weighs recordings", RECORDINGS)
    return None


def _summed(name: str, at: int, ndim: int, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Sequence[int]:
    """The dimensions of factor `at`, of `ndim`, over which it sums."""
    if name == "tensordot":
        dims: Any = kwargs.get("dims", args[2] if len(args) > 2 else 2)
        if isinstance(dims, int):
            return range(dims) if at else range(ndim - dims, ndim)
        return list(np.atleast_1d(np.asarray(dims[at])))
    return [-1 if name in LAST or at == 0 or ndim == 1 else -2]


def _hears_first(name: str, at: int, args: Sequence[Any], kwargs: Mapping[str, Any]) -> bool:
    """Whether the first dimension of the other factor than `at`, a matrix, is that which is summed over."""
    if name == "tensordot":
        return 0 in _summed(name, 1 - at, 2, args, kwargs)
    return at == 0 and name not in LAST
