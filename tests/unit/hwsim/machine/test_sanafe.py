"""Energy of an undelayed network, operation by operation, against SANA-FE's own run of it.

SANA-FE (GPL) is installed into a folder of its own and runs in a process of its own; see `throwaway`.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from loihi_artifacts import chain, layer
from machine_programs import on_chip, placed
from throwaway import install, run_script

from snnc.hwsim.event_driven import simulate
from snnc.hwsim.machine.counts import NAMES
from snnc.hwsim.machine.layout import layout_of
from snnc.stages import PlacedProgram, QuantizedGraph
from snnc.targets.registry import load_target

pytestmark = pytest.mark.outside

STEPS, SILENT = 80, 40
"""The last steps have no input: a membrane that halves is at rest long before the end, as SANA-FE goes on."""


@pytest.fixture(scope="module")
def sanafe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install(tmp_path_factory.mktemp("sanafe"), "sanafe==2.2.9")


def network(seed: int) -> QuantizedGraph:
    """30-24-16-5 with a full first layer and sparse ones after it; membranes halve each step."""
    rng = np.random.default_rng(seed)
    sizes, keep = (30, 24, 16, 5), (1.0, 0.1, 0.3)
    layers = []
    for index, part in enumerate(keep):
        shape = sizes[index + 1], sizes[index]
        weight = rng.integers(-30, 60, shape) * (rng.random(shape) < part)
        threshold = None if index == 2 else 60
        layers.append(layer(weight, name=f"layer{index}", decay_v=2048, threshold=threshold))
    return chain(*layers, time_steps=STEPS)


def spread(graph: QuantizedGraph, seed: int) -> PlacedProgram:
    """Neurons at random on seven cores of five tiles; one tile has three of them."""
    rng = np.random.default_rng(seed)
    tiles = [(0, 0), (1, 0), (1, 0), (1, 0), (3, 2), (0, 3), (7, 1)]
    held: list[dict[str, list[int]]] = [{} for _ in tiles]
    for each in graph.layers:
        for neuron, core in enumerate(rng.integers(0, len(tiles), each.neurons).tolist()):
            held[core].setdefault(each.name, []).append(neuron)
    return placed(graph, *((*tile, core) for tile, core in zip(tiles, held, strict=True)))


def task(program: PlacedProgram, inputs: np.ndarray) -> dict[str, Any]:
    """What `outside/sanafe_run.py` reads."""
    graph, layout = program.graph, layout_of(program, 64)
    stops = [layout.of(each.name).stop for each in graph.populations]
    dense = {}  # (core, layer) -> encoding of the slice, which is the synapse unit of its neurons
    for source in range(layout.sources):
        of = int(np.searchsorted(stops, source, side="right"))
        for message in range(layout.row[source], layout.row[source + 1]):
            dense[int(layout.target[message]), of] = bool(layout.dense[message])
    seats: Counter = Counter()
    places: list[dict[int, tuple[int, int, int, bool]]] = [{} for _ in graph.layers]
    names = [each.name for each in graph.layers]
    for number, core in enumerate(program.cores):
        seat = seats[core.column, core.row]
        seats[core.column, core.row] += 1
        for population in core.populations:
            index = names.index(population.layer)
            for neuron in population.neurons.tolist():
                places[index][neuron] = core.column, core.row, seat, dense.get((number, index), True)
    return {
        "steps": layout.steps,
        "inputs": inputs.T.tolist(),
        "layers": [
            {
                "places": [of[neuron] for neuron in range(each.neurons)],
                "threshold": each.threshold,
                "keep": 4096 - each.decay_v,
                "bias": each.bias.tolist(),
                "weights": each.weight.tolist(),
            }
            for each, of in zip(graph.layers, places, strict=True)
        ],
    }


@pytest.mark.parametrize("seed", [1, 2])
def test_energy_equals_sanafe(sanafe: Path, seed: int) -> None:
    graph = network(seed)
    program = spread(graph, seed)
    inputs = (np.random.default_rng(seed).random((STEPS, graph.inputs)) < 0.2).astype(np.uint8)
    inputs[-SILENT:] = 0
    costs = load_target("loihi").operation_costs("sanafe-loihi1")
    found = on_chip(program, inputs, costs)
    theirs = run_script("outside/sanafe_run.py", sanafe, task(program, inputs))

    # The same spikes first: layer l computes its step t in the chip's step t + l + 1, as there.
    trace = simulate(graph, inputs[None])
    spikes = [{f"lines.{line}" for line in np.flatnonzero(step)} for step in inputs]
    spikes += [set() for _ in graph.layers]
    for index, state in enumerate(trace):
        for t, neuron in np.argwhere(state.spikes[0]).tolist():
            spikes[t + index + 1].add(f"layer{index}.{neuron}")
    assert [set(step) for step in theirs["spikes"]] == spikes
    assert sum(len(step) for step in spikes) > 500

    counts = dict(zip(NAMES, found.counts.sum(axis=(0, 1)).tolist(), strict=True))
    assert min(counts[name] for name in NAMES) > 0  # each operation is in this test
    assert counts["message"] + counts["injection"] == theirs["packets"]
    energy = dict(zip(NAMES, found.energy.sum(axis=(0, 1)).tolist(), strict=True))  # in fJ
    parts = {
        "synapse": ("synapse_dense", "synapse_sparse", "memory_read"),
        "soma": ("update_inactive", "update_active", "spike"),
        "network": ("message", "injection", "delivery", "hop_x", "hop_y", "axon_lookup"),
    }
    for part, names in parts.items():
        assert sum(energy[name] for name in names) == pytest.approx(1e15 * theirs["energy"][part], rel=1e-12)
    assert found.energy.sum() == pytest.approx(1e15 * theirs["energy"]["total"], rel=1e-12)
