"""A module of PyTorch that delays its lines by code of its own."""

from __future__ import annotations

import snntorch
import torch
from torch import nn

DELAYS = (0, 3, 1, 2)
"""Steps of a delay of each of four lines."""


class Delayed(nn.Module):
    """`delay` of all steps, and one layer behind it."""

    def __init__(self, delay):
        super().__init__()
        self.delay, self.fc, self.lif = delay, nn.Linear(4, 3, bias=False), snntorch.Leaky(0.9)

    def forward(self, x):
        delayed, mem, spikes = self.delay(x), self.lif.init_leaky(), []
        for step in delayed:
            spk, mem = self.lif(self.fc(step), mem)
            spikes.append(spk)
        return torch.stack(spikes)
