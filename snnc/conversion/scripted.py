"""Scripted functions (torch.jit.script, torch.jit.trace), of which PyTorch tells no function in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch.overrides import handle_torch_function, has_torch_function_unary

KINDS: tuple[Any, ...] = (torch.jit.ScriptFunction, torch._C.ScriptMethod)
SCRIPTED = "scripted "
"""Begins the name of one, which is no name of PyTorch."""
UNSCRIPTED = "Call the function that it was made of, without torch.jit"


@contextmanager
def scripted_noticed() -> Iterator[None]:
    """Calls of scripted functions are calls of functions of PyTorch, as a mode of them sees: one each."""
    calls = {kind: kind.__call__ for kind in KINDS}
    try:
        for kind, call in calls.items():
            kind.__call__ = _noticed(call)
        yield
    finally:
        for kind, call in calls.items():
            kind.__call__ = call


def _noticed(call: Callable[..., Any]) -> Callable[..., Any]:
    def noticed(function: Any, *args: Any, **kwargs: Any) -> Any:
        if not has_torch_function_unary(function):  # no mode: what one calls, and where nothing is followed
            return call(function, *args, **kwargs)

        def again(*args: Any, **kwargs: Any) -> Any:
            return call(function, *args, **kwargs)

        again.__name__ = f"{SCRIPTED}{function.name.rpartition('.')[2]}"
        return handle_torch_function(again, (), *args, **kwargs)

    return noticed
