"""Faults of graphs that show at rare states alone: the contract in plain integers, with a rule replaced."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from graph_scalar import GraphScalar, State, mutant
from wrong_executors import in_memory

from snnc.hwsim.oracle import run_graph
from snnc.stages import Population, Projection, QuantizedGraph

TOP = 2**23


def with_clips(
    w: Callable[[int], int] = lambda x: max(1 - TOP, min(TOP - 1, x)),
    v: Callable[[int], int] = lambda x: max(1 - TOP, min(TOP - 1, x)),
) -> Callable[..., None]:
    """Clauses 3 to 6 with other clips."""

    def neuron(self: GraphScalar, p: Population, i: int, of: State, a: int, t: int) -> None:
        u, old, new = self.current(p, i, of, a), of.w, 0
        if p.model == "adlif":
            new = w(self.adapted(p, i, of))
        membrane = v(self.membrane(p, i, of, u, self.acting(p, old, new), t))
        of.u, of.w, of.v = u, new, membrane
        fired = p.model in ("lif", "adlif") and self.fires(p, i, of, t)
        self.reset(p, i, of, fired, t)
        of.s = int(fired)

    return neuron


def fires(rule: Callable[[int, int], bool]) -> GraphScalar:
    """`rule` of v and the threshold in units of v."""
    return mutant(above=lambda self, p, i, v: rule(v, self.threshold(p, i)))


def held(limit: int) -> GraphScalar:
    """What arrives in a step is held within -limit .. limit."""
    return mutant(total=lambda self, p, i, a, t: max(-limit, min(limit, GraphScalar.total(self, p, i, a, t))))


def queue(most: int) -> GraphScalar:
    """Of the spikes that arrive at a neuron in a step no more than `most` count."""

    def deliver(self: Any, k: int, each: Projection, sent: list[int], sums: list[list[int]], t: int) -> None:
        for j, value in enumerate(sent):
            for i, weight, delay in self.lists[k][j] if value else ():
                at = (id(sums), t + delay, i)
                self.counts[at] = self.counts.get(at, 0) + 1
                if t + delay < self.steps and self.counts[at] <= most:
                    sums[t + delay][i] += weight * value

    def run_sample(self: Any, sample: np.ndarray, out: dict[str, Any]) -> None:
        self.counts = {}
        GraphScalar.run_sample(self, sample, out)

    return mutant(deliver=deliver, run_sample=run_sample)


def narrow(x: int) -> int:
    """32 bits with a sign."""
    return (x + 2**31) % 2**32 - 2**31


def decay_in_32_bits(self: GraphScalar, x: int, k: int) -> int:
    kept = narrow(abs(x) * (4096 - k)) >> 12
    return kept if x >= 0 else -kept


def late_arrival(self: GraphScalar, each: Projection, t: int, delay: int) -> int:
    """What is to arrive in the last step is lost."""
    return self.steps if t + delay == self.steps - 1 else t + delay


def longest_wraps(self: GraphScalar, each: Projection, t: int, delay: int) -> int:
    """A ring of as many slots as the longest delay: the longest arrives at once."""
    longest = each.synapses.max_delay
    return t if delay == longest > 0 and each.source != each.destination else t + delay


def to_nearest(self: GraphScalar, x: int, k: int) -> int:
    size = (abs(x) * abs(k) + 2048) // 4096
    return size if (x >= 0) == (k >= 0) else -size


MUTANTS: dict[str, Callable[[], GraphScalar]] = {
    "v >= threshold": lambda: fires(lambda v, level: v >= level),
    "v > threshold + 1": lambda: fires(lambda v, level: v > level + 1),
    "v > threshold + 3": lambda: fires(lambda v, level: v > level + 3),
    "v >> 6 > vth": lambda: fires(lambda v, level: v >> 6 > level >> 6),
    "v > threshold - 2": lambda: fires(lambda v, level: v > level - 2),
    "v > 64 * (vth - 1)": lambda: fires(lambda v, level: v > level - 64),
    "wrap at 2^23": lambda: mutant(
        wrap=lambda self, x: x - 2 * TOP if x >= TOP else x + 2 * TOP if x <= -TOP else x
    ),
    "no wrap at -2^23": lambda: mutant(
        wrap=lambda self, x: x - 2 * TOP if x > TOP else x + 2 * TOP if x < -TOP else x
    ),
    "wrap above alone": lambda: mutant(wrap=lambda self, x: x - 2 * TOP if x > TOP else x),
    "wrap below alone": lambda: mutant(wrap=lambda self, x: x + 2 * TOP if x <= -TOP else x),
    "v clipped above alone": lambda: mutant(neuron=with_clips(v=lambda x: min(TOP - 1, x))),
    "v clipped below alone": lambda: mutant(neuron=with_clips(v=lambda x: max(1 - TOP, x))),
    "w clipped above alone": lambda: mutant(neuron=with_clips(w=lambda x: min(TOP - 1, x))),
    "w clipped below alone": lambda: mutant(neuron=with_clips(w=lambda x: max(1 - TOP, x))),
    "w clipped at 2^23": lambda: mutant(neuron=with_clips(w=lambda x: max(-TOP, min(TOP, x)))),
    "decay in 32 bits": lambda: mutant(decay=decay_in_32_bits),
    "the product with ka rounds to the nearest": lambda: mutant(scale=to_nearest),
    "what arrives in the last step is lost": lambda: mutant(arrival=late_arrival),
    "the longest delay arrives at once": lambda: mutant(arrival=longest_wraps),
    "more than two arrivals are lost": lambda: queue(2),
    "more than seven arrivals are lost": lambda: queue(7),
    "sums of 10 bits": lambda: held(2**9 - 1),
    "sums of 13 bits": lambda: held(2**12 - 1),
    "sums of 16 bits": lambda: held(2**15 - 1),
    "sums of 18 bits": lambda: held(2**17 - 1),
    "no end": lambda: mutant(fires=lambda self, p, i, of, t: self.above(p, i, of.v)),
    "a reset leaves 0 at least": lambda: mutant(
        after_reset=lambda self, p, i, v: max(0, GraphScalar.after_reset(self, p, i, v))
    ),
}


def shown(graph: QuantizedGraph, inputs: np.ndarray, wrong: GraphScalar) -> bool:
    """Whether a state of the faulty executor differs from the contract's on `inputs`."""
    found = wrong.run(in_memory(graph, inputs), inputs)
    pairs = zip(run_graph(graph, inputs), found, strict=True)
    return not all(
        np.array_equal(one.u, other.u)
        and np.array_equal(one.v, other.v)
        and np.array_equal(one.spikes, other.spikes)
        and (one.w is None or np.array_equal(one.w, other.w))
        for one, other in pairs
    )
