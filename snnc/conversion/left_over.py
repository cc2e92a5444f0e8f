"""States that are kept from one run to the next: by neurons, whose `Cell` is to clear them, and by others."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import torch

from snnc.conversion.again import OtherRunError, run_again, runs_in_a_row
from snnc.conversion.axes import TIME, Axes
from snnc.conversion.functions.nearest import DRAWN
from snnc.conversion.run import DRAWS, Trace
from snnc.errors import InputError

LeftOver = Callable[[str], tuple[str, ...]]
"""In words, as a cause, that the neurons of this name keep a state; empty if they do not."""
AGAIN = "after another run it makes something else of the same events, so a state of that is left over"
MISSING = "give the Cell clear=, a function that sets the states of the module to those of the start"
NAMED = 3
"""So many attributes that a call changes are named."""
CALLS = 16
"""With so many calls a module is tried that draws random numbers."""
LEAVES = "`clear` of the Cell does not set all states of the module to those of the start"


def left_over_of(module: torch.nn.Module, found: Trace, events: torch.Tensor, axes: Axes) -> LeftOver:
    """Whether neurons with a converter of the user's make something else of `events` after other runs.

    Before one run `module` gets silence, before another one the largest of `events` everywhere: a state that
    was left over twice by the same events would be the same.
    """

    @cache
    def keeping() -> frozenset[str]:
        if not found.own:
            return frozenset()
        try:
            several = [torch.zeros_like(events), events, _fullest(events), events]
            _, first, _, again = runs_in_a_row(module, found, several, axes)
        except Exception:  # the module's own code
            return frozenset()
        return frozenset(name for name in found.own if not _same(first, again, name))

    def told(name: str) -> tuple[str, ...]:
        if name not in found.keeping and name not in keeping():
            return ()
        return (f"{AGAIN} ({_remedy(found, name)})",)

    return told


def between_calls(module: torch.nn.Module, found: Trace, events: torch.Tensor, axes: Axes) -> tuple[str, ...]:
    """Why calls were not compared: with `events`, with others, and with `events` again.

    Raises `InputError` if the last call computes something else; neurons of a user's converter that do are
    `found.keeping`.
    """
    notes = list[str]()
    for other in (_fullest(events), events.flip(axes.of(TIME))):
        try:
            first, _, again = runs_in_a_row(module, found, [events, other, events], axes)
        except OtherRunError as error:
            raise _keeps(module, found, f"computes otherwise when it is called again ({error})") from error
        except Exception as error:  # the module's own code, which may refuse other events, or a second call
            fails = f"the module fails when it is called again ({type(error).__name__}: {error})"
            notes.append(f"not compared from call to call: {fails}")
            continue
        differ = [name for name in found.calls if not _same(first, again, name)]
        own = tuple(name for name in differ if name in found.own)
        if own and all(path.startswith(tuple(f"{name}." for name in own)) for path in found.changed):
            found.keeping.update(own)
            return ()
        if differ or not all(map(_equal, first.tensors, again.tensors)):
            raise _keeps(module, found, "gives something else of the same events after another call")
        if not found.changed:
            return ()
    return tuple(notes[1:])  # where both fail


def check_draws(module: torch.nn.Module, found: Trace, events: torch.Tensor, axes: Axes) -> None:
    """Raises `InputError` if random numbers change what the module gives, as `CALLS` calls show."""
    doubt = next((each for each in found.doubts if each.endswith(DRAWS)), None)
    if doubt is None:
        return
    first = None
    for number in range(CALLS):
        try:
            run = run_again(module, found, events, axes)
            same = first is None or same_runs(first, run)
        except OtherRunError:
            same = False
        except Exception as error:  # the module's own code
            fails = f"call {number + 1} with the same events fails ({type(error).__name__}: {error})"
            raise InputError(f"{doubt}, and {fails}", DRAWN) from error
        if not same:
            raise InputError(f"{doubt}, and call {number + 1} gives something else of the same events", DRAWN)
        first = first or run


def same_runs(one: Trace, other: Trace) -> bool:
    """Whether neurons and outputs gave the same numbers."""
    return all(_same(one, other, name) for name in one.calls) and all(map(_equal, one.tensors, other.tensors))


def check_kept(found: Trace) -> None:
    """Raises `InputError` if neurons of a user's converter keep a state."""
    for name in sorted(found.keeping):
        raise InputError(f"{name}: {AGAIN} ({_remedy(found, name)})")


def _keeps(module: torch.nn.Module, found: Trace, how: str) -> InputError:
    more = len(found.changed) - NAMED
    named = ", ".join(found.changed[:NAMED]) + f" and {more} more" * (more > 0)
    kept = f" ({named})" if named else ", in something else than its attributes and buffers"
    return InputError(
        f"{type(module).__name__} keeps a state from one call to the next{kept}, and {how}; the contract's "
        "networks begin each recording anew",
        "Set it in forward, before the first step, to what it is at the start of a recording",
    )


def _remedy(found: Trace, name: str) -> str:
    return MISSING if found.cells[name].clear is None else LEAVES


def _fullest(events: torch.Tensor) -> torch.Tensor:
    return torch.full_like(events, max(1, int(events.max())))


def _same(first: Trace, again: Trace, name: str) -> bool:
    pairs = zip(first.calls[name], again.calls[name], strict=True)
    return all(
        _equal(a, b)
        for one, two in pairs
        for a, b in ((one.spikes, two.spikes), (one.membrane, two.membrane))
        if a is not None and b is not None
    )


def _equal(one: torch.Tensor, other: torch.Tensor) -> bool:
    """Whether all numbers are the same, or none on both sides."""
    return one.shape == other.shape and torch.allclose(one, other, rtol=0, atol=0, equal_nan=True)
