"""Hypotheses about one population of a graph are tried: which give all that was found, in all samples."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from snnc.stages import QuantizedGraph
from snnc.verification.diagnosis.graphs import kernel_faults, rule_faults, wire_faults
from snnc.verification.diagnosis.graphs.hypothesis import Hypothesis
from snnc.verification.diagnosis.graphs.one_synapse import one_synapse
from snnc.verification.diagnosis.graphs.parameter_faults import exchanged, of_one, reordered
from snnc.verification.diagnosis.graphs.population_model import PopulationModel, contract
from snnc.verification.diagnosis.graphs.sample import Mask, Sample, events, explains, missing, sample
from snnc.verification.diagnosis.graphs.solved import solved
from snnc.verification.diagnosis.layer_model import Integers
from snnc.verification.diagnosis.observed import Observed

FAULTS = rule_faults.FAULTS | wire_faults.FAULTS | kernel_faults.FAULTS
PROBED = 4
"""Neurons that differ, and as many that do not, on which a hypothesis is tried first."""
DELIVERIES = 100_000_000
"""Additions of weights, at most, over all samples of a population."""
STATES = 20_000_000
"""Steps times neurons, at most, over all samples of a population."""


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """The population `name` in some samples of one side, and the neurons that are not the contract's in each.

    `model` is the contract's.
    """

    name: str
    model: PopulationModel
    samples: tuple[Sample, ...]
    wrong: tuple[Mask, ...]

    @property
    def everyone(self) -> Integers:
        return np.arange(self.model.size)

    @property
    def differing(self) -> int:
        """In how many samples it is not the contract's."""
        return sum(bool(mask.any()) for mask in self.wrong)

    def tests(self, first: int) -> int:
        """How many samples from `first` on test a cause.

        One does if the population differs there, if the neurons that differ do something else than in an
        earlier sample, and if it spikes, where it can: faults that are different act alike where nothing
        spikes or nothing that varies arrives.
        """
        rows, known, count = np.flatnonzero(np.logical_or.reduce(self.wrong)), set[bytes](), 0
        for number, (one, wrong) in enumerate(zip(self.samples, self.wrong, strict=True)):
            text = b"".join(values[:, rows].tobytes() for values in one.record.values())
            active = not self.model.population.spikes or bool(one.record["spikes"].any())
            count += number >= first and bool(wrong.any()) and text not in known and active
            known.add(text)
        return count

    def part(self, count: int) -> Seen:
        """The first samples."""
        return Seen(self.name, self.model, self.samples[:count], self.wrong[:count])


def seen(graph: QuantizedGraph, name: str, observed: Sequence[Observed]) -> Seen:
    """A population in those samples that hold it, as many as are bearable, the first one in any case."""
    model, samples = contract(graph, name), list[Sample]()
    rows, left, states = np.arange(model.size), DELIVERIES, STATES
    for each in observed:
        if missing(graph, name, each) is not None:
            continue
        left -= events(graph, name, each, model)
        states -= graph.time_steps * model.size
        if samples and min(left, states) < 0:
            break
        samples.append(sample(graph, name, each, model))
    return Seen(name, model, tuple(samples), tuple(~explains(model, each, rows) for each in samples))


def listed(model: PopulationModel, *names: str) -> Iterator[Hypothesis]:
    """Those of the lists, or of `names`, that a population leaves room for."""
    for name in names or FAULTS:
        for where, change in FAULTS[name](model) if name in FAULTS else ():
            yield Hypothesis(name, where, change)
    for each in (*of_one(model), *reordered(model)):
        if not names or each.name in names:
            yield each


def fitted(of: Seen) -> Iterator[Hypothesis]:
    """Those that follow from what differs; where several neurons do, no synapse of one of them."""
    neurons = np.flatnonzero(np.logical_or.reduce(of.wrong)).tolist()
    if not neurons:
        return
    yield from solved(of.model, of.samples)
    yield from exchanged(of.model, neurons[0], neurons)
    for each in one_synapse(of.model, neurons[0], of.samples):
        if len(neurons) == 1 or each.name == "source-missing":
            yield each


def hypotheses(of: Seen) -> list[Hypothesis]:
    """All that are worth a trial, in no order of merit."""
    return [*listed(of.model), *fitted(of)]


def surviving(tried: Sequence[Hypothesis], of: Seen) -> list[Hypothesis]:
    """Those that give every neuron in every step of every sample."""
    return [each for each in tried if _gives(each, of)]


def _gives(hypothesis: Hypothesis, of: Seen) -> bool:
    model = hypothesis.change(of.model)
    if model is of.model:
        return False
    if model.size > 4 * PROBED:
        for one, wrong in zip(of.samples[:1], of.wrong, strict=False):
            if not explains(model, one, _probe(wrong)).all():
                return False
    return all(bool(explains(model, one, of.everyone).all()) for one in of.samples)


def _probe(wrong: Mask) -> Integers:
    """Some that differ and some that do not."""
    return np.concatenate([np.flatnonzero(wrong)[:PROBED], np.flatnonzero(~wrong)[:PROBED]])


@dataclass(frozen=True, slots=True, eq=False)
class GraphSuspects:
    """The hypotheses that give all that one side has of a population in the sample of the divergence."""

    graph: QuantizedGraph
    seen: Seen
    step: int
    fits: Sequence[Hypothesis]


GraphFurther: TypeAlias = Callable[[GraphSuspects], Sequence[Observed]]
"""Gives more samples of both sides, that tell the suspects apart."""
