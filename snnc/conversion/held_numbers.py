"""Whole numbers that a module holds: one of them may be how long something waits in it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from types import CodeType, FunctionType
from typing import Any

import numpy as np
import torch

_WHOLE = (torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64)
OF_TORCH = "torch."
"""How modules of PyTorch itself are named, whose numbers are sizes of layers."""


def held_numbers(module: torch.nn.Module) -> set[int]:
    """Those of attributes and buffers of `module` and its parts, and of the code of its methods.

    What `__init__` names are sizes of layers, or attributes.
    """
    found: set[int] = set()
    for each in module.modules():
        if type(each).__module__.startswith(OF_TORCH):
            continue
        for value in (*vars(each).values(), *each._buffers.values()):
            found.update(_numbers(value))
        for own in type(each).__mro__:
            if not own.__module__.startswith(OF_TORCH):
                for name, value in vars(own).items():
                    found.update(_numbers(value) if name != "__init__" else ())
    return found


def _numbers(value: Any) -> Iterator[int]:
    """Of an attribute: its number, those in it and how many they are, or those of a function."""
    if isinstance(value, bool) or value is None:
        return
    if isinstance(value, int | np.integer):
        yield int(value)
    elif isinstance(value, list | tuple | deque):
        yield len(value)
        yield from (int(each) for each in value if isinstance(each, int | np.integer))
    elif isinstance(value, torch.Tensor | np.ndarray):
        yield from value.shape[:1]
        array = _array(value) if isinstance(value, torch.Tensor) else value
        if array is not None and array.dtype.kind in "iu" and array.size:
            yield int(array.max())
    elif isinstance(value, FunctionType):
        yield from _of_function(value)


def _array(value: torch.Tensor) -> np.ndarray[Any, Any] | None:
    """None where it holds no whole numbers that NumPy takes, as one of bfloat16, or sparse, does."""
    if value.dtype not in _WHOLE or value.layout != torch.strided or value.is_meta:
        return None
    return np.asarray(value.detach().cpu().numpy())


def _of_function(function: FunctionType) -> Iterator[int]:
    """What its code names: constants, and numbers of its defaults, its closure and its file."""
    code = function.__code__
    cells = []
    for cell in function.__closure__ or ():
        try:
            cells.append(cell.cell_contents)
        except ValueError:  # not bound as yet
            continue
    named = (function.__globals__.get(name) for name in code.co_names)
    values = (*_constants(code), *(function.__defaults__ or ()), *cells, *named)
    yield from (int(each) for each in values if isinstance(each, int) and not isinstance(each, bool))


def _constants(code: CodeType) -> Iterator[Any]:
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield from _constants(each)
        else:
            yield each
