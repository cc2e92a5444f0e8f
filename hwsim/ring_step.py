"""All layers one time step at a time, with spikes under way in ring buffers of delays: as hardware steps.

Written from `docs/semantics.md` alone. The other executors run a layer over the whole sample before the next;
here every layer is at the same step, so that one can stop and look.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from snnc import formats
from snnc.stages import QuantizedGraph, QuantizedLayer

State = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class LayerStep:
    """One layer after one step: `u`, `v` int64 and `spikes` bool, [neurons]; v after the reset."""

    u: State
    v: State
    spikes: npt.NDArray[np.bool_]


class _Ring:
    """One layer: its state, its synapses by source, and what is under way to it.

    `arriving[t % length, i]` is the sum of weights that reaches neuron i at step t, of spikes sent so far.
    The ring is one step longer than the longest delay, so no spike meets a slot that is still to be read.
    """

    def __init__(self, layer: QuantizedLayer) -> None:
        self.layer = layer
        self.length = layer.max_delay + 1
        self.arriving = np.zeros((self.length, layer.neurons), np.int64)
        self.u = np.zeros(layer.neurons, np.int64)
        self.v = np.zeros(layer.neurons, np.int64)
        self.weight = np.ascontiguousarray(layer.weight.T, np.int64)
        self.delay = np.ascontiguousarray(layer.delay.T, np.int64)
        self.bias = layer.bias_mant.astype(np.int64) << layer.bias_exp

    def deliver(self, step: int, spikes: npt.NDArray[np.uint8] | npt.NDArray[np.bool_]) -> None:
        """Send the spikes, or payloads, of `step` on their way (clause 2); delay 0 arrives in `step` itself.

        A slot that would be due at T or later is never read, so what arrives there arrives nowhere.
        """
        neurons = np.arange(self.layer.neurons)
        for source in np.flatnonzero(spikes):
            # One source has one synapse to a neuron, so no place occurs twice.
            place = (step + self.delay[source]) % self.length, neurons
            self.arriving[place] += self.weight[source] * int(spikes[source])

    def advance(self, step: int) -> LayerStep:
        """Clauses 3 to 6 for one step."""
        slot = step % self.length
        u = _decay(self.u, self.layer.decay_u) + (self.arriving[slot] << formats.STATE_FRACTION_BITS)
        u = np.where(u > formats.U_MAX, u - formats.U_WRAP, u)
        u = np.where(u < formats.U_MIN, u + formats.U_WRAP, u)
        v = np.clip(_decay(self.v, self.layer.decay_v) + u + self.bias, -formats.V_LIMIT, formats.V_LIMIT)
        spikes = np.zeros(len(v), np.bool_)
        if self.layer.threshold is not None:
            spikes = v > self.layer.threshold << formats.STATE_FRACTION_BITS
        self.u, self.v = u, np.where(spikes, 0, v)
        self.arriving[slot] = 0
        return LayerStep(self.u, self.v, spikes)


class RingStepper:
    """A network that is stepped from outside; all state is 0 before the first step (clause 8)."""

    def __init__(self, graph: QuantizedGraph) -> None:
        self.graph = graph
        self.step = 0
        self._rings = [_Ring(layer) for layer in graph.layers]

    def advance(self, inputs: npt.NDArray[np.uint8]) -> tuple[LayerStep, ...]:
        """Run the next step on `inputs` [inputs] of payloads, and return the layers after it."""
        spikes: npt.NDArray[np.uint8] | npt.NDArray[np.bool_] = inputs
        after = []
        for ring in self._rings:
            ring.deliver(self.step, spikes)
            after.append(ring.advance(self.step))
            spikes = after[-1].spikes
        self.step += 1
        return tuple(after)

    def under_way(self, layer: int) -> State:
        """Sums of weights, int64 [neurons], that spikes sent so far bring to `layer` in the next step."""
        ring = self._rings[layer]
        return ring.arriving[self.step % ring.length].copy()


def _decay(x: State, k: int) -> State:
    """Clause 4: toward zero, for either sign."""
    magnitude = (np.abs(x) * (formats.DECAY_ONE - k)) >> formats.DECAY_BITS
    return np.sign(x) * magnitude
