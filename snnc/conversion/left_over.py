"""States that are kept from one run to the next: by neurons, whose `Cell` is to clear them, and by others."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import torch

from snnc.conversion.again import run_again
from snnc.conversion.axes import Axes
from snnc.conversion.run import Trace
from snnc.errors import InputError

LeftOver = Callable[[str], tuple[str, ...]]
"""In words, as a cause, that the neurons of this name keep a state; empty if they do not."""
AGAIN = "after another run it makes something else of the same events, so a state of that is left over"
MISSING = "give the Cell clear=, a function that sets the states of the module to those of the start"
NAMED = 3
"""So many attributes that a call changes are named."""
LEAVES = "`clear` of the Cell does not set all states of the module to those of the start"


def left_over_of(module: torch.nn.Module, found: Trace, events: torch.Tensor, axes: Axes) -> LeftOver:
    """Whether neurons with a converter of the user's make something else of `events` after other runs.

    Before one run `module` gets silence, before another one the largest of `events` everywhere: a state that
    was left over twice by the same events would be the same.
    """

    @cache
    def keeping() -> frozenset[str]:
        if not found.own or any("random" in each for each in found.doubts):
            return frozenset()
        try:
            runs = []
            for before in (torch.zeros_like(events), torch.full_like(events, max(1, int(events.max())))):
                run_again(module, found, before, axes)
                runs.append(run_again(module, found, events, axes))
        except Exception:  # the module's own code
            return frozenset()
        return frozenset(name for name in found.own if not _same(runs[0], runs[1], name))

    def told(name: str) -> tuple[str, ...]:
        if name not in keeping():
            return ()
        remedy = MISSING if found.cells[name].clear is None else LEAVES
        return (f"{AGAIN} ({remedy})",)

    return told


def check_between_calls(module: torch.nn.Module, found: Trace, events: torch.Tensor, axes: Axes) -> None:
    """Raises `InputError` if after another call `events` make something else, by what is no neuron."""
    if not found.changed or any("random" in each for each in found.doubts):
        return
    fullest = torch.full_like(events, max(1, int(events.max())))
    try:
        first = run_again(module, found, events, axes)
        second = run_again(module, found, events, axes, after=fullest)
    except Exception:  # the module's own code, which may refuse a second call
        return
    alike = all(_same(first, second, name) for name in found.calls)
    if alike and all(map(torch.equal, first.tensors, second.tensors)):
        return
    more = len(found.changed) - NAMED
    kept = ", ".join(found.changed[:NAMED]) + f" and {more} more" * (more > 0)
    raise InputError(
        f"{type(module).__name__} keeps a state from one call to the next ({kept}), and gives something "
        "else of the same events after another call; the contract's networks begin each recording anew",
        "Set it in forward, before the first step, to what it is at the start of a recording",
    )


def _same(first: Trace, again: Trace, name: str) -> bool:
    pairs = zip(first.calls[name], again.calls[name], strict=True)
    return all(
        torch.equal(a, b)
        for one, two in pairs
        for a, b in ((one.spikes, two.spikes), (one.membrane, two.membrane))
        if a is not None and b is not None
    )
