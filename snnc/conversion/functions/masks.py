"""Functions that choose by a constant mask between two tensors, or a tensor and a constant."""

from __future__ import annotations

from typing import Any

import torch

from snnc.conversion.axes import AxesError
from snnc.conversion.functions.handlers import Call, FloatArray, for_lines, handles, numbers
from snnc.conversion.functions.nearest import REGISTER
from snnc.conversion.functions.sums import added, repeated, times
from snnc.conversion.functions.taken_steps import masked
from snnc.conversion.values import Value


@handles("where")
def _chosen(call: Call) -> Value:
    given = [call.argument(0, "condition"), call.argument(1, "input"), call.argument(2, "other")]
    if not _is_mask(given[0]) and _is_mask(given[1]):  # the method: x.where(condition, other)
        given[:2] = given[1], given[0]
    return _by_mask(call, *given)


@handles("masked_fill", "masked_fill_")
def _filled(call: Call) -> Value:
    return _by_mask(call, call.argument(1, "mask"), call.argument(2, "value"), call.args[0])


def _by_mask(call: Call, mask: Any, inside: Any, outside: Any) -> Value:
    """`inside` where the constant `mask` is true, else `outside`."""
    if call.value(mask) is not None:
        raise AxesError("what it chooses by depends on the input", REGISTER)
    true = numbers(mask)
    shape = tuple(call.result.shape)
    parts = [(call.value(inside), inside, true), (call.value(outside), outside, 1 - true)]
    values = [times(repeated(value, shape), share) for value, _, share in parts if value is not None]
    found = values[0] if len(values) == 1 else added(*values)
    for value, constant, share in parts:
        if value is None:
            found = found.plus(for_lines(found.axes, _constant(constant, share)))
    return masked(found, call.steps)


def _constant(given: Any, share: FloatArray) -> FloatArray:
    """`given` where `share` is 1; else 0, also in the place of infinity."""
    constant = numbers(given)
    return torch.where(torch.as_tensor(share) == 1, torch.as_tensor(constant), 0.0).numpy()


def _is_mask(given: Any) -> bool:
    return isinstance(given, torch.Tensor) and given.dtype == torch.bool
