"""The promise of legalise: over relays, every synapse keeps its source, weight and whole delay."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from snnc.errors import PassError
from snnc.exporter.check_common import equal, same_network, same_neurons, same_synapses
from snnc.stages import QuantizedGraph, QuantizedLayer

Rows = npt.NDArray[np.int64]


def of_legalise(before: QuantizedGraph, after: QuantizedGraph, delay_max: int) -> None:
    """Delays are at most `delay_max`; layers of `before` have the same neurons, and hear the same.

    Every path from a neuron of one such layer to one of the next goes over relays, which fire when their one
    source does, and keep nothing; its delays add up to the synapse's.

    Raises
    ------
    PassError
        It names the layer, and the synapse or relay.
    """
    same_network(before, after)
    names = [layer.name for layer in before.layers]
    left = [layer.name for layer in after.layers if layer.name in names]
    equal("network", "the order of layers, without relays,", left, names)
    remaining = iter(after.layers)
    for old in before.layers:
        relays: list[QuantizedLayer] = []
        layer = next(remaining)
        while layer.name != old.name:
            relays.append(layer)
            layer = next(remaining)
        if relays and before.payload_max > 1 and old is before.layers[0]:
            raise PassError(f"{old.name}: relays lose the payload of its input")
        for one in (*relays, layer):
            if one.max_delay > delay_max:
                raise PassError(f"{one.name}: a delay is {one.max_delay} steps, the limit is {delay_max}")
        same_neurons(old, layer)
        if relays:
            _same_paths(old, relays, layer)
        else:
            same_synapses(old, layer)


def _same_paths(old: QuantizedLayer, relays: Sequence[QuantizedLayer], new: QuantizedLayer) -> None:
    """Lists (neuron, source, delay, weight) of both sides, in order."""
    source, waited = np.arange(old.inputs), np.zeros(old.inputs, np.int64)
    for layer in relays:
        _repeats(layer)
        relay, heard = np.nonzero(layer.weight)  # one a relay, in order of relays
        source, waited = source[heard], waited[heard] + layer.delay[relay, heard]
    neuron, heard = np.nonzero(new.weight)
    found = (neuron, source[heard], waited[heard] + new.delay[neuron, heard], new.weight[neuron, heard])
    neuron, heard = np.nonzero(old.weight)
    wanted = (neuron, heard, old.delay[neuron, heard], old.weight[neuron, heard])
    ours, theirs = _sorted(found), _sorted(wanted)
    length = min(len(ours), len(theirs))
    differ = np.flatnonzero((ours[:length] != theirs[:length]).any(axis=1))
    if len(differ) or len(ours) != len(theirs):
        longer = ours if len(ours) > len(theirs) else theirs
        row = theirs[differ[0]] if len(differ) else longer[length]
        raise PassError(
            f"{new.name}, synapse {row[1]} -> {row[0]}: the paths over relays are not one of weight {row[3]} "
            f"and {row[2]} steps"
        )


def _sorted(columns: tuple[npt.NDArray[np.integer], ...]) -> Rows:
    rows = np.stack(columns, axis=1).astype(np.int64)
    return rows[np.lexsort(rows.T[::-1])]


def _repeats(layer: QuantizedLayer) -> None:
    """One synapse each, stronger than the threshold; nothing else moves v, and nothing is kept."""
    for relay, row in enumerate(layer.weight):
        strength = row[row != 0]
        if len(strength) != 1 or layer.threshold is None or not strength[0] > layer.threshold >= 0:
            raise PassError(
                f"{layer.name}, neuron {relay}: is no relay; it must fire when its one source does"
            )
    if (layer.decay_u, layer.decay_v) != (4096, 4096) or layer.bias_mant.any():
        raise PassError(f"{layer.name}: its relays keep something, or have a bias")
