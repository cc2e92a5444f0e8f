"""States that a loop keeps by hand: each step gives what the step before gave, times a factor, and more."""

from __future__ import annotations

import numpy as np

from snnc.conversion.merged import factored
from snnc.conversion.values import FloatArray, Operation, Path, Value, same_operations

REMEMBERED = (
    "of a step depends on that of the step before, times a factor, as a leaky state that the loop keeps by "
    "hand; only modules of neurons keep states"
)
"""What is said of it, behind what is meant."""
MODULE = (
    "Make it an nn.Module of one step, and register it: snnc.converter (docs/from_torch.md, 'Neurons of your "
    "own', has a leaky readout)"
)
CURRENT = (
    "Let the neurons behind it keep it as their current: keep_u of a Cell, or neurons as Synaptic of snnTorch"
)


def remembered(earlier: Value | None, last: Value | None) -> bool:
    """Whether all that a step gave, `earlier`, is in what the next step gives, `last`, beside more.

    What is in it without further operations must be times one factor, that of the state.
    """
    if earlier is None or last is None:
        return False
    before = [path for path in earlier.paths if not path.is_constant]
    if not before or len(last.paths) <= len(earlier.paths):
        return False
    factors = []
    for former in before:
        way, was = factored(former, earlier.axes.lines)
        found = next((path for path in last.paths if _goes_on(path, former, way)), None)
        if found is None:
            return False
        then, now = factored(found, last.axes.lines)
        if len(then) == len(way):
            factors.append((was, now))
    return not factors or _proportional(*map(np.array, zip(*factors, strict=True)))


def _goes_on(path: Path, former: Path, way: tuple[Operation, ...]) -> bool:
    """Whether `path` goes the `way` of `former`, and further operations."""
    if (path.source, path.step) != (former.source, former.step):
        return False
    return same_operations(path.operations[: len(way)], way)


def _proportional(was: FloatArray, now: FloatArray) -> bool:
    """Whether `now` [paths, lines] is `was` times one factor a line."""
    size = (was * was).sum(0)
    factor = (was * now).sum(0) / np.where(size, size, 1)
    return np.allclose(now, was * factor, rtol=1e-6, atol=1e-9 * np.abs(now).max())
