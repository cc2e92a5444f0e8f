"""Three lines from a module of each framework to an artifact that all executors agree on."""

from __future__ import annotations

import pytest
import snntorch
import torch
from norse.torch.module.leaky_integrator import LICell
from norse.torch.module.lif import LIFCell, LIFParameters
from spikingjelly.activation_based import layer, neuron
from three_lines import check_three_lines, targets
from torch import nn
from torch_networks import Loop, events, settled

from snnc.conversion.convert import from_torch
from snnc.errors import InputError
from snnc.exporter.options import ExportOptions
from snnc.exporter.pipeline import export_network


class Tutorial(nn.Module):
    """As snnTorch's tutorials build it: two layers of Leaky, states passed by hand in a loop over time."""

    def __init__(self) -> None:
        super().__init__()
        self.fc1, self.lif1 = nn.Linear(8, 12), snntorch.Leaky(beta=0.9, reset_mechanism="subtract")
        self.fc2, self.lif2 = nn.Linear(12, 3), snntorch.Leaky(beta=0.8, reset_mechanism="subtract")

    def forward(self, x):
        mem1, mem2 = self.lif1.init_leaky(), self.lif2.init_leaky()
        spk2_rec, mem2_rec = [], []
        for step in range(x.size(0)):
            spk1, mem1 = self.lif1(self.fc1(x[step]), mem1)
            spk2, mem2 = self.lif2(self.fc2(spk1), mem2)
            spk2_rec.append(spk2)
            mem2_rec.append(mem2)
        return torch.stack(spk2_rec, dim=0), torch.stack(mem2_rec, dim=0)


class Cells(nn.Module):
    """A loop of Norse, read by a leaky integrator: the largest membrane is the class."""

    def __init__(self) -> None:
        super().__init__()
        p = LIFParameters(tau_mem_inv=torch.tensor(100.0), v_th=torch.tensor(0.3))
        self.fc1, self.lif = nn.Linear(8, 16, bias=False), LIFCell(p)
        self.fc2, self.out = nn.Linear(16, 3, bias=False), LICell()

    def forward(self, x):
        one, two, voltages = None, None, []
        for step in x:
            spikes, one = self.lif(self.fc1(step), one)
            voltage, two = self.out(self.fc2(spikes), two)
            voltages.append(voltage)
        return torch.stack(voltages).max(0)[0]


class Residual(nn.Module):
    """One step of a residual network of SpikingJelly."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Sequential(
            layer.Conv2d(1, 3, 3, padding=1), layer.BatchNorm2d(3), neuron.LIFNode(2.0)
        )
        self.second = nn.Sequential(layer.Conv2d(3, 3, 3, padding=1, bias=False), layer.BatchNorm2d(3))
        self.node, self.pool = neuron.LIFNode(2.0, v_reset=None), layer.AvgPool2d(2)
        self.last = nn.Sequential(nn.Flatten(), layer.Linear(27, 3), neuron.LIFNode(2.0, v_threshold=0.2))

    def forward(self, x):
        x = self.first(x)
        return self.last(self.pool(self.node(self.second(x) + x)))


@targets
def test_the_tutorial_of_snntorch(target, tmp_path):
    torch.manual_seed(1)
    net = check_three_lines(Tutorial(), events(30, 3, 8), "TNC", target, tmp_path)
    assert [each.decoder for each in net.model.readouts] == ["count"]


@targets
def test_a_loop_of_norse(target, tmp_path):
    torch.manual_seed(1)
    module = Cells()
    with torch.no_grad():
        module.fc1.weight.mul_(3)
    net = check_three_lines(module, events(40, 3, 8), "TNC", target, tmp_path)
    assert [(each.population, each.decoder) for each in net.model.readouts] == [("out", "max")]


@targets
def test_a_residual_network_of_spikingjelly(target, tmp_path):
    torch.manual_seed(1)
    module = settled(Loop(Residual()), 1)
    with torch.no_grad():
        for each in module.modules():
            if isinstance(each, nn.Conv2d | nn.Linear):
                each.weight.mul_(3)
    net = check_three_lines(module, events(8, 3, 1, 6, 6), "TNCHW", target, tmp_path)
    assert all(each.spikes for each in net.agreement)


def test_the_largest_event_is_kept(tmp_path):
    graph = from_torch(Tutorial(), 3 * events(12, 3, 8), dt=0.01).graph
    artifact = export_network(graph, "c", tmp_path / "out", name="module")
    assert artifact.graph.populations[0].payload_max == 3
    same = ExportOptions(payload_max=3)
    export_network(graph, "c", tmp_path / "out", same, name="module")
    with pytest.raises(InputError, match=r"--payload-max 2: the inputs of the network carry 1 \.\. 3"):
        export_network(graph, "c", tmp_path / "more", ExportOptions(payload_max=2), name="module")
