"""Neurons of one's own, and what `from_torch` says where their converter tells another number."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch_networks import Loop, events

from snnc.conversion.convert import from_torch
from snnc.conversion.neurons import Cell, converter
from snnc.errors import InputError

TOLD = {
    "keep_u": 0.0,
    "keep_v": 0.8,
    "threshold": 1.0,
    "fires": "above",
    "reset": "subtract",
    "reset_by": 1.0,
}
CELL = "(in the converter's Cell"
KEEPS = torch.tensor([0.95, 0.9, 0.8, 0.7, 0.5]).double()


class Neurons(nn.Module):
    """i = keep_i i + x, v = keep v + taken i, fires above 1, subtracts 1; besides, one habit.

    `floor`, `ceiling`: v is never below, above; `behind`, `after`: nor behind a reset; `ramp`: the threshold
    is higher by so much in each step.
    """

    def __init__(
        self,
        keep=0.8,
        taken=1.0,
        keep_i=0.0,
        silent=0,
        rise=0.0,
        threshold=1.0,
        floor=-100.0,
        ceiling=100.0,
        behind=-100.0,
        after=100.0,
        ramp=0.0,
    ):
        super().__init__()
        self.floor, self.ceiling, self.ramp = floor, ceiling, ramp
        self.behind, self.after = behind, after
        self.keep, self.taken, self.keep_i = keep, taken, keep_i
        self.silent, self.rise, self.threshold = silent, rise, threshold
        self.clear()

    def clear(self):
        self.step = 0
        self.v = self.i = self.left = self.higher = torch.zeros(1).double()

    def forward(self, x):
        self.i = self.keep_i * self.i + x
        v = self.keep * self.v + self.taken * self.i * (self.left <= 0)
        v = v.clamp(self.floor, self.ceiling)
        threshold = self.threshold + self.ramp * self.step
        spikes = (v > threshold + self.higher).double() * (self.left <= 0)
        self.step += 1
        self.v = (v - self.threshold * spikes).clamp(self.behind, self.after)
        self.left = (self.left - 1).clamp(min=0) + self.silent * spikes
        self.higher = 0.9 * self.higher + self.rise * spikes
        return spikes


def seeded(bias):
    torch.manual_seed(3)
    weights = nn.Linear(6, 5).double()
    with torch.no_grad():
        weights.weight.copy_(0.9 * weights.weight + 0.25)
        weights.bias.fill_(bias)
    return weights


def error_of(told=None, example=None, bias=0.0, clear=True, gain=1.0, **habits):
    """The lines of what `from_torch` says if the converter tells `TOLD` with `told`."""

    @converter(Neurons)
    def _(module, name):
        more = {"clear": module.clear} if clear else {}
        return Cell(name, TOLD | (told or {}), gain=gain, **more)

    module = Loop(nn.Sequential(seeded(bias), Neurons(**habits)))
    x = events(80, 4, 6).double() if example is None else example
    with pytest.raises(InputError) as error:
        from_torch(module, x, dt=0.01, least_agreement=1)
    return error.value.args
