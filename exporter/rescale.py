"""Where the range proof fails: which smaller scale of the integers would pass? Each answer was tried."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from snnc.errors import RangeProofError
from snnc.exporter.ranges.certificate import PopulationRanges
from snnc.exporter.ranges.prove import find_overflow, graph_bounds, overflow_excluded, refuse_overflow
from snnc.formats import WEIGHT_BITS_MIN
from snnc.stages import QuantizedGraph, QuantizedLayer

FINENESS = 256
"""Scales are multiples of 1 / FINENESS."""


def prove(graph: QuantizedGraph) -> tuple[PopulationRanges, ...]:
    """The intervals of `graph`, in which nothing wraps or clips.

    Raises
    ------
    RangeProofError
        If they allow it: population, neuron, bound, limit, and in a chain a scale of the integers of its
        layer that passes.
    """
    ranges = graph_bounds(graph)
    overflow = find_overflow(ranges)
    if overflow is None:
        return ranges
    if not graph.is_chain:
        refuse_overflow(ranges)
    failing = {each.population for each in ranges if find_overflow([each])}
    raise RangeProofError(
        f"{overflow}; {_remedy(graph, failing)}, or pass --allow-saturation to count overflows in runs"
    )


def _remedy(graph: QuantizedGraph, failing: set[str]) -> str:
    where = ", ".join(layer.name for layer in graph.layers if layer.name in failing)
    largest = largest_scale(graph, failing)
    if largest is None:
        return f"no smaller scale of {where} passes: prune inputs, or train with a smaller bias or tau"
    bits = most_bits(graph, failing)
    fewer = f", as with --weight-bits {bits}" if bits else ""
    return f"weights, bias and threshold of {where} times {largest:.3f} pass{fewer}"


def largest_scale(graph: QuantizedGraph, failing: set[str]) -> float | None:
    """The largest scale below 1 of the layers `failing` that bisection finds to pass, or None."""
    thresholds = [layer.threshold for layer in graph.layers if layer.name in failing and layer.threshold]
    too_little = FINENESS // (2 * min(thresholds)) if thresholds else 0  # it rounds a threshold to 0
    passing, too_much = too_little, FINENESS
    while too_much - passing > 1:
        middle = (passing + too_much) // 2
        if _passes(graph, dict.fromkeys(failing, middle / FINENESS)):
            passing = middle
        else:
            too_much = middle
    return passing / FINENESS if passing > too_little else None


def most_bits(graph: QuantizedGraph, failing: set[str]) -> int | None:
    """The most bits, fewer than now, to which the weights of the layers `failing` can be scaled and pass."""
    largest = {layer.name: int(np.abs(layer.weight).max()) for layer in graph.layers if layer.name in failing}
    present = max(largest.values()).bit_length() + 1
    for bits in range(present - 1, WEIGHT_BITS_MIN - 1, -1):
        end = (1 << (bits - 1)) - 1
        if _passes(graph, {name: min(1.0, end / max(1, value)) for name, value in largest.items()}):
            return bits
    return None


def _passes(graph: QuantizedGraph, scales: Mapping[str, float]) -> bool:
    layers = tuple(_scaled(layer, scales.get(layer.name, 1.0)) for layer in graph.layers)
    if any(old.threshold and not new.threshold for old, new in zip(graph.layers, layers, strict=True)):
        return False  # a threshold that was rounded away makes another network
    return overflow_excluded(graph_bounds(graph.with_layers(layers)))


def _scaled(layer: QuantizedLayer, scale: float) -> QuantizedLayer:
    """Weights, bias and threshold times `scale`, rounded: u and v scale with them, so spikes stay."""
    return replace(
        layer,
        weight=np.rint(layer.weight * scale),
        bias_mant=np.rint(layer.bias_mant * scale),
        threshold=None if layer.threshold is None else round(layer.threshold * scale),
    )
