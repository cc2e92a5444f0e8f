"""How many neurons a node has whose parameters are one number each: as many as lines arrive at it."""

from __future__ import annotations

from math import prod

import nir
import numpy as np

from snnc.exporter.nir.kernels import KERNELS, kernel_of
from snnc.exporter.nir.neurons import FIELDS
from snnc.exporter.nir.nodes import NEURONS, Structure
from snnc.exporter.nir.shapes import flattened_shape, shape_of_input

Shape = tuple[int, ...]


def shapes_into(structure: Structure) -> dict[str, Shape]:
    """Of neurons with one number for each parameter: the shape of what arrives, where the graph tells it.

    Raises
    ------
    InputError
        If a convolution or a Flatten does not fit what arrives there.
    """
    nodes, names = structure.nodes, structure.of(NEURONS)
    wanted = [name for name in names if max(map(prod, _parameters(nodes[name]))) == 1]
    known = {name: max(_parameters(nodes[name]), key=_size) for name in names if name not in wanted}
    before = -1
    while wanted and before < len(known):  # neurons of one number may feed each other
        before = len(known)
        for name in (*structure.linear, *wanted):
            first = next((known[each] for each in structure.before[name] if each in known), None)
            if name not in known and (shape := _given(name, nodes[name], first)) is not None:
                known[name] = shape
    return {name: known[name] for name in wanted if name in known}


def _size(shape: Shape) -> tuple[int, int]:
    return prod(shape), len(shape)


def _parameters(node: nir.NIRNode) -> list[Shape]:
    """The shape of each."""
    return [np.shape(getattr(node, field)) for field in FIELDS if hasattr(node, field)]


def _given(name: str, node: nir.NIRNode, arriving: Shape | None) -> Shape | None:
    """The shape of what the node gives, of what is `arriving`; None if that is not known yet, and needed."""
    if isinstance(node, nir.Input):
        return shape_of_input(name, node)
    if isinstance(node, nir.Linear | nir.Affine):
        return np.shape(node.weight)[:1]
    if arriving is None:
        return None
    if isinstance(node, KERNELS):
        channels, rows, columns = kernel_of(name, node, arriving).convolution().grid_out
        return (channels, columns) if isinstance(node, nir.Conv1d) else (channels, rows, columns)
    return flattened_shape(name, node, arriving) if isinstance(node, nir.Flatten) else arriving
