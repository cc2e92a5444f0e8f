"""What stands for spikes that do not come yet: 0 times something."""

from __future__ import annotations

import pytest
import snntorch
import torch
from torch import nn
from torch_networks import events

from snnc.conversion.convert import from_torch

LATE = 3


class Waiting(nn.Module):
    """Spikes of the hidden neurons arrive `LATE` steps later; `nothing` makes of them what arrives before."""

    def __init__(self, nothing):
        super().__init__()
        self.nothing, self.hidden, self.out = nothing, nn.Linear(4, 6), nn.Linear(6, 2)
        self.lif1, self.lif2 = snntorch.Leaky(0.9), snntorch.Leaky(0.8)
        with torch.no_grad():
            self.hidden.weight *= 4
            self.out.bias.fill_(0.15)

    def forward(self, x):
        mem1, mem2 = self.lif1.init_leaky(), self.lif2.init_leaky()
        past, spikes = [], []
        for t in range(len(x)):
            spk, mem1 = self.lif1(self.hidden(x[t]), mem1)
            past.append(spk)
            heard = past[t - LATE] if t >= LATE else self.nothing(spk)
            spk, mem2 = self.lif2(self.out(heard), mem2)
            spikes.append(spk)
        return torch.stack(spikes)


@pytest.mark.parametrize(
    "nothing",
    [
        lambda spk: 0 * spk,
        lambda spk: spk * 0.0,
        lambda spk: torch.mul(spk, torch.zeros(6)),
        lambda spk: 0 * spk + 0 * spk,
    ],
)
def test_zero_times_spikes_is_nothing(nothing) -> None:
    torch.manual_seed(0)
    module = Waiting(nothing)
    found = from_torch(module, events(12, 3, 4, share=0.6), dt=0.001)
    assert [each.different + each.through for each in found.agreement] == [0, 0]
    assert all(each.spikes for each in found.agreement)
    delays = {each.destination: {*each.synapses.as_list().delay.tolist()} for each in found.graph.projections}
    assert delays == {"lif1": {0}, "lif2": {LATE}}
    bias = found.graph.population("lif2").bias
    assert bias.tolist() == module.out.bias.double().tolist()


class Counted(nn.Module):
    """Zeros of the right shape, to which spikes are added."""

    def __init__(self):
        super().__init__()
        self.fc, self.lif = nn.Linear(4, 3), snntorch.Leaky(0.9)

    def forward(self, x):
        mem, total = self.lif.init_leaky(), None
        for step in x:
            spk, mem = self.lif(self.fc(step), mem)
            total = (0 * spk if total is None else total) + spk
        return total


def test_spikes_added_to_zero_times_spikes_are_counted() -> None:
    torch.manual_seed(0)
    graph = from_torch(Counted(), events(12, 3, 4, share=0.6), dt=0.001).graph
    assert [(each.population, each.decoder) for each in graph.readouts] == [("lif", "count")]
