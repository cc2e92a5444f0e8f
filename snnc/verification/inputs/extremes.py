"""How far inputs drive a network, and the choice of those that drive it farthest.

A fault may be right below some magnitude and wrong above: an accumulator of n bits, a queue of n entries, a
limit in a wrong place. Inputs at the extremes of what is added, kept and sent in one step show it. Of
recordings those are chosen too on which the two best classes are nearest to each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

from snnc import formats
from snnc.batches import batches
from snnc.hwsim.event_driven import simulate
from snnc.stages import QuantizedGraph, Trace
from snnc.verification.inputs.close_scores import ORDERS, closeness
from snnc.verification.inputs.coverage import arriving

Heights = npt.NDArray[np.float64]
"""How far each thing was driven, [things] or [samples, things]; more is farther."""

MOST = 12
"""Recordings that are chosen, at most."""


class Inputs(Protocol):
    """An array uint8 [samples, T, inputs], or what is framed only where it is sliced."""

    def __len__(self) -> int: ...

    def __getitem__(self, part: slice, /) -> npt.NDArray[np.uint8]: ...


def choose(
    graph: QuantizedGraph, wholes: Sequence[Inputs], known: Sequence[Inputs], most: int = MOST
) -> list[tuple[int, int]]:
    """Samples that drive `graph` farther than `known` ones do, or bring its two best classes nearer together.

    At most `most`; of each, which of `wholes` it is of, and its place there.
    """
    none = np.append(rest(graph), np.full(ORDERS, -float(graph.time_steps)))
    reached = np.vstack([none, *(_by_sample(graph, inputs) for inputs in known)]).max(axis=0)
    places = [(which, index) for which, whole in enumerate(wholes) for index in range(len(whole))]
    every = np.concatenate([_by_sample(graph, whole) for whole in wholes])
    return [places[k] for k in farthest(every, reached, most)]


def _by_sample(graph: QuantizedGraph, inputs: Inputs) -> Heights:
    """`heights` and `closeness` of each sample, by the simulator, batch by batch."""
    found = [np.zeros((0, len(rest(graph)) + ORDERS))]
    for part in batches(graph, len(inputs)):
        spikes = inputs[part]
        trace = simulate(graph, spikes)
        found.append(np.hstack([heights(graph, spikes, trace), closeness(graph, trace.readout)]))
    return np.concatenate(found)


def rest(graph: QuantizedGraph) -> Heights:
    """`heights` that any input reaches: those of silence without a bias, [things]."""
    silence = np.zeros((1, graph.time_steps, graph.inputs), np.uint8)
    return np.zeros_like(heights(graph, silence, simulate(graph, silence))[0])


def heights(graph: QuantizedGraph, inputs: npt.NDArray[np.uint8], trace: Trace) -> Heights:
    """How far each sample drives each thing, float64 [samples, things], from a trace of `inputs`.

    Of the input, events in one step. Of each layer the largest u and v and the lowest (with the other sign),
    what arrives at a neuron in one step (where it is not all of u), at most and at least, the spikes that
    arrive in one step at one neuron and at all together; and the spikes that it sends in one step.
    """
    return np.stack(list(_heights(graph, inputs, trace)), axis=1)


def _heights(graph: QuantizedGraph, inputs: npt.NDArray[np.uint8], trace: Trace) -> Iterator[Heights]:
    source = inputs
    yield _sent(source)
    for layer, state in zip(graph.layers, trace, strict=True):
        sums = [state.u, state.v]
        if layer.decay_u < formats.DECAY_ONE:
            sums.append(arriving(layer, source))
        for each in sums:
            yield each.max(axis=(1, 2)).astype(np.float64)
            yield -each.min(axis=(1, 2)).astype(np.float64)
        count = arriving(replace(layer, weight=(layer.weight != 0).astype(np.int32)), source != 0)
        yield count.max(axis=(1, 2)).astype(np.float64)
        yield count.sum(axis=2).max(axis=1).astype(np.float64)
        source = state.spikes.view(np.uint8)
        if layer.spikes:
            yield _sent(source)


def _sent(spikes: npt.NDArray[np.uint8]) -> Heights:
    """The most events in one step of each sample."""
    return np.count_nonzero(spikes, axis=2).max(axis=1).astype(np.float64)


def farthest(found: Heights, reached: Heights, most: int, enough: float = 1.0) -> list[int]:
    """Which samples to take for the extremes of `found`, [samples, things], beyond those `reached`.

    One after the other, at most `most`: that which meets most of the goals that are left, and of equal ones
    that which brings all together nearest to theirs. The goal is the share `enough` of the way from `reached`
    to the extreme.
    """
    chosen: list[int] = []
    top = np.maximum(found.max(axis=0, initial=-np.inf), reached)
    # Rounded, a goal may lie beyond what there is.
    goal = top if enough == 1 else np.minimum(reached + enough * (top - reached), top)
    while len(chosen) < most and (missed := reached < goal).any():
        nearer = (np.maximum(found, reached) - reached)[:, missed] / (goal - reached)[missed]
        part = np.minimum(nearer, 1)
        chosen.append(int(np.lexsort((part.sum(axis=1), (part >= 1).sum(axis=1)))[-1]))
        reached = np.maximum(reached, found[chosen[-1]])
    return chosen
