"""What the checks of these steps share."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from snnc.errors import PassError
from snnc.exporter.nearest.synapses import Incoming, Ints
from snnc.exporter.passes.promises_of_graphs import same_parts, same_population
from snnc.stages import Projection, QuantizedGraph, SynapseList


def same_but_synapses(before: QuantizedGraph, after: QuantizedGraph) -> None:
    """Raise `PassError` unless only synapses differ."""
    same_parts(before, after)
    for one, other in zip(before.populations, after.populations, strict=True):
        same_population(one, other)


def weights_of(before: QuantizedGraph, after: QuantizedGraph) -> Iterator[tuple[str, Incoming, Ints]]:
    """Of each population with a state: its name, synapses before, and their weights now, 0 where one is gone.

    Raises
    ------
    PassError
        If there is a synapse that was not there, with its delay.
    """
    for each in before.stateful:
        rows, weights = list[Ints](), list[Ints]()
        for number, (old, new) in enumerate(zip(before.projections, after.projections, strict=True)):
            if old.destination == each.name:
                was = old.synapses.as_list()
                columns = (was.pre, was.post, was.weight, was.delay)
                rows.append(np.stack([np.full(was.count, number), *columns]).astype(np.int64))
                weights.append(_now(old, new))
        joined = np.concatenate(rows, axis=1) if rows else np.zeros((5, 0), np.int64)
        yield each.name, Incoming(*joined), np.concatenate([np.zeros(0, np.int64), *weights])


def _now(old: Projection, new: Projection) -> Ints:
    """int64 [synapses of `old`], their weights in `new`."""
    was, now = old.synapses.as_list(), new.synapses.as_list()
    longest = max(was.max_delay, now.max_delay) + 1
    there, left = (  # both rise, as lists are sorted
        (each.pre.astype(np.int64) * each.post_neurons + each.post) * longest + each.delay
        for each in (was, now)
    )
    at = np.searchsorted(there, left)
    strange = (
        (at == len(there)) | (there[np.minimum(at, len(there) - 1)] != left) if len(there) else left >= 0
    )
    if strange.any():
        k = int(strange.argmax())
        raise PassError(
            f"{old.name}: there was no synapse {now.pre[k]} -> {now.post[k]} of delay {now.delay[k]}"
        )
    found = np.zeros(was.count, np.int64)
    found[at] = now.weight
    return found


def same_but_delays(
    before: QuantizedGraph, after: QuantizedGraph
) -> Iterator[tuple[str, SynapseList, SynapseList]]:
    """Of each projection: its name, and its synapses before and now, which differ by their delays alone.

    Raises
    ------
    PassError
        If anything else differs.
    """
    same_but_synapses(before, after)
    for old, new in zip(before.projections, after.projections, strict=True):
        was, now = old.synapses.as_list(), new.synapses.as_list()
        for what in ("pre", "post", "weight"):
            if not np.array_equal(getattr(was, what), getattr(now, what)):
                raise PassError(f"{old.name}: {what} of its synapses is not as before")
        yield old.name, was, now


def same_synapses(before: QuantizedGraph, after: QuantizedGraph) -> None:
    """Raise `PassError` unless all synapses are as before."""
    for old, new in zip(before.projections, after.projections, strict=True):
        if new.synapses is not old.synapses and new.synapses.as_list() != old.synapses.as_list():
            raise PassError(f"{old.name}: its synapses are not as before")
