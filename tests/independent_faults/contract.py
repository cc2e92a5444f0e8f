"""The integer contract in plain numpy, clause by clause, each a method that a fault can replace.

Samples run one after another on the same state, as on a chip: a ring of pending sums a layer, u and v.
Numbers in brackets are clauses of `docs/semantics.md`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from snnc.stages import LayerTrace, QuantizedGraph, QuantizedLayer, Trace

Ints = npt.NDArray[np.int64]

ONE = 4096
V_MOST = 2**23 - 1


@dataclass
class Layer:
    """Tables and state of one layer; `ring[(head + d) % len(ring)]` is what arrives in d steps."""

    index: int
    weight: Ints
    delay: Ints
    bias: Ints
    keep_u: int
    keep_v: int
    threshold: int | None
    ring: Ints
    u: Ints
    v: Ints
    head: int = 0

    @property
    def neurons(self) -> int:
        return len(self.bias)

    @property
    def rows(self) -> Ints:
        """The numbers of the neurons, as a column."""
        return np.arange(self.neurons)[:, None]


class Machine:
    """A network loaded from `graph`; `sample` and `t` say where a run is."""

    def __init__(self, graph: QuantizedGraph) -> None:
        self.graph = graph
        self.sample = self.t = 0
        self.layers = [self.load(index, layer) for index, layer in enumerate(graph.layers)]

    # Loading ------------------------------------------------------------------------------------------

    def load(self, index: int, given: QuantizedLayer) -> Layer:
        weight, delay = self.synapses(index, given.weight.astype(np.int64), given.delay.astype(np.int64))
        zero = np.zeros(given.neurons, np.int64)
        return Layer(
            index=index,
            weight=weight,
            delay=delay,
            bias=self.bias(index, given.bias_mant.astype(np.int64), given.bias_exp),
            keep_u=ONE - given.decay_u,
            keep_v=ONE - given.decay_v,
            threshold=None if given.threshold is None else self.threshold(index, given.threshold),
            ring=np.zeros((self.slots(delay), given.neurons), np.int64),
            u=zero.copy(),
            v=zero.copy(),
        )

    def synapses(self, index: int, weight: Ints, delay: Ints) -> tuple[Ints, Ints]:
        """[1] Both [neurons, inputs], as they lie in memory."""
        return weight, delay

    def slots(self, delay: Ints) -> int:
        return int(delay.max(initial=0)) + 1

    def bias(self, index: int, mantissa: Ints, exponent: int) -> Ints:
        """[5]"""
        return mantissa << exponent

    def threshold(self, index: int, mantissa: int) -> int:
        """[6]"""
        return mantissa << 6

    # Running ------------------------------------------------------------------------------------------

    def run(self, x: npt.NDArray[np.uint8]) -> list[tuple[Ints, Ints, Ints]]:
        """u, v, spikes of each layer, [samples, T, neurons], for x [samples, T, inputs]."""
        samples, steps, _ = x.shape
        record = [
            tuple(np.zeros((samples, steps, layer.neurons), np.int64) for _ in "uvs") for layer in self.layers
        ]
        for self.sample in range(samples):
            self.begin()
            for self.t in range(steps):
                self.step(self.source(x[self.sample]), record)
        return record

    def source(self, x: npt.NDArray[np.uint8]) -> Ints:
        """The input events of this step."""
        return x[self.t].astype(np.int64)

    def begin(self) -> None:
        """[8] Nothing of the sample before is left."""
        for layer in self.layers:
            layer.ring[:] = layer.u[:] = layer.v[:] = 0
            layer.head = 0

    def step(self, events: Ints, record: list) -> None:
        for layer in self.layers:
            fired = self.update(layer, events)
            self.probe(layer, fired, record)
            events = self.route(layer, fired)

    def update(self, layer: Layer, events: Ints) -> Ints:
        """One layer, one step; its spikes, 0 or 1."""
        self.deliver(layer, events)
        layer.u = self.current(layer, self.collect(layer))
        v = self.membrane(layer)
        fired = self.fires(layer, v)
        layer.v = self.reset(layer, v, fired)
        return fired

    def probe(self, layer: Layer, fired: Ints, record: list) -> None:
        """[6] What is recorded of v is v after the reset."""
        u, v, spikes = record[layer.index]
        at = self.sample, self.t
        u[at], v[at], spikes[at] = layer.u, layer.v, fired

    def route(self, layer: Layer, fired: Ints) -> Ints:
        """The events of the next layer."""
        return fired

    # Synapses -----------------------------------------------------------------------------------------

    def deliver(self, layer: Layer, events: Ints) -> None:
        sources = np.flatnonzero(events)
        self.add(layer, sources, events[sources])

    def add(self, layer: Layer, sources: Ints, payloads: Ints) -> None:
        """[2] Every synapse of `sources` adds to the slot of its delay."""
        slot = (layer.head + layer.delay[:, sources]) % len(layer.ring)
        np.add.at(layer.ring, (slot, layer.rows), layer.weight[:, sources] * payloads)

    def collect(self, layer: Layer) -> Ints:
        """What arrives now; its slot is free again."""
        a = layer.ring[layer.head].copy()
        layer.ring[layer.head] = 0
        layer.head = (layer.head + 1) % len(layer.ring)
        return a

    # Neurons ------------------------------------------------------------------------------------------

    def current(self, layer: Layer, a: Ints) -> Ints:
        """[3]"""
        return self.wrap(self.decay_u(layer, layer.u) + (a << 6))

    def wrap(self, x: Ints) -> Ints:
        return np.where(x > 2**23, x - 2**24, np.where(x <= -(2**23), x + 2**24, x))

    def decay_u(self, layer: Layer, u: Ints) -> Ints:
        return self.decay(u, layer.keep_u)

    def decay_v(self, layer: Layer, v: Ints) -> Ints:
        return self.decay(v, layer.keep_v)

    def decay(self, x: Ints, keep: int) -> Ints:
        """[4]"""
        return np.sign(x) * (np.abs(x) * keep >> 12)

    def membrane(self, layer: Layer) -> Ints:
        """[5]"""
        return self.clip(self.decay_v(layer, layer.v) + layer.u + layer.bias)

    def clip(self, v: Ints) -> Ints:
        return np.clip(v, -V_MOST, V_MOST)

    def fires(self, layer: Layer, v: Ints) -> Ints:
        """[6], and [7]: the readout never spikes."""
        if layer.threshold is None:
            return np.zeros_like(v)
        return (v > layer.threshold).astype(np.int64)

    def reset(self, layer: Layer, v: Ints, fired: Ints) -> Ints:
        return np.where(fired == 1, 0, v)


def trace(machine: Machine, x: npt.NDArray[np.uint8], name: str = "contract") -> Trace:
    """What `machine` makes of x, as snnc takes it."""
    return Trace(name, tuple(LayerTrace(u, v, s != 0) for u, v, s in machine.run(x)))
