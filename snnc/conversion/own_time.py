"""Whether neurons of one's own code take time along the dimension that their Cell says.

They are given random currents, then the same without those of one place of a dimension. That dimension is
time if what they give at later places depends on the first place, and nothing before the last place on that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import torch

from snnc.conversion.axes import BATCH, TIME, Axes
from snnc.conversion.cells import cell_of
from snnc.conversion.neurons import Cell, converter_of, is_own
from snnc.conversion.running import left_as_it_was, same_draws
from snnc.conversion.tensors import tensors_in
from snnc.errors import InputError

LEVELS = tuple(2.0 ** (power / 2) for power in range(-4, 33))
"""Of the currents, in units of the largest that arrives, or of 1: with some of them neurons spike now and
then."""
ENOUGH, REPEATS = 4, 3
"""Levels at which something later changes, and runs that must give the same."""
FEW: dict[tuple[str | int, ...], int] = {(BATCH,): 7, (TIME,): 61}
"""Most recordings and steps that show it; their product, of both in one dimension, is rarely another size."""
Call = tuple[tuple[Any, ...], dict[str, Any]]


class Sure(str):
    """A cause, or a remedy, that holds however the example was read."""

    __slots__ = ()


def check_own_time(
    module: torch.nn.Module, example: torch.Tensor, axes: Axes | None = None, unsaid: bool = False
) -> None:
    """Raises `InputError` for own neurons of which Cell and forward take time along different dimensions.

    `axes` of the example, by which `FEW` recordings and steps are enough, if the module takes them. `unsaid`:
    of neurons without time_dim, and only of those.
    """
    set_back = same_draws()
    try:
        found = _wrong(module, example, axes, set_back, unsaid)
    except (
        Exception
    ):  # of the user's code, or of tensors that cannot be looked at so: then nothing is claimed
        return
    finally:
        set_back()
    if found is not None:
        name, told, dim = found
        takes = f"takes time along dimension {told}, its forward along"
        if told is None:
            takes = "has no time_dim, as of one step a call, and its forward takes all steps along"
        raise InputError(
            f"{name}: its Cell {takes} dimension {dim}",
            Sure(f"Set time_dim={dim} in its Cell"),
        )


def _wrong(
    module: torch.nn.Module,
    example: torch.Tensor,
    axes: Axes | None,
    set_back: Callable[[], None],
    unsaid: bool,
) -> tuple[str, int | None, int] | None:
    """Name, dimension of the Cell, and dimension of the forward, of the first such neurons."""
    own = {each: cell for name, each in module.named_modules() if (cell := _own_cell(each, name))}
    cells = {each: cell for each, cell in own.items() if (cell.time_dim is None) == unsaid}
    if not cells:
        return None
    few = example
    for number, dim in enumerate(axes.dims if axes is not None else ()):
        few = few.narrow(number, 0, min(few.shape[number], FEW.get(dim, few.shape[number])))
    calls = _calls(module, few, list(cells))
    if len(calls) < len(cells):
        few, calls = example, _calls(module, example, list(cells))
    for neurons, call in calls.items():
        given, cell = next(tensors_in(call)), cells[neurons]
        if unsaid and given.dim() < example.dim():  # of one step, in a loop
            continue
        later, earlier = _followers(neurons, cell, call, set_back)
        told, found = cell.time_dim, [*(later - earlier)]
        told_so = told is not None and told % given.dim() in later
        # Of recordings and steps in one dimension there is none that the Cell could name.
        if len(found) == 1 and not told_so and given.shape[found[0]] in few.shape:
            return cell.name, told, found[0]
    return None


def _calls(
    module: torch.nn.Module, example: torch.Tensor, neurons: Sequence[torch.nn.Module]
) -> dict[torch.nn.Module, Call]:
    """The first call of each of the `neurons`, as far as the module runs."""
    calls = dict[torch.nn.Module, Call]()

    def keep(called: torch.nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        calls.setdefault(called, (args, kwargs))

    handles = [each.register_forward_pre_hook(keep, with_kwargs=True) for each in neurons]
    try:
        with left_as_it_was(module, neurons_too=True), suppress(Exception):  # of its own code
            module(example.clone())
    finally:
        for handle in handles:
            handle.remove()
    return calls


def _own_cell(neurons: torch.nn.Module, name: str) -> Cell | None:
    """Their Cell, if it is the user's."""
    convert = converter_of(neurons)
    if convert is None or not is_own(convert):
        return None
    return cell_of(convert, neurons, name or type(neurons).__name__)


def _followers(
    neurons: torch.nn.Module, cell: Cell, call: Call, set_back: Callable[[], None]
) -> tuple[set[int], set[int]]:
    """Dimensions of what the call is given of which the first place changes later ones, and the last earlier.

    Neurons that hear each other do both. Empty if runs differ by themselves. `set_back`: sets generators of
    random numbers back.
    """
    given = next(tensors_in(call))

    def gives(current: torch.Tensor) -> torch.Tensor:
        args = [current if each is given else each for each in call[0]]
        kwargs = {key: current if each is given else each for key, each in call[1].items()}
        set_back()
        with left_as_it_was(neurons, neurons_too=True):  # each run begins in the same state
            cell.restart()
            return next(tensors_in(neurons(*args, **kwargs))).clone()

    def differ(dim: int, place: int) -> torch.Tensor:
        """[places] where something else is given, without what arrives at the `place` of `dim`."""
        changed = current.clone()
        changed.select(dim, place).zero_()
        return (gives(changed) != before).movedim(dim, 0).flatten(1).any(1)

    later, earlier, seen = set[int](), set[int](), 0
    generator, largest = torch.Generator().manual_seed(0), max(1.0, float(given.abs().max()))
    for level in LEVELS:
        drawn = 2 * torch.rand(given.shape, generator=generator) - 1  # some inhibit: that stays below a reset
        current = drawn.to(given) * level * largest
        before = gives(current)
        if (before == before.flatten()[0]).all():  # silent, or spiking in every step
            continue
        if not all(torch.equal(gives(current), before) for _ in range(REPEATS)):
            return set(), set()  # they draw random numbers, or hold what no run sets back
        pairs = zip(before.shape, given.shape, strict=False)
        dims = [dim for dim, (gave, took) in enumerate(pairs) if gave == took]
        follow = {dim for dim in dims if differ(dim, 0)[1:].any()}
        later |= follow
        earlier |= {dim for dim in dims if differ(dim, -1)[:-1].any()}
        seen += bool(follow)
        if seen == ENOUGH:
            break
    return later, earlier
