"""All synapses into a population side by side, whatever stores them, and how they are stored again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from snnc.stages import QuantizedGraph, SynapseList, SynapseMatrix, Synapses

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Incoming:
    """Synapse k of the projection `of[k]` leads from `pre[k]` to `post[k]`: int64 [synapses]."""

    of: Ints
    pre: Ints
    post: Ints
    weight: Ints
    delay: Ints


def incoming(graph: QuantizedGraph, name: str) -> Incoming:
    """Every synapse into the population `name`; `of` counts in the list of all projections."""
    parts = list[Ints]()
    for number, each in enumerate(graph.projections):
        if each.destination == name:
            found = each.synapses.as_list()
            columns = (found.pre, found.post, found.weight, found.delay)
            parts.append(np.stack([np.full(found.count, number), *columns]).astype(np.int64))
    joined = np.concatenate(parts, axis=1) if parts else np.zeros((5, 0), np.int64)
    return Incoming(*joined)


def with_synapses(graph: QuantizedGraph, changed: Mapping[int, Synapses]) -> QuantizedGraph:
    """`graph` with other synapses of the projections that are named by their number."""
    projections = (
        replace(each, synapses=changed[number]) if number in changed else each
        for number, each in enumerate(graph.projections)
    )
    return replace(graph, projections=tuple(projections)) if changed else graph


def stored(old: Synapses, weight: npt.NDArray[np.integer], delay: npt.NDArray[np.integer]) -> Synapses:
    """`old` with these numbers, in the order of its list; a convolution becomes a list: they differ by place.

    Those of weight 0 are gone. `old` itself, if nothing changed.
    """
    was = old.as_list()
    if np.array_equal(weight, was.weight) and np.array_equal(delay, was.delay):
        return old
    numbers = weight.astype(np.int32), delay.astype(np.int32)
    new = SynapseList(was.pre, was.post, *numbers, was.pre_neurons, was.post_neurons)
    return new.as_matrix() if isinstance(old, SynapseMatrix) else new


def put_back(graph: QuantizedGraph, of: Incoming, weight: Ints) -> QuantizedGraph:
    """`graph` with other weights of the synapses `of`."""
    changed = dict[int, Synapses]()
    for number in np.unique(of.of).tolist():
        old, own = graph.projections[number].synapses, of.of == number
        new = stored(old, weight[own], of.delay[own])
        if new is not old:
            changed[number] = new
    return with_synapses(graph, changed)
