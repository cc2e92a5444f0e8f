"""Fewer synapses, shorter delays, smaller convolutions.

List, matrix and convolution have an array of weights and one of delays of the same shape. An element of it is
a synapse, or of a convolution an element of its kernel. Every result is a valid graph: a delay becomes 0 only
where no cycle of such delays comes of it, and never equals that of a second synapse between the same neurons.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from snnc.stages import Convolution, Projection, QuantizedGraph, SynapseList
from snnc.stages.bounds import IntArray
from snnc.stages.population import INPUT
from snnc.stages.synapses import Synapses
from snnc.verification.shrinking.cases import Case, Indices
from snnc.verification.shrinking.graphs.cases import with_neurons, with_projection, with_projections


def elements(graph: QuantizedGraph) -> Indices:
    """(projection, place in the flat array of weights) of every weight that is not 0, [elements, 2]."""
    found = [np.flatnonzero(_weight(each.synapses)) for each in graph.projections]
    numbers = np.repeat(np.arange(len(found)), [len(each) for each in found])
    return np.column_stack([numbers, np.concatenate([np.zeros(0, np.intp), *found])])


def with_elements(case: Case, kept: Indices) -> Case:
    """The elements `kept` (as `elements` gives them) only."""
    projections = []
    for number, each in enumerate(case.graph.projections):
        weight = _weight(each.synapses)
        stays = np.zeros(weight.size, np.bool_)
        stays[kept[kept[:, 0] == number, 1]] = True
        less = np.where(stays.reshape(weight.shape), weight, 0)
        projections.append(replace(each, synapses=_with_weight(each.synapses, less)))
    return Case(replace(case.graph, projections=tuple(projections)), case.inputs)


def shorter_delays(case: Case) -> Iterator[Case]:
    """The delay of one element each time: the least that is valid, half, one step less."""
    for number, projection in enumerate(case.graph.projections):
        synapses = projection.synapses
        least = 1 if _closes_a_cycle(case.graph, projection) else 0
        delays = _delay(synapses)
        for at in np.flatnonzero(delays):
            delay = int(delays.flat[at])
            taken = _delays_beside(synapses, int(at))
            for shorter in sorted({least, delay // 2, delay - 1}):
                if least <= shorter < delay and shorter not in taken:
                    changed = np.array(delays)
                    changed.flat[at] = shorter
                    yield with_projection(case, number, replace(synapses, delay=changed))  # type: ignore[type-var]


def delayed(graph: QuantizedGraph) -> int:
    """How many elements have a delay above 0."""
    return sum(int(np.count_nonzero(_delay(each.synapses))) for each in graph.projections)


def without_common_delays(case: Case) -> Case:
    """The delay that all synapses of an input line share is taken from them, and its events come later.

    Where a convolution leads from an input, what all synapses of all its lines share.
    """
    graph, inputs = case.graph, np.zeros_like(case.inputs)
    projections = list(graph.projections)
    for population in graph.populations:
        if population.model != INPUT:
            continue
        out = [number for number, each in enumerate(projections) if each.source == population.name]
        shared = _shared([projections[number].synapses for number in out], population.neurons)
        for number in out:
            synapses = _less_delay(projections[number].synapses, shared)
            projections[number] = replace(projections[number], synapses=synapses)
        for line, wait in enumerate(shared.tolist(), graph.lines(population.name).start):
            inputs[:, wait:, line] = case.inputs[:, : max(0, graph.time_steps - wait), line]
    return Case(replace(graph, projections=tuple(projections)), inputs)


def as_lists(case: Case) -> Iterator[Case]:
    """A convolution as a list each time, where that takes fewer numbers."""
    for number, each in enumerate(case.graph.projections):
        if isinstance(each.synapses, Convolution):
            synapses = each.synapses.as_list()
            if stored(synapses) < stored(each.synapses):
                yield with_projection(case, number, synapses)


def stored(synapses: Synapses) -> int:
    """How many numbers say what it is; a list has pre and post beside weight and delay."""
    return (4 if isinstance(synapses, SynapseList) else 2) * _weight(synapses).size


def smaller_grids(case: Case) -> Iterator[Case]:
    """A convolution on a part of its grids each time: half, then one, of the rows, columns or channels less.

    Each neuron keeps some of its synapses, and gets no other. Other convolutions there become lists.
    """
    for number, each in enumerate(case.graph.projections):
        if isinstance(each.synapses, Convolution) and each.source != each.destination:
            for part, pre, post in _crops(each.synapses):
                others = np.delete(np.arange(len(case.graph.projections)), number)
                smaller = with_neurons(with_projections(case, others), pre, each.source)
                smaller = with_neurons(smaller, post, each.destination)
                projections = list(smaller.graph.projections)
                projections.insert(number, replace(each, synapses=part))
                yield Case(replace(smaller.graph, projections=tuple(projections)), smaller.inputs)


def _crops(of: Convolution) -> Iterator[tuple[Convolution, Indices, Indices]]:
    """Parts of a convolution, each with the neurons of its source and of its destination."""
    for axis in (1, 2):
        stride, size = of.stride[axis - 1], of.grid[axis]
        for less in sorted({size // 2, 1}, reverse=True):  # from the end
            if 0 < less < size and (part := _on_grid(of, axis, size - less)) is not None:
                pre = _grid(of.grid, axis, slice(size - less))
                yield part, pre, _grid(of.grid_out, axis, slice(part.grid_out[axis]))
        rows = of.grid_out[axis]
        for less in sorted({rows // 2, 1}, reverse=True):  # from the start, by whole strides
            if 0 < less < rows and stride * less < size:
                part = _on_grid(of, axis, size - stride * less)
                assert part is not None  # it has as many rows or columns less as left out here
                pre = _grid(of.grid, axis, slice(stride * less, None))
                yield part, pre, _grid(of.grid_out, axis, slice(less, None))
    if of.groups > 1:
        return
    for axis in (0, 1):  # channels of the destination, of the source
        size = of.kernel.shape[axis]
        for kept in _halves_and_ones(size):
            kernel, delay = np.take(of.kernel, kept, axis), np.take(of.delay, kept, axis)
            grid = of.grid if axis == 0 else (len(kept), *of.grid[1:])
            part = replace(of, kernel=kernel, delay=delay, grid=grid)
            pre = _grid(of.grid, 0, kept if axis else slice(None))
            yield part, pre, _grid(of.grid_out, 0, slice(None) if axis else kept)


def _halves_and_ones(size: int) -> Iterator[Indices]:
    """0 .. size - 1 without one half, and without each number; never none."""
    every = np.arange(size)
    if size > 2:
        yield from (every[size // 2 :], every[: size // 2])
    if size > 1:
        yield from (np.delete(every, each) for each in every)


def _on_grid(of: Convolution, axis: int, size: int) -> Convolution | None:
    """With `size` rows (`axis` 1) or columns (2) of the source; None if the kernel does not fit."""
    if size + 2 * of.padding[axis - 1] < of.kernel.shape[1 + axis]:
        return None
    channels, rows, columns = of.grid
    return replace(of, grid=(channels, size, columns) if axis == 1 else (channels, rows, size))


def _grid(grid: tuple[int, int, int], axis: int, kept: slice | Indices) -> Indices:
    """Numbers of the neurons in a part of the grid."""
    where: list[slice | Indices] = [slice(None)] * 3
    where[axis] = kept
    return np.arange(np.prod(grid)).reshape(grid)[tuple(where)].ravel()


def _weight(synapses: Synapses) -> IntArray:
    return synapses.kernel if isinstance(synapses, Convolution) else synapses.weight  # type: ignore[attr-defined, no-any-return]


def _delay(synapses: Synapses) -> IntArray:
    return synapses.delay  # type: ignore[attr-defined, no-any-return]


def _with_weight(synapses: Synapses, weight: IntArray) -> Synapses:
    name = "kernel" if isinstance(synapses, Convolution) else "weight"
    return replace(synapses, **{name: weight})  # type: ignore[type-var]


def _closes_a_cycle(graph: QuantizedGraph, projection: Projection) -> bool:
    """Whether synapses of delay 0 lead from its destination to its source; then it may have none."""
    reached, new = {projection.destination}, [projection.destination]
    while new:
        for each in graph.out_of(new.pop()):
            if each.destination not in reached and each.synapses.has_delay_0:
                reached.add(each.destination)
                new.append(each.destination)
    return projection.source in reached


def _delays_beside(synapses: Synapses, at: int) -> set[int]:
    """Of the other synapses between the neurons of synapse `at` of a list; elsewhere there are none."""
    if not isinstance(synapses, SynapseList):
        return set()
    same = (synapses.pre == synapses.pre[at]) & (synapses.post == synapses.post[at])
    return set(synapses.delay[same].tolist()) - {int(synapses.delay[at])}


def _shared(out: list[Synapses], lines: int) -> IntArray:
    """The least delay of each line's synapses, int32 [lines]; 0 of a line without any."""
    none = np.iinfo(np.int32).max
    least = np.full(lines, none, np.int32)
    for each in out:
        if isinstance(each, Convolution):
            np.minimum(least, each.delay[each.kernel != 0].min(initial=none), out=least)
        else:
            found = each.as_list()
            np.minimum.at(least, found.pre, found.delay)
    if any(isinstance(each, Convolution) for each in out):
        least[:] = least.min()
    return np.where(least == none, 0, least)


def _less_delay(synapses: Synapses, shared: IntArray) -> Synapses:
    if isinstance(synapses, Convolution):  # then all are equal
        delay = np.where(synapses.kernel != 0, synapses.delay - shared[0], 0)
    elif isinstance(synapses, SynapseList):
        delay = synapses.delay - shared[synapses.pre]
    else:
        delay = np.where(_weight(synapses) != 0, _delay(synapses) - shared, 0)
    return replace(synapses, delay=delay)  # type: ignore[type-var]
