"""How many recordings of an example are compared, and what is said where a few places differ."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn
from torch_networks import Loop

from snnc.conversion import budget
from snnc.conversion.budget import recordings_compared, recordings_searched
from snnc.conversion.convert import from_torch
from snnc.conversion.neurons import CONVERTERS, Cell, converter
from snnc.exporter.pipeline import export_network
from snnc.stages import FloatGraph, FloatMatrix, FloatPopulation, FloatProjection, Readout


class Saturating(nn.Module):
    """v = 0.5 v + x, of which more than 2 is cut off; fires above 3, and is set to 0 then."""

    def __init__(self):
        super().__init__()
        self.v = torch.zeros(1)

    def clear(self):
        self.v = torch.zeros(1)

    def forward(self, x):
        v = 0.5 * self.v + x.clamp(max=2)
        spikes = (v > 3).float()
        self.v = v * (1 - spikes)
        return spikes


@pytest.fixture
def module(monkeypatch):
    monkeypatch.setattr("snnc.conversion.neurons.CONVERTERS", dict(CONVERTERS))
    told = {"keep_u": 0.0, "keep_v": 0.5, "threshold": 3.0, "fires": "above", "reset": "zero"}
    converter(Saturating)(lambda module, name: Cell(name, told, clear=module.clear))
    weights = nn.Linear(4, 1, bias=False)
    nn.init.ones_(weights.weight)
    return Loop(nn.Sequential(weights, Saturating()))


def example(recordings=20, at=12):
    """One event a step on line 0; recording `at` has 4 in step 5, where the network spikes alone."""
    x = torch.zeros(10, recordings, 4)
    x[:, :, 0] = 1
    x[5, at] = 1
    return x


def test_all_recordings_of_a_small_network_are_compared(module):
    """v is 31/16 in step 4, so with 4 more it is 159/32 in step 5, and with 2 more 95/32, just below 3."""
    network = from_torch(module, example(), dt=0.01, least_agreement=0)
    (found,) = network.agreement
    assert (found.recordings, found.of, found.total) == (20, 20, 200)
    assert found.first == (12, 5, 0)
    assert found.places == "200 places of all 20 recordings"
    assert network.held.events.shape == (20, 10, 4)
    (note,) = [each for each in network.notes if each.startswith("step.1: spikes differ in ")]
    assert f"in {found.different} of 200 places of all 20 recordings where the same arrives" in note
    assert "first in recording 12, step 5, neuron 0 (the network spikes, the module does not: v of " in note
    assert not any("are compared in the first" in each for each in network.notes)


def test_a_large_one_is_compared_in_some_and_says_so(module, monkeypatch, tmp_path):
    monkeypatch.setattr(budget, "BUDGET", 0)
    network = from_torch(module, example(), dt=0.01, least_agreement=0)
    (found,) = network.agreement
    assert (found.recordings, found.of, found.different, found.total) == (8, 20, 0, 80)
    assert found.places == "80 places in 8 of 20 recordings"
    assert any(
        each.startswith("module and network are compared in the first 8 of 20 recordings; ")
        for each in network.notes
    )
    artifact = export_network(network.graph, "c", tmp_path / "net.c", name="net", held=network.held)
    said = artifact.manifest["provenance"]["expected"]
    assert (said["recordings"], said["recordings_given"]) == (8, 20)


def graph(neurons, steps):
    """neurons -> neurons, all connected."""
    line = FloatPopulation("input", "input", neurons)
    other = FloatPopulation("n", "lif", neurons, keep_u=0, keep_v=0.5, threshold=1, reset="zero")
    wires = FloatProjection(
        "input", "n", FloatMatrix(np.ones((neurons, neurons)), np.zeros((neurons, neurons), np.int64))
    )
    names = tuple(map(str, range(neurons)))
    return FloatGraph((line, other), (wires,), (Readout("n", "sum", 1.0, names),), steps, 0.001)


def test_what_fits_the_budget():
    """Steps x (2 x 2500 + 2 neurons x 64 + 5 % of the synapses) a recording, of 2^28."""
    assert recordings_compared(graph(10, 100), 10000) == 2**28 // (100 * (5000 + 1280 + 5))
    assert recordings_compared(graph(10, 100), 400) == 400
    assert recordings_compared(graph(200, 100000), 400) == 8
    assert recordings_compared(graph(200, 100000), 3) == 3
    assert recordings_searched(100, 10) == 65
    assert recordings_searched(1000, 1000) == 8
