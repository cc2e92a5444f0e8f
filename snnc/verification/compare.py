"""Comparison of two executions: the first divergence, and the rungs of the ladder that hold.

The ladder and the order of "first" are defined in `docs/semantics.md`. One part of the samples at a time is
enough for both: see `snnc.verification.verify` for traces in memory, `compare_files` beside it for trace
files.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from snnc.arrivals import arriving_at
from snnc.decoding.trace import Recorded, recorded, trace_order
from snnc.errors import StageError
from snnc.stages import Divergence, QuantizedGraph, Rung, Synapse, Trace
from snnc.stages.population import ADLIF

ACTIVITY_TOLERANCE = 0.01
SYNAPSES_SHOWN = 20
VARIABLES = ("u", "w", "v", "spikes")
ALL_RUNGS = frozenset(Rung)

Pair = tuple[npt.NDArray[Any], npt.NDArray[Any]]
Pairs = Sequence[Mapping[str, Pair]]
"""Of each layer of a trace, by variable, what is expected and what was found, [samples, steps, neurons].

A variable that is not there is not compared.
"""


class Place(NamedTuple):
    """Where a value stands; smaller is first.

    `layer` counts in the contract order of the populations that a trace has layers of; in a chain that is the
    order of its layers. `variable` counts in `VARIABLES`.
    """

    sample: int
    step: int
    layer: int
    neuron: int
    variable: int


def first_difference(pairs: Pairs, order: Sequence[int] | None = None) -> Place | None:
    """The first place in which `pairs` differ, or None; samples and steps count from those of the arrays.

    `order`: their numbers in the contract order; None: as they stand.
    """
    best: Place | None = None
    for place, index in enumerate(range(len(pairs)) if order is None else order):
        for number, name in enumerate(VARIABLES):
            if name not in pairs[index]:
                continue
            differs = np.not_equal(*pairs[index][name])
            at = int(differs.argmax()) if differs.size else 0
            if differs.size and differs.flat[at]:
                sample, step, neuron = (int(i) for i in np.unravel_index(at, differs.shape))
                found = Place(sample, step, place, neuron, number)
                best = found if best is None else min(best, found)
    return best


def rungs(
    pairs: Pairs, readouts: Sequence[Recorded], *, first: int = 0, all_steps: bool = True
) -> frozenset[Rung]:
    """The rungs that hold for every sample of `pairs`, as far as the traces allow a conclusion.

    Those of two parts of the samples have in common what holds for both. Our executors never declare a
    shift, so "spikes after a shift" means a shift of 0 in every population: spikes and readouts agree
    although some other state does not. The arrays begin with step `first`; a class is decoded only from
    `all_steps`.
    """
    equal = [{name: np.array_equal(*pair) for name, pair in layer.items()} for layer in pairs]
    held = {Rung.NOTHING}
    if all(all(layer.values()) for layer in equal):
        held.add(Rung.BIT_EXACT)
    shown = list(_records(pairs, readouts, first))
    readouts_equal = all(
        np.array_equal(of.own(left, first), of.own(right, first)) for of, (left, right) in shown
    )
    spikes = [layer["spikes"] for layer in pairs if "spikes" in layer]
    if spikes and readouts_equal and all(layer.get("spikes", True) for layer in equal):
        held.add(Rung.SHIFTED_SPIKES)
    if shown and readouts_equal:
        held.add(Rung.READOUT)
    if shown and all_steps:
        classes = ((of.classes(left), of.classes(right)) for of, (left, right) in shown)
        if all(np.array_equal(left, right) for left, right in classes):
            held.add(Rung.CLASS)
    if spikes and all(_same_activity(*pair) for pair in spikes):
        held.add(Rung.ACTIVITY)
    return frozenset(held)


def _records(pairs: Pairs, readouts: Sequence[Recorded], first: int) -> Iterator[tuple[Recorded, Pair]]:
    """What `pairs` hold of each readout, if it is anything in its own steps."""
    for of in readouts:
        pair = pairs[of.layer].get(of.variable)
        if pair is not None and first < of.end:
            yield of, pair


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
    """The first difference of `found` from `expected`, or None if every u, w, v and spike agrees.

    `inputs` uint8 [samples, T, inputs] is what both ran on; it names the contributing synapses. Only `layers`
    are compared, if they are named: populations with a state.

    Raises
    ------
    StageError
        If the traces differ in layers or shape, or do not fit `graph`.
    """
    pairs, order = trace_pairs(graph, expected, found, layers), trace_order(graph)
    place = first_difference(pairs, order)
    if place is None:
        return None
    name = graph.stateful[order[place.layer]].name

    def signal(source: str) -> npt.NDArray[Any]:
        if source in {each.name for each in graph.stateful}:
            return np.asarray(expected.layers[graph.trace_index(source)].spikes[place.sample])
        return np.asarray(inputs[place.sample, :, graph.lines(source)])

    synapses = arriving_at(graph, name, signal, place.neuron, place.step)
    return divergence(pairs[order[place.layer]], place, name, split, synapses)


def divergence(
    pairs: Mapping[str, Pair], place: Place, layer: str, split: str, synapses: Sequence[Synapse] = ()
) -> Divergence:
    """The difference at `place`, in words and numbers; `pairs` are those of that layer."""
    name = VARIABLES[place.variable]
    left, right = (values[place.sample, place.step, place.neuron] for values in pairs[name])
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
    return rungs(trace_pairs(graph, expected, found, layers), recorded(graph))


def trace_pairs(
    graph: QuantizedGraph, expected: Trace, found: Trace, layers: Collection[str] | None = None
) -> Pairs:
    """Two whole traces side by side, those of `layers` (all). `StageError` unless both fit `graph`."""
    for trace in (expected, found):
        check_trace(graph, trace, expected.samples)
    return [
        {
            name: (getattr(a, name), getattr(b, name))
            for name in VARIABLES
            if (layers is None or each.name in layers) and getattr(a, name) is not None
        }
        for each, a, b in zip(graph.stateful, expected, found, strict=True)
    ]


def check_trace(graph: QuantizedGraph, trace: Trace, samples: int) -> None:
    """Raise `StageError` unless `trace` is one of `samples` samples of `graph`, with w where there is a w."""
    shapes = [layer.v.shape for layer in trace]
    wanted = [(samples, graph.time_steps, each.neurons) for each in graph.stateful]
    if shapes != wanted:
        raise StageError(f"trace of {trace.executor}: shapes {shapes}, expected {wanted}")
    for each, layer in zip(graph.stateful, trace, strict=True):
        if (layer.w is None) == (each.model == ADLIF):
            what = "no w" if layer.w is None else "a w"
            raise StageError(
                f"trace of {trace.executor}: {each.name} is of the model {each.model} and has {what}; give "
                f"w of {ADLIF} populations alone"
            )
