"""Which weights of a projection go first, and the projection without them.

A weight counts by its size relative to the threshold of its neuron; where a readout has a factor for each
class instead, by its size in real units. An element of a kernel counts by the neuron of its channel for which
it is largest, and stands for all synapses that it makes: a convolution stays one.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from snnc.errors import InputError
from snnc.stages import Convolution, Projection, QuantizedGraph, SynapseList, SynapseMatrix, Synapses

Order = npt.NDArray[np.intp]
Sizes = npt.NDArray[np.int32] | npt.NDArray[np.float64]
Units = npt.NDArray[np.float64] | None
MAGNITUDE = "magnitude"


def without(graph: QuantizedGraph, projection: Projection, share: float, by: str) -> Projection:
    """`projection` of `graph` without a `share` of what it stores, by the rule `by`.

    Raises
    ------
    InputError
        If it is a convolution, and `by` asks for lines, which a kernel does not have.
    """
    synapses = projection.synapses
    if share == 0:
        return projection
    unit = _units(graph, projection.destination)

    def size(weight: npt.NDArray[np.int32], neuron: npt.NDArray[np.signedinteger], of: Units) -> Sizes:
        return np.abs(weight) if of is None else np.abs(weight) / of[neuron]

    found: Synapses
    if isinstance(synapses, Convolution):
        if by != MAGNITUDE:
            raise InputError(
                f"--prune-by {by}: {projection.name} is a convolution, whose kernel has no lines; use "
                f"--prune-by {MAGNITUDE}"
            )
        kernel = synapses.kernel.copy()
        at = np.nonzero(kernel)
        least = None if unit is None else unit.reshape(len(kernel), -1).min(axis=1)
        gone = _first(size(kernel[at], at[0], least), np.arange(len(at[0])), share, by)
        kernel[tuple(index[gone] for index in at)] = 0
        found = replace(synapses, kernel=kernel)
    elif isinstance(synapses, SynapseMatrix):
        weight = synapses.weight.copy()
        post, pre = np.nonzero(weight)
        line = pre * (synapses.max_delay + 1) + synapses.delay[post, pre]
        gone = _first(size(weight[post, pre], post, unit), line, share, by)
        weight[post[gone], pre[gone]] = 0
        found = replace(synapses, weight=weight)
    else:
        listed: SynapseList = synapses.as_list()
        line = listed.pre.astype(np.int64) * (listed.max_delay + 1) + listed.delay
        weight = listed.weight.copy()
        weight[_first(size(weight, listed.post, unit), line, share, by)] = 0
        found = replace(listed, weight=weight)
    return replace(projection, synapses=found)


def _first(size: Sizes, line: npt.NDArray[np.int64], share: float, by: str) -> Order:
    """A `share` of the weights of `size`, on the lines with these numbers: those that go first."""
    _, line, synapses = np.unique(line, return_inverse=True, return_counts=True)
    if by == MAGNITUDE:
        order = np.lexsort((synapses[line], size))  # the last key decides first
    else:
        order = np.lexsort((size, line, np.bincount(line, size)[line]))
    return order[: round(share * len(order))]


def _units(graph: QuantizedGraph, name: str) -> Units:
    """float64 [neurons], what a weight into each is divided by; None where that makes no difference.

    Quotients of whole numbers so small keep their order in floating point, and equal ones are equal.
    """
    population = graph.population(name)
    unit = np.ones(population.neurons)
    if population.threshold is not None:
        unit = np.maximum(population.threshold, 1).astype(np.float64)
    for each in graph.readouts:
        if each.population == name and each.scale is not None:
            unit = np.ones(population.neurons) / each.scale
    return unit if np.ptp(unit) else None
