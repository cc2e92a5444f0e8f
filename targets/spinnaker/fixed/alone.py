"""One population of a graph on a board, fed by sources that send the contract's own spikes."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from snnc.stages import QuantizedGraph
from snnc.targets.spinnaker.fixed.accum import Ints
from snnc.targets.spinnaker.fixed.board import Answer, mapped_of, wires_of
from snnc.targets.spinnaker.fixed.mapping import Mapped
from snnc.targets.spinnaker.fixed.neurons import Neurons
from snnc.targets.spinnaker.fixed.ring import Ring
from snnc.targets.spinnaker.fixed.run import Delivery, Spikes
from snnc.targets.spinnaker.fixed.setting import Setting


class Alone:
    """The population `name` of `graph`; `sent`: what all populations that lead into it send, in the contract.

    It may lead into itself. What arrives depends on the quantum of a setting alone, and is kept.
    """

    def __init__(self, graph: QuantizedGraph, name: str, sent: Mapping[str, Spikes]) -> None:
        self._graph, self._name, self._sent = graph, name, sent
        self._late = int(any(each.synapses.has_delay_0 for each in graph.into(name)))
        self._samples = len(next(iter(sent.values())))
        self._sums: dict[int, tuple[Ints, Ints, int]] = {}

    def answer(self, setting: Setting) -> Answer:
        """What it does with `setting`."""
        mapped = mapped_of(self._graph, self._name, setting, self._late)
        if setting.quantum not in self._sums:
            self._sums[setting.quantum] = self._arrive(mapped)
        excitatory, inhibitory, saturated = self._sums[setting.quantum]
        neurons, shift = Neurons(mapped.cells.constants, self._samples), mapped.cells.shift
        v: Ints = np.zeros_like(excitatory)
        spikes: Spikes = np.zeros(v.shape, np.bool_)
        for step in range(v.shape[1]):
            injected = mapped.cells.injected(step)
            spikes[:, step] = neurons.step(
                excitatory[:, step] << shift, inhibitory[:, step] << shift, injected
            )
            v[:, step] = neurons.v
        late = self._late
        return Answer(v[:, late:] / mapped.unit, spikes[:, late:], saturated)

    def _arrive(self, mapped: Mapped) -> tuple[Ints, Ints, int]:
        """The sums of both ring buffers [samples, steps, neurons], and how many were too large."""
        wires = [wire for each in self._graph.into(self._name) for wire in wires_of(each, mapped, self._late)]
        neurons, steps = mapped.cells.neurons, self._graph.time_steps + self._late
        slots = max((int(wire.delay.max()) for wire in wires), default=0) + 1
        rings = [Ring(slots, neurons, self._samples) for _ in range(2)]
        deliveries = [Delivery(wire, self._sent[wire.source].shape[2], neurons) for wire in wires]
        sums: Ints = np.zeros((2, self._samples, steps, neurons), np.int64)
        for step in range(steps):
            for receptor, ring in enumerate(rings):
                sums[receptor, :, step] = ring.take(step, 0)
            if step < self._graph.time_steps:
                for each in deliveries:
                    each.deliver(step, self._sent[each.of.source][:, step], rings)
        return sums[0], sums[1], sum(ring.saturated for ring in rings)
