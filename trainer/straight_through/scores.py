"""Clause 7 as torch computes it, for a loss of what readouts tell."""

from __future__ import annotations

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor

from snnc.stages import QuantizedGraph, Readout, Trace


def leaves(graph: QuantizedGraph, trace: Trace) -> dict[str, Tensor]:
    """By readout, its v, or its spikes if it spikes: float32 [samples, T, neurons], which get gradients."""
    found = {}
    for each in graph.readouts:
        layer = trace.layers[graph.trace_index(each.population)]
        values = layer.spikes if graph.population(each.population).spikes else layer.v
        found[each.population] = torch.tensor(values, dtype=torch.float32, requires_grad=True)
    return found


def scores(graph: QuantizedGraph, readout: Readout, values: Tensor) -> Tensor:
    """Class scores [samples, classes] of `values`, as of `leaves`; those of "first" by each of its spikes."""
    used = values[:, : graph.end(readout.population)]
    if readout.decoder == "count":
        return used.sum(dim=1)
    if readout.decoder == "first":  # so many steps have a spike in them or before them
        return (1 - (1 - used).cumprod(dim=1)).sum(dim=1)
    real = used * torch.tensor(readout.scale, dtype=torch.float32)
    if readout.decoder == "softmax":
        return real.softmax(dim=2).sum(dim=1)
    return {"sum": real.sum(dim=1), "max": real.amax(dim=1), "last": real[:, -1]}[readout.decoder]


def loss_of(
    graph: QuantizedGraph, values: Mapping[str, Tensor], labels: Tensor, sharpness: Mapping[str, float]
) -> Tensor:
    """Cross-entropy of the scores times `sharpness`, summed over the readouts; mean over the samples.

    `labels`: int64 [samples, readouts].
    """
    total = torch.zeros(())
    for number, each in enumerate(graph.readouts):
        logits = scores(graph, each, values[each.population]) * sharpness[each.population]
        total = total + F.cross_entropy(logits, labels[:, number])
    return total
