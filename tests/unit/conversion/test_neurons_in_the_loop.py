"""Neurons that are written out in the forward of a network: the error says where, and what to do."""

from __future__ import annotations

import inspect

import pytest
import torch
from torch import nn
from torch_networks import events

from snnc.conversion.convert import from_torch
from snnc.errors import InputError


class Net(nn.Module):
    def __init__(self, fire):
        super().__init__()
        self.fc, self.fire = nn.Linear(4, 3), fire

    def forward(self, x):
        mem, spikes = torch.zeros(x.shape[1], 3), []
        for step in x:
            mem = 0.9 * mem + self.fc(step)
            spk = self.fire(mem)  # here
            mem = mem * (1 - spk)
            spikes.append(spk)
        return torch.stack(spikes)


class Surrogate(torch.autograd.Function):
    @staticmethod
    def forward(ctx, v):
        return (v > 0).float()


LINES, FIRST = inspect.getsourcelines(Net)
LINE = FIRST + next(number for number, line in enumerate(LINES) if line.endswith("# here\n"))


@pytest.mark.parametrize(
    ("fire", "name"),
    [
        (lambda v: (v > 1).float(), "gt"),
        (lambda v: torch.heaviside(v - 1, torch.tensor(0.0)), "heaviside"),
        (lambda v: torch.ge(v, 1).float(), "ge"),
        (lambda v: Surrogate.apply(v - 1), "gt"),
    ],
)
def test_a_comparison_in_the_loop_is_named_with_its_line(fire, name) -> None:
    with pytest.raises(InputError) as told:
        from_torch(Net(fire), events(6, 2, 4), dt=0.01)
    assert f"{name} in Net.forward (line {LINE} of test_neurons_in_the_loop.py) is a comp" in str(told.value)
    assert told.value.args[-1] == (
        "Move v, spike and reset into an nn.Module that computes one step, and register it: snnc.converter "
        "(docs/from_torch.md, 'Neurons of your own')"
    )
    assert "Neurons are modules" not in str(told.value)


def test_a_module_that_holds_others_is_no_neuron_either() -> None:
    with pytest.raises(InputError, match=r"gt in Net\.forward \(line \d+ of test_neurons"):
        from_torch(nn.Sequential(Net(lambda v: (v > 1).float())), events(6, 2, 4), dt=0.01)


def test_a_module_of_neurons_is_to_be_registered() -> None:
    class Step(nn.Module):
        def forward(self, x):
            return (x > 1).float()

    with pytest.raises(InputError, match=r"in '1', .*is no linear operation.*") as told:
        from_torch(nn.Sequential(nn.Linear(4, 3), Step()), events(6, 2, 4), dt=0.01)
    assert "for a class of your own, register one" in str(told.value)
