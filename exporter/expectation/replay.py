"""One population computed again on recorded spikes, by rules that differ from those that were read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from snnc.exporter.expectation.agreement import shifted
from snnc.exporter.float_reference import FloatArray, State, Wires
from snnc.stages import FloatGraph, FloatPopulation, FloatProjection

Spikes = npt.NDArray[np.generic]


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """How the neurons of `population`, into which the projections `into` lead, compute.

    `later`: what they give is recorded so many steps later. `arrives`: all delays are so much longer;
    `recurs`: those of its own spikes, besides. `clears_late`: v is 0 in the step after a spike.
    """

    population: FloatPopulation
    into: tuple[FloatProjection, ...]
    later: int = 0
    arrives: int = 0
    recurs: int = 0
    clears_late: bool = False

    @classmethod
    def of(cls, graph: FloatGraph, name: str, later: int = 0) -> Rule:
        return cls(graph.population(name), graph.into(name), later)

    def longer(self, projection: FloatProjection) -> int:
        """By how much the delays of `projection` are longer than it says."""
        return self.arrives + (self.recurs if projection.source == self.population.name else 0)


class Replay:
    """What a population computes where `given` arrives: by population, spikes [N, T, neurons]."""

    def __init__(self, given: Mapping[str, Spikes], steps: int) -> None:
        self._given, self._steps = given, steps
        self._samples = len(next(iter(given.values())))
        self._known: list[tuple[FloatProjection, FloatArray]] = []

    def arriving(self, rule: Rule) -> FloatArray:
        """float64 [N, T, neurons]: the sum of clause 2 over all synapses."""
        total = np.zeros((self._samples, self._steps, rule.population.neurons))
        for projection in rule.into:
            total += shifted(self._through(projection), rule.longer(projection))[:, : self._steps]
        return total

    def states(self, rule: Rule) -> tuple[npt.NDArray[np.bool_], FloatArray]:
        """Spikes and v after a step, [N, T, neurons] both."""
        kind = _ClearsLate if rule.clears_late else State
        state, arriving = kind(rule.population, self._steps, None, self._samples), self.arriving(rule)
        for t in range(self._steps):
            state.step(t, arriving[:, t])
        return shifted(state.spikes.swapaxes(0, 1) > 0, rule.later), shifted(
            state.v.swapaxes(0, 1), rule.later
        )

    def spikes(self, rule: Rule) -> npt.NDArray[np.bool_]:
        """bool [N, T, neurons]."""
        return self.states(rule)[0]

    def _through(self, projection: FloatProjection) -> FloatArray:
        """What one projection delivers, [N, T + 1, neurons]: a step more, for delays that are shorter."""
        for known, found in self._known:
            if known is projection or known == projection:
                return found
        wires, spikes = Wires(projection), self._given[projection.source]
        padded = np.concatenate([spikes, np.zeros_like(spikes[:, :1])], axis=1)
        found = np.stack([_delivered(wires, one) for one in padded])
        self._known.append((projection, found))
        return found


def _delivered(wires: Wires, spikes: Spikes) -> FloatArray:
    return np.stack([wires.arriving(spikes, t) for t in range(len(spikes))])


class _ClearsLate(State):
    """v is 0 in the step after a spike, and what arrives then is lost."""

    def charged(self, t: int, arriving: FloatArray | int) -> FloatArray:
        charged = super().charged(t, arriving)
        if t:
            charged[self.spikes[t - 1] > 0] = 0
        return charged


def parts_of(
    given: Mapping[str, Spikes], names: Sequence[str], recordings: npt.NDArray[np.int64]
) -> dict[str, Spikes]:
    """Of `given`, the `recordings` of the populations `names`."""
    return {name: given[name][recordings] for name in names}
