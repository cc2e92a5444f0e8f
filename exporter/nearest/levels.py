"""Step: the synapses of a neuron have only a few different weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from snnc.errors import LimitError, PassError
from snnc.exporter.nearest.checks import same_but_synapses, weights_of
from snnc.exporter.nearest.clusters import nearest_levels
from snnc.exporter.nearest.synapses import Incoming, Ints, incoming, put_back
from snnc.exporter.passes.base import Exported, Pass, Plan
from snnc.stages import QuantizedGraph


@dataclass(frozen=True, slots=True)
class Levels(Pass[QuantizedGraph, QuantizedGraph]):
    """Each neuron with more than `most` different weights gets those nearest to them; None: no limit.

    Levels and what becomes of each weight are chosen so that the squared changes of the neuron's weights add
    up to least. A weight may become 0: then there is no synapse, which takes no level.
    """

    most: int | None

    name: ClassVar[str] = "levels"

    @classmethod
    def planned(cls, before: QuantizedGraph, plan: Plan, exported: Exported) -> Self:
        assert plan.target is not None
        return cls(plan.target.limits.weights_per_neuron)

    def run(self, before: QuantizedGraph) -> QuantizedGraph:
        """Raise `LimitError` for a neuron that hears projections whose weights have different exponents."""
        if self.most is None:
            return before
        after = before
        for each in before.stateful:
            found = incoming(before, each.name)
            after = put_back(after, found, _levelled(before, each.name, found, self.most))
        return after

    def check(self, before: QuantizedGraph, after: QuantizedGraph) -> None:
        """Levels are few enough, each the rounded mean of its weights, and each weight is at its nearest."""
        same_but_synapses(before, after)
        for name, was, now in weights_of(before, after):
            order = np.argsort(was.post, kind="stable")
            for own in np.split(order, np.flatnonzero(np.diff(was.post[order])) + 1):
                if len(own):
                    self._check_neuron(f"{name}, neuron {was.post[own[0]]}", was.weight[own], now[own])

    def _check_neuron(self, name: str, was: Ints, now: Ints) -> None:
        if self.most is None or len(set(was.tolist())) <= self.most:
            if (was != now).any():
                raise PassError(f"{name}: its weights changed, though they are few enough")
            return
        levels = {*now.tolist()} - {0}
        if len(levels) > self.most:
            raise PassError(f"{name}: has {len(levels)} different weights, the limit is {self.most}")
        if (np.abs(was - now) > np.abs(was[:, None] - np.array([0, *levels])).min(axis=1)).any():
            raise PassError(f"{name}: a weight is not at its nearest level")
        for level in levels:
            members = was[now == level]
            if 2 * abs(int(members.sum()) - level * len(members)) > len(members):
                raise PassError(f"{name}: the level {level} is not the mean of its weights")

    def summary(self, before: QuantizedGraph, after: QuantizedGraph) -> dict[str, int | float]:
        """Neurons and synapses changed, synapses gone, and the share of the sum of squares that is lost."""
        neurons = changed = removed = 0
        lost = whole = 0.0
        for _, was, now in weights_of(before, after):
            other = was.weight != now
            neurons += len(np.unique(was.post[other]))
            changed += int(other.sum())
            removed += int((now == 0).sum())
            lost += float(((was.weight - now) ** 2).sum())
            whole += float((was.weight**2).sum())
        return {
            "neurons_changed": neurons,
            "weights_changed": changed,
            "synapses_removed": removed,
            "squares_lost_percent": round(100 * lost / whole, 2) if whole else 0.0,
        }


def _levelled(graph: QuantizedGraph, name: str, found: Incoming, most: int) -> Ints:
    """The weights of the synapses `found`, which lead to the population `name`."""
    weight = found.weight.copy()
    order = np.argsort(found.post, kind="stable")
    for own in np.split(order, np.flatnonzero(np.diff(found.post[order])) + 1):
        values, place, counts = np.unique(found.weight[own], return_inverse=True, return_counts=True)
        exponents = {graph.projections[number].weight_exp for number in set(found.of[own].tolist())}
        if len(exponents) > 1:
            raise LimitError(
                f"{name}, neuron {found.post[own[0]]}: hears projections with the weight exponents "
                f"{', '.join(map(str, sorted(exponents)))}, which share no levels; train with one scale"
            )
        if len(values) > most:
            weight[own] = nearest_levels(values, counts, most)[place]
    return weight
