"""Modules with neurons of Rockpool become graphs that give every one of their spikes.

`tests/unit/conversion/test_foreign.py` runs these tests where Rockpool can be imported.
"""

from __future__ import annotations

import pytest
import torch
from rockpool.nn.modules import LIFTorch
from torch import nn
from torch_networks import events, recordings_first, same_spikes

from snnc.conversion.convert import from_torch
from snnc.errors import InputError


class Net(nn.Module):
    def __init__(self, first, last):
        super().__init__()
        self.into, self.first, self.between, self.last = nn.Linear(8, 12), first, nn.Linear(12, 5), last
        with torch.no_grad():
            self.into.weight.mul_(2)
            self.between.weight.mul_(2)

    def forward(self, x):
        return self.last(self.between(self.first(self.into(x))[0]))[0]


@pytest.mark.parametrize("recurrent", [False, True])
def test_every_spike(recurrent):
    torch.manual_seed(1)
    first = LIFTorch(
        12,
        max_spikes_per_dt=1,
        has_rec=recurrent,
        tau_mem=torch.linspace(0.003, 0.02, 12),
        tau_syn=torch.linspace(0.002, 0.006, 12)[:, None],
        bias=torch.linspace(-0.05, 0.05, 12),
    )
    module = Net(first, LIFTorch(5, max_spikes_per_dt=1, threshold=torch.full((5,), 1.5)))
    x = events(3, 30, 8)
    network = from_torch(module, x, dt=1e-3, layout="NTC")
    for each in (module.first, module.last):
        each.reset_state()
    same_spikes(module, x, network.graph, (LIFTorch,), recordings_first, recordings_first)
    assert all(each.different == each.through == 0 for each in network.agreement)
    assert len([each for each in network.graph.projections if each.source == each.destination]) == recurrent


@pytest.mark.parametrize(
    ("neurons", "said"),
    [
        ({}, r"first \(LIFTorch\): max_spikes_per_dt is 65536.*\nPass max_spikes_per_dt=1"),
        ({"max_spikes_per_dt": 1, "noise_std": 0.1}, "adds noise"),
    ],
)
def test_what_the_contract_lacks(neurons, said):
    with pytest.raises(InputError, match=said):
        from_torch(Net(LIFTorch(12, **neurons), LIFTorch(5)), events(2, 5, 8), dt=1e-3, layout="NTC")
