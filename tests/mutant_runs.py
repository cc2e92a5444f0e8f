"""A scalar mutant in the place of an executor: what a diagnosis is given of it, more samples included."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from scalar_mutants import Record, Scalar

from snnc.hwsim.event_driven import simulate
from snnc.stages import Diagnosis, QuantizedGraph
from snnc.verification.compare import first_difference
from snnc.verification.diagnosis import Observed, Suspects, chosen, diagnose, made

Runner = Callable[[QuantizedGraph, np.ndarray], list[list[Record]]]
"""Runs samples uint8 [samples, T, inputs] in a row."""


def place_of(expected: list[Record], found: list[Record]) -> tuple[int, int, int] | None:
    """Layer, neuron and step of the first difference."""
    pairs = [
        {name: (a[name][None], b[name][None]) for name in a if name in b}
        for a, b in zip(expected, found, strict=True)
    ]
    place = first_difference(pairs)
    return None if place is None else (place.layer, place.neuron, place.step)


def runner(fault: Scalar) -> Runner:
    """Each sample by itself."""
    return lambda graph, inputs: [fault.run(graph, spikes) for spikes in inputs]


def contract(graph: QuantizedGraph, inputs: np.ndarray) -> list[list[Record]]:
    """By the simulator, which other tests compare with `Scalar`."""
    trace = simulate(graph, inputs)
    return [
        [{name: getattr(layer, name)[k] for name in ("u", "v", "spikes")} for layer in trace]
        for k in range(len(inputs))
    ]


def observed(
    inputs: np.ndarray, expected: Sequence[list[Record]], found: Sequence[list[Record]]
) -> list[Observed]:
    samples: list[Observed] = []
    for spikes, a, b in zip(inputs, expected, found, strict=True):
        samples.append(Observed(spikes, a, b, samples[-1] if samples else None))
    return samples


def verified(graph: QuantizedGraph, inputs: np.ndarray, run: Runner) -> Diagnosis | None:
    """What verify would say of `run`, None if it does not differ on `inputs`."""
    samples = observed(inputs, contract(graph, inputs), run(graph, inputs))
    for k, sample in enumerate(samples):
        place = place_of(sample.expected, sample.found)
        if place is not None:
            known = inputs[max(0, k - 1) : k + 1]
            return diagnose(graph, *place, sample, partial(_tests, known=known, run=run))
    return None


def _tests(suspects: Suspects, known: np.ndarray, run: Runner) -> list[Observed]:
    graph = suspects.graph
    inputs = made(graph, known[-1], suspects.symptom.step)
    index, signals = suspects.index, list(inputs)
    if index:
        signals = [records[index - 1]["spikes"] for records in contract(graph, inputs)]
    inputs = np.concatenate([known, inputs[chosen(suspects, signals)]])
    return observed(inputs, contract(graph, inputs), run(graph, inputs))[len(known) :]
