"""Modules of several frameworks become graphs that give every one of their spikes."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import snntorch
import torch
import torch.nn.functional as F
from DCLS.construct.modules import Dcls1d
from spikingjelly.activation_based import functional, layer, neuron
from torch import nn
from torch_networks import Loop, events, recordings_first, same_spikes, settled, time_first
from torch_tutorial import Tutorial

from snnc.conversion.convert import from_torch

SPIKING = (snntorch.Leaky, snntorch.Synaptic, neuron.BaseNode)


def check(module, example, graph, order=time_first):
    """Every spike of the module, steps first; `order` makes [N, T, lines] of an input."""
    for each in module.modules():
        if isinstance(each, neuron.BaseNode):
            each.reset()
    same_spikes(module, example, graph, SPIKING, order)


@pytest.mark.parametrize(
    ("reset", "synaptic", "delay"),
    [
        ("subtract", False, True),
        ("zero", False, True),
        ("subtract", True, True),
        ("zero", True, False),
        ("zero", False, False),
    ],
)
def test_snntorch_in_a_loop(reset, synaptic, delay):
    torch.manual_seed(3)
    module, x = Tutorial(reset, synaptic, delay), 2 * events(25, 3, 12)
    with torch.no_grad():
        module.fc1.weight.mul_(2)
        module.fc2.weight.mul_(4)
    network = from_torch(module, x, dt=1e-3)
    check(module, x, network.graph)
    assert [each.decoder for each in network.graph.readouts] == ["count"]
    assert any(note.startswith("not read: output 1 is the membrane of lif2") for note in network.notes)
    assert all(each.different == each.through == 0 for each in network.agreement)


class Delays(nn.Module):
    """As SNN-delays builds it: each layer pads its input on both sides, so that sequences get longer."""

    def __init__(self, sizes=(10, 24, 24, 4), taps=9):
        super().__init__()
        self.taps, self.blocks = taps, nn.ModuleList()
        for number, (inputs, outputs) in enumerate(itertools.pairwise(sizes)):
            last = number == len(sizes) - 2
            synapses = Dcls1d(inputs, outputs, 1, dilated_kernel_size=taps, bias=False, version="max")
            with torch.no_grad():
                synapses.P.uniform_(-(taps // 2), taps // 2).round_()
                synapses.SIG.zero_()
                synapses.weight.normal_(0, 0.8)
            lif = neuron.LIFNode(
                2.0, v_threshold=1e9 if last else 1.0, decay_input=False, step_mode="m", store_v_seq=last
            )
            norm = layer.BatchNorm1d(outputs, step_mode="m")
            self.blocks.append(nn.ModuleList([synapses, norm, lif, layer.Dropout(0.4, step_mode="m")]))

    def forward(self, x):
        for synapses, norm, lif, dropout in self.blocks:
            x = F.pad(x.permute(1, 2, 0), (self.taps - 1, (self.taps - 1) // 2), "constant", 0)
            x = norm(synapses(x).permute(2, 0, 1).unsqueeze(3)).squeeze()
            x = dropout(lif(x))
        return lif.v_seq


def test_delays_and_the_padding_of_each_layer():
    torch.manual_seed(5)
    module, x = settled(Delays(), 1), events(20, 3, 10)
    network = from_torch(module, x, dt=0.01)
    graph = network.graph
    check(module, x, graph)
    assert [(each.neurons, each.end) for each in graph.populations] == [
        (10, None),
        (24, 24),
        (24, 28),
        (4, None),
    ]
    assert graph.time_steps == 20 + 3 * 4
    positions = module.blocks[0][0].P[0, :, :, 0].detach().numpy()
    weight = module.blocks[0][0].weight[:, :, 0].detach().numpy()
    synapses = graph.into("blocks.0.2")[0].synapses
    np.testing.assert_array_equal(synapses.delay[weight != 0], (8 - (4 + positions))[weight != 0])
    assert graph.readouts[0].decoder == "sum"
    assert network.agreement[-1].spikes is None
    assert network.agreement[-1].different == 0


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Sequential(
            layer.Conv2d(2, 4, 3, padding=1, bias=False), layer.BatchNorm2d(4), neuron.IFNode()
        )
        self.second = nn.Sequential(layer.Conv2d(4, 4, 3, padding=1, bias=False), layer.BatchNorm2d(4))
        self.node = neuron.LIFNode(tau=1.5, v_reset=None)
        self.fc, self.last = layer.Linear(4 * 9, 3), neuron.ParametricLIFNode(1.5, v_threshold=0.05)

    def forward(self, x):
        x = self.first(x)
        x = self.node(self.second(x) + x)
        return self.last(self.fc(F.avg_pool2d(x, 2).flatten(1)))


@pytest.mark.parametrize("mean", [False, True])
def test_a_residual_network_of_spikingjelly(mean):
    class Rate(nn.Module):
        def __init__(self):
            super().__init__()
            self.net = net

        def forward(self, x):
            total = 0
            for step in range(len(x)):
                total = total + self.net(x[step])
            return total / len(x)

    torch.manual_seed(2)
    net = settled(Residual(), 2)
    x = events(8, 2, 2, 6, 6)
    module = Rate() if mean else Loop(net)
    graph = from_torch(module, x, dt=0.01, layout="TNCHW").graph
    check(module, x, graph)
    assert graph.readouts[0].decoder == "count"
    kinds = [type(each.synapses).__name__ for each in graph.projections]
    assert kinds.count("FloatConvolution") == 2


def test_all_steps_at_once():
    torch.manual_seed(4)
    net = settled(
        nn.Sequential(
            layer.Conv1d(3, 6, 3, stride=2, padding=1),
            layer.BatchNorm1d(6),
            neuron.LIFNode(2.0),
            layer.Flatten(),
            layer.Linear(24, 5),
            neuron.IFNode(v_threshold=0.8, v_reset=-0.5),
        ),
        3,
    )
    functional.set_step_mode(net, "m")
    x = events(11, 4, 3, 8)
    graph = from_torch(net, x, dt=0.01, layout="TNCL").graph
    check(net, x, graph)


def test_recordings_first():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc, self.lif, self.out = (
                nn.Linear(6, 8),
                snntorch.Leaky(0.9, init_hidden=True),
                nn.Linear(8, 3),
            )

        def forward(self, x):
            scores = torch.zeros(x.shape[0], 3)
            for step in range(x.shape[1]):
                scores += self.out(self.lif(self.fc(x[:, step])))
            return scores

    torch.manual_seed(1)
    module, x = Net(), 3 * events(4, 15, 6)
    graph = from_torch(module, x, dt=0.01, layout="NTC").graph
    module.lif.reset_mem()
    check(module, x, graph, recordings_first)
    assert [(each.name, each.model) for each in graph.populations] == [
        ("input", "input"),
        ("lif", "lif"),
        ("readout", "li"),
    ]
    assert graph.readouts[0].decoder == "sum"


def test_recurrence_and_skips_over_time():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.into, self.back = nn.Linear(5, 7), nn.Linear(7, 7, bias=False)
            self.lif = snntorch.Leaky(0.8, threshold=0.6)

        def forward(self, x):
            mem, spikes = self.lif.init_leaky(), torch.zeros(x.shape[1], 7)
            found = torch.zeros(x.shape[0], x.shape[1], 7)
            for step in range(x.shape[0]):
                current = self.into(x[step]) + self.back(spikes)
                if step >= 2:
                    current = current + 0.5 * self.into.weight.sum() * found[step - 2]
                spikes, mem = self.lif(current, mem)
                found[step] = spikes
            return found.sum(0)

    torch.manual_seed(6)
    module, x = Net(), 2 * events(14, 3, 5)
    graph = from_torch(module, x, dt=0.01).graph
    check(module, x, graph)
    loop = next(each for each in graph.projections if each.source == "lif")
    assert sorted(set(loop.synapses.as_list().delay.tolist())) == [1, 2]
