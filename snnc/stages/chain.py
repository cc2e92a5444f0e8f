"""Layers follow each other in one chain."""

from __future__ import annotations

from itertools import pairwise

from snnc.errors import StageError

LAYER_LIMIT = 512
"""Most layers, relays included: placement compares each with each, several times."""


def check_chain(shapes: list[tuple[str, tuple[int, ...]]]) -> None:
    """Raise `StageError` unless each layer reads exactly the neurons of the one before, and they are few."""
    if len(shapes) > LAYER_LIMIT:
        raise StageError(
            f"network: has {len(shapes)} layers, the limit is {LAYER_LIMIT}; use fewer layers, or shorter "
            "delays"
        )
    for (before, left), (after, right) in pairwise(shapes):
        if right[1] != left[0]:
            raise StageError(f"{after}: reads {right[1]} inputs, but {before} has {left[0]} neurons")
