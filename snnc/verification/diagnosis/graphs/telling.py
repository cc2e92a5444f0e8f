"""Of inputs that are made those that tell most of the suspects apart in a population of a graph."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np

from snnc.batches import batch_size
from snnc.verification.diagnosis.graphs.hypothesis import UNCHANGED, Hypothesis
from snnc.verification.diagnosis.graphs.population_model import Record, before
from snnc.verification.diagnosis.graphs.sample import gives
from snnc.verification.diagnosis.graphs.trial import GraphSuspects, seen
from snnc.verification.diagnosis.layer_model import Integers
from snnc.verification.diagnosis.observed import Observed
from snnc.verification.diagnosis.telling import Pairs, most_telling, room

COMPARED = 12
"""Suspects, at most, that inputs are chosen to tell apart."""
ROWS = 32
"""Neurons, at most, that are computed for each suspect and input."""
SPIKES = 3
"""So many spikes of a neuron, and more, are one situation."""


def chosen_of_graph(suspects: GraphSuspects, made: Sequence[Observed]) -> list[int]:
    """Numbers of those of `made` that tell most, each of them with what the reference gives on both sides.

    Two suspects are told apart where they make another next step of what the reference has. The first two are
    chosen in any case. While there is room, so are those in which a suspect departs from the contract in a
    situation that is in none before: what is wrong in some situations alone is something else.
    """
    of = seen(suspects.graph, suspects.seen.name, made)
    compared, rows = _representatives(suspects.fits), _rows(suspects)
    models = [each.change(of.model) for each in compared]
    apart, situations = list[Pairs](), list[set[tuple[int, ...]]]()
    for one in of.samples:
        given = [gives(model, one, rows) for model in models]
        texts = [b"".join(values[name].tobytes() for name in one.record) for values in given]
        apart.append({(a, b) for a, b in combinations(range(len(texts)), 2) if texts[a] != texts[b]})
        record = {name: values[:, rows] for name, values in one.record.items()}
        situations.append(set(_situations(record, given[1:])))
    order, _ = most_telling(apart, len(compared), max(3, batch_size(suspects.graph)))
    known = set[tuple[int, ...]]().union(*(situations[k] for k in order))
    for k, found in enumerate(situations):
        if len(order) < room(suspects.graph) and not found <= known:
            order.append(k)
            known |= found
    return order


def _situations(right: Record, given: Sequence[Record]) -> Iterator[tuple[int, ...]]:
    """Where suspects depart from what is `right`: suspect, step, neuron, and the state before the step.

    That is the sign and the length of u and v, and the number of spikes.
    """
    spikes = np.minimum(before(np.cumsum(right["spikes"], axis=0)), SPIKES)
    state = [_length(before(right["u"])), _length(before(right["v"])), spikes, before(right["spikes"])]
    for number, record in enumerate(given):
        departs = np.logical_or.reduce([record[name] != values for name, values in right.items()])
        columns = [*np.nonzero(departs), *(values[departs] for values in state)]
        yield from ((number, *each) for each in zip(*(column.tolist() for column in columns), strict=True))


def _length(x: Integers) -> Integers:
    """Bits of |x|, with the sign of x."""
    return np.sign(x) * np.frexp(np.abs(x))[1]


def _representatives(fits: Sequence[Hypothesis]) -> list[Hypothesis]:
    """The contract, and one suspect of each name, then more of each."""
    by_name: dict[str, list[Hypothesis]] = {}
    for each in fits:
        by_name.setdefault(each.name, []).append(each)
    rounds = range(max(map(len, by_name.values()), default=0))
    ordered = [found[k] for k in rounds for found in by_name.values() if k < len(found)]
    return [UNCHANGED, *ordered[:COMPARED]]


def _rows(suspects: GraphSuspects) -> Integers:
    """Some that differ, and some over all of the population."""
    wrong, size = np.flatnonzero(suspects.seen.wrong[0]), suspects.seen.model.size
    spread = np.linspace(0, size - 1, min(ROWS, size)).astype(np.int64)
    return np.union1d(spread, wrong[:ROWS])
