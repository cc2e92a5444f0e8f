"""Changes of a graph: the same network with other parameters or synapses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from snnc.stages import Convolution, QuantizedGraph, SynapseList
from snnc.stages.synapses import Synapses

Change = Callable[[QuantizedGraph], QuantizedGraph]


def population(name: str, **of: Callable[[Any], Any]) -> Change:
    """Other parameters of one population."""

    def change(graph: QuantizedGraph) -> QuantizedGraph:
        made = [
            replace(p, **{key: do(getattr(p, key)) for key, do in of.items()}) if p.name == name else p
            for p in graph.populations
        ]
        return replace(graph, populations=tuple(made))

    return change


def projection(name: str, of: Callable[[Synapses], Synapses] | None, **fields: Any) -> Change:
    """Other synapses of one projection; None: it is left out."""

    def change(graph: QuantizedGraph) -> QuantizedGraph:
        made = []
        for each in graph.projections:
            if each.name != name:
                made.append(each)
            elif of is not None:
                made.append(replace(each, synapses=of(each.synapses), **fields))
        return replace(graph, projections=tuple(made))

    return change


def columns(**of: Callable[[np.ndarray], np.ndarray]) -> Callable[[Synapses], Synapses]:
    def change(synapses: Synapses) -> SynapseList:
        found = synapses.as_list()
        return replace(found, **{key: do(getattr(found, key)) for key, do in of.items()})

    return change


def edited(place: int, **of: Callable[[int], int]) -> Callable[[Synapses], Synapses]:
    """One synapse, by its place in the list."""

    def change(synapses: Synapses) -> SynapseList:
        found = synapses.as_list()
        arrays = {}
        for key, do in of.items():
            arrays[key] = np.array(getattr(found, key))
            arrays[key][place] = do(int(arrays[key][place]))
        return replace(found, **arrays)

    return change


def transposed(synapses: Synapses) -> SynapseList:
    found = synapses.as_list()
    return replace(found, pre=found.post, post=found.pre)


def kernel(of: Callable[[Convolution], dict[str, Any]]) -> Callable[[Synapses], Synapses]:
    def change(synapses: Synapses) -> Synapses:
        assert isinstance(synapses, Convolution)
        return replace(synapses, **of(synapses))

    return change


def moved(synapses: Synapses) -> Synapses:
    """The kernel one column to the right: it has two empty columns before it, and more padding."""
    assert isinstance(synapses, Convolution)
    wide = [np.pad(x, ((0, 0), (0, 0), (0, 0), (2, 0))) for x in (synapses.kernel, synapses.delay)]
    made = Convolution(wide[0], wide[1], synapses.grid, padding=(1, 2))
    assert made.grid_out == synapses.grid_out
    return made


def first_of_pair(synapses: Synapses) -> SynapseList:
    found = synapses.as_list()
    _, first = np.unique(np.stack([found.pre, found.post]), axis=1, return_index=True)
    return replace(found, **{key: getattr(found, key)[first] for key in ("pre", "post", "weight", "delay")})


def swapped(i: int, j: int) -> Callable[[np.ndarray], np.ndarray]:
    def change(values: np.ndarray) -> np.ndarray:
        order = np.arange(len(values))
        order[[i, j]] = j, i
        return values[order]

    return change


def shifted_late(values: np.ndarray) -> np.ndarray:
    return values + 1
