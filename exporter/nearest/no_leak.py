"""Step: no state is multiplied: u forgets everything in a step, and v nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Self

import numpy as np

from snnc import formats
from snnc.errors import PassError
from snnc.exporter.nearest.checks import same_synapses
from snnc.exporter.passes.base import Exported, Pass, Plan
from snnc.exporter.passes.promises_of_graphs import same_parts, same_population
from snnc.stages import Population, QuantizedGraph


@dataclass(frozen=True, slots=True)
class NoLeak(Pass[QuantizedGraph, QuantizedGraph]):
    """`decay_u` is 4096 and `decay_v` is 0, if that is `wanted`: the only decays that multiply nothing.

    What an input does in the step of its arrival stays; it is never forgotten then, until a spike. Nothing
    makes up for that: which threshold or bias would depends on the inputs. An adaptation current stays.
    """

    wanted: bool

    name: ClassVar[str] = "no_leak"

    @classmethod
    def planned(cls, before: QuantizedGraph, plan: Plan, exported: Exported) -> Self:
        assert plan.target is not None
        return cls(plan.target.limits.decay_bits == 0)

    def run(self, before: QuantizedGraph) -> QuantizedGraph:
        if not self.wanted:
            return before
        return replace(before, populations=tuple(map(_integrating, before.populations)))

    def check(self, before: QuantizedGraph, after: QuantizedGraph) -> None:
        """Decays are as promised; all other numbers stay."""
        same_parts(before, after)
        same_synapses(before, after)
        for old, new in zip(before.populations, after.populations, strict=True):
            same_population(old, new, but=("decay_u", "decay_v") if self.wanted else ())
            if self.wanted and old.decay_v is not None:
                assert new.decay_u is not None
                assert new.decay_v is not None
                if new.decay_v.any() or (new.decay_u != 4096).any():
                    raise PassError(f"{new.name}: a state is still multiplied")

    def summary(self, before: QuantizedGraph, after: QuantizedGraph) -> dict[str, int]:
        """Populations whose decays changed, and the largest of `decay_v` that went."""
        pairs = list(zip(before.stateful, after.stateful, strict=True))
        decays = ("decay_u", "decay_v")
        other = [
            old
            for old, new in pairs
            if not all(np.array_equal(getattr(old, what), getattr(new, what)) for what in decays)
        ]
        largest = [int(old.decay_v.max()) for old in other if old.decay_v is not None]
        return {"populations_changed": len(other), "largest_decay_v": max(largest, default=0)}


def _integrating(of: Population) -> Population:
    if of.decay_v is None or of.decay_u is None:
        return of
    return replace(of, decay_u=np.full_like(of.decay_u, formats.DECAY_ONE), decay_v=np.zeros_like(of.decay_v))
