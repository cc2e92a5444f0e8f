"""Whether keep_u and keep_v of a `Cell` are exchanged: then every spike is the module's, and v where known.

Up to the first spike both orders give the same v, as one filter behind the other; without a bias of the cell
they do so for ever where no spike resets v. So an exchange explains nothing there.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from snnc.conversion.fits import kept, membranes
from snnc.conversion.fits.driven import Driven
from snnc.conversion.fits.numbers import range_of
from snnc.conversion.fits.parameters import told_by
from snnc.conversion.neurons import Cell
from snnc.exporter.float_reference import FloatArray

SURE = 60
"""So many other spikes show that it is no chance: two faults of other kinds may look so up to about 30."""


def exchanged(driven: Driven, cell: Cell) -> tuple[str, ...]:
    """In words, that both are exchanged, if that explains every spike; empty if not."""
    of = driven.of
    if np.array_equal(of.keep_u, of.keep_v) or not driven.wrong(kept.over_now(driven)).any():
        return ()
    u, v = (range_of(told_by(key, cell)) for key in ("keep_u", "keep_v"))
    for more, charged in _exchanged(driven, cell):
        if driven.wrong(charged - of.threshold).any() or membranes.off(driven, charged).any():
            continue
        told = f"keep_u is {v} and keep_v is {u}{more}, not {u} and {v}"
        return (f"its keep_u and keep_v are exchanged: {told} (in the converter's Cell)",)
    return ()


def _exchanged(driven: Driven, cell: Cell) -> Iterator[tuple[str, FloatArray]]:
    """v before a reset with both exchanged; with the gain of the Cell, and with that of the other keep_v."""
    of, gains = driven.of, cell.gains(driven.spikes.shape[2])
    sums = driven.sums(keep_u=of.keep_v, keep_v=of.keep_u)
    yield "", driven.charged(sums)
    if np.allclose(gains, 1 - of.keep_v) and (gains > 0).all():
        more = (1 - of.keep_u) / (1 - of.keep_v) - 1
        yield ", with gain = 1 - keep_v", driven.charged(sums) + more * sums.taken
