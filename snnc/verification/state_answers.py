"""Comparison of states that an executor gives beside its trace, as those of another build of its program.

They are held to the reference like the trace; so are the counts of saturations of both.
"""

from __future__ import annotations

from collections.abc import Collection

from snnc.decoding.trace import trace_order
from snnc.stages import AnswerDifference, QuantizedGraph, Rung, Trace
from snnc.verification.compare import (
    ALL_RUNGS,
    VARIABLES,
    divergence,
    first_difference,
    trace_pairs,
    trace_rungs,
)

SATURATIONS, STATES = "saturations", "states"
COUNTS = {"u_wraps": "wraps of u", "w_clips": "clips of w", "v_clips": "clips of v"}
"""Fields of a `LayerTrace` that count, and what."""


def state_difference(
    graph: QuantizedGraph,
    expected: Trace,
    found: Trace,
    split: str,
    layers: Collection[str] | None = None,
) -> dict[str, AnswerDifference]:
    """The first difference of all states among the answers of `found`, in `layers` (all); none are no
    difference.

    Raises
    ------
    StageError
        If they differ in layers or shape from `expected`, or do not fit `graph`.
    """
    differing, order = [], trace_order(graph)
    for other in found.others:
        pairs = trace_pairs(graph, expected, other, layers)
        place = first_difference(pairs, order)
        if place is not None:
            index = order[place.layer]
            first = divergence(pairs[index], place, graph.stateful[index].name, split)
            differing.append((place, other.executor, first))
    if not differing:
        return {}
    at, by, first = min(differing, key=lambda each: each[0])
    traced = getattr(found.layers[order[at.layer]], VARIABLES[at.variable])[at.sample, at.step, at.neuron]
    wrong = AnswerDifference(
        by,
        split,
        first.sample,
        first.variable,
        f"{first.variable} of {first.layer} neuron {first.neuron} in step {first.step}",
        str(first.expected),
        str(first.found),
        "what sets this build apart: the trace is right there" if traced == first.expected else "the states",
    )
    return {STATES: wrong}


def state_rungs(
    graph: QuantizedGraph, expected: Trace, found: Trace, layers: Collection[str] | None = None
) -> frozenset[Rung]:
    """The rungs that hold for all states among the answers of `found`, as far as `layers` (all) can tell."""
    return ALL_RUNGS.intersection(*(trace_rungs(graph, expected, other, layers) for other in found.others))


def saturation_difference(
    graph: QuantizedGraph,
    expected: Trace,
    found: Trace,
    split: str,
    layers: Collection[str] | None = None,
) -> dict[str, AnswerDifference]:
    """The first count of clause 9 in `layers` (all) that is not the reference's, where the states are equal;
    none are no difference."""
    for trace in (found, *found.others):
        for index in trace_order(graph):
            layer, ours, theirs = graph.stateful[index], expected.layers[index], trace.layers[index]
            if layers is not None and layer.name not in layers:
                continue
            for what, words in COUNTS.items():
                right, count = getattr(ours, what), getattr(theirs, what)
                if None not in (right, count) and right != count:
                    where = "how the program counts: the states are equal"
                    by, name = trace.executor, f"{words} in {layer.name}"
                    wrong = AnswerDifference(
                        by, split, None, SATURATIONS, name, str(right), str(count), where
                    )
                    return {SATURATIONS: wrong}
    return {}
