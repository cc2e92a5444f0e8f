"""Modules that compute in 16 bits: as a whole, or where torch.autocast stands in their code."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch

from snnc.conversion.run import Trace
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


@dataclass(frozen=True, slots=True)
class Halves:
    """`where` a module computes in 16 bits, in words, and what to do `instead`."""

    where: str
    instead: str

    @property
    def note(self) -> str:
        """What is said of a network that is read all the same."""
        return f"{self.where}, 16 bits; the network is of real numbers"


def halves_of(module: torch.nn.Module, found: Trace) -> Halves | None:
    """Where `module` computes in 16 bits, as it was `found`; None if nowhere.

    By torch.autocast, or as it is of 16 bits, in whole or in part, or its neurons are given them.
    """
    if found.cast:
        return Halves(found.cast, "leave torch.autocast out of forward")
    kinds = {
        name: each.dtype
        for name, each in module.state_dict().items()
        if isinstance(each, torch.Tensor) and each.is_floating_point()
    }
    for name, kind in kinds.items():
        if kind in HALVES and set(kinds.values()) <= set(HALVES):
            return Halves(f"the module computes in {kind}", "give module.float() and example.float()")
        if kind in HALVES:
            return Halves(
                f"the module's {name} is of {kind}",
                "give module.float(), and leave such casts out of forward",
            )
    for name, calls in found.calls.items():
        given = [call.spikes if call.membrane is None else call.membrane for call in calls]
        halves = [each.dtype for each in given if each is not None and each.dtype in HALVES]
        if halves:
            return Halves(f"the neurons {name} compute in {halves[0]}", "leave such casts out of forward")
    return None


@contextmanager
def told_of_halves(halves: Halves | None) -> Iterator[None]:
    """Errors within say that the module computes in 16 bits, where it does."""
    try:
        yield
    except InputError as error:
        if halves is None:
            raise
        said = (
            f"{halves.where}, 16 bits, which round more than the network: {halves.instead}, or pass "
            "a smaller least_agreement"
        )
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
