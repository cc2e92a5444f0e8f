"""Clause 2 backwards: what arrives tells the spikes that were sent, and the weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from snnc.stages.float_synapses import FloatArray, FloatSynapses
from snnc.trainer.integer_projection import IntegerProjection

DENSE = 32
"""If there are at most this many pairs of neurons per synapse, one dense product is faster than a product for
each synapse."""
PART = 1 << 24
"""Most numbers that are made at a time for single synapses."""


class ProjectionBack:
    """`projection` from its destination to its source: one transposed matrix a distinct delay."""

    def __init__(self, projection: IntegerProjection) -> None:
        self.source, self.destination = projection.source, projection.destination
        self._parts = []
        for delay in projection.delays:
            some = projection.delay == delay
            line, order = torch.sort(projection.line[some], stable=True)
            pair = torch.stack([line, projection.neuron[some][order]])
            shape = (projection.lines, projection.neurons)
            weight = projection.weight[some][order]
            matrix = torch.sparse_coo_tensor(pair, weight, shape, is_coalesced=True, check_invariants=False)
            self._parts.append((delay, matrix))

    def deliver(self, arriving: Tensor, first: int, to_spikes: Tensor) -> None:
        """Add to `to_spikes` [T, samples, lines] what `arriving` [steps, samples, neurons] tells of them.

        `arriving` is of the steps from `first`.
        """
        steps, samples, neurons = arriving.shape
        columns = arriving.permute(2, 0, 1).reshape(neurons, steps, samples)
        for delay, matrix in self._parts:
            early = max(0, delay - first)  # these were sent before the first step, so by nothing
            if early < steps:
                part = columns[:, early:].reshape(neurons, -1)
                sent = (matrix @ part).view(-1, steps - early, samples)
                to_spikes[first + early - delay : first + steps - delay] += sent.permute(1, 2, 0)


@dataclass(frozen=True, slots=True)
class _OfDelay:
    """Synapses of one delay: neurons, lines and the numbers of their stored weights, int64 [synapses]."""

    delay: int
    neuron: Tensor
    line: Tensor
    stored: Tensor


class Weights:
    """Which stored weight each synapse of `synapses` has; weights of 0 are none and get no gradient."""

    def __init__(self, synapses: FloatSynapses, steps: int) -> None:
        weights = synapses.weights
        number = np.arange(1, weights.size + 1, dtype=np.int32).reshape(weights.shape)
        listed = synapses.rounded(number * (weights != 0)).as_list()
        self._shape = weights.shape
        self._pairs = synapses.pre_neurons * synapses.post_neurons
        self._parts = []
        for delay in np.unique(listed.delay[listed.delay < steps]).tolist():
            some = listed.delay == delay
            columns = (listed.post[some], listed.pre[some], listed.weight[some] - 1)
            self._parts.append(
                _OfDelay(delay, *(torch.from_numpy(each.astype(np.int64)) for each in columns))
            )

    def gradient(self, sent: Tensor, arriving: Tensor) -> FloatArray:
        """By the stored weights, in whole weight steps; float64, their shape.

        `sent` [T, samples, lines] are the spikes or payloads of the source, `arriving` [T, samples, neurons]
        the gradients of clause 2 in the destination.
        """
        total = torch.zeros(int(np.prod(self._shape)), dtype=torch.float64)
        for part in self._parts:
            steps = len(sent) - part.delay
            lines, neurons = sent[:steps].flatten(0, 1), arriving[part.delay :].flatten(0, 1)
            total.index_add_(0, part.stored, self._of_pairs(part, lines, neurons).double())
        return total.numpy().reshape(self._shape)

    def _of_pairs(self, part: _OfDelay, lines: Tensor, neurons: Tensor) -> Tensor:
        if self._pairs <= DENSE * len(part.stored):
            return (neurons.T @ lines)[part.neuron, part.line]
        by_line, by_neuron = lines.T.contiguous(), neurons.T.contiguous()
        size = max(1, PART // max(1, len(lines)))
        pairs = zip(part.neuron.split(size), part.line.split(size), strict=True)
        return torch.cat([(by_neuron[post] * by_line[pre]).sum(dim=1) for post, pre in pairs])
