"""Faults in projections that are stored as convolutions, by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import product

import numpy as np

from snnc.errors import StageError
from snnc.stages import Convolution
from snnc.verification.diagnosis.graphs.hypothesis import Variants
from snnc.verification.diagnosis.graphs.population_model import PopulationModel
from snnc.verification.diagnosis.graphs.wire_faults import Alter, each
from snnc.verification.diagnosis.graphs.wires import Wires
from snnc.verification.diagnosis.layer_model import Integers

ELEMENTS = 4_000_000
"""Elements of the kernel times places, at most, of which the synapses are written out in another way."""


def _kernel(of: Callable[[Convolution], Convolution | None]) -> Alter:
    def alter(wires: Wires) -> Wires | None:
        stored = wires.stored
        try:
            found = of(stored) if isinstance(stored, Convolution) else None
        except StageError:  # another kernel that no convolution of this grid has
            return None
        if found is None or found.post_neurons != stored.post_neurons:
            return None
        return wires.of(found)

    return alter


def _flipped(model: PopulationModel) -> Variants:
    for axes, what in (((2, 3), ""), ((2,), "in its rows alone"), ((3,), "in its columns alone")):
        for delays in (True, False):
            said = "; ".join(filter(None, (what, "" if delays else "without its delays")))
            yield from each(model, _flip(axes, delays), said)


def _flip(axes: tuple[int, ...], delays: bool = True) -> Alter:
    def flip(of: Convolution) -> Convolution:
        delay = np.flip(of.delay, axes) if delays else of.delay
        return replace(of, kernel=np.flip(of.kernel, axes), delay=delay)

    return _kernel(flip)


def _transposed(model: PopulationModel) -> Variants:
    for axes, what in (((0, 1, 3, 2), "rows and columns"), ((1, 0, 2, 3), "channels")):

        def alter(of: Convolution, axes: tuple[int, ...] = axes) -> Convolution | None:
            kernel = of.kernel.transpose(axes)
            if kernel.shape != of.kernel.shape:
                return None
            return replace(of, kernel=kernel, delay=of.delay.transpose(axes))

        yield from each(model, _kernel(alter), f"{what} exchanged")


def _unlike(model: PopulationModel) -> Variants:
    """Channels of the source or destination in reversed order."""
    for axis, what in ((0, "of the destination"), (1, "of the source in each group")):
        yield from each(model, _flip((axis,)), f"{what} in reversed order")


def _moved(model: PopulationModel) -> Variants:
    for down, across in product((-1, 0, 1), repeat=2):
        if down or across:
            where = f"the kernel lies {down:+d} rows and {across:+d} columns away"
            yield from each(model, _placed(down, across, "zero"), where)


def _padded(model: PopulationModel) -> Variants:
    yield from each(model, _placed(0, 0, "wrap"), "with the opposite edge")
    yield from each(model, _placed(0, 0, "edge"), "with the nearest row or column")


def _numbered(model: PopulationModel) -> Variants:
    for side, what in (("pre", "source"), ("post", "destination")):
        for order, said in (((1, 2, 0), "channels last"), ((0, 2, 1), "columns before rows")):

            def alter(wires: Wires, side: str = side, order: tuple[int, ...] = order) -> Wires | None:
                if not isinstance(wires.stored, Convolution):
                    return None
                grid = wires.stored.grid if side == "pre" else wires.stored.grid_out
                place = np.unravel_index(getattr(wires, side), grid)
                number = np.ravel_multi_index([place[k] for k in order], [grid[k] for k in order])
                return wires.changed(**{side: number.astype(np.int64)})

            yield from each(model, alter, f"{what} with {said}")


def _placed(down: int, across: int, padding: str) -> Alter:
    """Every synapse written out, with the kernel elsewhere, or with something else than 0 around the grid."""

    def alter(wires: Wires) -> Wires | None:
        of = wires.stored
        if not isinstance(of, Convolution) or of.kernel.size * of.post_neurons > ELEMENTS:
            return None
        out, inner, *_ = of.kernel.shape
        _, rows, columns = of.grid
        o, i, p, q = (index[:, None, None] for index in np.nonzero(of.kernel))
        _, rows_out, columns_out = of.grid_out
        y, x = np.arange(rows_out)[:, None], np.arange(columns_out)
        row = y * of.stride[0] + p - of.padding[0] + down
        column = x * of.stride[1] + q - of.padding[1] + across
        inside = (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
        if padding != "zero":
            row, column = _within(row, rows, padding), _within(column, columns, padding)
            inside = np.ones_like(inside)
        channel = o // (out // of.groups) * inner + i
        pre = (channel * rows + row) * columns + column
        post = (o * rows_out + y) * columns_out + x
        values = (pre, post, of.kernel[o, i, p, q], of.delay[o, i, p, q])
        pre, post, weight, delay = (
            np.broadcast_to(each, inside.shape)[inside].astype(np.int64) for each in values
        )
        return wires.columns(pre, post, weight, delay)

    return alter


def _within(place: Integers, size: int, padding: str) -> Integers:
    return place % size if padding == "wrap" else np.clip(place, 0, size - 1)


FAULTS: dict[str, Callable[[PopulationModel], Variants]] = {
    "kernel-flipped": _flipped,
    "kernel-transposed": _transposed,
    "channels-permuted": _unlike,
    "padding-moved": _moved,
    "padding-not-zero": _padded,
    "grid-numbered-differently": _numbered,
}
