"""Run a `Network`: all samples at once, step by step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from snnc.targets.spinnaker.fixed.accum import Ints
from snnc.targets.spinnaker.fixed.network import Cells, Network, Wires
from snnc.targets.spinnaker.fixed.neurons import Neurons
from snnc.targets.spinnaker.fixed.ring import Ring

Spikes = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Run:
    """What a population did: [samples, steps, neurons].

    `v`: S16.15 after each step and its reset. sPyNNaker records v before the update, so what it records in
    step t + 1 is `v[:, t]`. `received`: S16.15, the excitatory less the inhibitory input. `saturated`: how
    many sums of its ring buffers were too large.
    """

    v: Ints
    spikes: Spikes
    received: Ints
    saturated: int


def run(network: Network, sent: Mapping[str, Spikes]) -> dict[str, Run]:
    """Run `network` from rest; `sent` has bool [samples, steps, neurons] of each of its sources."""
    samples = len(next(iter(sent.values()))) if sent else 1
    parts = {
        each.name: _Part(each, network, samples) for each in network.populations if isinstance(each, Cells)
    }
    size = {each.name: each.neurons for each in network.populations}
    wires = [Delivery(each, size[each.source], size[each.destination]) for each in network.wires]
    for step in range(network.steps):
        spikes = {name: train[:, step] for name, train in sent.items()}
        spikes |= {name: part.step(step) for name, part in parts.items()}
        for each in wires:
            each.deliver(step, spikes[each.of.source], parts[each.of.destination].rings)
    return {name: part.run() for name, part in parts.items()}


class _Part:
    """A population with its ring buffers, and what it did so far."""

    def __init__(self, cells: Cells, network: Network, samples: int) -> None:
        self._cells = cells
        longest = max(
            (int(w.delay.max(initial=0)) for w in network.wires if w.destination == cells.name), default=0
        )
        self.rings = [Ring(longest + 1, cells.neurons, samples) for _ in range(2)]
        self._neurons = Neurons(cells.constants, samples)
        self._v: Ints = np.zeros((samples, network.steps, cells.neurons), np.int64)
        self._spikes: Spikes = np.zeros(self._v.shape, np.bool_)
        self._received: Ints = np.zeros_like(self._v)

    def step(self, step: int) -> Spikes:
        excitatory, inhibitory = (ring.take(step, self._cells.shift) for ring in self.rings)
        fires = self._neurons.step(excitatory, inhibitory, self._cells.injected(step))
        self._v[:, step], self._spikes[:, step] = self._neurons.v, fires
        self._received[:, step] = excitatory - inhibitory
        return fires

    def run(self) -> Run:
        return Run(self._v, self._spikes, self._received, sum(ring.saturated for ring in self.rings))


class Delivery:
    """The synapses of `of` as one matrix [delay and neuron of the destination, neuron of the source]."""

    def __init__(self, of: Wires, pre: int, post: int) -> None:
        self.of = of
        self._neurons, self._delays = post, int(of.delay.max(initial=0))
        row = (of.delay - 1) * self._neurons + of.post
        shape = (self._delays * self._neurons, pre)
        self._matrix = csr_array((of.weight, (row, of.pre)), shape)

    def deliver(self, step: int, spikes: Spikes, rings: Sequence[Ring]) -> None:
        """`spikes` [samples, neurons of the source], sent in `step`, to the one of `rings` they are for."""
        if not spikes.any():
            return
        arrivals = self._matrix @ spikes.T.astype(np.int64)
        shape = self._delays, self._neurons, len(spikes)
        rings[self.of.inhibitory].add(step, arrivals.reshape(shape))
