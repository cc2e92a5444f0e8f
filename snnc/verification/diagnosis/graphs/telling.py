"""Of inputs that are made those that tell most of the suspects apart in a population of a graph."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import TypeAlias

import numpy as np

from snnc.batches import batch_size
from snnc.verification.diagnosis.graphs.hypothesis import UNCHANGED, Hypothesis
from snnc.verification.diagnosis.graphs.population_model import Record, before
from snnc.verification.diagnosis.graphs.sample import gives, sums
from snnc.verification.diagnosis.graphs.trial import GraphSuspects, seen
from snnc.verification.diagnosis.layer_model import Integers
from snnc.verification.diagnosis.observed import Observed
from snnc.verification.diagnosis.telling import Pairs, most_telling, room

Situation: TypeAlias = tuple[int, ...]

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
    situation that is in none before, the rarest first: what is wrong in some situations alone is something
    else.
    """
    of = seen(suspects.graph, suspects.seen.name, made)
    compared, rows = _representatives(suspects.fits), _rows(suspects)
    models = [each.change(of.model) for each in compared]
    apart, situations = list[Pairs](), list[set[Situation]]()
    for one in of.samples:
        given = [gives(model, one, rows) for model in models]
        texts = [b"".join(values[name].tobytes() for name in one.record) for values in given]
        apart.append({(a, b) for a, b in combinations(range(len(texts)), 2) if texts[a] != texts[b]})
        record = {name: values[:, rows] for name, values in one.record.items()}
        situations.append(set(_situations(record, sums(of.model, one, rows), given)))
    order, _ = most_telling(apart, len(compared), max(3, batch_size(suspects.graph)))
    known = set[Situation]().union(*(situations[k] for k in order))
    often = Counter(each for found in situations for each in found)
    rarest = [min((often[each] for each in found), default=0) for found in situations]
    for k in sorted(range(len(situations)), key=rarest.__getitem__):
        if len(order) < room(suspects.graph) and not situations[k] <= known:
            order.append(k)
            known |= situations[k]
    return order


def _situations(right: Record, arrives: Integers, given: Sequence[Record]) -> Iterator[Situation]:
    """Where suspects, which follow the contract in `given`, depart from what is `right`.

    A situation is the suspect, the step and the neuron, and before the step u, v, w, the last spike and the
    number of spikes, then what arrives and v before the reset: of all that is no spike sign and length.
    """
    spikes = np.minimum(before(np.cumsum(right["spikes"], axis=0)), SPIKES)
    there = [before(right[name]) for name in ("u", "v", "w") if name in right]
    there = [*map(_length, [*there, arrives, given[0]["pre"]]), spikes, before(right["spikes"])]
    for number, record in enumerate(given[1:]):
        departs = np.logical_or.reduce([record[name] != values for name, values in right.items()])
        columns = [*np.nonzero(departs), *(values[departs] for values in there)]
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
