"""Neurons that PyTorch does not see, as they are no submodules: refused where they are called."""

from __future__ import annotations

import re

import pytest
import snntorch
import torch
from torch import nn

from snnc.conversion.convert import from_torch
from snnc.conversion.neurons import CONVERTERS, Cell, full_name
from snnc.errors import InputError


class Net(nn.Module):
    """Two layers, whose neurons `held` makes of a list of them."""

    def __init__(self, held):
        super().__init__()
        self.linear = nn.ModuleList([nn.Linear(4, 5), nn.Linear(5, 3)])
        self.neurons = held([snntorch.Leaky(0.9), snntorch.Leaky(0.8)])

    def forward(self, x):
        states, spikes = [each.init_leaky() for each in self.layers()], []
        for step in x:
            for number, (linear, neurons) in enumerate(zip(self.linear, self.layers(), strict=True)):
                step, states[number] = neurons(linear(step), states[number])
            spikes.append(step)
        return torch.stack(spikes)

    def layers(self):
        found = list(self.neurons.values()) if isinstance(self.neurons, dict) else list(self.neurons)
        return [each[0] if isinstance(each, list | nn.Sequential) else each for each in found]


X = (torch.arange(6 * 2 * 4).reshape(6, 2, 4) % 3 == 0).float()


@pytest.mark.parametrize(
    "held",
    [list, tuple, lambda parts: dict(enumerate(parts)), lambda parts: [[each] for each in parts]],
    ids=["list", "tuple", "dict", "nested"],
)
def test_neurons_in_containers_of_python_are_refused(held) -> None:
    with pytest.raises(
        InputError, match=r"^neurons: holds neurons \(Leaky\) .*\nMake neurons an nn\.ModuleList"
    ):
        from_torch(Net(held), X, dt=1e-3)


def test_parts_of_what_is_held_are_found() -> None:
    with pytest.raises(InputError, match=r"Make neurons an nn\.ModuleList"):
        from_torch(Net(lambda parts: [nn.Sequential(each) for each in parts]), X, dt=1e-3)


def test_neurons_that_are_parts_besides_or_not_called_are_no_matter() -> None:
    module = Net(nn.ModuleList)
    module.all_of_them = list(module.neurons)
    module.teacher = [snntorch.Leaky(0.5)]
    assert len(from_torch(module, X, dt=1e-3).agreement) == 2


class Fires(nn.Module):
    def forward(self, x):
        return (x > 0.5).float()


def fires(module, name):
    return Cell(name, {"keep_u": 0.0, "keep_v": 0.0, "threshold": 0.5, "reset": "zero"})


@pytest.fixture(autouse=True)
def _registered(monkeypatch):
    monkeypatch.setitem(CONVERTERS, full_name(Fires), fires)


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.fires = Fires()

    def forward(self, x):
        return self.fires(2 * x)


class Holder:
    def __init__(self):
        self.within, self.several = Fires(), [Fires()]


class Calls(nn.Module):
    """Spikes are what `compute(self, x)` makes of a step."""

    def __init__(self, compute):
        super().__init__()
        self.linear, self.seen, self.holder, self.compute = nn.Linear(4, 5), Fires(), Holder(), compute

    def forward(self, x):
        return torch.stack([self.compute(self, self.linear(step)) for step in x])


FIRES, BLOCK = Fires(), Block()


@pytest.mark.parametrize(
    "compute",
    [
        lambda net, x: FIRES(x),
        lambda net, x: Fires()(x),
        lambda net, x: net.holder.within(x),
        lambda net, x: net.holder.several[0](x),
        lambda net, x: BLOCK.fires(x),
    ],
    ids=["global", "made", "holder", "list", "part"],
)
@pytest.mark.parametrize("whole", [lambda net: net, nn.Sequential], ids=["alone", "inside"])
def test_neurons_that_are_no_submodule_are_named_where_they_are_called(compute, whole) -> None:
    with pytest.raises(InputError) as found:
        from_torch(whole(Calls(compute)), X, dt=1e-3)
    said, remedy = found.value.args
    of = type(whole(Calls(compute))).__name__
    where = r"Calls\.forward \(line \d+ of test_unseen_neurons\.py\)"
    assert re.search(rf"{where}, a module Fires is called that is no submodule of {of}:", said)
    assert "self.fires = Fires(...), and call self.fires(...)" in remedy


def test_of_modules_with_neurons_the_outermost_is_to_be_assigned() -> None:
    with pytest.raises(InputError, match=r"a module Block is called .* neurons \(Fires\) .*\n.*= Block\("):
        from_torch(Calls(lambda net, x: BLOCK(x)), X, dt=1e-3)


def test_other_modules_need_be_no_submodules() -> None:
    scale = nn.Linear(5, 3)
    assert len(from_torch(Calls(lambda net, x: net.seen(scale(x))[:, :3]), X, dt=1e-3).agreement) == 1


def test_modules_inside_neurons_need_be_no_submodules() -> None:
    class Kept(Fires):
        def forward(self, x):
            return FIRES(x)

    net = Calls(lambda net, x: net.seen(x))
    net.seen = Kept()
    assert len(from_torch(net, X, dt=1e-3).agreement) == 1


def test_forward_of_neurons_that_is_called_directly_is_told() -> None:
    with pytest.raises(InputError, match=r"forward of neurons \(Fires\) .*\nCall the module itself"):
        from_torch(Calls(lambda net, x: net.seen.forward(x)), X, dt=1e-3)
