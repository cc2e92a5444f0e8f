"""One delay a source: where a chip delays what a neuron sends, not what a synapse delivers.

A relay (`relay.py`) stands for each pair of a source j and a delay d of one of its synapses. The synapse from
j to the relay has j's shortest delay m, the same for all relays of j, and the synapses that the relay takes
over have d - m, the same for all of one relay. So a spike still arrives after m + (d - m) = d steps, and
neither j nor a relay has two delays. A layer reads only the layer before it, so sources with one delay get a
relay too.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from snnc import formats
from snnc.errors import LimitError
from snnc.exporter.relay import THRESHOLD, WEIGHT
from snnc.stages import QuantizedGraph, QuantizedLayer


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
                    f"up to {graph.payload_max}; export with --payload-max 1"
                )
            name = f"{layer.name}_split"
            while name in taken:
                name += "_"
            taken.add(name)
            layers += _split(layer, source, delay, name)
        else:
            layers.append(layer)
    return replace(graph, layers=tuple(layers))


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
    count = len(source)
    shortest = np.full(layer.inputs, np.iinfo(np.int32).max)
    np.minimum.at(shortest, source, delay)
    before, waiting = np.zeros((2, count, layer.inputs), np.int32)
    before[np.arange(count), source], waiting[np.arange(count), source] = WEIGHT, shortest[source]
    relays = QuantizedLayer(
        name=name,
        weight=before,
        delay=waiting,
        bias_mant=np.zeros(count, np.int32),
        bias_exp=0,
        decay_u=formats.DECAY_ONE,
        decay_v=formats.DECAY_ONE,
        threshold=THRESHOLD,
    )
    weight = np.where(layer.delay[:, source] == delay, layer.weight[:, source], 0)
    rest = np.broadcast_to(delay - shortest[source], weight.shape)
    return relays, replace(layer, weight=weight, delay=rest)
