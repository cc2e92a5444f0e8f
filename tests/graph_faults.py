"""Executors that run another graph than they are given, and a network on which it shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from graph_cases import adlif, dense, graph_of, li, lif, listed, readout, source

from snnc.hwsim import oracle
from snnc.stages import Artifact, Convolution, Projection, QuantizedGraph, SynapseList, Trace

Change = Callable[[QuantizedGraph], QuantizedGraph]


class OnChanged:
    """The oracle, on another graph than it is given."""

    name = "changed"

    def __init__(self, change: Change) -> None:
        self.change = change

    def unavailable_reason(self) -> str | None:
        return None

    def run(self, artifact: Artifact, spikes: np.ndarray) -> Trace:
        return replace(oracle.run_graph(self.change(artifact.graph), spikes), executor=self.name)


def synapses(change: Callable[[Projection, SynapseList], SynapseList], where: Any = None) -> Change:
    """Other synapses in all projections, or in those for which `where(graph, projection)` holds."""

    def changed(graph: QuantizedGraph) -> QuantizedGraph:
        projections = [
            replace(each, synapses=change(each, each.synapses.as_list()))
            if where is None or where(graph, each)
            else each
            for each in graph.projections
        ]
        return replace(graph, projections=tuple(projections))

    return changed


def populations(**values: Any) -> Change:
    """Other parameters in all populations that have these."""

    def changed(graph: QuantizedGraph) -> QuantizedGraph:
        found = []
        for each in graph.populations:
            named = {name: value for name, value in values.items() if getattr(each, name) is not None}
            new = {name: value(getattr(each, name)) for name, value in named.items()}
            if new.get("reset", "subtract") != "subtract":
                new["reset_by"] = None
            found.append(replace(each, **new))
        return replace(graph, populations=tuple(found))

    return changed


def later(_: Projection, of: SynapseList) -> SynapseList:
    return replace(of, delay=of.delay + 1)


def recurrent(_: QuantizedGraph, of: Projection) -> bool:
    return of.source == of.destination


def on_a_cycle(graph: QuantizedGraph, of: Projection) -> bool:
    """Through two populations."""
    back = {each.destination for each in graph.out_of(of.destination) if each.synapses.count}
    return of.source != of.destination and of.source in back


def marked(_: Projection, of: SynapseList) -> SynapseList:
    """The one synapse of weight 77 weighs 78."""
    return replace(of, weight=np.where(of.weight == 77, 78, of.weight))


def flipped(graph: QuantizedGraph) -> QuantizedGraph:
    projections = [
        replace(each, synapses=replace(each.synapses, kernel=each.synapses.kernel[:, :, ::-1, ::-1]))
        if isinstance(each.synapses, Convolution)
        else each
        for each in graph.projections
    ]
    return replace(graph, projections=tuple(projections))


def network() -> QuantizedGraph:
    """Two inputs, a cycle through two recurrent populations, and two readouts, one of which ends early."""
    rng = np.random.default_rng(5)

    def some(post: int, pre: int, low: int, high: int) -> list[list[int]]:
        return rng.integers(low, high, (post, pre)).tolist()

    marked = some(6, 4, -9, 30)
    marked[4][2] = 77
    return graph_of(
        [
            source("x", 4),
            source("p", 2),
            adlif("h", 6, threshold=20, decay_u=2048, decay_v=1024, ka=200, kb=900, decay_w=512),
            lif("g", 5, threshold=30, decay_v=700, reset="subtract", reset_by=25, bias_mant=3, end=15),
            li("y", 3, decay_v=512),
            lif("z", 2, threshold=9, decay_v=512),
        ],
        [
            dense("x", "h", marked, some(6, 4, 0, 5)),
            dense("h", "h", some(6, 6, -8, 9), some(6, 6, 1, 4)),
            dense("h", "g", some(5, 6, -3, 25), some(5, 6, 0, 6)),
            dense("p", "g", some(5, 2, 5, 25), 3, exp=1),
            Projection("g", "h", listed(5, 6, (0, 1, -9, 1), (0, 1, 4, 3), (3, 2, 20, 2), (4, 4, -6, 1))),
            dense("g", "y", some(3, 5, -20, 40)),
            dense("h", "z", some(2, 6, -5, 20), 2),
        ],
        24,
        [readout("y", "max", 3, [0.5, 0.25, 1.0]), readout("z", "first", 2)],
    )


NETWORK = network()
SPIKES = (np.random.default_rng(9).random((2, 24, 6)) < 0.3).astype(np.uint8)
