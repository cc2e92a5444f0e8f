"""Whether neurons of one's own code take time along the dimension that their Cell says.

They are given random currents, then the same without those of one place of a dimension. That dimension is
time if what they give at later places depends on the first place, and nothing before the last place on that.
"""

from __future__ import annotations

import copy
from contextlib import suppress
from typing import Any

import torch

from snnc.conversion.cells import cell_of
from snnc.conversion.neurons import Cell, converter_of, is_own
from snnc.conversion.running import left_as_it_was
from snnc.conversion.tensors import tensors_in
from snnc.errors import InputError

LEVELS = tuple(2.0 ** (power / 2) for power in range(-4, 33))
"""Of the currents, in units of the largest that arrives, or of 1: with some of them neurons spike now and
then."""
Call = tuple[tuple[Any, ...], dict[str, Any]]


class Sure(str):
    """A remedy that holds however the example was read."""

    __slots__ = ()


def check_own_time(module: torch.nn.Module, example: torch.Tensor) -> None:
    """Raises `InputError` for own neurons of which Cell and forward take time along different dimensions."""
    try:
        found = _wrong(module, example)
    except Exception:  # the user's code fails, or cannot be copied; what follows says so, or nothing is known
        return
    if found is not None:
        name, told, dim = found
        raise InputError(
            f"{name}: its Cell takes time along dimension {told}, its forward along dimension {dim}",
            Sure(f"Set time_dim={dim} in its Cell"),
        )


def _wrong(module: torch.nn.Module, example: torch.Tensor) -> tuple[str, int, int] | None:
    """Name, dimension of the Cell, and dimension of the forward, of the first such neurons."""
    if not any(_of_all_steps(each, name) for name, each in module.named_modules()):
        return None
    own, calls = copy.deepcopy(module), dict[str, Call]()  # its neurons may keep a state that nothing clears
    neurons = {name: each for name, each in own.named_modules() if _of_all_steps(each, name)}
    for name, each in neurons.items():
        each.register_forward_pre_hook(
            lambda _, args, kwargs, name=name: calls.setdefault(name, (args, kwargs)) and None,
            with_kwargs=True,
        )
    with left_as_it_was(own):
        with suppress(Exception):  # of its own code, behind what it gave to some of them
            own(example.clone())
        for name, call in calls.items():
            cell = _of_all_steps(neurons[name], name)
            assert cell is not None
            assert cell.time_dim is not None
            given = next(tensors_in(call))
            dim = _dimension(neurons[name], cell, call, given)
            if dim is not None and dim != cell.time_dim % given.dim():
                return cell.name, cell.time_dim, dim
    return None


def _of_all_steps(neurons: torch.nn.Module, name: str) -> Cell | None:
    """Their Cell, if it is the user's, and takes all steps."""
    convert = converter_of(neurons)
    if convert is None or not is_own(convert):
        return None
    cell = cell_of(convert, neurons, name or type(neurons).__name__)
    return None if cell.time_dim is None else cell


def _dimension(neurons: torch.nn.Module, cell: Cell, call: Call, given: torch.Tensor) -> int | None:
    """The only dimension that is time; None if there is none, or several are."""

    def gives(current: torch.Tensor) -> torch.Tensor:
        args = [current if each is given else each for each in call[0]]
        kwargs = {key: current if each is given else each for key, each in call[1].items()}
        cell.restart()
        return next(tensors_in(neurons(*args, **kwargs))).clone()

    def differ(dim: int, place: int) -> torch.Tensor:
        """[places] where something else is given, without what arrives at the `place` of `dim`."""
        changed = current.clone()
        changed.select(dim, place).zero_()
        return (gives(changed) != before).movedim(dim, 0).flatten(1).any(1)

    generator, largest = torch.Generator().manual_seed(0), max(1.0, float(given.abs().max()))
    for level in LEVELS:
        current = torch.rand(given.shape, generator=generator).to(given) * level * largest
        before = gives(current)
        if (before == before.flatten()[0]).all():  # silent, or spiking in every step
            continue
        pairs = zip(before.shape, given.shape, strict=False)
        dims = [dim for dim, (gave, took) in enumerate(pairs) if gave == took]
        found = [dim for dim in dims if differ(dim, 0)[1:].any() and not differ(dim, -1)[:-1].any()]
        if found:
            return found[0] if len(found) == 1 else None
    return None
