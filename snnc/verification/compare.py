"""Comparison of two executions: the first divergence, and the rungs of the ladder that hold.

The ladder and the order of "first" are defined in `docs/semantics.md`. One part of the samples at a time is
enough for both: see `snnc.verification.verify` for traces in memory, `compare_files` beside it for trace
files.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from snnc import decode
from snnc.arrivals import arriving_synapses
from snnc.errors import StageError
from snnc.stages import Divergence, QuantizedGraph, Rung, Synapse, Trace

ACTIVITY_TOLERANCE = 0.01
SYNAPSES_SHOWN = 20
VARIABLES = ("u", "v", "spikes")
ALL_RUNGS = frozenset(Rung)

Pair = tuple[npt.NDArray[Any], npt.NDArray[Any]]
Pairs = Sequence[Mapping[str, Pair]]
"""Of each layer of the graph, by variable, what is expected and what was found, [samples, steps, neurons].

A variable that is not there is not compared.
"""


class Place(NamedTuple):
    """Where a value stands; smaller is first. `variable` counts in `VARIABLES`."""

    sample: int
    step: int
    layer: int
    neuron: int
    variable: int


def first_difference(pairs: Pairs) -> Place | None:
    """The first place in which `pairs` differ, or None; samples and steps count from those of the arrays."""
    best: Place | None = None
    for index, layer in enumerate(pairs):
        for number, name in enumerate(VARIABLES):
            if name not in layer:
                continue
            differs = np.not_equal(*layer[name])
            at = int(differs.argmax())
            if differs.flat[at]:
                sample, step, neuron = (int(i) for i in np.unravel_index(at, differs.shape))
                place = Place(sample, step, index, neuron, number)
                best = place if best is None else min(best, place)
    return best


def rungs(pairs: Pairs, readout_scale: float, *, all_steps: bool = True) -> frozenset[Rung]:
    """The rungs that hold for every sample of `pairs`, as far as the traces allow a conclusion.

    Those of two parts of the samples have in common what holds for both. Our executors never declare a
    shift, so "spikes after a shift" means a shift of 0: spikes and readout agree although some other u or v
    does not. A class is decoded only from `all_steps`.
    """
    equal = [{name: np.array_equal(*pair) for name, pair in layer.items()} for layer in pairs]
    held = {Rung.NOTHING}
    if all(all(layer.values()) for layer in equal):
        held.add(Rung.BIT_EXACT)
    readout = pairs[-1].get("v")
    readout_equal = equal[-1].get("v", True)
    spikes = [layer["spikes"] for layer in pairs if "spikes" in layer]
    if spikes and readout_equal and all(layer.get("spikes", True) for layer in equal):
        held.add(Rung.SHIFTED_SPIKES)
    if readout is not None and readout_equal:
        held.add(Rung.READOUT)
    if readout is not None and all_steps:
        left, right = (decode.classes(v, readout_scale) for v in readout)
        if np.array_equal(left, right):
            held.add(Rung.CLASS)
    if spikes and all(_same_activity(*pair) for pair in spikes):
        held.add(Rung.ACTIVITY)
    return frozenset(held)


def _same_activity(expected: npt.NDArray[np.bool_], found: npt.NDArray[np.bool_]) -> bool:
    """Whether the spike counts of every sample agree within the tolerance."""
    count = expected.sum(axis=(1, 2))
    return bool((np.abs(found.sum(axis=(1, 2)) - count) <= ACTIVITY_TOLERANCE * count).all())


def first_divergence(
    graph: QuantizedGraph,
    expected: Trace,
    found: Trace,
    inputs: npt.NDArray[np.uint8],
    split: str,
    layers: Collection[str] | None = None,
) -> Divergence | None:
    """The first difference of `found` from `expected`, or None if every u, v and spike agrees.

    `inputs` uint8 [samples, T, inputs] is what both ran on; it names the contributing synapses. Only `layers`
    are compared, if they are named.

    Raises
    ------
    StageError
        If the traces differ in layers or shape, or do not fit `graph`.
    """
    pairs = trace_pairs(graph, expected, found, layers)
    place = first_difference(pairs)
    if place is None:
        return None
    signal = inputs if place.layer == 0 else expected.layers[place.layer - 1].spikes
    synapses = arriving_synapses(graph, place.layer, signal[place.sample], place.neuron, place.step)
    return divergence(pairs, place, graph.layers[place.layer].name, split, synapses)


def divergence(
    pairs: Pairs, place: Place, layer: str, split: str, synapses: Sequence[Synapse] = ()
) -> Divergence:
    """The difference of `pairs` at `place`, in words and numbers."""
    name = VARIABLES[place.variable]
    left, right = (values[place.sample, place.step, place.neuron] for values in pairs[place.layer][name])
    return Divergence(
        split=split,
        sample=place.sample,
        step=place.step,
        layer=layer,
        neuron=place.neuron,
        variable="spike" if name == "spikes" else name,
        expected=int(left),
        found=int(right),
        synapses=tuple(synapses[:SYNAPSES_SHOWN]),
        synapse_count=len(synapses),
    )


def trace_rungs(
    graph: QuantizedGraph, expected: Trace, found: Trace, layers: Collection[str] | None = None
) -> frozenset[Rung]:
    """The rungs that hold for every sample of two traces of `graph`, as far as `layers` (all) can tell."""
    return rungs(trace_pairs(graph, expected, found, layers), graph.readout_scale)


def trace_pairs(
    graph: QuantizedGraph, expected: Trace, found: Trace, layers: Collection[str] | None = None
) -> Pairs:
    """Two whole traces side by side, those of `layers` (all). `StageError` unless both fit `graph`."""
    for trace in (expected, found):
        shapes = [layer.v.shape for layer in trace]
        wanted = [(expected.samples, graph.time_steps, layer.neurons) for layer in graph.layers]
        if shapes != wanted:
            raise StageError(f"trace of {trace.executor}: shapes {shapes}, expected {wanted}")
    return [
        {name: (getattr(a, name), getattr(b, name)) for name in VARIABLES if _wanted(layer.name, layers)}
        for layer, a, b in zip(graph.layers, expected, found, strict=True)
    ]


def _wanted(layer: str, layers: Collection[str] | None) -> bool:
    return layers is None or layer in layers
