"""Inputs that tell suspects apart: made, and chosen by what each suspect gives on them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, islice
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.batches import batch_size
from snnc.stages import QuantizedGraph
from snnc.verification.diagnosis.hypothesis import UNCHANGED, Hypothesis
from snnc.verification.diagnosis.layer_model import Integers, LayerModel, contract
from snnc.verification.diagnosis.side_by_side import columns, run_each
from snnc.verification.diagnosis.trial import Suspects

Train = npt.NDArray[np.uint8]
Pairs = set[tuple[int, int]]

MADE, CHOSEN = 64, 12
"""Inputs, at most, that are made for a chain, and those of them that are run by the executor."""
MADE_STATES = 4_000_000
"""Steps times neurons of the network, at most, over all inputs that are made; but there are 8 in any case."""
TESTED, TESTED_STATES = 128, 32_000
"""Inputs that an executor of a small graph is given, at most, and steps times neurons of them."""
LOOKED_AT = 24
"""Inputs among which those that tell most are looked for first, on a part of the neurons."""
COMPARED = 8
"""Suspects, at most, that inputs are chosen to tell apart."""
ROWS = 32
"""Neurons, at most, that are run for each suspect and input at first."""
WORK = 30_000
"""Suspects times inputs times steps, at most, that are run to choose."""
STATES = 6_000_000
"""Steps times neurons, at most, that are run to tell apart what a part of the neurons does not."""
SEED = 20


def made(graph: QuantizedGraph, around: Train, step: int) -> Train:
    """Inputs uint8 [n, T, inputs]: some like `around` [T, inputs], which shows a fault in `step`; some of
    their own.

    Always the same for the same arguments. The first of them differ from `around` after `step` only.
    """
    largest = _largest_events(graph)
    trains = _trains(graph, np.asarray(around, np.uint8), step, largest)
    states = graph.time_steps * sum(each.neurons for each in graph.stateful)
    most = MADE if graph.is_chain else max(LOOKED_AT, 4 * room(graph))
    count = min(most, max(8, MADE_STATES // states))
    # A train whose lines change places may hold events that their new line does not take.
    return np.stack([np.minimum(train, largest).astype(np.uint8) for train in islice(trains, count)])


def room(graph: QuantizedGraph) -> int:
    """How many inputs an executor of a graph is given, at most, where that is more than `CHOSEN`."""
    states = graph.time_steps * sum(each.neurons for each in graph.stateful)
    return min(TESTED, batch_size(graph), TESTED_STATES // states)


def _largest_events(graph: QuantizedGraph) -> Any:
    """One number where all lines have the same, else uint8 [inputs]."""
    inputs = [each for each in graph.populations if each.payload_max is not None]
    each = np.repeat([each.payload_max or 1 for each in inputs], [each.neurons for each in inputs])
    return int(each[0]) if len(set(each.tolist())) == 1 else each.astype(np.int64)


def _trains(graph: QuantizedGraph, around: Train, step: int, largest: Any) -> Iterator[Train]:
    rng, steps, lines = np.random.default_rng(SEED), graph.time_steps, graph.inputs

    def noise(density: float) -> Train:
        payload = rng.integers(1, largest + 1, (steps, lines))
        return np.where(rng.random((steps, lines)) < density, payload, 0).astype(np.uint8)

    def then(before: Train, after: Train, at: int) -> Train:
        return np.concatenate([before[:at], after[at:]])

    yield then(around, noise(0.1), step + 1)
    yield then(around, around[::-1], step + 1)
    for density in (0.05, 0.3, 0.02, 0.7):
        yield noise(density)
    yield np.roll(around, 1, axis=0)
    yield np.roll(around, -1, axis=0)
    # Each line alone, one after the other; bursts; the first and the last step.
    pulses = np.zeros((steps, lines), np.uint8)
    order = rng.permutation(lines)
    pulses[np.arange(lines) * max(1, steps // lines) % steps, order] = np.broadcast_to(largest, lines)[order]
    yield pulses
    bursts = np.zeros((steps, lines), np.uint8)
    for line in rng.permutation(lines)[: max(1, lines // 4)]:
        first = rng.integers(steps)
        most = np.broadcast_to(largest, lines)[line]
        bursts[first : first + rng.integers(2, 12), line] = rng.integers(1, most + 1)
    yield bursts
    for at in (0, steps - 1):
        edge = noise(0.03)
        edge[at] = rng.integers(1, largest + 1, lines) * (rng.random(lines) < 0.5)
        yield edge
    yield around[::-1]
    yield np.broadcast_to(np.asarray(largest, np.uint8), (steps, lines))
    yield np.where(rng.random(around.shape) < 0.5, around, 0).astype(np.uint8)
    yield around[:, ::-1]
    yield np.zeros((steps, lines), np.uint8)
    while True:
        density = 0.5 ** rng.uniform(1, 7)
        yield np.maximum(around * (rng.random(around.shape) < 0.8), noise(density / 4)).astype(np.uint8)
        yield noise(density)
        quiet = noise(density)
        quiet[:, rng.random(lines) < 0.7] = 0
        yield quiet
        yield then(noise(density), np.zeros_like(around), int(rng.integers(1, steps + 1)))


def chosen(suspects: Suspects, signals: Sequence[npt.NDArray[Any]]) -> list[int]:
    """Of inputs of which `signals` [T, inputs of the layer] arrive at the diverging layer, those that tell
    most.

    The first two are among them. Of the rest, each is the one that tells apart most pairs of suspects, the
    contract among them, that are not told apart by those before it; where none does, the one in which most of
    them differ. Pairs that are left are then looked for in all neurons and all inputs.
    """
    one, compared = suspects.symptom.seen, _representatives(suspects)
    count = min(len(signals), LOOKED_AT, max(4, WORK // (len(compared) * len(one.model.signal))))
    rows = _rows(one.model, suspects.symptom.neuron)
    apart = list(_apart(suspects, signals[:count], compared, rows))
    order, pairs = most_telling(apart, len(compared), max(3, batch_size(suspects.graph)))
    return _deeper(suspects, signals, compared, pairs, order)


def most_telling(apart: Sequence[Pairs], suspects: int, most: int) -> tuple[list[int], Pairs]:
    """Of inputs that tell `apart` pairs of suspects at most `most`, best first but for the first two.

    With them the pairs that none tells apart.
    """
    pairs = set(combinations(range(suspects), 2))
    order: list[int] = []
    while len(order) < min(len(apart), CHOSEN, most):
        rest = [k for k in range(len(apart)) if k not in order]
        best = (
            len(order) if len(order) < 2 else max(rest, key=lambda k: (len(apart[k] & pairs), len(apart[k])))
        )
        pairs -= apart[best]
        order.append(best)
    return order, pairs


def _deeper(
    suspects: Suspects,
    signals: Sequence[npt.NDArray[Any]],
    compared: Sequence[Hypothesis],
    pairs: set[tuple[int, int]],
    order: list[int],
) -> list[int]:
    """`order` with inputs in the place of its last ones that tell `pairs` apart, as far as there are any."""
    everyone = np.arange(len(suspects.symptom.seen.model.weight))
    found: list[int] = []
    left, some, told_apart = STATES, list[int](), iter(list[set[tuple[int, int]]]())
    for k, signal in enumerate(signals):
        needed = sorted({index for pair in pairs for index in pair})
        left -= len(needed) * len(signal) * len(everyone)
        if not pairs or left < 0 or len(found) == len(order) - 3:
            break
        if needed != some:
            some = needed
            told_apart = _apart(suspects, signals[k:], [compared[index] for index in some], everyone)
        told = {(some[a], some[b]) for a, b in next(told_apart)} & pairs
        if told:
            pairs = pairs - told
            found.append(k)
    kept = [k for k in order if k not in found]
    return [*kept[: len(order) - len(found)], *found]


def _apart(
    suspects: Suspects, signals: Sequence[npt.NDArray[Any]], compared: Sequence[Hypothesis], rows: Integers
) -> Iterator[set[tuple[int, int]]]:
    """For each signal that arrives at the layer the pairs of hypotheses that differ in what is held."""
    layer, names = suspects.graph.layers[suspects.index], tuple(suspects.symptom.seen.held)
    models = (contract(layer, signal) for signal in signals)
    changed = (hypothesis.change(model) for model in models for hypothesis in compared)
    given = run_each((columns(model, rows, len(model.signal)), model.rules) for model in changed)
    for _ in signals:
        gives = [
            b"".join(record[name][:, part].tobytes() for name in names)
            for record, part in islice(given, len(compared))
        ]
        yield {(a, b) for a, b in combinations(range(len(gives)), 2) if gives[a] != gives[b]}


def _representatives(suspects: Suspects) -> list[Hypothesis]:
    """The contract, and of the suspects that explain most one of each name, then more of each."""
    fits = sorted(suspects.fits, key=lambda fit: -int(fit.explained.sum()))
    by_name: dict[str, list[Hypothesis]] = {}
    for fit in fits:
        by_name.setdefault(fit.hypothesis.name, []).append(fit.hypothesis)
    rounds = range(max(map(len, by_name.values()), default=0))
    ordered = [found[k] for k in rounds for found in by_name.values() if k < len(found)]
    return [UNCHANGED, *ordered[:COMPARED]]


def _rows(model: LayerModel, neuron: int) -> Integers:
    spread = np.linspace(0, len(model.weight) - 1, min(ROWS, len(model.weight))).astype(np.int64)
    return np.union1d(spread, [neuron])
