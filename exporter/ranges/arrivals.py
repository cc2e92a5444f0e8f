"""What can arrive in each step, at least and at most: clauses 1, 2 and 6, for `prove.py`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from snnc.stages import Population, Projection, SynapseList, SynapseMatrix

Steps = npt.NDArray[np.int64]
Ends = npt.NDArray[np.int64]
Which = slice | npt.NDArray[np.intp]
ALL = slice(None)


@dataclass(frozen=True, slots=True)
class Source:
    """What is known of a population that sends.

    `first` int64 [neurons]: a step before which no input makes the neuron spike, T for never. `end` is that
    of the population, `most` what a spike of it carries at most.
    """

    first: Steps
    end: int
    most: int


def source_of(population: Population, first: Steps, time_steps: int) -> Source:
    """`population`, with what is known of its first spikes."""
    return Source(first, population.end or time_steps, population.payload_max or 1)


def steps_of_changes(projection: Projection, source: Source, time_steps: int) -> int:
    """From this step on, what can arrive by `projection` stays; `time_steps` at most."""
    firing = source.first[source.first < time_steps]
    last = int(firing.max(initial=0)) if source.end == time_steps else source.end
    return min(time_steps, last + projection.synapses.max_delay + 1)


@dataclass(frozen=True, slots=True)
class Arriving:
    """By how much the least and the largest sum of weights change: `changes` int64 [steps, 2, neurons]."""

    changes: Ends

    @classmethod
    def nothing(cls, steps: int, neurons: int) -> Arriving:
        return cls(np.zeros((steps, 2, neurons), np.int64))

    def add(self, projection: Projection, source: Source) -> None:
        """Each synapse delivers in the steps from `first + delay` to before `end + delay`."""
        times, steps = source.most << projection.weight_exp, len(self.changes)
        synapses = projection.synapses
        if not isinstance(synapses, SynapseMatrix):
            self.add_list(synapses.as_list(), source, times)
            return
        self.changes[:] += times * _sums(synapses, source.first, steps)
        if source.end < steps:
            until = np.where(source.first < source.end, source.end, steps)
            self.changes[:] -= times * _sums(synapses, until, steps)

    def add_list(self, synapses: SynapseList, source: Source, times: int, which: Which = ALL) -> None:
        """The same of the synapses `which`, with weights `times` as large."""
        pre, post, weight, delay = (
            getattr(synapses, name)[which].astype(np.int64) for name in ("pre", "post", "weight", "delay")
        )
        first, never = source.first[pre], len(self.changes)
        until = np.where(first < source.end, source.end + delay, never)
        side = (weight > 0).astype(np.intp)  # what is taken away counts on the side to which it was added
        for step, change in ((first + delay, times * weight), (until, -times * weight)):
            kept = step < never
            np.add.at(self.changes, (step[kept], side[kept], post[kept]), change[kept])


def _sums(synapses: SynapseMatrix, begin: Steps, steps: int) -> Ends:
    """Sums of the negative and of the positive weights by the step `begin + delay`, those before `steps`.

    `begin` int64 [pre]; the sums int64 [steps, 2, post].
    """
    sums = np.zeros((steps, 2, synapses.post_neurons), np.int64)
    for neuron, (weight, delay) in enumerate(zip(synapses.weight, synapses.delay, strict=True)):
        step = np.minimum(begin + delay, steps)  # what arrives too late is counted there and dropped
        sums[:, 0, neuron] = np.bincount(step, np.minimum(weight, 0), steps + 1)[:steps]
        sums[:, 1, neuron] = np.bincount(step, np.maximum(weight, 0), steps + 1)[:steps]
    return sums
