"""Steps taken one by one are a time again.

As by gather(x, 0, (t - k).clamp(min=0).expand(x.shape)) * (t >= k).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import prod

import numpy as np
import numpy.typing as npt

from snnc.conversion.axes import TIME
from snnc.conversion.merged import factored
from snnc.conversion.operations import gain, picked
from snnc.conversion.values import FloatArray, Operation, Path, Source, Value, same_operations

IntArray = npt.NDArray[np.int64]


@dataclass(slots=True)
class _Late:
    """What comes `late` steps later by one `way`: the former line (-1: none) and the factor of each place."""

    source: Source
    way: tuple[Operation, ...]
    late: int
    lines: IntArray
    factor: FloatArray


def as_time(value: Value) -> Value | None:
    """`value` with a time in the place of a dimension of features whose places are steps one after another.

    None if it has none: of each line, all steps have to be as late, and none may be left out or repeated.
    """
    if value.axes.has_time or value.is_decoded:
        return None
    for dim, what in enumerate(value.axes.dims):
        if len(what) == 1 and isinstance(what[0], int) and what[0] > 1:
            found = _along(value, dim, what[0])
            if found is not None:
                return found
    return None


def steps_taken(value: Value, steps: int) -> set[tuple[int, int]]:
    """The pairs of `odd_steps`, along a dimension of `value` with so many places; empty where none has."""
    sizes = [prod(atom for atom in what if isinstance(atom, int)) for what in value.axes.dims]
    found = set[tuple[int, int]]()
    if steps not in sizes:
        return found
    for path in value.paths:
        way, factor = factored(path, value.axes.lines)
        if way and way[-1].picks is not None and not path.is_constant:
            heard = ((way[-1].picks >= 0) & (factor != 0)).reshape(sizes)
            places = np.moveaxis(heard, sizes.index(steps), 0).reshape(steps, -1).any(1)
            found |= {(step, path.step) for step in np.flatnonzero(places).tolist()}
    return found


def _along(value: Value, dim: int, steps: int) -> Value | None:
    sizes = [prod(atom for atom in what if isinstance(atom, int)) for what in value.axes.dims]
    axes = replace(value.axes.without(dim).inserted(dim, (TIME,)), steps=steps)
    found: list[_Late] = []
    for path in value.paths:
        way, factor = factored(path, value.axes.lines)
        if path.is_constant or not way or way[-1].picks is None:
            return None
        lines = np.moveaxis(way[-1].picks.reshape(sizes), dim, 0).reshape(steps, -1)
        factor = np.moveaxis(factor.reshape(sizes), dim, 0).reshape(steps, -1)
        for step in np.flatnonzero((lines >= 0).any(1)).tolist():
            part = _part(found, path.source, way[:-1], step - path.step, lines.shape)
            here = lines[step] >= 0
            if (part.lines[step, here] >= 0).any():
                return None  # twice
            part.lines[step, here], part.factor[step, here] = lines[step, here], factor[step, here]
    paths: list[Path] = []
    for part in found:
        begin = max(part.late, 0)
        if any((each[begin:] != each[-1]).any() for each in (part.lines, part.factor)):
            return None
        straight = Value(axes, (Path(part.source, -part.late, part.way),))
        chosen = picked(straight, part.lines[-1], axes)
        scaled = chosen if (part.factor[-1] == 1).all() else chosen.then(gain(part.factor[-1]))
        paths += scaled.paths
    return Value(axes, tuple(paths))


def _part(
    found: list[_Late], source: Source, way: tuple[Operation, ...], late: int, shape: tuple[int, ...]
) -> _Late:
    """The one of `found` with this source, way and time; a new one without lines if there is none."""
    for each in found:
        if each.late == late and each.source == source and same_operations(each.way, way):
            return each
    found.append(_Late(source, way, late, np.full(shape, -1), np.zeros(shape)))
    return found[-1]
