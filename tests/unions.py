"""Several graphs side by side as one: what is costly to start, as Lava, then runs all of them at once.

A step of a graph does not depend on what is after it. So the union runs over the most steps that one has, and
the first steps of its trace are the trace of each: the `end` of a population that has none only moves to
steps that are cut off.

    python tests/unions.py lava-event 40 1      # golden vectors, then 40 random graphs from the seed 1
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate

import numpy as np
import numpy.typing as npt
from golden import assert_same_trace
from graph_golden import GRAPH_GOLDEN
from hypothesis import HealthCheck, Phase, given, seed, settings
from networks import networks_with_input

from snnc.errors import LimitError
from snnc.hwsim import oracle
from snnc.stages import LayerTrace, QuantizedGraph, Trace
from snnc.stages.population import ADLIF, LIF, SPIKING, ZERO
from snnc.targets.loihi.executor import LavaEventExecutor, LavaStockExecutor
from snnc.targets.loihi.graph_emitter import fitting_levels
from snnc.targets.loihi.target import LIMITS

Pair = tuple[QuantizedGraph, npt.NDArray[np.uint8]]


def longest_delay(graph: QuantizedGraph) -> int:
    return max((each.synapses.max_delay for each in graph.projections), default=0)


def drawn(
    count: int, number: int, *, stock: bool = False, longest: int | None = None
) -> tuple[list[Pair], int]:
    """`count` random graphs of `networks.py` that have synapses and fit Loihi, with inputs; and how many did
    not fit. They are the last that Hypothesis draws, as the first are the simplest.

    `number` is the seed. `stock`: with neurons that Lava's LIFReset is, in place of others. `longest`: leave
    out those with longer delays.
    """
    drawn: list[Pair] = []

    @seed(number)
    @settings(
        max_examples=3 * count + 20,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(networks_with_input())
    def draw(pair: Pair) -> None:
        drawn.append(pair)

    draw()
    found: list[Pair] = []
    left_out = 0
    while len(found) < count:
        graph, spikes = drawn.pop()
        graph = _of_lif(graph) if stock else graph
        there = any(each.synapses.count for each in graph.projections)
        if not there or (longest is not None and longest_delay(graph) > longest):
            continue
        try:
            fitting_levels(graph, LIMITS)
        except LimitError:
            left_out += 1
        else:
            found.append((graph, spikes))
    return found, left_out


def _of_lif(graph: QuantizedGraph) -> QuantizedGraph:
    """Every spiking population as a `lif` that resets to zero and has no end; a current always decays."""
    populations = []
    for each in graph.populations:
        changed = each
        if each.decay_u is not None:
            changed = replace(changed, decay_u=np.maximum(each.decay_u, 1))
        if each.model in SPIKING:
            nothing = dict.fromkeys(("decay_w", "ka", "kb", "order", "reset_by", "end"))
            assert each.model in (LIF, ADLIF)
            changed = replace(changed, model=LIF, reset=ZERO, **nothing)
        populations.append(changed)
    return replace(graph, populations=tuple(populations))


def union(pairs: Sequence[Pair]) -> Pair:
    """One graph of all, whose populations are called `g0_NAME`, `g1_NAME`, ...; and its input."""
    steps = max(graph.time_steps for graph, _ in pairs)
    samples = max(len(spikes) for _, spikes in pairs)
    populations, projections, readouts, events = [], [], [], []
    for number, (graph, spikes) in enumerate(pairs):
        name = f"g{number}_{{}}".format
        populations += [replace(each, name=name(each.name)) for each in graph.populations]
        projections += [
            replace(each, source=name(each.source), destination=name(each.destination))
            for each in graph.projections
        ]
        readouts += [replace(each, population=name(each.population)) for each in graph.readouts]
        padded = np.zeros((samples, steps, graph.inputs), np.uint8)
        padded[: len(spikes), : graph.time_steps] = spikes
        events.append(padded)
    graph = QuantizedGraph(tuple(populations), tuple(projections), tuple(readouts), steps, 0.001)
    return graph, np.concatenate(events, axis=2)


def parts(pairs: Sequence[Pair], found: Trace) -> list[Trace]:
    """The trace of each graph of a union."""
    counts = [len(graph.stateful) for graph, _ in pairs]
    return [
        Trace(found.executor, tuple(_cut(layer, *pair) for layer in found.layers[last - count : last]))
        for pair, count, last in zip(pairs, counts, accumulate(counts), strict=True)
    ]


def _cut(layer: LayerTrace, graph: QuantizedGraph, spikes: npt.NDArray[np.uint8]) -> LayerTrace:
    here = slice(len(spikes)), slice(graph.time_steps)
    w = None if layer.w is None else layer.w[here]
    return LayerTrace(layer.u[here], layer.v[here], layer.spikes[here], w=w)


def main(name: str, count: int, number: int, size: int = 10) -> None:
    """Run all golden vectors that the executor `name` can, and random graphs, `size` of them at once."""
    executor = {each.name: each for each in (LavaEventExecutor, LavaStockExecutor)}[name]()
    cases = [each for each in GRAPH_GOLDEN if not executor.graph_reason(each.graph)]
    cases.sort(key=lambda each: longest_delay(each.graph))
    pairs = [(each.graph, each.input) for each in cases]
    random, left_out = drawn(count, number, stock=name == LavaStockExecutor.name)
    expected = [each.layers for each in cases] + [oracle.run_graph(*pair).layers for pair in random]
    pairs += random
    begun = time.perf_counter()
    for first in range(0, len(pairs), size):
        part = pairs[first : first + size]
        for found, layers in zip(
            parts(part, executor.run_graph(*union(part))), expected[first:], strict=False
        ):
            assert_same_trace(found, layers)
        print(f"{first + len(part)} of {len(pairs)} are equal, {time.perf_counter() - begun:.0f} s")
    spikes = sum(bool(layer.spikes.any()) for layers in expected[len(cases) :] for layer in layers)
    print(
        f"{len(cases)} golden, {count} random ({left_out} did not fit), {spikes} populations of these spike"
    )


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
