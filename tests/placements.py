"""Small chips, and placements counted again without the code under test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import ceil

import numpy as np

from snnc.stages import PlacedProgram, QuantizedGraph
from snnc.target import Limits, Target
from snnc.targets.registry import load_target

Found = dict[str, tuple[int, int]]


def chip(**limits: int | None) -> Target:
    """The target loihi with other limits; one tile a core, unless given."""
    target = load_target("loihi")
    changed = {"cores_per_tile": 1, "mesh_columns": 128, "mesh_rows": 1, **limits}
    return replace(target, limits=replace(target.limits, **changed))


def owners(program: PlacedProgram) -> list[dict[int, int]]:
    """For each layer: neuron -> number of its core in `program.cores`."""
    found: list[dict[int, int]] = [{} for _ in program.graph.layers]
    names = [layer.name for layer in program.graph.layers]
    for number, core in enumerate(program.cores):
        for population in core.populations:
            for neuron in population.neurons.tolist():
                assert neuron not in found[names.index(population.layer)]
                found[names.index(population.layer)][neuron] = number
    return found


def listeners(graph: QuantizedGraph, owner: Sequence[dict[int, int]], layer: int, source: int) -> set[int]:
    """Cores that hold a neuron of `layer` with a synapse from `source`."""
    weight = graph.layers[layer].weight
    return {core for neuron, core in owner[layer].items() if weight[neuron, source] != 0}


def bits_of(values: np.ndarray) -> int:
    """Bits of the narrowest signed format, tried one after another."""
    return next(
        b for b in range(1, 33) if values.min() >= -(2 ** (b - 1)) and values.max() <= 2 ** (b - 1) - 1
    )


def slice_bytes(graph: QuantizedGraph, layer: int, neurons: Sequence[int]) -> int:
    """Memory of `neurons` of `layer` on one core, from the formulas of docs/placement.md."""
    whole = graph.layers[layer]
    mine = whole.weight[list(neurons)] != 0
    sources, synapses = int(mine.any(axis=0).sum()), int(mine.sum())
    synapse = bits_of(whole.weight) + len(f"{whole.max_delay:b}") * (whole.max_delay > 0)
    number = ceil(np.log2(len(neurons))) if len(neurons) > 1 else 0
    count = len(f"{len(neurons):b}")
    return ceil(min(len(neurons) * sources * synapse, synapses * (synapse + number) + sources * count) / 8)


def recount(program: PlacedProgram, limits: Limits) -> list[Found]:
    """Use of each core, neuron by neuron."""
    graph, owner = program.graph, owners(program)
    found = []
    for number in range(len(program.cores)):
        held = [[n for n, core in of.items() if core == number] for of in owner]
        present = [layer for layer in range(len(held)) if held[layer]]
        axons_in = sum(
            bool((graph.layers[layer].weight[held[layer], source] != 0).any())
            for layer in present
            for source in range(graph.layers[layer].inputs)
        )
        axons_out = sum(
            len(listeners(graph, owner, layer + 1, neuron))
            for layer in present
            if layer + 1 < len(held)
            for neuron in held[layer]
        )
        use = {
            "neurons": (sum(map(len, held)), limits.neurons_per_core),
            "synapse_bytes": (
                sum(slice_bytes(graph, layer, held[layer]) for layer in present),
                limits.synapse_bytes_per_core,
            ),
            "axons_in": (axons_in, limits.axons_in_per_core),
            "axons_out": (axons_out, limits.axons_out_per_core),
        }
        if max(layer.delay.max() for layer in graph.layers) + 1 > limits.delay_slots:
            total = sum(len(held[layer]) * slots(graph, layer, limits) for layer in present)
            use["delay_slots"] = total, limits.neurons_per_core * limits.delay_slots
        found.append({name: pair for name, pair in use.items() if pair[1] is not None})
    return found


def traffic(program: PlacedProgram, spikes: Sequence[np.ndarray]) -> tuple[int, int]:
    """Spikes to other cores, and hops, source by source; what comes from outside enters at tile 0, 0."""
    graph, owner = program.graph, owners(program)
    total = hops = 0
    for layer, counts in enumerate(spikes):
        for source, count in enumerate(counts.tolist()):
            home = owner[layer - 1][source] if layer else None
            column, row = (program.cores[home].column, program.cores[home].row) if layer else (0, 0)
            for core in listeners(graph, owner, layer, source) - {home}:
                there = program.cores[core]
                total += count
                hops += count * (abs(there.column - column) + abs(there.row - row))
    return total, hops


def slots(graph: QuantizedGraph, layer: int, limits: Limits) -> int:
    """Of each neuron: as many as all have, or for longer delays the next power of two."""
    longest = int(graph.layers[layer].delay.max())
    return next(n for n in (limits.delay_slots, 2, 4, 8, 16, 32, 64) if n > longest)


def cut_in_order(graph: QuantizedGraph, limits: Limits) -> list[list[int]] | None:
    """For each layer the core of each neuron, if layers are cut into slices; None if a neuron fits nowhere.

    It knows no limits of axons.
    """
    cores: list[list[int]] = []
    number = -1
    for layer, whole in enumerate(graph.layers):
        cores.append([])
        start = 0
        while start < whole.neurons:
            number += 1
            stop = start
            while (
                stop < whole.neurons
                and stop + 1 - start <= limits.neurons_per_core
                and (stop + 1 - start) * slots(graph, layer, limits)
                <= limits.neurons_per_core * limits.delay_slots
                and slice_bytes(graph, layer, range(start, stop + 1)) <= limits.synapse_bytes_per_core
            ):
                stop += 1
            if stop == start:
                return None
            cores[-1] += [number] * (stop - start)
            start = stop
    return cores


def spikes_in_order(graph: QuantizedGraph, cut: Sequence[Sequence[int]], spikes: Sequence[np.ndarray]) -> int:
    """Spikes to other cores of `cut_in_order`."""
    owner = [dict(enumerate(layer)) for layer in cut]
    return sum(
        int(count)
        * len(listeners(graph, owner, layer, source) - ({owner[layer - 1][source]} if layer else set()))
        for layer, counts in enumerate(spikes)
        for source, count in enumerate(counts)
    )
