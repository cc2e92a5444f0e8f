"""Modules that branch on the number of steps are noted: of more or fewer the first ones are others."""

from __future__ import annotations

import pytest
import snntorch
import torch
from torch import nn
from torch_networks import events

from snnc.conversion.convert import from_torch

STEPS = 12


class Branches(nn.Module):
    """Its input is doubled where `when` says so of the steps; it makes `fixed` steps, if told so."""

    def __init__(self, when, fixed=None):
        super().__init__()
        self.when, self.fixed = when, fixed
        self.fc, self.lif = nn.Linear(3, 6), snntorch.Leaky(0.9, threshold=0.5)

    def forward(self, x):
        mem, spikes = self.lif.init_leaky(), []
        weight = 2.0 if self.when(len(x)) else 1.0
        for t in range(self.fixed or len(x)):
            spk, mem = self.lif(weight * self.fc(x[t]), mem)
            spikes.append(spk)
        return torch.stack(spikes)


class AtOnce(Branches):
    """All steps in one product."""

    def forward(self, x):
        mem, spikes = self.lif.init_leaky(), []
        for current in self.fc(x) * (2.0 if self.when(len(x)) else 1.0):
            spk, mem = self.lif(current, mem)
            spikes.append(spk)
        return torch.stack(spikes)


def notes(module):
    torch.manual_seed(1)
    found = from_torch(module, events(STEPS, 5, 3, share=0.4), dt=1e-3)
    return [note for note in found.notes if "steps the module computes" in note]


@pytest.mark.parametrize("kind", [Branches, AtOnce])
@pytest.mark.parametrize(
    ("when", "steps"),
    [
        (lambda steps: steps > 10, 7),
        (lambda steps: steps > 20, 25),
        (lambda steps: steps % 2, 7),
        (lambda steps: steps < 10, 7),
    ],
)
def test_a_branch_on_the_number_of_steps_is_noted(kind, when, steps):
    (said,) = notes(kind(when))
    assert said.startswith(
        f"lif: of {steps} steps the module computes something else in the first ones than of {STEPS}: "
    )
    assert said.endswith(f"; the network is that of {STEPS} steps")


@pytest.mark.parametrize(
    "module",
    [Branches(lambda steps: False), AtOnce(lambda steps: True), Branches(lambda _: 0, STEPS)],
)
def test_nothing_is_noted_of_others(module):
    assert notes(module) == []
