"""What to say when a network does not fit: the resource, by how much, and the smallest changes that fit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NoReturn

import numpy as np

from snnc.encodings import least_bytes
from snnc.errors import LimitError
from snnc.exporter.placement.fill import DoesNotFitError, fill
from snnc.exporter.placement.network import Network
from snnc.target import Limits, Target


def least_cores(network: Network, limits: Limits) -> int:
    """Cores that any placement needs; the true number may be larger."""
    return max(
        -(-_synapse_bytes(network) // limits.synapse_bytes_per_core),
        -(-sum(layer.neurons for layer in network) // limits.neurons_per_core),
        -(
            -sum(layer.neurons * limits.slots_with_delay(layer.max_delay) for layer in network)
            // limits.slots_per_core
        ),
    )


def fits(network: Network, limits: Limits) -> bool:
    """Whether neurons in their order, core after core, fit the chips: `place` then finds a placement too."""
    available = limits.chips * limits.cores
    if least_cores(network, limits) > available:
        return False
    spikes = [np.ones(layer.inputs, np.int64) for layer in network]
    try:
        fill(network, limits, spikes, grow=False, share=True, most=available)
        if limits.axons_out_per_core is not None:  # the axons of a neuron depend on the slices
            fill(network, limits, spikes, grow=False, share=False)
    except LimitError:
        return False
    return True


def refuse(network: Network, target: Target, cause: DoesNotFitError | None = None) -> NoReturn:
    """Raise the `LimitError` for a network that does not fit, because of one neuron (`cause`) or in all."""
    remedies = _remedies(network, target.limits)
    advice = ", or ".join(remedies) + (" fit" if len(remedies) != 1 else " fits")
    if not remedies:
        advice = "no change of weight bits, delays or the neurons of one layer alone makes it fit"
    raise LimitError(f"{cause or _too_many_cores(network, target)}; {advice}") from cause


def _too_many_cores(network: Network, target: Target) -> str:
    limits = target.limits
    available = limits.chips * limits.cores
    spikes = [np.ones(layer.inputs, np.int64) for layer in network]
    needed, bound = least_cores(network, limits), " at least"
    if needed <= available:  # lost by what does not divide evenly
        needed, bound = fill(network, limits, spikes, grow=False, share=True).cores, ""
    chips = "one chip has" if limits.chips == 1 else f"{limits.chips} chips have"
    return (
        f"the network takes {needed:,} cores of {target.name}{bound}, {chips} {available:,}: "
        f"{needed - available:,} over ({sum(layer.neurons for layer in network):,} neurons of "
        f"{available * limits.neurons_per_core:,}, synapse_bytes {_synapse_bytes(network):,} of "
        f"{available * limits.synapse_bytes_per_core:,})"
    )


def _synapse_bytes(network: Network) -> int:
    """Bytes that the synapses take in any encoding."""
    return sum(
        least_bytes(int(np.count_nonzero(layer.present)), layer.weight_bits, layer.delay_bits)
        for layer in network
    )


def _remedies(network: Network, limits: Limits) -> list[str]:
    """Changes after which it fits, of each kind the smallest; each was tried."""
    found = [*_fewer_bits(network, limits), *_shorter_delays(network, limits)]
    widths = [
        (index, *change)
        for index in range(-1, len(network) - 1)
        if (change := _fewer(network, limits, index))
    ]
    if widths:
        # of the layers the one that loses the smallest part
        index, now, then = min(widths, key=lambda width: (width[1] - width[2]) / width[1])
        where = "input lines" if index < 0 else f"neurons in {network[index].name}"
        found.append(f"{then:,} instead of {now:,} {where}")
    return found


def _fewer_bits(network: Network, limits: Limits) -> Iterator[str]:
    for bits in range(max(layer.weight_bits for layer in network) - 1, 1, -1):
        if fits(tuple(replace(layer, weight_bits=min(bits, layer.weight_bits)) for layer in network), limits):
            yield f"{bits}-bit weights"
            return


def _shorter_delays(network: Network, limits: Limits) -> Iterator[str]:
    longest = max(layer.max_delay for layer in network)
    choices = {(1 << bits) - 1 for bits in range(longest.bit_length() + 1)} | {limits.delay_slots - 1}
    for steps in sorted((steps for steps in choices if 0 <= steps < longest), reverse=True):
        if fits(tuple(replace(layer, max_delay=min(steps, layer.max_delay)) for layer in network), limits):
            yield f"delays up to {steps}"
            return


def _fewer(network: Network, limits: Limits, index: int) -> tuple[int, int] | None:
    """Neurons of layer `index` (-1: input lines) now, and how many of the first of them fit; None if none."""
    now = network[index + 1].inputs
    low, high = 0, now - 1
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(_cut(network, index, middle), limits) else (low, middle - 1)
    return (now, low) if low else None


def _cut(network: Network, index: int, count: int) -> Network:
    """`network` with the first `count` neurons of layer `index` alone."""
    layers = list(network)
    if index >= 0:
        layers[index] = replace(layers[index], present=layers[index].present[:count])
    layers[index + 1] = replace(layers[index + 1], present=layers[index + 1].present[:, :count])
    return tuple(layers)
