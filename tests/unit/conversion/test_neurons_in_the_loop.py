"""Neurons that are written out in the forward of a network: the error says where, and what to do."""

from __future__ import annotations

import inspect

import pytest
import torch
from changed_networks import Changed, Placed, check
from spikingjelly.activation_based import neuron
from torch import nn
from torch_networks import events

from snnc.conversion.convert import from_torch
from snnc.errors import InputError

REPLACE = "Put neurons that spike in its place, and train with them"


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
        "(docs/from_torch.md, 'Neurons of your own'); where no v is compared, but a current, put neurons "
        "that spike in its place, and train with them"
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


def clipped(c):
    c[c > 1.0] = 1.0
    return c


@pytest.mark.parametrize(
    "clip",
    [
        lambda c: c.masked_fill_(c > 1.0, 1.0),
        lambda c: c.masked_fill(c > 1.0, 1.0),
        lambda c: torch.where(c > 1.0, 1.0, c),
        lambda c: c * (c > 0),
        lambda c: c.clamp(max=1.0),
    ],
)
def test_a_current_that_is_compared_is_none_of_neurons(clip) -> None:
    """Of all steps at once it can be no v; of one step it may be the first one of v."""
    with pytest.raises(InputError) as told:
        check(Placed(clip))
    assert told.value.args[1:] == (REPLACE,)
    with pytest.raises(InputError) as told:
        check(Changed(clip))
    assert told.value.args[-1].endswith(REPLACE[1:])


@pytest.mark.parametrize("kind", [Changed, Placed])
def test_a_current_whose_large_places_are_set(kind) -> None:
    with pytest.raises(InputError, match=f"where x itself decides which, p{REPLACE[1:]}"):
        check(kind(clipped))


def test_a_v_of_several_steps_is_that_of_neurons() -> None:
    """v is compared at the end alone."""

    class Integrates(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc, self.out = nn.Linear(4, 5), neuron.IFNode()

        def forward(self, x):
            v = torch.zeros(x.shape[1], 5)
            for each in x:
                v = 0.9 * v + self.fc(each)
            return self.out((v > 1).float())

    with pytest.raises(InputError) as told:
        from_torch(Integrates(), events(6, 2, 4), dt=0.01)
    assert told.value.args[-1].endswith("'Neurons of your own')")
