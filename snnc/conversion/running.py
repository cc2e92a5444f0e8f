"""How a module is run: in evaluation mode, uncompiled, and left as it was."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

import torch
from torch.nn.parameter import is_lazy

from snnc.errors import InputError


def check_seen(module: torch.nn.Module) -> None:
    """Raises `InputError` for modules that PyTorch runs without calling its functions."""
    for name, each in module.named_modules():
        made = "scripted" if isinstance(each, torch.jit.ScriptModule) else ""
        made = "compiled" if hasattr(each, "_orig_mod") else made
        if made:
            raise InputError(
                f"{name or type(each).__name__}: is a {made} module, whose operations cannot be followed",
                "Give the module that it was made of" + (" (_orig_mod)" if made == "compiled" else ""),
            )


@contextmanager
def left_as_it_was(module: torch.nn.Module) -> Iterator[None]:
    """Evaluation mode; then mode and buffers are as before."""
    modes = {each: each.training for each in module.modules()}
    buffers = {each: dict(each._buffers) for each in module.modules()}
    kept = {
        id(tensor): (tensor, tensor.clone())
        for held in buffers.values()
        for tensor in held.values()
        if tensor is not None and not is_lazy(tensor)
    }
    module.eval()
    try:
        yield
    finally:
        for each, mode in modes.items():
            each.training = mode
        for each, held in buffers.items():
            each._buffers.update(held)
        with torch.no_grad():
            for tensor, before in kept.values():
                if not torch.equal(tensor, before):
                    tensor.copy_(before)


def uncompiled() -> AbstractContextManager[object]:
    """Functions of torch.compile run as they are written, where PyTorch can do so."""
    if "torch._dynamo" not in sys.modules:  # nothing is compiled; to import it takes long
        return nullcontext()
    stance = getattr(torch.compiler, "set_stance", None)
    return nullcontext() if stance is None else stance("force_eager")
