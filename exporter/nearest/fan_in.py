"""Step: a neuron hears no more sources than a core has axons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
import numpy.typing as npt

from snnc.errors import PassError
from snnc.exporter.nearest.checks import same_but_synapses, weights_of
from snnc.exporter.nearest.synapses import Incoming, Ints, incoming, put_back
from snnc.exporter.passes.base import Exported, Pass, Plan
from snnc.stages import QuantizedGraph


@dataclass(frozen=True, slots=True)
class FanIn(Pass[QuantizedGraph, QuantizedGraph]):
    """Each neuron keeps the `most` sources whose squared weights add up to most; None: there is no limit.

    What is left out of the sum of squares is as small as it can be. Of sources that are equal, those of the
    earlier projection, then of the lower number stay.
    """

    most: int | None

    name: ClassVar[str] = "fan_in"

    @classmethod
    def planned(cls, before: QuantizedGraph, plan: Plan, exported: Exported) -> Self:
        assert plan.target is not None
        return cls(plan.target.limits.axons_in_per_core)

    def run(self, before: QuantizedGraph) -> QuantizedGraph:
        if self.most is None:
            return before
        after, exponent = before, np.array([each.weight_exp for each in before.projections])
        for each in before.stateful:
            found = incoming(before, each.name)
            after = put_back(after, found, np.where(_kept(found, exponent, self.most), found.weight, 0))
        return after

    def check(self, before: QuantizedGraph, after: QuantizedGraph) -> None:
        """No source that is gone is stronger than one that stays, and no neuron lost one without need."""
        same_but_synapses(before, after)
        for name, was, now in weights_of(before, after):
            if ((now != was.weight) & (now != 0)).any():
                raise PassError(f"{name}: a synapse that stays has another weight")
            exponent = np.array([each.weight_exp for each in before.projections])
            square = (was.weight << exponent[was.of]) ** 2
            span = int(was.pre.max(initial=0)) + 1
            line = (
                was.post * len(exponent) + was.of
            ) * span + was.pre  # a number for each source of a neuron
            lines, source = np.unique(line, return_inverse=True)
            whole, left = (np.zeros(len(lines), np.int64) for _ in range(2))
            np.add.at(whole, source, square)
            np.add.at(left, source, np.where(now != 0, square, 0))
            post = lines // (len(exponent) * span)
            for own in np.split(np.arange(len(post)), np.flatnonzero(np.diff(post)) + 1):
                if len(own):
                    self._check_neuron(f"{name}, neuron {post[own[0]]}", whole[own], left[own])

    def _check_neuron(self, name: str, whole: Ints, left: Ints) -> None:
        """Of each source of a neuron, its sum of squares, and that of what is left."""
        stays = left > 0
        if (left[stays] != whole[stays]).any():
            raise PassError(f"{name}: a source stays in part")
        wanted = len(whole) if self.most is None else min(self.most, len(whole))
        if stays.sum() != wanted:
            raise PassError(f"{name}: {stays.sum()} of {len(whole)} sources stay, {wanted} should")
        if not stays.all() and whole[~stays].max() > whole[stays].min():
            raise PassError(f"{name}: a source stays that is weaker than one that is gone")

    def summary(self, before: QuantizedGraph, after: QuantizedGraph) -> dict[str, int]:
        """Synapses before and removed, and neurons that lost some."""
        return {
            "synapses": sum(each.synapses.count for each in before.projections),
            "synapses_removed": sum(
                old.synapses.count - new.synapses.count
                for old, new in zip(before.projections, after.projections, strict=True)
            ),
            "neurons_limited": sum(
                len(np.unique(was.post[now == 0])) for _, was, now in weights_of(before, after)
            ),
        }


def _kept(found: Incoming, exponent: Ints, most: int) -> npt.NDArray[np.bool_]:
    """bool [synapses], whether the source of each is one of the strongest of its neuron."""
    order = np.lexsort((found.pre, found.of, found.post))
    post, of, pre = found.post[order], found.of[order], found.pre[order]
    begins = (
        (np.diff(post, prepend=-1) != 0) | (np.diff(of, prepend=-1) != 0) | (np.diff(pre, prepend=-1) != 0)
    )
    source, post = np.cumsum(begins) - 1, post[begins]  # sources of neurons, in order
    if np.bincount(post).max(initial=0) <= most:
        return np.ones(len(found.post), np.bool_)
    strength = np.zeros(len(post), np.int64)
    np.add.at(strength, source, ((found.weight << exponent[found.of]) ** 2)[order])
    ranked = np.lexsort((-strength, post))  # stable: of equal ones, the earlier comes first
    stays = np.zeros(len(post), np.bool_)
    stays[ranked] = np.arange(len(post)) - np.searchsorted(post, post) < most
    kept = np.zeros(len(found.post), np.bool_)
    kept[order] = stays[source]
    return kept
