"""Functions of PyTorch that take no numbers of a tensor, or take them where they cannot be followed."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Any

from snnc.conversion.scripted import SCRIPTED
from snnc.conversion.tensors import tensors_in

KINDS = ("zeros", "ones", "full", "empty")
OF_SHAPE = frozenset([*(f"{each}_like" for each in KINDS), *(f"new_{each}" for each in KINDS)])
"""Functions that take of a tensor its shape and kind alone."""
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


def takes_numbers(
    name: str, args: tuple[Any, ...], kwargs: Mapping[str, Any], before: Container[int], result: object
) -> bool:
    """Whether the function `name` takes numbers, or places, out of tensors, whose ids `before` holds.

    A scripted one does if its `result` is no tensor.
    """
    if name.startswith(SCRIPTED) and result is not None and not any(True for _ in tensors_in(result)):
        return True
    chosen: Any = (args[1:], kwargs) if name in CHOOSES else ()
    if name == "where" and len(args) == 1:  # the places of all that are not 0
        chosen = args
    return name in READ_OUT or any(id(each) in before for each in tensors_in(chosen))
