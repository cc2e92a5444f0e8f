"""Neurons that give other numbers than 0 and 1: who follows what is said, converts."""

from __future__ import annotations

import pytest
import snntorch
import torch
from changed_networks import X, check, drawn
from spikingjelly.activation_based import neuron, surrogate
from torch import nn
from torch_networks import Loop

from snnc.conversion.neurons import Cell, converter
from snnc.errors import InputError

SURROGATE = (
    r"step\.1: gives \S+ where the contract's neurons give 0 or 1\nWhat its surrogate function gives in "
    r"forward is no spike .*: use one that gives 0 and 1, and train with it$"
)


def net(neurons):
    torch.manual_seed(3)
    return Loop(nn.Sequential(drawn(8, 12), neurons))


class Twice(snntorch.Leaky):
    """A forward of the user's around that of a known class."""

    factor = 2.0

    def forward(self, x, mem=None):
        return self.factor * super().forward(x, mem)


class Once(Twice):
    factor = 1.0


@pytest.mark.parametrize(
    ("odd", "instead"),
    [
        (
            lambda: neuron.IFNode(surrogate_function=surrogate.ATan(spiking=False)),
            lambda: neuron.IFNode(surrogate_function=surrogate.ATan(spiking=True)),
        ),
        (
            lambda: snntorch.Leaky(0.8, init_hidden=True, spike_grad=lambda x: x),
            lambda: snntorch.Leaky(0.8, init_hidden=True, spike_grad=lambda x: (x > 0).float()),
        ),
        (lambda: Twice(0.8, init_hidden=True), lambda: Once(0.8, init_hidden=True)),
    ],
)
def test_surrogate_functions_that_give_no_spikes(odd, instead):
    with pytest.raises(InputError, match=SURROGATE):
        check(net(odd()))
    check(net(instead()))


def test_hooks_that_make_spikes_other_numbers():
    module = net(snntorch.Leaky(0.8, init_hidden=True))
    handle = module.step[1].register_forward_hook(lambda module, args, out: 0.5 * out)
    with pytest.raises(InputError, match=r"gives 0\.5 where .*\nTake hooks off that change what it gives"):
        check(module)
    handle.remove()
    check(module)


class Own(nn.Module):
    """Neurons of the user that give `height` for a spike."""

    def __init__(self, height):
        super().__init__()
        self.height, self.v = height, torch.zeros(())

    def clear(self):
        self.v = torch.zeros(())

    def forward(self, x):
        v = 0.9 * self.v + x
        spikes = (v > 1).float()
        self.v = v * (1 - spikes)
        return self.height * spikes


def test_own_neurons_that_give_other_numbers():
    @converter(Own)
    def own(module, name):
        parameters = {"keep_u": 0.0, "keep_v": 0.9, "threshold": 1.0, "fires": "above", "reset": "zero"}
        return Cell(name, parameters, clear=module.clear)

    with pytest.raises(InputError, match=r"gives 3 where .* 0 or 1\nLet its forward give 0 and 1, and scale"):
        check(net(Own(3.0)), X)
    check(net(Own(1.0)), X)
