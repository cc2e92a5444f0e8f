"""Delays of as many steps as the example has, or more, are noted, and so is what is not connected."""

from __future__ import annotations

from collections import deque

import pytest
import snntorch
import torch
import torch.nn.functional as F
from torch import nn
from torch_networks import events

from snnc.conversion.convert import from_torch

STEPS = 12


class Late(nn.Module):
    """`delay` gives what arrives at the weights."""

    def __init__(self, delay):
        super().__init__()
        torch.manual_seed(1)
        self.delay, self.fc, self.lif = delay, nn.Linear(4, 6, bias=False), snntorch.Leaky(0.9)

    def forward(self, x):
        mem, spikes = self.lif.init_leaky(), []
        for current in self.fc(self.delay(x)):
            spk, mem = self.lif(current, mem)
            spikes.append(spk)
        return torch.stack(spikes)


def padded(x, steps=20):
    return F.pad(x, (0, 0, 0, 0, steps, 0))[: len(x)]


def joined(x):
    return torch.cat([torch.zeros(20, *x.shape[1:]), x])[: len(x)]


def some(x):
    return torch.cat([x[..., :3], padded(x, 30)[..., 3:]], -1)


def beside(x):
    waiting, late = deque([torch.zeros_like(x[0])] * 20), []
    for step in x:
        waiting.append(step)
        late.append(step + waiting.popleft())
    return torch.stack(late)


def notes(delay, steps=STEPS):
    return from_torch(Late(delay), events(steps, 5, 4, share=0.4), dt=1e-3).notes


@pytest.mark.parametrize(
    ("delay", "count", "of", "longest"),
    [(padded, 24, 24, 20), (joined, 24, 24, 20), (some, 6, 24, 30), (beside, 24, 48, 20)],
)
def test_what_waits_beyond_the_example_is_noted(delay, count, of, longest) -> None:
    (said,) = (each for each in notes(delay) if each.startswith("input -> lif: "))
    assert f"{count} of {of} synapses have delays of 12 steps or more, up to {longest}, and" in said
    assert said.endswith(f"give an example of more than {longest} steps")
    assert not any("give an example" in each for each in notes(delay, longest + 1))


def test_what_is_not_connected_is_noted() -> None:
    said = notes(padded)
    assert "input: is connected to no neurons, so nothing of it reaches the network" in said
    assert "lif: no synapses of other populations lead there, so nothing arrives but a bias" in said


def test_a_fixed_number_of_steps_is_noted_by_the_run_itself() -> None:
    found = notes(lambda x: F.pad(x, (0, 0, 0, 0, 20, 0))[:STEPS])
    assert any(each.startswith("input: is delayed by 20 steps (in ") for each in found)
