"""Neurons whose calls are not noticed: they are no submodules, or their `forward` is called by itself."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import partial
from types import FrameType
from typing import Any

import torch
from torch.nn.modules.module import register_module_forward_pre_hook
from torch.utils.hooks import RemovableHandle

from snnc.conversion.neurons import converter_of
from snnc.conversion.running import CONTAINERS
from snnc.conversion.values import Unknown
from snnc.errors import InputError


def refusing_unseen(
    module: torch.nn.Module, followed: Callable[[], bool], place: Callable[[], str]
) -> Iterator[RemovableHandle]:
    """Hooks that raise `InputError` where neurons are called that are no part of `module`.

    `followed`: whether the call stands in code that is followed; `place` tells where.
    """
    seen = set(module.modules())
    for path, neurons in _unseen_neurons(module):
        seen.add(neurons)  # which is told by its path
        yield neurons.register_forward_pre_hook(partial(_refuse_held, path))

    def refuse(called: torch.nn.Module, args: object) -> None:
        if called in seen or not followed():
            return
        neurons = [each for each in called.modules() if converter_of(each) is not None]
        if neurons and seen.isdisjoint(neurons):
            _refuse_called(called, neurons[0], module, place())

    yield register_module_forward_pre_hook(refuse)


def called_by_forward(place: str) -> Unknown | None:
    """Why neurons are not known as such if code of their `forward` is followed now; None if it is not."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        code = frame.f_code
        neurons = frame.f_locals.get(code.co_varnames[0]) if code.co_argcount else None
        if (
            code.co_name == "forward"
            and isinstance(neurons, torch.nn.Module)
            and converter_of(neurons) is not None
        ):
            kind = type(neurons).__name__
            return Unknown(
                f"{place}forward of neurons ({kind}) is called directly, so their call is not noticed",
                f"Call the module itself: {_attribute(kind)}(x), not {_attribute(kind)}.forward(x)",
            )
        frame = frame.f_back
    return None


def _unseen_neurons(module: torch.nn.Module) -> Iterator[tuple[str, torch.nn.Module]]:
    """Neurons in lists and dictionaries of Python, with their paths: `module` has no part of this name."""
    seen = set(module.modules())
    for name, each in module.named_modules():
        for attribute, held in vars(each).items():
            if type(held) in CONTAINERS or isinstance(held, tuple):
                path = f"{name}.{attribute}" if name else attribute
                yield from (
                    (path, part)
                    for kept in _modules_in(held)
                    for part in kept.modules()
                    if part not in seen and converter_of(part) is not None
                )


def _modules_in(thing: Any, seen: set[int] | None = None) -> Iterator[torch.nn.Module]:
    """All in a container, and in those that it holds, which may hold it in turn."""
    seen = set() if seen is None else seen
    if isinstance(thing, torch.nn.Module):
        yield thing
    elif (type(thing) in CONTAINERS or isinstance(thing, tuple)) and id(thing) not in seen:
        seen.add(id(thing))
        for each in thing.values() if isinstance(thing, dict) else thing:
            yield from _modules_in(each, seen)


def _refuse_held(path: str, neurons: torch.nn.Module, args: object = None) -> None:
    """A hook that raises `InputError`: these neurons, which are called, are no part of the module."""
    raise InputError(
        f"{path}: holds neurons ({type(neurons).__name__}) in a list or dictionary of Python, which PyTorch "
        "does not take for parts of the module: it neither trains, saves nor moves what they hold",
        f"Make {path} an nn.ModuleList, or an nn.ModuleDict",
    )


def _refuse_called(
    called: torch.nn.Module, neurons: torch.nn.Module, module: torch.nn.Module, place: str
) -> None:
    """Raise `InputError`: `called`, which has `neurons`, is no part of `module`."""
    kind, own, of = (type(each).__name__ for each in (called, neurons, module))
    raise InputError(
        f"{place}a module {kind} is called that is no submodule of {of}: neurons ({own}) are read in "
        "submodules alone, and PyTorch neither trains, saves nor moves what other modules hold",
        f"Assign it in __init__ of the module that calls it, {_attribute(kind)} = {kind}(...), and call "
        f"{_attribute(kind)}(...)",
    )


def _attribute(kind: str) -> str:
    """One of a user's module that could hold a module of the class `kind`."""
    name = kind.lower()
    return f"self.{name}{'_module' * hasattr(torch.nn.Module, name)}"
