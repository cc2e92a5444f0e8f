"""Modules that compute in 16 bits: as a whole, or where torch.autocast stands in their code."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch

from snnc.errors import InputError

HALVES = (torch.float16, torch.bfloat16)
CASTS = ("to", "half", "bfloat16", "type", "type_as")
"""Functions with which a cast is written out."""


def autocast(name: str, given: Sequence[torch.Tensor], results: Sequence[torch.Tensor]) -> torch.dtype | None:
    """In which 16 bits the function `name` gives what it was `given` in more, as torch.autocast makes it."""
    kinds = {each.dtype for each in given if each.is_floating_point()}
    if name in CASTS or not kinds or kinds & set(HALVES):
        return None
    return next((each.dtype for each in results if each.dtype in HALVES), None)


@contextmanager
def told_of_halves(module: torch.nn.Module, cast: str) -> Iterator[None]:
    """Errors within say that the module computes in 16 bits, where it does; `cast`: by torch.autocast."""
    kind = next((each.dtype for each in module.parameters() if each.dtype in HALVES), None)
    if not cast and kind is None:
        yield
        return
    try:
        yield
    except InputError as error:
        remedy = "leave torch.autocast out of forward" if cast else "give module.float() and example.float()"
        where = cast or f"the module computes in {kind}"
        said = f"{where}, 16 bits, which round more than the network: {remedy}, or pass least_agreement"
        raise InputError(error.args[0], said[0].upper() + said[1:]) from error


def other_kind(module: torch.nn.Module, example: torch.Tensor, error: Exception) -> list[str]:
    """What to do if a module fails as the example is of another type than its parameters."""
    kinds = {each.dtype for each in module.parameters() if each.is_floating_point()}
    if "dtype" not in str(error) and "type" not in str(error):
        return []
    if len(kinds) != 1 or not example.is_floating_point() or example.dtype in kinds:
        return []
    kind = kinds.pop()
    return [f"The example is {example.dtype}, the module's parameters are {kind}: give example.to({kind})"]
