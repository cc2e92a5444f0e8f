"""Settings of PyTorch that a module asks for while it runs: its network is that of what they are now."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from snnc.conversion.comparisons import installed

ASKED = ("is_inference_mode_enabled", "get_default_dtype", "get_num_threads", "is_autocast_enabled")
"""Functions of `torch`. Gradients are compared, and `training` is False."""


@contextmanager
def settings_noticed(place: Callable[[], str], asked: list[str]) -> Iterator[None]:
    """In the block, calls of these functions by code of a user are told in `asked`, with their place."""
    before = {name: getattr(torch, name) for name in ASKED}

    def told(name: str) -> Callable[..., Any]:
        def ask(*args: Any, **kwargs: Any) -> Any:
            found = before[name](*args, **kwargs)
            if not installed(Path(sys._getframe(1).f_code.co_filename)):
                asked.append(
                    f"{place()}torch.{name}() is asked, which gives {found} here; the network is what the "
                    "module computes then"
                )
            return found

        return ask

    try:
        for name in ASKED:
            setattr(torch, name, told(name))
        yield
    finally:
        for name, function in before.items():
            setattr(torch, name, function)
