"""Neurons that are written out in the code of a network, and not as a module of their own."""

from __future__ import annotations

import sys
from pathlib import Path

import torch

COMPARISONS = frozenset(
    [
        *("gt", "ge", "lt", "le", "eq", "ne", "greater", "greater_equal", "less", "less_equal", "where"),
        *("gt_", "ge_", "lt_", "le_", "heaviside", "heaviside_", "sign", "sign_", "sgn"),
        *("__gt__", "__ge__", "__lt__", "__le__", "__eq__", "__ne__"),
    ]
)
"""Functions of PyTorch with which a spike is decided."""
OWN_MODULE = (
    "Move v, spike and reset into an nn.Module that computes one step, and register it: snnc.converter "
    "(docs/from_torch.md, 'Neurons of your own')"
)


def compared_in(module: torch.nn.Module, root: bool) -> str | None:
    """`line_in`; None for a module that could be registered itself: no `root`, and without modules in it."""
    return line_in(module) if root or any(True for _ in module.children()) else None


def line_in(module: torch.nn.Module) -> str | None:
    """Where the code of `module` runs now, as "Net.forward (line 12 of net.py)"."""
    frame = sys._getframe(1)
    while frame is not None:
        if frame.f_locals.get("self") is module and _is_own(frame.f_code.co_filename):
            code = frame.f_code
            place = f"line {frame.f_lineno} of {Path(code.co_filename).name}"
            return f"{type(module).__name__}.{code.co_name} ({place})"
        if (back := frame.f_back) is None:
            break
        frame = back
    return None


def _is_own(path: str) -> bool:
    """Whether code is a user's, and not that of PyTorch, which calls modules."""
    return not Path(path).is_relative_to(Path(torch.__file__).parent)
