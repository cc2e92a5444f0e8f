"""Neurons with a refractory period are told so, where they differ from the network by it alone."""

from __future__ import annotations

import numpy as np
import pytest
import snntorch
import torch
from torch import nn

import snnc
from snnc.conversion.convert import from_torch
from snnc.conversion.neurons import CONVERTERS, Cell, Gives
from snnc.conversion.pauses import pause_of
from snnc.errors import InputError


class Refractory(nn.Module):
    """Silent for 3 steps after a spike; v goes on."""

    def __init__(self):
        super().__init__()
        self.v, self.left = 0.0, 0.0

    def forward(self, x):
        v = 0.5 * self.v + x
        spikes = (v > 0.9).float() * (torch.zeros_like(v) + self.left <= 0)
        self.left = (torch.zeros_like(v) + self.left - 1).clamp(min=0) + 3 * spikes
        self.v = v * (1 - spikes)
        return spikes


def refractory(module, name):
    def clear():
        module.v = module.left = 0.0

    parameters = {"keep_u": 0.0, "keep_v": 0.5, "threshold": 0.9, "fires": "above", "reset": "zero"}
    return Cell(
        name,
        parameters,
        gives=lambda args, kwargs, output: Gives(current=args[0], spikes=output),
        clear=clear,
    )


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.lif = Refractory()

    def forward(self, x):
        return torch.stack([self.lif(step) for step in x])


def test_a_refractory_period_that_the_example_does_not_show_is_told():
    kept = dict(CONVERTERS)
    snnc.converter(Refractory)(refractory)
    example = torch.zeros(24, 5, 3)
    example[::6] = 1.0  # rarer than the pause
    try:
        with pytest.raises(InputError, match="it has a refractory period, 3 steps after each spike") as told:
            from_torch(Net(), example, dt=1e-3)
    finally:
        CONVERTERS.pop(Refractory)
    assert kept == CONVERTERS
    assert "(snnc has none: leave it out and train again)" in told.value.args[0]


class Quiet(snntorch.Leaky):
    """Silent for 3 steps after a spike; a class that snnc knows by that above it."""

    def forward(self, x, mem=None):
        if not mem.any():
            self.left = torch.zeros_like(x)
        spikes, mem = super().forward(x, mem)
        spikes = spikes * (self.left <= 0)
        self.left = (self.left - 1).clamp(min=0) + 3 * spikes
        return spikes, mem


class Loop(nn.Module):
    def __init__(self):
        super().__init__()
        self.lif = Quiet(0.5, threshold=0.9, reset_mechanism="none")

    def forward(self, x):
        mem, found = torch.zeros_like(x[0]), []
        for step in x:
            spikes, mem = self.lif(step, mem)
            found.append(spikes)
        return torch.stack(found)


def test_so_is_that_of_neurons_with_a_converter_of_snnc():
    example = torch.zeros(24, 5, 3)
    example[::6] = 1.0
    with pytest.raises(InputError, match=r"the module is silent there, as for \d+ steps after") as told:
        from_torch(Loop(), example, dt=1e-3)
    assert told.value.args[1].startswith("If it has a refractory period, leave it out and train again")


def lines(*texts):
    """[1, T, neurons] of a text for each neuron."""
    return np.array([[char == "1" for char in text] for text in texts]).T[None]


@pytest.mark.parametrize(
    ("spikes", "wrong", "pause"),
    [
        (lines("100100", "010000"), lines("010000", "000000"), 2),
        (lines("100100", "010001"), lines("010000", "000100"), 2),
        (lines("100100", "010000"), lines("010000", "000011"), None),  # three steps after its spike
        (lines("100100", "000000"), lines("010000", "100000"), None),  # it has not spiked before
        (lines("110000"), lines("001000"), None),  # it spikes in neighbouring steps
        (lines("100100"), lines("000100"), None),  # it spikes where the network does not
        (lines("100000"), lines("010000"), None),  # one spike tells no pause
    ],
)
def test_pauses_are_those_that_make_every_first_difference(spikes, wrong, pause):
    assert pause_of(spikes, wrong) == pause
