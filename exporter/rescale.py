"""Where the range proof fails: which smaller scale of the integers would pass? Each answer was tried."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

import numpy as np

from snnc.errors import RangeProofError
from snnc.exporter.growth import Cause, cause
from snnc.exporter.ranges.certificate import PopulationRanges
from snnc.exporter.ranges.prove import find_overflow, graph_bounds, overflow_excluded
from snnc.stages import QuantizedGraph, QuantizedLayer

FINENESS = 256
"""Scales are multiples of 1 / FINENESS."""
SMALLER = "prune inputs, or train with a smaller bias or tau"
COST_OF_BITS = "fewer bits may cost accuracy, which verify tells"
NOT_TRIED = f"use fewer weight bits (which were not tried; {COST_OF_BITS})"
"""Where each would need a search on recordings, or nobody asks."""

Fitting = Callable[[Collection[str]], Sequence[int] | None]
"""Bits of each layer that pass, fewer of those that are named if that helps, else of all; None if none do."""
Payloads = Callable[[int], str]
"""How a network whose input events are so large at most is made, as a remedy; empty if that does not pass."""


def by_option(most: int) -> str:
    """Of a network whose inputs the export decides."""
    return f"payloads of at most {most} pass, too (--payload-max {most})"


def prove(
    graph: QuantizedGraph, fitting: Fitting | None = None, payloads: Payloads = by_option
) -> tuple[PopulationRanges, ...]:
    """The intervals of `graph`, in which nothing wraps or clips. Remedies are asked where they allow it.

    Raises
    ------
    RangeProofError
        If they allow it: population, neuron, bound, limit, the weight bits that `fitting` tells, and in a
        chain a scale of the integers of its layer that passes.
    """
    ranges = graph_bounds(graph)
    found = cause(graph, ranges)
    if found is None:
        return ranges
    failing = {each.population for each in ranges if find_overflow([each])}
    scale = largest_scale(graph, failing) if graph.is_chain else None
    no_scale = graph.is_chain and scale is None
    bits = None if fitting is None or no_scale else told_bits(fitting(failing) or ())
    remedy = _of_chain(graph, failing, scale, bits) if graph.is_chain else _of_graph(bits, found)
    if (most := largest_payload(graph)) and (smaller := payloads(most)):
        remedy = f"{remedy}; {smaller}"
    error = RangeProofError(
        f"{found.overflow}{found.words}; {remedy}, or pass --allow-saturation to count overflows in runs"
    )
    error.weight_bits = bits or ""
    raise error


def told_bits(bits: Sequence[int]) -> str:
    """As the option takes them."""
    return ",".join(map(str, dict.fromkeys(bits) if len(set(bits)) == 1 else bits))


def _of_chain(graph: QuantizedGraph, failing: set[str], largest: float | None, bits: str | None) -> str:
    """`largest`: the scale of its layers that passes, if any. `bits` that pass: "" for none, None unknown."""
    where = ", ".join(layer.name for layer in graph.layers if layer.name in failing)
    if largest is None:
        return f"no smaller scale of {where} passes: {SMALLER}"
    passing = f"integers of {where} (weights, bias and threshold) times {largest:.3f} pass"
    if bits:
        return f"{passing}, as with --weight-bits {bits} ({COST_OF_BITS})"
    fewer = NOT_TRIED if bits is None else f"no fewer weight bits do; {SMALLER}"
    return f"{passing}: {fewer}"


def _of_graph(bits: str | None, found: Cause) -> str:
    """What grows by itself does so with any bias, so its own remedy comes first."""
    fewer = f"pass --weight-bits {bits}, with which it cannot ({COST_OF_BITS})" if bits else ""
    if found.remedy is not None:
        more = fewer and f"or {fewer}"
        return ", ".join(filter(None, [found.remedy, "" if found.enough else SMALLER, more]))
    if bits is None:
        return NOT_TRIED
    return fewer or f"no fewer weight bits pass: {SMALLER}"


def largest_payload(graph: QuantizedGraph) -> int:
    """The largest payload of input events that bisection finds to pass; 0 if spikes alone overflow."""
    passing, too_much = 0, max((each.payload_max or 1 for each in graph.populations), default=1)
    while too_much - passing > 1:
        middle = (passing + too_much) // 2
        if overflow_excluded(graph_bounds(_with_payloads(graph, middle))):
            passing = middle
        else:
            too_much = middle
    return passing


def _with_payloads(graph: QuantizedGraph, most: int) -> QuantizedGraph:
    inputs = {each.name: min(each.payload_max, most) for each in graph.populations if each.payload_max}
    return replace(
        graph,
        populations=tuple(
            replace(each, payload_max=inputs[each.name]) if each.name in inputs else each
            for each in graph.populations
        ),
    )


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
