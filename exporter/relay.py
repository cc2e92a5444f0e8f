"""Relay neurons: delays of any length, or one delay a source, out of synapses that hold less.

A *relay* stands for a source j, delayed: one synapse from j with a delay p (the *prefix*) and weight 2,
threshold 1, no bias, and `decay_u` = `decay_v` = 4096. A spike of j in step t makes u = v = 128 > 64 in step
t + p: the relay fires there, is reset, and keeps nothing (clauses 3 to 6). So it fires in t + p if and only
if j fired in t. A synapse of delay d from j becomes one of delay d - p from the relay. Layers act in order
within a step, so it delivers in (t + p) + (d - p) = t + d, as before. If t + p is T or later, so is t + d,
and the spike would have arrived nowhere (clause 2). A relay would lose the payload of an input event, so
where there are any, lines have no relays.

Weight 1 and threshold 0 would do by the contract. But v = 128 or 0 stays off the threshold of 64, so the
relay is right in readers too that fire at v >= threshold.

A layer reads only the layer before it. So where one synapse is too long, every source that the layer
listens to needs a relay, with p = 0 where no more is needed.

Where a chip delays what a neuron sends, not what a synapse delivers, a source may have one delay only. Then
a relay stands for each pair of a source j and a delay d of one of its synapses; p is j's shortest delay, the
same for all relays of j, and the synapses that the relay takes over have d - p, the same for all of one
relay.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from snnc import formats
from snnc.errors import BUT_OF_EXAMPLE, LimitError, StageError
from snnc.stages import QuantizedGraph, QuantizedLayer
from snnc.stages.chain import LAYER_LIMIT

WEIGHT, THRESHOLD = 2, 1


def add_relays(graph: QuantizedGraph, most: int) -> QuantizedGraph:
    """`graph` with layers of relays before every layer that has a delay above `most` >= 1 steps.

    Raises
    ------
    LimitError
        If input lines would need relays and carry payloads, or a delay needs more layers than a network has.
    """
    first = graph.layers[0]
    if graph.payload_max > 1 and first.max_delay > most:
        raise LimitError(
            f"{first.name}: delays of up to {first.max_delay} steps are beyond {most}, and relays for them "
            f"would lose payloads of up to {graph.payload_max}; train with shorter delays, or export with "
            f"--payload-max 1{BUT_OF_EXAMPLE}"
        )
    for layer in graph.layers:
        check_count(layer.name, layer.max_delay, (layer.max_delay - 1) // most)
    taken = {layer.name for layer in graph.layers}
    layers: list[QuantizedLayer] = []
    for layer in graph.layers:
        chain = [layer]
        while chain[0].max_delay > most:
            number = (chain[0].max_delay - 1) // most  # as many layers of relays are still to come
            chain[:1] = _shorter(chain[0], most, free_name(f"{layer.name}_relay{number}", taken))
        layers += chain
    return graph.with_layers(layers)


def check_count(name: str, longest: int, relays: int) -> None:
    """Raise `LimitError` if so many layers, or populations, of relays behind each other are too many."""
    if relays > LAYER_LIMIT:
        raise LimitError(
            f"{name}: delays of up to {longest} steps would take {relays} relays one behind another, the "
            f"limit is {LAYER_LIMIT}; use shorter delays, or coarser time steps"
        )


def _shorter(layer: QuantizedLayer, most: int, name: str) -> tuple[QuantizedLayer, QuantizedLayer]:
    """A layer of relays, and `layer` that listens to it with delays of at most `most` steps."""
    neuron, source = np.nonzero(layer.weight)
    used = np.zeros((layer.max_delay + 1, layer.inputs), np.bool_)
    used[layer.delay[neuron, source], source] = True
    prefix = _prefixes(used, most)
    steps, sources = np.nonzero(used)
    # One relay for each pair, in order of source, then prefix.
    pairs = np.unique(np.stack([sources, prefix[steps, sources]]), axis=1)
    relay_source, relay_prefix = pairs.astype(np.int32)
    served = prefix[layer.delay, np.arange(layer.inputs)][:, relay_source] == relay_prefix
    weight = np.where(served, layer.weight[:, relay_source], 0)
    rest = np.where(weight != 0, layer.delay[:, relay_source] - relay_prefix, 0)
    return _relays(name, layer.inputs, relay_source, relay_prefix), replace(layer, weight=weight, delay=rest)


def _prefixes(used: npt.NDArray[np.bool_], most: int) -> npt.NDArray[np.int32]:
    """Prefix of the relay that serves delay d of source j, int32 [d, j]; it means something where `used`.

    A relay of prefix p serves the delays p .. p + most. From the longest delay down, each relay starts as
    low as its longest delay allows: the fewest that serve all delays of a source, and short prefixes, so that
    several of them can share one relay further up.
    """
    prefix = np.zeros(used.shape, np.int32)
    lowest = np.full(used.shape[1], len(used))  # shortest delay that the latest relay of a source serves
    for delay in range(len(used) - 1, -1, -1):
        lowest = np.where(used[delay] & (delay < lowest), max(0, delay - most), lowest)
        prefix[delay] = np.minimum(lowest, delay)
    return prefix


def fold_relays(graph: QuantizedGraph, names: Collection[str]) -> QuantizedGraph:
    """`graph` without its layers of relays: those that are not in `names`. The inverse of `add_relays`.

    Raises
    ------
    StageError
        If a layer that is not in `names` does not hold relays only, or a neuron hears one source twice.
    """
    layers: list[QuantizedLayer] = []
    relays: QuantizedLayer | None = None
    for layer in graph.layers:
        whole = layer if relays is None else _joined(relays, layer)
        if layer.name in names:
            layers.append(whole)
            relays = None
        else:
            relays = _checked(whole)
    return graph.with_layers(layers)


def _checked(layer: QuantizedLayer) -> QuantizedLayer:
    one_synapse = (np.count_nonzero(layer.weight, axis=1) == 1).all()
    strength = (layer.weight.sum(axis=1) == WEIGHT).all() and layer.threshold == THRESHOLD
    forgets = layer.decay_u == layer.decay_v == formats.DECAY_ONE
    if not (one_synapse and strength and forgets and not layer.bias_mant.any()):
        raise StageError(f"{layer.name}: holds neurons that are not relays")
    return layer


def _joined(relays: QuantizedLayer, layer: QuantizedLayer) -> QuantizedLayer:
    """`layer` that listens to the sources of `relays`, with the sums of both delays."""
    source = relays.weight.argmax(axis=1)
    prefix = relays.delay.max(axis=1)
    neuron, relay = np.nonzero(layer.weight)
    weight = np.zeros((layer.neurons, relays.inputs), np.int32)
    delay = np.zeros_like(weight)
    weight[neuron, source[relay]] = layer.weight[neuron, relay]
    delay[neuron, source[relay]] = layer.delay[neuron, relay] + prefix[relay]
    if np.count_nonzero(weight) != len(neuron):
        raise StageError(f"{layer.name}: a neuron hears one source through two relays")
    return replace(layer, weight=weight, delay=delay)


def split_sources(graph: QuantizedGraph) -> QuantizedGraph:
    """`graph` with relays before each layer in which a source has several delays; the same spikes and states.

    Raises
    ------
    LimitError
        If input lines would need relays and carry payloads.
    """
    layers: list[QuantizedLayer] = []
    taken = {layer.name for layer in graph.layers}
    for layer in graph.layers:
        source, delay = source_lines(layer)
        if has_several(source):
            if layer is graph.layers[0] and graph.payload_max > 1:
                raise LimitError(
                    f"{layer.name}: a source has several delays, and relays for them would lose payloads of "
                    f"up to {graph.payload_max}; export with --payload-max 1{BUT_OF_EXAMPLE}"
                )
            layers += _split(layer, source, delay, free_name(f"{layer.name}_split", taken))
        else:
            layers.append(layer)
    return graph.with_layers(layers)


def split_size(graph: QuantizedGraph) -> tuple[int, int]:
    """How many relays, each with one synapse, and how many layers of them `split_sources` adds."""
    sources = [source_lines(layer)[0] for layer in graph.layers]
    added = [len(source) for source in sources if has_several(source)]
    return sum(added), len(added)


def has_several(source: np.ndarray) -> bool:
    """Whether one of the `source` of `source_lines` has several delays."""
    return len(source) > len(np.unique(source))


def source_lines(layer: QuantizedLayer) -> np.ndarray:
    """Distinct pairs of source and delay, [2, pairs], in rising order."""
    neuron, source = np.nonzero(layer.weight)
    return np.unique(np.stack([source, layer.delay[neuron, source]]), axis=1)


def _split(
    layer: QuantizedLayer, source: np.ndarray, delay: np.ndarray, name: str
) -> tuple[QuantizedLayer, QuantizedLayer]:
    """A layer of relays, and `layer` that listens to it; no source has two delays then."""
    shortest = np.full(layer.inputs, np.iinfo(np.int32).max)
    np.minimum.at(shortest, source, delay)
    weight = np.where(layer.delay[:, source] == delay, layer.weight[:, source], 0)
    rest = np.broadcast_to(delay - shortest[source], weight.shape)
    return _relays(name, layer.inputs, source, shortest[source]), replace(layer, weight=weight, delay=rest)


def _relays(name: str, inputs: int, source: np.ndarray, prefix: np.ndarray) -> QuantizedLayer:
    """A layer of relays: of the `source` of each, `prefix` steps later."""
    relay = np.arange(len(source))
    weight, delay = np.zeros((2, len(source), inputs), np.int32)
    weight[relay, source], delay[relay, source] = WEIGHT, prefix
    return QuantizedLayer(
        name=name,
        weight=weight,
        delay=delay,
        bias_mant=np.zeros(len(source), np.int32),
        bias_exp=0,
        decay_u=formats.DECAY_ONE,
        decay_v=formats.DECAY_ONE,
        threshold=THRESHOLD,
    )


def free_name(name: str, taken: set[str]) -> str:
    """`name`, longer by what makes it one that is not `taken`, which it is then."""
    while name in taken:
        name += "_"
    taken.add(name)
    return name
