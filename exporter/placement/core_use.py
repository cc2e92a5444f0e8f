"""What a core uses of each resource that a target limits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from snnc.encodings import slice_bytes
from snnc.exporter.placement.network import Network
from snnc.target import Limits


class SliceSize(NamedTuple):
    """The part of one layer on one core: neurons, distinct sources that they listen to, and synapses."""

    neurons: int = 0
    sources: int = 0
    synapses: int = 0


def core_use(
    network: Network, slices: Mapping[int, SliceSize], axons_out: int, limits: Limits
) -> dict[str, tuple[int, int]]:
    """Resource -> (used, max) of a core with `slices` (layer number -> size); only what is limited.

    neurons : neurons of all slices.
    synapse_bytes : each slice in the smaller encoding (`snnc/encodings.py`).
    axons_in : sources from which a spike can come to this core, input lines included.
    axons_out : `axons_out`, for each neuron here the number of cores that listen to it, its own included.
    delay_slots : slots of all neurons (`Limits.slots_with_delay`); only where some layer of the network has
        longer delays than every neuron has slots for, else the limit on neurons says the same.
    """
    parts = [(network[index], size) for index, size in slices.items() if size.neurons]
    use = {
        "neurons": (sum(size.neurons for _, size in parts), limits.neurons_per_core),
        "synapse_bytes": (
            sum(slice_bytes(*size, layer.weight_bits, layer.delay_bits) for layer, size in parts),
            limits.synapse_bytes_per_core,
        ),
    }
    if any(layer.max_delay >= limits.delay_slots for layer in network):
        slots = sum(size.neurons * limits.slots_with_delay(layer.max_delay) for layer, size in parts)
        use["delay_slots"] = slots, limits.slots_per_core
    if limits.axons_in_per_core is not None:
        use["axons_in"] = (sum(size.sources for _, size in parts), limits.axons_in_per_core)
    if limits.axons_out_per_core is not None:
        use["axons_out"] = (axons_out, limits.axons_out_per_core)
    return use


def excess(use: Mapping[str, tuple[int, int]]) -> str:
    """Name of the first resource used beyond its limit, or ""."""
    return next((name for name, (used, most) in use.items() if used > most), "")
