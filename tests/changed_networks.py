"""Small networks of PyTorch of which a part is given: what weights make, or how outputs are decoded."""

from __future__ import annotations

import snntorch
import torch
from spikingjelly.activation_based import functional, neuron
from torch import nn
from torch_networks import events

from snnc.conversion.convert import from_torch

X = events(15, 3, 8)


def drawn(inputs, outputs, factor=3.0):
    made = nn.Linear(inputs, outputs)
    with torch.no_grad():
        made.weight.mul_(factor)
    return made


def whole():
    """All steps in one call."""
    torch.manual_seed(3)
    return nn.Sequential(drawn(8, 12), neuron.IFNode(step_mode="m"))


class Changed(nn.Module):
    """`change` of what weights make of each step, before neurons."""

    def __init__(self, change, before=lambda x: x):
        super().__init__()
        torch.manual_seed(3)
        self.change, self.before, self.fc = change, before, drawn(8, 12)
        self.lif = snntorch.Leaky(0.9, init_hidden=True)

    def forward(self, x):
        x = self.before(x)
        return torch.stack([self.lif(self.change(self.fc(step))) for step in x])


class Membrane(nn.Module):
    """`decode` of the membranes of all steps."""

    def __init__(self, decode):
        super().__init__()
        torch.manual_seed(3)
        self.decode, self.fc, self.out = decode, drawn(8, 12), drawn(12, 4, 1.0)
        self.lif = snntorch.Leaky(0.9)
        self.read = snntorch.Leaky(0.8, reset_mechanism="none", threshold=1e9)

    def forward(self, x):
        one, two, found = self.lif.init_leaky(), self.read.init_leaky(), []
        for step in x:
            spikes, one = self.lif(self.fc(step), one)
            _, two = self.read(self.out(spikes), two)
            found.append(two)
        return self.decode(torch.stack(found))


class Decoded(nn.Module):
    """`decode` of the spikes of all steps."""

    def __init__(self, decode):
        super().__init__()
        self.net, self.decode = whole(), decode

    def forward(self, x):
        return self.decode(self.net(x))


def check(module, x=X, layout="TNC", **given):
    functional.reset_net(module)
    network = from_torch(module, x, dt=1e-3, layout=layout, **given)
    assert all(each.different == each.through == 0 for each in network.agreement)
    assert any(each.spikes for each in network.agreement)
    return network


class Placed(nn.Module):
    """`place` puts what weights make of all steps into a tensor, which neurons hear."""

    def __init__(self, place):
        super().__init__()
        torch.manual_seed(3)
        self.place, self.fc, self.neurons = place, drawn(8, 12), neuron.IFNode(step_mode="m")

    def forward(self, x):
        return self.neurons(self.place(self.fc(x)).float())


def each_step(o, x):
    for t in range(len(x)):
        o[t] = x[t]
    return o
