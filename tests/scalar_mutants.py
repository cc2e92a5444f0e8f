"""The contract in plain Python integers, a method a clause, so that a test can override one and run the rest.

It shares nothing with an executor or with the diagnosis, whose hypotheses it is to check.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from snnc.stages import QuantizedGraph, QuantizedLayer

Record = dict[str, np.ndarray]


class Scalar:
    """The contract. `run` gives, by layer, "u", "v" and "spikes" [T, neurons] of one sample."""

    layer: QuantizedLayer
    steps: int

    def run(self, graph: QuantizedGraph, inputs: np.ndarray) -> list[Record]:
        signal, records = inputs.astype(int), []
        for index, layer in enumerate(graph.layers):
            self.layer, self.steps, self.index = layer, graph.time_steps, index
            records.append(self.run_layer(self.arriving(signal)))
            signal = records[-1]["spikes"].astype(int)
        return records

    def run_layer(self, signal: np.ndarray) -> Record:
        shape = (self.steps, self.layer.neurons)
        record: Record = {
            "u": np.zeros(shape, int),
            "v": np.zeros(shape, int),
            "spikes": np.zeros(shape, bool),
        }
        for i in range(self.layer.neurons):
            u, v = self.start(i)
            fired = False
            a = self.sums(i, signal)
            for t in range(self.steps):
                u, v = self.integrate(u, v, a[t], i, t)
                before, late = v, fired
                fired = self.layer.threshold is not None and self.fires(v, self.threshold())
                if fired:
                    u, v = self.reset(u, v)
                v = self.late_reset(v, late)
                record["u"][t, i], record["v"][t, i], record["spikes"][t, i] = u, self.shown(before, v), fired
        return self.recorded(record)

    def integrate(self, u: int, v: int, a: int, i: int, t: int) -> tuple[int, int]:
        u = self.wrap(self.decay_u(u, self.layer.decay_u) + self.current(a))
        return u, self.clip(self.decay_v(v, self.layer.decay_v) + u + self.bias(i, t))

    def arriving(self, signal: np.ndarray) -> np.ndarray:
        return signal

    def start(self, i: int) -> tuple[int, int]:
        return 0, 0

    def sums(self, i: int, signal: np.ndarray) -> list[int]:
        """Clause 2: a of neuron i in every step."""
        slots: list[list[tuple[int, int]]] = [[] for _ in range(self.steps)]
        for t, j in np.argwhere(signal).tolist():
            weight, due = self.weight(i, j), t + self.delay(i, j)
            if weight and due < self.steps:
                slots[due].append((t, weight * self.payload(int(signal[t, j]))))
        return [self.total(slot) for slot in slots]

    def payload(self, value: int) -> int:
        return value

    def total(self, slot: list[tuple[int, int]]) -> int:
        """Of (step of sending, weight)."""
        return sum(weight for _, weight in slot)

    def weight(self, i: int, j: int) -> int:
        return int(self.layer.weight[i, j])

    def delay(self, i: int, j: int) -> int:
        return int(self.layer.delay[i, j])

    def current(self, a: int) -> int:
        return a * 64

    def decay(self, x: int, k: int) -> int:
        kept = abs(x) * (4096 - k) // 4096
        return kept if x >= 0 else -kept

    def decay_u(self, x: int, k: int) -> int:
        return self.decay(x, k)

    def decay_v(self, x: int, k: int) -> int:
        return self.decay(x, k)

    def wrap(self, x: int) -> int:
        if x > 8388608:
            return x - 16777216
        return x + 16777216 if x <= -8388608 else x

    def clip(self, x: int) -> int:
        return max(-8388607, min(8388607, x))

    def bias(self, i: int, t: int) -> int:
        return int(self.layer.bias_mant[i]) * 2 ** int(self.layer.bias_exp)

    def threshold(self) -> int:
        assert self.layer.threshold is not None
        return int(self.layer.threshold) * 64

    def fires(self, v: int, threshold: int) -> bool:
        return v > threshold

    def reset(self, u: int, v: int) -> tuple[int, int]:
        return u, 0

    def late_reset(self, v: int, fired_before: bool) -> int:
        return v

    def shown(self, before: int, v: int) -> int:
        return v

    def recorded(self, record: Record) -> Record:
        return record


def mutant(**methods: Any) -> Scalar:
    """The contract with these methods, functions of the machine and the method's arguments."""
    return type("Mutant", (Scalar,), methods)()
