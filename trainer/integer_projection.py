"""Clause 2 of the integer PyTorch model: what synapses deliver, as matrix products.

The products run in float32, which is exact here. A valid graph keeps the sum of |weight << weight_exp| *
event, over all synapses into a neuron, together with its input bias at or below 2^18. So each product, and
each partial sum in whatever order the terms are added, is a whole number below 2^24, and float32 holds all of
these. Weights reach the matrix already shifted by their exponent, so the bound is on what is added here.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import torch
from torch import Tensor

from snnc.stages import Population, Projection, SynapseMatrix

DENSE = 32
"""With at most this many weights a synapse, zeros included, a product of dense matrices is faster."""


class IntegerProjection:
    """The synapses of `projection` in tensors on `device`, sorted by delay, then neuron, then line.

    `neuron`, `line` and `delay` int64, `weight` float32, all [synapses]: the number in the destination and in
    the source, the delay in steps, and the weight shifted by the exponent. Those of a delay of `steps` or
    more are left out: all that they send would arrive at T or later, and that arrives nowhere. `delays` are
    the distinct delays of the others, the shortest first.
    """

    def __init__(self, projection: Projection, steps: int, device: torch.device) -> None:
        synapses = projection.synapses
        if isinstance(synapses, SynapseMatrix):
            pair = np.stack(np.nonzero(synapses.weight))
            weight, delay = synapses.weight[tuple(pair)], synapses.delay[tuple(pair)]
        else:
            listed = synapses.as_list()
            by_neuron = np.argsort(listed.post, kind="stable")  # they are sorted by line
            pair = np.stack([listed.post, listed.pre]).astype(np.int64)[:, by_neuron]
            weight, delay = listed.weight[by_neuron], listed.delay[by_neuron]
        arrives = delay < steps
        if not arrives.all():
            pair, weight, delay = pair[:, arrives], weight[arrives], delay[arrives]
        self.source, self.destination = projection.source, projection.destination
        self.steps, self.lines, self.neurons = steps, synapses.pre_neurons, synapses.post_neurons
        shifted = weight.astype(np.int64) << projection.weight_exp
        self.delay, order = torch.sort(torch.from_numpy(delay.astype(np.int64)).to(device), stable=True)
        self.neuron, self.line = torch.from_numpy(pair).to(device)[:, order]
        self.weight = torch.from_numpy(shifted.astype(np.float32)).to(device)[order]
        delays, counts = np.unique(delay, return_counts=True)
        self.delays: list[int] = delays.tolist()
        self._counts: list[int] = counts.tolist()
        self._at_once: tuple[Tensor, Tensor, Tensor] | None = None

    def deliver(self, spikes: Tensor, total: Tensor) -> None:
        """Add to `total`, float32 [neurons, T, samples], what `spikes` [samples, T, lines] of all steps send.

        One product a distinct delay, so that the work follows the synapses.
        """
        source = _as_source(spikes)
        parts = (each.split(self._counts) for each in (self.neuron, self.line, self.weight))
        for d, neuron, line, weight in zip(self.delays, *parts, strict=True):
            sent = source[:, : self.steps - d]
            arriving = _matrix(neuron, line, weight, (self.neurons, self.lines)) @ _as_columns(sent)
            total[:, d:] += arriving.view(self.neurons, *sent.shape[1:])

    def collect(self, spikes: Tensor, first: int, last: int, arriving: Tensor) -> None:
        """Add to `arriving`, int32 [samples, T, neurons], what arrives in the steps `first` .. `last` - 1.

        `spikes` [samples, T, lines] are those of the source; of them count those that were sent early enough.
        """
        if self._at_once is None:
            self._at_once = self._by_ways()
        delay, line, weight = self._at_once
        sent_at = torch.arange(first, last, device=delay.device)[:, None] - delay
        place = (sent_at.clamp(min=0) * self.lines + line).flatten().expand(len(spikes), -1)
        sent = torch.gather(spikes.flatten(1), 1, place).to(torch.float32).view(-1, *sent_at.shape)
        if first < self.delays[-1]:  # what would have been sent before the first step was not
            sent *= sent_at >= 0
        if weight.is_sparse:
            columns = sent.flatten(0, 1).T.contiguous()
            made = (weight @ columns).T.view(*sent.shape[:2], self.neurons)
        else:
            made = sent @ weight
        arriving[:, first:last] += made.to(torch.int32)

    def _by_ways(self) -> tuple[Tensor, Tensor, Tensor]:
        """Delay and line of each way, int64 [ways], and the weights of the synapses that share it.

        A way is a line with one of its delays: an axonal delay has one a line. The weights are a matrix
        [ways, neurons], or where few are not zero a sparse one [neurons, ways].
        """
        key, way = torch.unique(self.delay * self.lines + self.line, return_inverse=True)
        position, order = torch.sort(self.neuron * len(key) + way)
        weight = _matrix(
            position // len(key), position % len(key), self.weight[order], (self.neurons, len(key))
        )
        if self.neurons * len(key) <= DENSE * len(way):
            weight = weight.to_dense().T
        return key // self.lines, key % self.lines, weight


def accumulate(
    population: Population,
    projections: Iterable[tuple[IntegerProjection, Tensor]],
    samples: int,
    steps: int,
    device: torch.device,
) -> Tensor:
    """Clause 2: int32 [samples, T, neurons], the input bias and what `projections` deliver.

    Each comes with all spikes or payloads [samples, T, lines] of its source.
    """
    total = torch.zeros(population.neurons, steps, samples, device=device)
    if population.input_bias.any():
        total += torch.from_numpy(population.input_bias.astype(np.float32)).to(device)[:, None, None]
    for projection, spikes in projections:
        projection.deliver(spikes, total)
    return total.permute(2, 1, 0).to(torch.int32).contiguous()


def _as_source(spikes: Tensor) -> Tensor:
    """float32 [lines, steps, samples] of [samples, steps, lines]."""
    return spikes.permute(2, 1, 0).to(torch.float32).contiguous()


def _as_columns(source: Tensor) -> Tensor:
    """[lines, columns]: all but the first dimension as one."""
    return source.reshape(len(source), source[0].numel())


def _matrix(row: Tensor, column: Tensor, weight: Tensor, shape: tuple[int, int]) -> Tensor:
    """A sparse matrix; rows are sorted, columns too within one, and no pair repeats."""
    pair = torch.stack([row, column])
    return torch.sparse_coo_tensor(pair, weight, shape, is_coalesced=True, check_invariants=False)
