"""Clause 2 of the integer PyTorch model: what synapses deliver, as sparse matrix products.

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
        self._at_once: tuple[Tensor, Tensor] | None = None

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

    def deliver_block(self, spikes: Tensor, first: int, arriving: Tensor) -> None:
        """Add to `arriving`, int32 [samples, T, neurons], what `spikes` [samples, block, lines] send.

        They are those of the steps from `first`. One product for all delays, as there are many blocks; its
        matrix has a row for each neuron and delay.
        """
        samples, block, _ = spikes.shape
        device = spikes.device
        if self._at_once is None:
            self._at_once = self._all_delays()
        delays, matrix = self._at_once
        made = matrix @ _as_columns(_as_source(spikes))
        made = made.view(self.neurons, -1, samples)  # the middle is [delays, block]
        step = (delays[:, None] + torch.arange(first, first + block, device=device)).flatten()
        if first + block - 1 + self.delays[-1] >= self.steps:  # some of it arrives at T or later, so nowhere
            within = step < self.steps
            step, made = step[within], made[:, within]
        arriving.index_add_(1, step, made.permute(2, 1, 0).to(torch.int32))

    def _all_delays(self) -> tuple[Tensor, Tensor]:
        """int64 [delays], and the matrix [neurons * delays, lines], in which the delay runs faster."""
        delays = torch.tensor(self.delays, device=self.delay.device)
        row = self.neuron * len(delays) + torch.searchsorted(delays, self.delay)
        row, order = torch.sort(row, stable=True)
        shape = (self.neurons * len(delays), self.lines)
        return delays, _matrix(row, self.line[order], self.weight[order], shape)


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
