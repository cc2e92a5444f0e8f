"""The synapses of a projection as columns, what they deliver, and where a fault may have put them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, TypeAlias

import numpy as np

from snnc.stages import Projection
from snnc.stages.synapses import Synapses
from snnc.verification.diagnosis.layer_model import Integers

AT_ONCE = 1 << 21
"""Deliveries that are added up in one go, which bounds memory."""

Signals: TypeAlias = Mapping[str, Integers]
"""What each population sends, int64 [T, neurons]."""


@dataclass(frozen=True, slots=True, eq=False)
class Wires:
    """One projection. `pre`, `post`, `weight` and `delay` are int64 [synapses]; clause 2 shifts the weight
    by `exp`.

    `after_end`: events of an input after its end count, too. `ones`: a payload counts as 1. `round`: what
    would arrive after the last step arrives from the first on. `earlier`: what the sample before has left on
    its way arrives.
    """

    name: str
    source: str
    stored: Synapses
    pre: Integers
    post: Integers
    weight: Integers
    delay: Integers
    exp: int
    after_end: bool = False
    ones: bool = False
    round: bool = False
    earlier: bool = False

    @property
    def recurrent(self) -> bool:
        """Whether it leads from a population to itself."""
        source, _, destination = self.name.partition(" -> ")
        return source == destination

    def of(self, synapses: Synapses) -> Wires:
        """With other synapses."""
        found = synapses.as_list()
        columns = (getattr(found, name).astype(np.int64) for name in ("pre", "post", "weight", "delay"))
        return self.columns(*columns)

    def columns(self, pre: Integers, post: Integers, weight: Integers, delay: Integers) -> Wires:
        """With other columns."""
        return replace(self, pre=pre, post=post, weight=weight, delay=delay)

    def only(self, which: Any) -> Wires:
        """With the synapses at `which`, a mask or places."""
        return self.columns(*(x[which] for x in (self.pre, self.post, self.weight, self.delay)))

    def same(self, other: Wires) -> bool:
        """Whether they deliver the same: all synapses, in the same order, of the same source."""
        names = [each.name for each in fields(self) if each.name not in ("name", "stored")]
        return all(np.array_equal(getattr(self, name), getattr(other, name)) for name in names)

    def changed(self, **fields: Any) -> Wires:
        return replace(self, **fields)


def wires(projection: Projection) -> Wires:
    """`projection` as the contract has it."""
    none = np.zeros(0, np.int64)
    bare = Wires(
        projection.name,
        projection.source,
        projection.synapses,
        none,
        none,
        none,
        none,
        projection.weight_exp,
    )
    return bare.of(projection.synapses)


def deliveries(wires: Wires, signal: Integers) -> int:
    """How many additions `signal` [T, sources] makes."""
    return int((np.bincount(wires.pre, minlength=signal.shape[1]) * np.count_nonzero(signal, axis=0)).sum())


def delivered(wires: Wires, signal: Integers, before: Integers | None, rows: Integers, size: int) -> Integers:
    """What clause 2 adds at neurons `rows` of `size`, int64 [T, rows], of `signal` [T, sources].

    `before`: what the source sent in the sample before, None if it is not known.
    """
    steps = len(signal)
    place = np.full(size, -1)
    place[rows] = np.arange(len(rows))
    if len(rows) < size:
        wires = wires.only(place[wires.post] >= 0)
    if len(wires.pre) and (wires.pre[1:] < wires.pre[:-1]).any():
        wires = wires.only(np.argsort(wires.pre, kind="stable"))
    first = np.searchsorted(wires.pre, np.arange(signal.shape[1] + 1))
    sent, source = np.nonzero(signal)
    value = np.ones(len(sent), np.int64) if wires.ones else signal[sent, source]
    if wires.earlier and before is not None:
        ago, old = np.nonzero(before)
        value = np.concatenate([before[ago, old], value])
        sent, source = np.concatenate([ago - len(before), sent]), np.concatenate([old, source])
    fan = first[source + 1] - first[source]
    post, weight = place[wires.post], wires.weight << wires.exp
    total = np.zeros(steps * len(rows))
    ends = np.cumsum(fan)
    start = 0
    while start < len(fan):
        base = int(ends[start - 1]) if start else 0
        stop = max(start + 1, int(np.searchsorted(ends, base + AT_ONCE, "right")))
        some = fan[start:stop]
        which = np.repeat(first[source[start:stop]] - (ends[start:stop] - some - base), some)
        which += np.arange(len(which))
        arrival = np.repeat(sent[start:stop], some) + wires.delay[which]
        if wires.round:
            arrival %= steps
        amount = weight[which] * np.repeat(value[start:stop], some)
        arrives = (arrival >= 0) & (arrival < steps)
        at = arrival[arrives] * len(rows) + post[which][arrives]
        # Sums of whole numbers below 2**53 are exact.
        total += np.bincount(at, amount[arrives], minlength=len(total))
        start = stop
    return total.astype(np.int64).reshape(steps, len(rows))
