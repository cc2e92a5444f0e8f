"""A module whose code holds the number of samples or steps: told what it runs on, and nothing that is not."""

from __future__ import annotations

import re

import pytest
import snntorch
import torch
from torch import nn

import snnc
from snnc.errors import InputError


class Loop(nn.Module):
    """Takes `steps`, or all, of [steps, samples, 5 lines], and of samples those that `taken` lets through."""

    def __init__(self, taken=lambda step: step, steps=None, held=None):
        super().__init__()
        torch.manual_seed(1)
        self.linear, self.lif = nn.Linear(5, 3), snntorch.Leaky(0.9)
        self.linear.weight.data *= 4
        self.taken, self.steps, self.held = taken, steps, held

    def forward(self, x):
        mem, spikes = self.lif.init_leaky(), []
        for t in range(self.steps or len(x)):
            spk, mem = self.lif(self.linear(self.taken(x[t])), mem)
            spikes.append(spk)
        return torch.stack(spikes)


def refuses(step):
    assert len(step) == 48, "another batch"
    return step


class HoldsIt(Loop):
    def forward(self, x):
        assert x.shape[1] == 48, "another batch"
        return super().forward(x)


SAID = re.compile(
    r"the module's own code runs on (\d+) (\w+) \(dimension (\d)\), not on (\d+): if it takes no "
)


def _example(steps: int, samples: int) -> torch.Tensor:
    torch.manual_seed(2)
    return (torch.rand(steps, samples, 5) < 0.4).float()


@pytest.mark.parametrize(
    ("module", "given", "said"),
    [
        (Loop(lambda step: step.view(4, 5)), (9, 8), ("4", "samples", "1", "8")),  # of the error
        (Loop(lambda step: step.view(4, 5)), (9, 1), ("4", "samples", "1", "1")),
        (Loop(lambda step: step + torch.zeros(3, 1)), (9, 7), ("3", "samples", "1", "7")),
        (HoldsIt(), (9, 8), ("48", "samples", "1", "8")),  # of its code
        (Loop(refuses, held=48), (9, 8), ("48", "samples", "1", "8")),  # of an attribute
        (Loop(lambda step: step.view(1, 5)), (9, 6), ("1", "sample", "1", "6")),
        (Loop(steps=30), (9, 8), ("30", "steps", "0", "9")),
    ],
)
def test_the_number_that_it_runs_on_is_told(module, given, said) -> None:
    with pytest.raises(InputError) as refusal:
        snnc.from_torch(module, _example(*given), dt=1e-3)
    _, count, read = refusal.value.args
    assert SAID.match(count).groups() == said
    assert count.endswith(f"give an example of {said[0]}")
    assert read.startswith(f"example [{given[0]}, {given[1]}, 5] read as T = {given[0]} steps")
    right = (int(said[0]), given[1]) if said[1] == "steps" else (given[0], int(said[0]))
    snnc.from_torch(module, _example(*right), dt=1e-3, verbose=False)


def test_nothing_is_told_of_what_fails_on_any_number() -> None:
    for taken in (lambda step: step[:, :3], lambda step: 1 / 0):
        with pytest.raises(InputError) as refusal:
            snnc.from_torch(Loop(taken), _example(9, 8), dt=1e-3)
        assert not any(SAID.match(line) for line in refusal.value.args)


def test_a_layout_is_proposed_only_if_the_whole_example_runs_with_it() -> None:
    """With other dimensions the first few recordings may be as many as it takes."""
    with pytest.raises(InputError) as refusal:
        snnc.from_torch(Loop(lambda step: step.view(4, 5)), _example(20, 8), dt=1e-3)
    assert "can be read" not in str(refusal.value)
