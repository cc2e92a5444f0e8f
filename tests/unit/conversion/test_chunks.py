"""Time in chunks, as truncated backpropagation has it."""

from __future__ import annotations

import snntorch
import torch
from torch import nn
from torch_networks import events

from snnc.conversion.convert import from_torch


class Layer(nn.Module):
    """In chunks of `steps`, each stacked by itself; of all steps where there are as many."""

    def __init__(self, steps):
        super().__init__()
        torch.manual_seed(1)
        self.steps, self.fc, self.lif = steps, nn.Linear(4, 3, bias=False), snntorch.Leaky(0.9)

    def forward(self, x):
        mem, chunks = self.lif.init_leaky(), []
        for part in x.split(self.steps):
            spikes = []
            for step in part:
                spk, mem = self.lif(self.fc(step), mem)
                spikes.append(spk)
            mem = mem.detach()
            chunks.append(torch.stack(spikes))
        return torch.cat(chunks)


def test_steps_that_are_stacked_in_chunks_are_all_steps() -> None:
    x = events(13, 3, 4)
    found, whole = from_torch(Layer(5), x, dt=0.001), from_torch(Layer(13), x, dt=0.001)
    assert [each.different for each in found.agreement] == [0]
    assert found.graph == whole.graph


def test_chunks_are_followed_between_layers_too() -> None:
    def two(steps):
        torch.manual_seed(2)
        behind = nn.Linear(3, 4, bias=False)
        return nn.Sequential(Layer(steps), behind, Layer(steps))

    x = events(13, 3, 4)
    found, whole = from_torch(two(4), x, dt=0.001), from_torch(two(13), x, dt=0.001)
    assert [each.different for each in found.agreement] == [0, 0]
    assert found.graph == whole.graph
