"""Outputs that do not hold all membranes as they are: some, in another order, or weighed sums."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from snnc.conversion.values import Path
from snnc.errors import InputError

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


def _selected(path: Path) -> npt.NDArray[np.int64] | None:
    """The membrane that each line is, times a factor; None if a line is more, or nothing."""
    lines = None
    for each in path.operations:
        if each.picks is not None:
            lines = each.picks if lines is None else np.where(each.picks >= 0, lines[each.picks], -1)
        elif each.name != "gain":
            return None
    return None if lines is None or (lines < 0).any() else lines
