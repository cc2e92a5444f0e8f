"""A warning if labels that train seem to number the classes in another order than the network."""

from __future__ import annotations

import numpy as np

from snnc.api.numbers import warn
from snnc.exporter.finetune.finish import Samples, answers
from snnc.stages import DiscreteModel, FloatGraph
from snnc.verification.accuracy import MOST_CLASSES
from snnc.verification.label_order import are_numbers, other_order

MOST = 1000
"""Samples that train of which the network is asked, evenly over them; those that validate all are."""


def warn_of_order(
    network: FloatGraph | DiscreteModel, train: Samples, validation: Samples, number: int, by_name: bool
) -> None:
    """What `network` takes labelled samples for, in real numbers, is looked at by class.

    The labels are of the readout `number`. `by_name`: its classes were found by the names that labels have.
    """
    names = (network.readouts[number] if isinstance(network, FloatGraph) else network).class_names
    if len(names) > MOST_CLASSES:
        return
    counts = np.zeros((len(names), len(names)), np.int64)
    for samples in (train, validation):
        some = slice(None, None, max(1, -(-len(samples.labels) // MOST)) if samples is train else 1)
        told = answers(network, samples.events[some]) if samples.answers is None else samples.answers[some]
        np.add.at(counts, (samples.labels[some, number], told[:, number]), 1)
    if (order := other_order(counts, names, by_name and not are_numbers(names))) is not None:
        warn(order)
