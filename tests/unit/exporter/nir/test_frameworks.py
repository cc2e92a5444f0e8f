"""Nets of snnTorch and nirtorch, written by their own exporters, exported to Loihi and verified."""

from __future__ import annotations

import json
from pathlib import Path

import nir
import nirtorch
import numpy as np
import pytest
import snntorch
import torch
from models import ON_GOLDEN
from nir_interpreter import interpret
from snntorch.export_nir import export_to_nir
from torch import nn

from snnc.cli import main
from snnc.exporter.artifact import read_artifact
from snnc.trainer.integer_model import run_graph

pytestmark = pytest.mark.slow

SNNTORCH_DT = 1e-4
"""What snnTorch's exporter writes for a step, whatever the net was trained with."""
STEPS, INPUTS, HIDDEN, CLASSES = 40, 8, 12, 4


def leaky(neurons: int, beta: float, reset: str = "zero") -> nn.Module:
    """nir's type check wants one value a neuron."""
    ones = torch.ones(neurons)
    return snntorch.Leaky(beta * ones, threshold=ones, init_hidden=True, reset_mechanism=reset)


def synaptic(neurons: int, beta: float) -> nn.Module:
    """A `Synaptic` resets a step late by default, and loses the input of that step: not the way of NIR."""
    ones = torch.ones(neurons)
    how = {"init_hidden": True, "reset_mechanism": "zero", "reset_delay": False}
    return snntorch.Synaptic(0.7 * ones, beta * ones, threshold=ones, **how)


def snntorch_net(neuron, bias: bool) -> nn.Sequential:
    torch.manual_seed(0)
    into, out = nn.Linear(INPUTS, HIDDEN, bias), nn.Linear(HIDDEN, CLASSES, bias)
    with torch.no_grad():
        for part in (into, out):
            part.weight.mul_(2)  # so that all neurons have much to do
    return nn.Sequential(into, neuron(HIDDEN, 0.9), out, neuron(CLASSES, 0.8))


def own_spikes(net: nn.Sequential, spikes: np.ndarray) -> list[np.ndarray]:
    """Spikes of the hidden and the last neurons by snnTorch's own pass from rest, [T, neurons] each."""
    for module in (net[1], net[3]):
        module.reset_mem()  # exporting ran it
    found: list[list[np.ndarray]] = [[], []]
    with torch.no_grad():
        for row in torch.from_numpy(spikes.astype(np.float32)):
            hidden = net[1](net[0](row))
            found[0].append(hidden.numpy())
            found[1].append(net[3](net[2](hidden)).numpy())
    return [np.array(rows) for rows in found]


def random_spikes(seed: int = 1, samples: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return (rng.random((samples, STEPS, INPUTS)) < 0.4).astype(np.uint8)


def exported(graph: nir.NIRGraph, folder: Path, dt: float) -> Path:
    nir.write(folder / "net.nir", graph)
    told = ["--dt", dt, "--time-steps", STEPS, "--reset", "zero"]
    arguments = ["export", folder / "net.nir", "-o", folder / "net.loihi", *told]
    assert main([str(argument) for argument in arguments]) == 0
    return folder / "net.loihi"


def verified(artifact: Path, executors: str) -> dict[str, str]:
    assert main(["verify", str(artifact), *ON_GOLDEN, "--executors", executors]) == 0
    report = json.loads((artifact / "report.json").read_text())
    return {row["name"]: row["rung"]["label"] for row in report["executors"]}


@pytest.mark.parametrize(("neuron", "bias"), [(leaky, True), (synaptic, False)])
def test_a_net_of_snntorch_is_exported_and_verified(neuron, bias, tmp_path, capsys):
    net = snntorch_net(neuron, bias)
    artifact = exported(export_to_nir(net, torch.ones(INPUTS)), tmp_path, SNNTORCH_DT)
    assert "readout: the class is the neuron of 3 with the most spikes" in capsys.readouterr().out.replace(
        "\n", " "
    )
    assert set(verified(artifact, "torch,oracle,hwsim").values()) == {"bit-exact"}
    assert (artifact / "source.nir").read_bytes() == (tmp_path / "net.nir").read_bytes()


def subtracting(neurons: int, beta: float) -> nn.Module:
    return leaky(neurons, beta, "subtract")  # the default


@pytest.mark.parametrize("neuron", [leaky, subtracting])
def test_a_file_of_snntorch_does_not_tell_how_neurons_reset(neuron, tmp_path, refused):
    """Both mechanisms give the same file; that is why it must be said."""
    torch.manual_seed(0)
    graph = export_to_nir(snntorch_net(neuron, True), torch.ones(INPUTS))
    assert not graph.nodes["1"].v_reset.any()
    nir.write(tmp_path / "net.nir", graph)
    command = ("export", tmp_path / "net.nir", "--dt", SNNTORCH_DT, "--time-steps", STEPS)
    said = refused(*command)
    for part in ("node '1' (LIF)", "snnTorch for every reset_mechanism", "--reset zero", "reset_mechanism="):
        assert part in said
    assert not (tmp_path / "net.loihi").exists()
    assert "--fires above; with the second, --fires at" in refused(*command, "--reset", "subtract")


@pytest.mark.parametrize(("neuron", "bias"), [(leaky, True), (synaptic, False)])
def test_snntorch_computes_what_we_read(neuron, bias):
    """NIR's equations in Euler steps are snnTorch's own forward pass, spike for spike."""
    net = snntorch_net(neuron, bias)
    graph = export_to_nir(net, torch.ones(INPUTS))
    spikes = random_spikes()[0]
    found = interpret(graph, spikes, SNNTORCH_DT)
    hidden, last = own_spikes(net, spikes)
    assert hidden.sum() > 20
    assert last.sum() > 5
    np.testing.assert_array_equal(found["1 spikes"], hidden)
    np.testing.assert_array_equal(found["3 spikes"], last)


def test_what_eight_bits_cost_against_snntorch(tmp_path):
    """Spikes of the exported integers against snnTorch's own forward pass in float."""
    net = snntorch_net(leaky, True)
    graph = read_artifact(exported(export_to_nir(net, torch.ones(INPUTS)), tmp_path, SNNTORCH_DT)).graph
    inputs = random_spikes(samples=10)
    trace = run_graph(graph, inputs)
    equal = []
    for sample in range(len(inputs)):
        for layer, own in zip(trace, own_spikes(net, inputs[sample]), strict=False):
            equal.append((layer.spikes[sample] == own).mean())
    assert np.mean(equal) > 0.99
    counts = trace.layers[2].v.sum(axis=1) // (127 * 64)  # the readout that was added
    np.testing.assert_array_equal(counts, trace.layers[1].spikes.sum(axis=1))


class Lif(nn.Module):
    """A neuron that nirtorch's tracer meets in a net of somebody's own."""

    def __init__(self, neurons: int) -> None:
        super().__init__()
        self.neurons = neurons

    def forward(self, x, state=None):
        raise NotImplementedError  # it is traced, not run


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.into, self.hidden = nn.Linear(INPUTS, HIDDEN), Lif(HIDDEN)
        self.out = nn.Linear(HIDDEN, CLASSES, bias=False)

    def forward(self, x):
        x, _ = self.hidden(self.into(x))
        return self.out(x)


def nirtorch_graph() -> nir.NIRGraph:
    torch.manual_seed(0)

    def lif(module: Lif) -> nir.LIF:
        ones = np.ones(module.neurons)
        return nir.LIF(tau=0.02 * ones, r=15 * ones, v_leak=0 * ones, v_threshold=ones, v_reset=0 * ones)

    return nirtorch.torch_to_nir(Net(), {Lif: lif}, stateful_modules={Lif})


def test_a_graph_of_nirtorch_is_exported_and_verified(tmp_path):
    artifact = exported(nirtorch_graph(), tmp_path, 1e-3)
    assert set(verified(artifact, "torch,oracle,hwsim").values()) == {"bit-exact"}
    graph = read_artifact(artifact).graph
    assert [layer.name for layer in graph.layers] == ["hidden", "out"]
    assert run_graph(graph, random_spikes()).layers[0].spikes.sum() > 10


@pytest.mark.lava
def test_a_net_of_snntorch_runs_in_lava(tmp_path):
    artifact = exported(export_to_nir(snntorch_net(leaky, True), torch.ones(INPUTS)), tmp_path, SNNTORCH_DT)
    found = verified(artifact, "lava")
    assert set(found) == {"torch", "lava-stock", "lava-event"}
    assert set(found.values()) == {"bit-exact"}
