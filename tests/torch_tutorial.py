"""A network as snnTorch's tutorials write it."""

from __future__ import annotations

import snntorch
import torch
from torch import nn


class Tutorial(nn.Module):
    """As in snnTorch's tutorial 5: a loop over time, states passed by hand."""

    def __init__(self, reset="subtract", synaptic=False, delay=True):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(12, 20), nn.Linear(20, 4)
        kind = {"reset_mechanism": reset, "reset_delay": delay}
        beta = torch.linspace(0.5, 0.95, 20)
        self.lif1 = (
            snntorch.Synaptic(alpha=0.7, beta=beta, **kind)
            if synaptic
            else snntorch.Leaky(beta=beta, threshold=0.7, **kind)
        )
        self.lif2 = snntorch.Leaky(beta=0.8, **kind)
        self.synaptic = synaptic

    def forward(self, x):
        one = self.lif1.init_synaptic() if self.synaptic else (self.lif1.init_leaky(),)
        mem2 = self.lif2.init_leaky()
        spikes, membranes = [], []
        for step in range(x.size(0)):
            spk1, *one = self.lif1(self.fc1(x[step]), *one)
            spk2, mem2 = self.lif2(self.fc2(spk1), mem2)
            spikes.append(spk2)
            membranes.append(mem2)
        return torch.stack(spikes, dim=0), torch.stack(membranes, dim=0)
