"""Connections that look ahead in time, or that do not deliver in the first steps."""

from __future__ import annotations

from snnc.conversion.functions.nearest import BEFORE
from snnc.conversion.values import Path
from snnc.errors import InputError

PAD = "Pad {} with zeros on the left, before it is convolved or sliced and not after that, and train with it"
ZEROS = "If zeros were put in front of what a convolution over time gives, pad what it is given instead"


def looks_ahead(name: str, path: Path) -> InputError:
    """The neurons `name` hear a source before it spikes."""
    source = path.source.population
    early = "1 step" if path.step == 1 else f"{path.step} steps"
    if path.taken:
        return InputError(f"{name}: {path.taken} takes {source} {early} before it spikes", BEFORE)
    return InputError(f"{name}: hears {source} {early} before it spikes", PAD.format(source))


def hears_some(name: str, path: Path) -> InputError:
    """The neurons `name` do not hear all steps of a source."""
    source, every = path.source.population, "in the contract connections deliver in every step"
    if path.first <= 0:
        return InputError(f"{name}: hears only some steps of {source}; {every}", "Give it all")
    early = "step" if path.first == 1 else f"{path.first} steps"
    return InputError(
        f"{name}: zeros stand in the place of what the first {early} of {source} would give; {every}",
        PAD.format(source),
    )
