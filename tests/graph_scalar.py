"""Graphs of the contract in plain Python integers, a method a rule, so that a test can override one.

It shares nothing with an executor or with the diagnosis, whose hypotheses it is to check.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from snnc.stages import Artifact, LayerTrace, Population, Projection, Trace

Synapse = tuple[int, int, int]
"""Destination, weight with its exponent, delay."""


@dataclass
class State:
    """One neuron: u, w and v now, S of the step before, and what faults want to remember."""

    u: int = 0
    w: int = 0
    v: int = 0
    s: int = 0
    memory: dict[str, Any] = field(default_factory=dict)


class GraphScalar:
    """The contract, as an executor."""

    name = "scalar"

    def unavailable_reason(self) -> str | None:
        return None

    def run(self, artifact: Artifact, spikes: np.ndarray) -> Trace:
        self.graph = artifact.graph
        self.steps = self.graph.time_steps
        self.ends = {each.name: self.graph.end(each.name) for each in self.graph.populations}
        self.lists = [self.synapses(each) for each in self.graph.projections]
        shapes = {p.name: (len(spikes), self.steps, p.neurons) for p in self.graph.stateful}
        out = {name: {key: np.zeros(shape, int) for key in "uwvs"} for name, shape in shapes.items()}
        self.leave: dict[str, list[State]] = {}
        for number, sample in enumerate(spikes.astype(int)):
            self.run_sample(
                sample, {name: {key: x[number] for key, x in of.items()} for name, of in out.items()}
            )
        layers = []
        for p in self.graph.stateful:
            of = out[p.name]
            w = of["w"] if p.model == "adlif" else None
            layers.append(LayerTrace(of["u"], of["v"], of["s"].astype(bool), w=w))
        return Trace(self.name, tuple(layers))

    def run_sample(self, sample: np.ndarray, out: dict[str, dict[str, np.ndarray]]) -> None:
        graph = self.graph
        sums = {p.name: [[0] * p.neurons for _ in range(self.steps)] for p in graph.stateful}
        states = {p.name: self.start(p) for p in graph.stateful}
        for t in range(self.steps):
            for name in graph.order:
                p = graph.population(name)
                if p.model == "input":
                    row = sample[t, graph.lines(name)].tolist()
                    sent = [self.event(p, x) if t < self.input_end(p) else 0 for x in row]
                else:
                    sent = []
                    for i, state in enumerate(states[name]):
                        self.neuron(p, i, state, self.total(p, i, sums[name][t][i], t), t)
                        for key in "uwvs":
                            out[name][key][t, i] = getattr(state, key)
                        self.shown(p, i, state, {key: x[t] for key, x in out[name].items()})
                        sent.append(self.sent(p, i, state, t))
                for k, each in enumerate(graph.projections):
                    if each.source == name:
                        self.deliver(k, each, sent, sums[each.destination], t)
        self.leave = states

    def deliver(self, k: int, each: Projection, sent: list[int], sums: list[list[int]], t: int) -> None:
        for j, value in enumerate(sent):
            for i, weight, delay in self.lists[k][j] if value else ():
                at = self.arrival(each, t, delay)
                if 0 <= at < self.steps:
                    sums[at][i] += weight * value

    def arrival(self, each: Projection, t: int, delay: int) -> int:
        return t + delay

    def synapses(self, each: Projection) -> list[list[Synapse]]:
        """By source."""
        of = each.synapses.as_list()
        weights = of.weight.astype(int) * 2**each.weight_exp
        made: list[list[Synapse]] = [[] for _ in range(of.pre_neurons)]
        columns = (of.pre.tolist(), of.post.tolist(), weights.tolist(), of.delay.tolist())
        for j, *synapse in zip(*columns, strict=True):
            made[j].append(tuple(synapse))
        return made

    def start(self, p: Population) -> list[State]:
        return [State() for _ in range(p.neurons)]

    def event(self, p: Population, x: int) -> int:
        return x

    def input_end(self, p: Population) -> int:
        return self.ends[p.name]

    def sent(self, p: Population, i: int, state: State, t: int) -> int:
        return state.s

    def total(self, p: Population, i: int, a: int, t: int) -> int:
        return a + self.input_bias(p, i, t)

    def input_bias(self, p: Population, i: int, t: int) -> int:
        return int(p.input_bias_mant[i]) * 2**p.input_bias_exp

    def bias(self, p: Population, i: int, t: int) -> int:
        return int(p.bias_mant[i]) * 2**p.bias_exp

    def neuron(self, p: Population, i: int, of: State, a: int, t: int) -> None:
        u = self.current(p, i, of, a)
        old, w = of.w, 0
        if p.model == "adlif":
            w = self.clip(self.adapted(p, i, of))
        v = self.clip(self.membrane(p, i, of, u, self.acting(p, old, w), t))
        of.u, of.w, of.v = u, w, v
        fired = p.model in ("lif", "adlif") and self.fires(p, i, of, t)
        self.reset(p, i, of, fired, t)
        of.s = int(fired)

    def current(self, p: Population, i: int, of: State, a: int) -> int:
        return self.wrap(self.decay(of.u, int(p.decay_u[i])) + a * 64)

    def adapted(self, p: Population, i: int, of: State) -> int:
        return self.decay(of.w, int(p.decay_w[i])) + self.by_v(p, i, of) + self.by_spike(p, i, of)

    def by_v(self, p: Population, i: int, of: State) -> int:
        return self.scale(of.v, int(p.ka[i]))

    def by_spike(self, p: Population, i: int, of: State) -> int:
        return of.s * int(p.kb[i])

    def acting(self, p: Population, old: int, new: int) -> int:
        return new if p.order == "new" else old

    def membrane(self, p: Population, i: int, of: State, u: int, w: int, t: int) -> int:
        return self.decay(of.v, int(p.decay_v[i])) + u + self.bias(p, i, t) - w

    def fires(self, p: Population, i: int, of: State, t: int) -> bool:
        return self.above(p, i, of.v) and t < self.ends[p.name]

    def above(self, p: Population, i: int, v: int) -> bool:
        return v > self.threshold(p, i)

    def threshold(self, p: Population, i: int) -> int:
        return int(p.threshold[i]) * 64

    def r(self, p: Population, i: int) -> int:
        return int(p.reset_by[i]) * 64

    def reset(self, p: Population, i: int, of: State, fired: bool, t: int) -> None:
        if fired:
            of.v = self.after_reset(p, i, of.v)

    def after_reset(self, p: Population, i: int, v: int) -> int:
        if p.reset == "zero":
            return 0
        return v - self.r(p, i) if p.reset == "subtract" else v

    def shown(self, p: Population, i: int, state: State, row: dict[str, np.ndarray]) -> None:
        """A fault may change what is recorded of this step."""

    def decay(self, x: int, k: int) -> int:
        kept = abs(x) * (4096 - k) // 4096
        return kept if x >= 0 else -kept

    def scale(self, x: int, k: int) -> int:
        size = abs(x) * abs(k) // 4096
        return size if (x >= 0) == (k >= 0) else -size

    def wrap(self, x: int) -> int:
        if x > 8388608:
            return x - 16777216
        return x + 16777216 if x <= -8388608 else x

    def clip(self, x: int) -> int:
        return max(-8388607, min(8388607, x))


class OnGraph(GraphScalar):
    """The contract on another graph than is given."""

    def __init__(self, change: Any) -> None:
        self.change = change

    def run(self, artifact: Artifact, spikes: np.ndarray) -> Trace:
        return super().run(replace(artifact, graph=self.change(artifact.graph)), spikes)


def mutant(**methods: Any) -> GraphScalar:
    """The contract with these methods, functions of the machine and the method's arguments."""
    return type("Mutant", (GraphScalar,), methods)()
