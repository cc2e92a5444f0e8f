"""Parameters with plain values: what differs from them in a small case matters to the fault."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from snnc import formats
from snnc.stages import Population, QuantizedGraph
from snnc.stages.population import ADLIF, INPUT, LIF, NEW, ZERO
from snnc.verification.shrinking.cases import Case

FORGET = formats.DECAY_ONE
PLAIN: dict[str, Any] = {
    "end": None,
    "input_bias_mant": 0,
    "input_bias_exp": 0,
    "bias_mant": 0,
    "bias_exp": 0,
    "ka": 0,
    "kb": 0,
    "decay_w": FORGET,
    "order": NEW,
    "reset": ZERO,
    "decay_u": FORGET,
    "decay_v": FORGET,
    "threshold": 0,
}
"""Without bias, adaptation, memory and end; v is set to zero by a spike, and any v above 0 is one."""
ADAPTATION = ("decay_w", "ka", "kb", "order")
"""What `adlif` has and `lif` has not."""


def plainer(case: Case) -> Iterator[Case]:
    """One parameter of one population or projection made plain each time, where it is not."""
    for number, each in enumerate(case.graph.populations):
        if each.model == INPUT:
            yield from _plain_input(case, number)
        if each.model == ADLIF:
            yield _with(case, number, _changed(each, {"model": LIF, **dict.fromkeys(ADAPTATION)}))
        if each.model != INPUT:
            for name in _others(each):
                freed = {"reset_by": None} if name == "reset" else {}
                yield _with(case, number, _changed(each, {name: PLAIN[name], **freed}))
    for number, projection in enumerate(case.graph.projections):
        if projection.weight_exp:
            projections = list(case.graph.projections)
            projections[number] = replace(projection, weight_exp=0)
            yield Case(replace(case.graph, projections=tuple(projections)), case.inputs)


def others(graph: QuantizedGraph) -> int:
    """How many parameters are not plain; the model `adlif` and payloads count, too."""
    populations = sum(
        len(_others(each)) + (each.model == ADLIF) + ((each.payload_max or 1) > 1)
        for each in graph.populations
    )
    return populations + sum(each.weight_exp > 0 for each in graph.projections)


def _others(population: Population) -> list[str]:
    """The names of its parameters that are not plain."""
    values = {name: getattr(population, name) for name in PLAIN}
    return [name for name, value in values.items() if value is not None and np.any(value != PLAIN[name])]


def _plain_input(case: Case, number: int) -> Iterator[Case]:
    """Events of 1 alone; silence in place of an end."""
    population = case.graph.populations[number]
    lines = case.graph.lines(population.name)
    if (population.payload_max or 1) > 1:
        inputs = np.array(case.inputs)
        inputs[:, :, lines] = np.minimum(inputs[:, :, lines], 1)
        yield Case(_with(case, number, replace(population, payload_max=1)).graph, inputs)
    if population.end is not None:
        inputs = np.array(case.inputs)
        inputs[:, population.end :, lines] = 0
        yield Case(_with(case, number, replace(population, end=None)).graph, inputs)


def _changed(population: Population, values: dict[str, Any]) -> Population:
    return replace(population, **values)


def _with(case: Case, number: int, population: Population) -> Case:
    populations = list(case.graph.populations)
    populations[number] = population
    return Case(replace(case.graph, populations=tuple(populations)), case.inputs)
