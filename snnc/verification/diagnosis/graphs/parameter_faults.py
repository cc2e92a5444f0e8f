"""Faults in the parameters of neurons that are right as a set: of one neuron for all, or of others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from snnc.verification.diagnosis.graphs.hypothesis import Change, Hypothesis, numbers
from snnc.verification.diagnosis.graphs.population_model import PopulationModel
from snnc.verification.diagnosis.graphs.solved import NAMES
from snnc.verification.diagnosis.layer_model import Integers

PARTNERS = 16
"""Neurons, at most, with which the diverging one is tried to be exchanged."""


def of_one(model: PopulationModel) -> Iterator[Hypothesis]:
    """One neuron's number stands for all."""
    for name, values in model.numbers.items():
        for place, which in ((0, "the first"), (-1, "the last")):
            if (values != values[place]).any():
                same = np.full_like(values, values[place])
                where = f"{name} of {which} neuron"
                yield _of(name, "parameter-of-one-neuron", where, same)


def reordered(model: PopulationModel) -> Iterator[Hypothesis]:
    """The numbers of all neurons in another order."""
    size = model.size
    orders = {
        "reversed": np.arange(size)[::-1],
        "each has that of the one before": np.roll(np.arange(size), 1),
        "each has that of the one after": np.roll(np.arange(size), -1),
    }
    for name, values in model.numbers.items():
        for what, order in orders.items():
            if (values[order] != values).any():
                yield _of(name, "parameters-permuted", f"{name}: {what}", values[order])
    for what, order in orders.items():
        yield Hypothesis("parameters-permuted", f"all: {what}", _all(order), anywhere=False)


def exchanged(model: PopulationModel, neuron: int, failing: Sequence[int]) -> Iterator[Hypothesis]:
    """`neuron` has changed places with another of those that differ."""
    for other in [each for each in failing if each != neuron][:PARTNERS]:
        order = np.arange(model.size)
        order[[neuron, other]] = other, neuron
        pair = f"of neurons {min(neuron, other)} and {max(neuron, other)} exchanged"
        for name, values in model.numbers.items():
            if values[neuron] != values[other]:
                yield _of(name, "parameters-permuted", f"{name} {pair}", values[order])
        yield Hypothesis("parameters-permuted", f"all {pair}", _all(order), anywhere=False)
        yield Hypothesis("neurons-permuted", pair, _rows(order), anywhere=False)
        yield Hypothesis("rows-permuted", pair, _posts(order), anywhere=False)


def _of(parameter: str, name: str, where: str, values: Integers) -> Hypothesis:
    change = numbers(**{parameter: values})
    return Hypothesis(name, where, change, anywhere=False, within=NAMES[parameter])


def _all(order: Integers) -> Change:
    return lambda model: model.with_numbers(**{k: values[order] for k, values in model.numbers.items()})


def _posts(order: Integers) -> Change:
    """Synapses lead to the neuron in whose place theirs is."""
    place = np.argsort(order)

    def change(model: PopulationModel) -> PopulationModel:
        for index, wires in enumerate(model.wires):
            model = model.with_wires(index, wires.changed(post=place[wires.post]))
        return model

    return change


def _rows(order: Integers) -> Change:
    return lambda model: _all(order)(_posts(order)(model))
