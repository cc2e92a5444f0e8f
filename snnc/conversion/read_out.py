"""Functions of PyTorch that take no numbers of a tensor, or take them where they cannot be followed."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from typing import Any

import torch

from snnc.conversion.scripted import SCRIPTED
from snnc.conversion.tensors import name_of, tensors_in

KINDS = ("zeros", "ones", "full", "empty")
OF_SHAPE = frozenset([*(f"{each}_like" for each in KINDS), *(f"new_{each}" for each in KINDS)])
"""Functions that take of a tensor its shape and kind alone."""
LIKE = frozenset(["expand_as", "view_as", "reshape_as", "type_as", "to"])
"""Methods that take of their other tensor no more."""
_OPERATORS = ("bool", "float", "int", "index", "complex", "array", "contains", "format", "dlpack")
READ_OUT = frozenset(
    [
        *(f"__{each}__" for each in _OPERATORS),
        *("item", "tolist", "numpy", "equal", "allclose", "is_nonzero"),
        *("__repr__", "storage", "untyped_storage", "data_ptr", "to_sparse", "_nnz"),
        *("nonzero", "argwhere", "unique", "unique_consecutive", "masked_select", "bincount"),
    ]
)
"""Functions whose result, or its shape, holds numbers of a tensor where they cannot be followed: an error
names them.
"""
CHOOSES = ("__getitem__", "repeat_interleave")
"""Functions whose result has the places that their other arguments say."""


def takes_shape(name: str, args: Sequence[Any], before: Container[int]) -> bool:
    """Whether the function takes no more than the shape and kind of tensors whose ids `before` holds."""
    return name in OF_SHAPE or (name in LIKE and bool(args) and id(args[0]) not in before)


OPERATORS = (torch._ops.OpOverload, torch._ops.OpOverloadPacket)


def takes_numbers(
    func: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
    before: Container[int],
    result: object,
) -> bool:
    """Whether a function takes numbers, or places, out of tensors, whose ids `before` holds.

    A scripted one, or an operator of torch.ops, does if its `result` is no tensor.
    """
    name = name_of(func)
    within = name.startswith(SCRIPTED) or isinstance(func, OPERATORS)
    if within and result is not None and not any(True for _ in tensors_in(result)):
        return True
    chosen: Any = (args[1:], kwargs) if name in CHOOSES else ()
    if name == "where" and len(args) == 1:  # the places of all that are not 0
        chosen = args
    return name in READ_OUT or any(id(each) in before for each in tensors_in(chosen))
