"""Neurons that are written out in the code of a network, and not as a module of their own."""

from __future__ import annotations

import sys
from pathlib import Path
from types import FrameType

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


def place_in(root: torch.nn.Module, path: str) -> str:
    """Where the part `path` of `root` runs now, as it begins a message: its path, and a user's line of it."""
    where = line_in(root.get_submodule(path), of_user=True)
    if path:
        return f"in {path!r}, {where}, " if where else f"in {path!r}, "
    return f"in {where}, " if where else ""


def line_in(module: torch.nn.Module, of_user: bool = False) -> str | None:
    """Where the code of `module` runs now, as "Net.forward (line 12 of net.py)".

    `of_user`: None for code of a package that is installed.
    """
    frame = sys._getframe(1)
    while frame is not None:
        if _is_method_of(module, frame) and _is_own(frame.f_code.co_filename):
            if of_user and installed(Path(frame.f_code.co_filename)):
                return None
            code = frame.f_code
            place = f"line {frame.f_lineno} of {Path(code.co_filename).name}"
            return f"{type(module).__name__}.{code.co_name} ({place})"
        if (back := frame.f_back) is None:
            break
        frame = back
    return None


def _is_method_of(module: torch.nn.Module, frame: FrameType) -> bool:
    """Whether it runs a method of the module, whatever the name of its first argument."""
    code = frame.f_code
    first = frame.f_locals.get(code.co_varnames[0]) if code.co_argcount else None
    return first is module and hasattr(type(module), code.co_name)


def _is_own(path: str) -> bool:
    """Whether code is a user's, and not that of PyTorch, which calls modules, or of the conversion."""
    return not any(Path(path).is_relative_to(Path(each).parent) for each in (torch.__file__, __file__))


def installed(path: Path) -> bool:
    """Whether a file is of a package that is installed, and not of a user's own code."""
    return bool({"site-packages", "dist-packages"} & set(path.parts)) or path.is_relative_to(sys.prefix)
