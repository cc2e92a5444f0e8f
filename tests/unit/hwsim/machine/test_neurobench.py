"""Counts of operations against NeuroBench: its definitions by hand, and its own code on the same spikes.

NeuroBench is installed into a folder of its own, without what it depends on, and runs in another process.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from loihi_artifacts import chain, layer
from machine_programs import COSTS, placed
from throwaway import install, run_script

from snnc.hwsim.event_driven import simulate
from snnc.hwsim.machine.summary import estimate
from snnc.stages.chip import Workload


@pytest.fixture(scope="module")
def neurobench(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install(tmp_path_factory.mktemp("neurobench"), "neurobench==2.3.0", dependencies=False)


def test_by_hand() -> None:
    # 2 lines, 3 hidden neurons, 1 readout neuron, 2 steps, 1 sample. Weights: 6 + 3, of which 1 + 1 are 0.
    graph = chain(
        layer([[1, 0], [1, 1], [-1, 1]], name="hidden", threshold=0, decay_v=4096),
        layer([[1, 0, 1]], 1, name="readout"),
        time_steps=2,
    )
    program = placed(graph, (0, 0, {"hidden": [0, 2]}), (1, 0, {"hidden": [1], "readout": [0]}))
    # Line 0 spikes in step 0, both in step 1. Hidden: 1, 1, -1 and then 1, 2, 0: neurons 0 and 1 fire, twice.
    found = estimate(program, np.array([[[1, 0], [1, 1]]]), COSTS).workload
    assert found == Workload(
        dense=2 * (6 + 3),
        effective=(3 + 3 + 2) + 2 * (1 + 0),  # line 0 twice, line 1 once; hidden 0 twice; 1 is not heard
        spikes=4,
        activations=2 * 3,
        zeros=2,
        weights=9,
        footprint=2 * 9 + 2 * 4,
    )
    assert found.activation_sparsity == pytest.approx(1 / 3)
    assert found.connection_sparsity == pytest.approx(2 / 9)


@pytest.mark.outside
@pytest.mark.parametrize("delay", [0, 7])
def test_neurobench_counts_the_same(neurobench: Path, delay: int) -> None:
    rng = np.random.default_rng(delay)
    sizes = (20, 12, 9, 4)
    layers = []
    for index, keep in enumerate((0.5, 1.0, 0.2)):
        shape = sizes[index + 1], sizes[index]
        weight = rng.integers(-20, 40, shape) * (rng.random(shape) < keep)
        delays = rng.integers(0, delay + 1, shape)
        layers.append(
            layer(weight, delays, name=f"layer{index}", decay_v=400, threshold=None if index == 2 else 50)
        )
    graph = chain(*layers, time_steps=30)
    inputs = (rng.random((3, 30, 20)) < 0.2).astype(np.uint8)
    cores = [(0, 0, {"layer0": range(12), "layer1": range(4)})]
    cores += [(1, 2, {"layer1": range(4, 9), "layer2": range(4)})]
    found = estimate(placed(graph, *cores), inputs, COSTS).workload
    spikes = [each.spikes.astype(int).tolist() for each in simulate(graph, inputs).layers[:-1]]
    task = {"inputs": inputs.tolist(), "spikes": spikes, "layers": [each.weight.tolist() for each in layers]}
    theirs = run_script("outside/neurobench_run.py", neurobench, task, alone=False)
    assert found.spikes > 100
    assert theirs["Effective_MACs"] == 0
    assert found.effective == pytest.approx(3 * theirs["Effective_ACs"])
    assert found.dense == pytest.approx(3 * theirs["Dense"])
    assert found.activation_sparsity == pytest.approx(theirs["activation_sparsity"])
    assert round(found.connection_sparsity, 4) == theirs["connection_sparsity"]  # rounded there
    assert found.footprint == theirs["footprint"]
