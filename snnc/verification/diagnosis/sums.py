"""What arrives at chosen neurons of a layer (clause 2), with every way of the spikes open to variation."""

from __future__ import annotations

import numpy as np

from snnc.verification.diagnosis.layer_model import Columns, Integers, LayerModel


def columns(model: LayerModel, rows: Integers, steps: int) -> Columns:
    """The neurons `rows` of `model` over the first `steps` steps."""
    sent, source = np.nonzero(model.signal if model.comes_round else model.signal[:steps])
    value = model.signal[sent, source]
    if model.earlier is not None:
        ago, before = np.nonzero(model.earlier)
        value = np.concatenate([model.earlier[ago, before], value])
        sent, source = np.concatenate([ago - len(model.earlier), sent]), np.concatenate([before, source])
    sums = np.empty((steps, len(rows)), np.int64)
    for column, row in enumerate(rows):
        amount = model.weight[row, source] * value
        arrival = sent + model.delay[row, source]
        if model.comes_round:
            arrival = arrival % len(model.signal)
        if model.deliver is not None:
            present = np.flatnonzero(amount)
            present = present[model.deliver(sent[present], source[present], arrival[present])]
            arrival, amount = arrival[present], amount[present]
        arrives = (arrival >= 0) & (arrival < steps)
        # Sums of whole numbers below 2**53 are exact.
        sums[:, column] = np.bincount(arrival[arrives], amount[arrives], minlength=steps)
    if model.uncleared is not None:
        for t in range(model.uncleared, steps):
            sums[t] += sums[t - model.uncleared]
    neurons = (model.bias, model.start_u, model.start_v, model.threshold_more)
    return Columns(sums, *(values[rows] for values in neurons))
