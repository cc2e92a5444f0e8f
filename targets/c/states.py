"""States that several builds of one program give."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from snnc.stages import LayerTrace


def held_once(ours: Sequence[LayerTrace], theirs: Sequence[LayerTrace]) -> tuple[LayerTrace, ...]:
    """`theirs`; of a layer that is equal, the very object of `ours`, so that equal states are held once.

    Of what the other build does not count, that of `ours` stands for it then.
    """

    def equal(mine: LayerTrace, found: LayerTrace) -> bool:
        counts = (getattr(found, name) in (None, getattr(mine, name)) for name in COUNTS)
        return all(counts) and all(
            np.array_equal(getattr(mine, name), getattr(found, name)) for name in STATES
        )

    return tuple(mine if equal(mine, found) else found for mine, found in zip(ours, theirs, strict=True))


COUNTS = ("u_wraps", "v_clips", "w_clips")
STATES = ("u", "w", "v", "spikes")
