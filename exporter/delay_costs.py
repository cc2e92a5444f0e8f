"""What the delays of a network take on a chip, and what they would take if they were factored."""

from __future__ import annotations

import numpy as np

from snnc.exporter.factor_delays import factor_delays
from snnc.stages import QuantizedGraph, QuantizedLayer
from snnc.target import Limits


def delay_costs(graph: QuantizedGraph, limits: Limits) -> list[dict[str, int | str]]:
    """A row a layer, for the manifest.

    `slots`: steps for which each neuron holds pending input, one for each delay from 0 to the longest, of
    `slots_limit`; `neurons_per_core`: how many neurons a core has slots for. `lines`: distinct pairs (source,
    delay). `delay_bits`: of all delays of the synapses, each as long as the longest needs.

    `factored_slots`, `factored_bits`: the same if the target held axonal and post-synaptic delays beside the
    synaptic (`factor_delays`). Analysis only: no target of snnc does.
    """
    rows: list[dict[str, int | str]] = []
    for layer in graph.layers:
        parts, synapses = factor_delays(layer), int(np.count_nonzero(layer.weight))
        axonal, synaptic, post = (int(part.max()) for part in (parts.axonal, parts.synaptic, parts.post))
        rows.append(
            {
                "layer": layer.name,
                "longest": layer.max_delay,
                "slots": layer.max_delay + 1,
                "slots_limit": limits.delay_slots,
                "neurons_per_core": limits.neurons_with_delay(layer.max_delay),
                "lines": count_lines(layer),
                "delay_bits": synapses * layer.max_delay.bit_length(),
                "factored_slots": synaptic + 1,
                "factored_bits": synapses * synaptic.bit_length()
                + layer.inputs * axonal.bit_length()
                + layer.neurons * post.bit_length(),
            }
        )
    return rows


def count_lines(layer: QuantizedLayer) -> int:
    """Distinct pairs (source, delay) of the synapses: the lines that delays need where they wait apart."""
    neuron, source = np.nonzero(layer.weight)
    used = np.zeros((layer.max_delay + 1, layer.inputs), np.bool_)
    used[layer.delay[neuron, source], source] = True
    return int(np.count_nonzero(used))
