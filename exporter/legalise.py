"""Pass: delays that the target holds, with relay neurons (`relay.py`) where they are allowed and needed.

Two limits count. `delay_max` is the longest delay that a synapse can say. `delay_slots` is how many steps
every neuron of a full core can look ahead; where longer delays take slots from other neurons, a core holds
fewer of them (`Limits.neurons_with_delay`, an estimate). With relays a network may use any shorter range of
delays: more neurons, and more of them on a core.
"""

from __future__ import annotations

import numpy as np

from snnc.errors import LimitError
from snnc.exporter.changes import of_graph
from snnc.exporter.relay import add_relays
from snnc.stages import QuantizedGraph
from snnc.targets.target import Limits, Target


def legalise(graph: QuantizedGraph, target: Target, relays: bool) -> QuantizedGraph:
    """`graph` with no delay beyond `target.limits.delay_max`.

    With `relays`, the range of delays that takes the fewest cores, counted by their neurons.

    Raises
    ------
    LimitError
        If a delay is too long and `relays` is not set, or the target holds no delay at all.
    """
    limits, longest = target.limits, max(layer.max_delay for layer in graph.layers)
    enough = min(limits.delay_max, limits.delay_slots - 1) if relays else limits.delay_max
    if longest <= enough:
        return graph
    if limits.delay_max < 1:
        raise LimitError(_too_long(graph, limits) + "relays need delays of 1 step; export to another target")
    choices = [add_relays(graph, most) for most in delay_ranges(limits)]
    best = min(choices, key=lambda legal: (cores_by_neurons(legal, limits), len(legal.layers)))
    if relays:
        return best
    added = of_graph(graph, best)
    raise LimitError(
        _too_long(graph, limits) + "with --relays it fits and computes the same ("
        f"neurons +{added['neurons_added']}, synapses +{added['synapses_added']}, "
        f"layers +{added['layers_added']}); else train with kernel_size <= {limits.delay_max | 1}, "
        "or with coarser time steps"
    )


def delay_ranges(limits: Limits) -> tuple[int, ...]:
    """Longest delays to choose from: what the slots of every neuron hold, twice as many, ..., `delay_max`."""
    ranges, slots = [], limits.delay_slots
    while 1 < slots <= limits.delay_max:
        ranges.append(slots - 1)
        slots *= 2
    return (*ranges, limits.delay_max)


def cores_by_neurons(graph: QuantizedGraph, limits: Limits) -> int:
    """Cores that the neurons of `graph` take if nothing else fills them, each with neurons of one layer."""
    held = (max(1, limits.neurons_with_delay(layer.max_delay)) for layer in graph.layers)
    return sum(-(-layer.neurons // most) for layer, most in zip(graph.layers, held, strict=True))


def _too_long(graph: QuantizedGraph, limits: Limits) -> str:
    most = limits.delay_max
    count = sum(int(np.count_nonzero(layer.delay > most)) for layer in graph.layers)
    layer = next(layer for layer in graph.layers if layer.max_delay > most)
    neuron, source = np.argwhere(layer.delay > most)[0]
    return (
        f"{layer.name}, synapse {source} -> {neuron}: the delay is {layer.delay[neuron, source]} steps, "
        f"the limit is {most} ({count} synapses exceed it); "
    )
