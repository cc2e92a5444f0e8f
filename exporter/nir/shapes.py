"""Shapes of the lines of a NIR graph. Lines are in the order of rows: the last dimension varies first."""

from __future__ import annotations

from math import prod

import nir
import numpy as np

from snnc.errors import InputError
from snnc.exporter.nir.foreign import INPUTS_LIMIT


def same_lines(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    """Whether both are the same lines in the same order: dimensions of 1 do not count, and a row fits any."""
    some, others = ([size for size in shape if size != 1] for shape in (one, other))
    if len(some) > 1 and len(others) > 1:
        return some == others
    return prod(some) == prod(others)


def shape_of_input(name: str, node: nir.Input) -> tuple[int, ...]:
    """Of the Input `node`. Raises `InputError` if it has none, or too many lines."""
    shape = np.asarray(node.input_type["input"]).reshape(-1)
    sizes = shape.tolist() if shape.dtype.kind in "iu" else []
    lines = 1
    for size in sizes:
        lines *= size
    if not sizes or min(sizes) < 1 or lines > INPUTS_LIMIT:
        raise InputError(
            f"node {name!r}: the input has the shape {shape.tolist()}, expected whole numbers whose product "
            f"is at most {INPUTS_LIMIT}"
        )
    return tuple(sizes)


def flattened_shape(name: str, node: nir.Flatten, shape: tuple[int, ...]) -> tuple[int, ...]:
    """What the Flatten `node` makes of `shape`. Raises `InputError` if that has not so many dimensions."""
    given = [np.asarray(value) for value in (node.start_dim, node.end_dim)]
    whole = all(each.dtype.kind in "iu" and each.size == 1 for each in given)
    found = [int(each.reshape(())) for each in given] if whole else [-1, -1]
    first, last = (each + len(shape) if each < 0 and whole else each for each in found)
    if not 0 <= first <= last < len(shape):
        raise InputError(
            f"node {name!r}: flattens dimensions {node.start_dim} to {node.end_dim} of lines of the shape "
            f"{list(shape)}, which has not so many; correct them"
        )
    size = 1
    for each in shape[first : last + 1]:
        size *= each
    return (*shape[:first], size, *shape[last + 1 :])
