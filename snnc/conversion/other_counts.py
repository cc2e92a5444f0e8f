"""A module whose code holds how many samples or steps it takes, given another number of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from numbers import Integral

import torch

from snnc.conversion.axes import BATCH, TIME, Axes
from snnc.conversion.running import runs_on

NAMES = {BATCH: "samples", TIME: "steps"}
USUAL = (*range(1, 17), 20, 25, 32, 50, 64, 100, 128)
"""Tried behind the numbers that the module and its error hold."""
MOST, NUMBERS = 60, 1 << 24
"""So many numbers are tried, with which an example has so many places."""


def other_count(module: torch.nn.Module, example: torch.Tensor, axes: Axes, error: str) -> str | None:
    """Which other number of samples, or of steps, `module` runs on, which fails on the `example` with
    `error`; None if it runs on none that is tried."""
    tried = [*dict.fromkeys((*_held(module), *map(int, re.findall(r"\b\d{1,4}\b", error)), *USUAL))][:MOST]
    for atom, name in NAMES.items():
        dim = axes.of(atom)
        own = example.shape[dim]
        for count in tried:
            if count < 1 or count == own or example.numel() // own * count > NUMBERS:
                continue
            other = torch.cat([example] * -(-count // own), dim).narrow(dim, 0, count)
            if runs_on(module, other):
                one = name.removesuffix("s") if count == 1 else name
                return (
                    f"the module's own code runs on {count} {one} (dimension {dim}), not on {own}: if it "
                    f"takes no other number, give an example of {count}"
                )
    return None


def _held(module: torch.nn.Module) -> Iterator[int]:
    """Whole numbers that stand in attributes and in the code of the module and of its parts."""
    for each in module.modules():
        yield from (value for value in vars(each).values() if _is_whole(value))
        code = getattr(type(each).forward, "__code__", None)
        yield from (value for value in getattr(code, "co_consts", ()) if _is_whole(value))


def _is_whole(value: object) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)
