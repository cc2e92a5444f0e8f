"""Inputs on which the two best classes have equal scores, or nearly so (clause 7).

A decoder that asks for a margin, or takes the last of equal classes, is wrong on these alone. The search
changes single events of the train whose two best scores are nearest to each other, and keeps what is nearer.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from snnc.batches import batch_size
from snnc.decoding import softmax
from snnc.hwsim.event_driven import summarise
from snnc.stages import QuantizedGraph
from snnc.verification.inputs.trains import SHAPES, Rng, Train, plain, shaped

Floats = npt.NDArray[np.float64]

ORDERS = 2
"""Of the two best classes, that with the lower number has the higher score, or the other has."""
EVENTS = 3
"""That are changed at a time, at most."""


def closeness(graph: QuantizedGraph, readout: npt.NDArray[np.int32]) -> Floats:
    """How near the best score comes to the next, by which of the two classes stands first; [samples, 2].

    The score of the second minus that of the best: in column 0 if the best has the lower number of the two,
    else in column 1. The other column is -T, the farthest that may be. Both are -T where rounding may decide
    (`softmax.tolerance`).
    """
    samples, steps, classes = readout.shape
    found = np.full((samples, ORDERS), -float(steps))
    if classes < 2:
        return found
    with np.errstate(over="ignore", invalid="ignore"):
        scores = softmax.scores(readout, graph.readout_scale)
        order = np.argsort(-scores, axis=1, kind="stable")[:, :ORDERS]
        best, after = np.take_along_axis(scores, order, axis=1).T
        decided = best - after > 2 * softmax.tolerance(readout, graph.readout_scale)
    which = (order[:, 0] > order[:, 1]).astype(int)
    found[decided, which[decided]] = (after - best)[decided]
    return found


def ties(graph: QuantizedGraph, readout: npt.NDArray[np.int32]) -> npt.NDArray[np.bool_]:
    """Whether another class has v of the best one in every step, so its score by any rounding; [samples]."""
    with np.errstate(over="ignore", invalid="ignore"):
        best = softmax.classes(readout, graph.readout_scale)
    v = readout[np.arange(len(readout)), :, best]
    alike: npt.NDArray[np.bool_] = (readout == v[:, :, None]).all(axis=1).sum(axis=1) > 1
    return alike


def close(graph: QuantizedGraph, rng: Rng, runs: int, *, tie: bool = True) -> list[Train]:
    """One with a tie (if `tie`), and the train with the nearest two best scores in each order of these.

    Where `runs` runs find none it is left out.
    """
    if graph.layers[-1].neurons < 2:
        return []
    best: list[tuple[float, Train | None]] = [(-float(graph.time_steps), None)] * ORDERS
    equal: Train | None = None
    trains = plain(graph) + [shaped(graph, SHAPES[k % len(SHAPES)], rng) for k in range(runs // 4)]
    while trains:
        trains, later = trains[: batch_size(graph)], trains[batch_size(graph) :]
        readout = summarise(graph, np.stack(trains)).readout
        near, even = closeness(graph, readout), ties(graph, readout)
        if equal is None and tie and even.any():
            equal = trains[int(even.argmax())]
        for which in range(ORDERS):
            k = int(near[:, which].argmax())
            if near[k, which] > best[which][0]:
                best[which] = float(near[k, which]), trains[k]
        runs -= len(trains)
        bases = [train for _, train in best if train is not None]
        trains = later
        if not trains and bases and runs > 0:
            count = min(runs, batch_size(graph))
            trains = [_changed(graph, bases[k % len(bases)], rng) for k in range(count)]
    return [train for train in (equal, *(train for _, train in best)) if train is not None]


def _changed(graph: QuantizedGraph, train: Train, rng: Rng) -> Train:
    """`train` with one to `EVENTS` events more or less."""
    changed = train.copy()
    for _ in range(rng.integers(1, EVENTS + 1)):
        where = rng.integers(train.shape[0]), rng.integers(train.shape[1])
        changed[where] = 0 if changed[where] else rng.integers(1, graph.payload_max + 1)
    return changed
