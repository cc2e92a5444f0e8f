"""Functions of PyTorch that take no numbers of a tensor, or take them where they cannot be followed."""

from __future__ import annotations

KINDS = ("zeros", "ones", "full", "empty")
OF_SHAPE = frozenset([*(f"{each}_like" for each in KINDS), *(f"new_{each}" for each in KINDS)])
"""Functions that take of a tensor its shape and kind alone."""
_OPERATORS = ("bool", "float", "int", "index", "complex", "array", "contains", "format", "dlpack")
READ_OUT = frozenset(
    [
        *(f"__{each}__" for each in _OPERATORS),
        *("item", "tolist", "numpy", "equal", "allclose", "is_nonzero"),
        *("nonzero", "argwhere", "unique", "unique_consecutive", "masked_select", "bincount"),
    ]
)
"""Functions whose result, or its shape, holds numbers of a tensor where they cannot be followed: an error
names them.
"""
