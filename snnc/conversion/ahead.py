"""Connections that look ahead in time, or that do not deliver in the first steps or in the last."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from snnc.conversion.calls import ONE_EACH, NeuronCall
from snnc.conversion.functions.nearest import BEFORE
from snnc.conversion.values import Path
from snnc.errors import InputError

PAD = "Pad {} with zeros on the left, before it is convolved or sliced and not after that, and train with it"
ZEROS = "If zeros were put in front of what a convolution over time gives, pad what it is given instead"

MORE_STEPS = (
    "Let the module compute no more steps than it is given: behind a convolution or a pad that makes more, "
    "keep the first ones (y[:len(x)] where time comes first)"
)
"""What is said of modules that compute more steps than the example has."""


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


def check_count(
    name: str, calls: Sequence[NeuronCall], steps: int, arriving: Callable[[str, list[NeuronCall]], object]
) -> None:
    """Raises `InputError` if the number of `calls` is why what arrives changes, in an input of `steps`.

    That is where a loop over the steps calls the neurons twice in each, or goes on behind the last one, and
    `arriving` finds the same in all calls up to there.
    """
    times, left = divmod(len(calls), steps)
    if times > 1 and not left:
        raise InputError(
            f"{name}: is called {times} times in each of {steps} steps; neurons of the contract compute once "
            "a step",
            ONE_EACH,
        )
    if len(calls) <= steps:
        return
    try:
        arriving(name, [*calls[:steps]])
    except InputError:
        return
    raise InputError(
        f"{name}: computes {len(calls)} steps of the example's {steps}, and behind these not all arrives "
        "that arrives before",
        MORE_STEPS,
    )
