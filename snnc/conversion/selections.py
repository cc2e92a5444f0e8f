"""Outputs that do not hold all membranes as they are: some, in another order, or weighed sums."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from snnc.conversion.values import Path
from snnc.errors import InputError

ALL_STEPS = "Give all steps, or decode them once, over all (y.sum(0))"
ADDED_UP = "Add them up behind the slice (y[5:].sum(0)): such spikes are heard over delays"
LATE = (
    "Where spikes arrive later, stack what each step gives, also where nothing comes as yet, and sum that "
    "over time (torch.stack(steps).sum(0))"
)
SAID = 12
"""Most lines that are named."""


def weighs(name: str, path: Path) -> InputError:
    """The output `name` does not hold the membranes that `path` begins with as they are."""
    population = path.source.population
    lines = _selected(path)
    if lines is None:
        return InputError(f"{name} weighs the membrane of {population}; put neurons behind the weights")
    named = ", ".join(map(str, lines[:SAID])) + (", ..." if len(lines) > SAID else "")
    return InputError(
        f"{name} holds the membranes {named} of {population}, in this order; the contract reads all of them "
        "in their own",
        f"Take these rows of the weights before {population}, and of its numbers for each neuron, in this "
        "order, and give all that it gives",
    )


def adds(name: str, paths: Sequence[Path], steps: int) -> InputError:
    """The output `name` is a sum of `paths`, of steps back from the last of `steps`, one of which is a
    membrane."""
    sources = {path.source for path in paths}
    if len(sources) > 1 or len({path.step for path in paths}) < len(paths):
        return InputError(f"{name} adds membranes to spikes or to each other; read one of them")
    (source,) = sources
    some = f"{len(paths)} of the {steps} steps of {source.population}"
    if all(path.same_way(paths[0]) for path in paths):
        number = sorted(path.step + steps - 1 for path in paths)
        said = f"adds up {some}, {number[0]} .. {number[-1]}"
    else:
        said = f"weighs {some}, not all alike"
    return InputError(f"{name} {said}; the contract's decoders take all steps alike", ALL_STEPS)


def early(name: str, paths: Sequence[Path], steps: int, constant: bool) -> InputError:
    """The output `name` ends before the last of `steps` steps: `paths`, of steps from the first on, and a
    `constant` beside them, if there is one."""
    last, population = max(path.step for path in paths), paths[0].source.population
    if constant and len({path.step for path in paths}) > 1:
        return InputError(
            f"{name} adds up steps up to {last} of {population}, and a bias in others; the contract adds "
            f"both in all steps, up to {steps - 1}",
            LATE,
        )
    if len(paths) > 1:
        return adds(name, [replace(path, step=path.step - steps + 1) for path in paths], steps)
    return InputError(
        f"{name} is step {last} of {population} alone; the contract reads all steps, or the last one, "
        f"{steps - 1}"
    )


def _selected(path: Path) -> npt.NDArray[np.int64] | None:
    """The membrane that each line is, times a factor; None if a line is more, or nothing."""
    lines = None
    for each in path.operations:
        if each.picks is not None:
            lines = each.picks if lines is None else np.where(each.picks >= 0, lines[each.picks], -1)
        elif each.name != "gain":
            return None
    return None if lines is None or (lines < 0).any() else lines
