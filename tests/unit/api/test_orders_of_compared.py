"""Module and network were compared, so the example was read: another order is no remedy."""

from __future__ import annotations

import pytest
import torch
from torch import nn

import snnc
from snnc.conversion.neurons import CONVERTERS, Cell
from snnc.errors import InputError


class Own(nn.Module):
    """v = 0.9 v + x, and from step 5 on with other numbers in each; fires at 1, and is set to 0."""

    def clear(self):
        self.step, self.v = 0, 0.0

    def forward(self, x):
        self.step += 1
        v = 0.9 * self.v + 0.6 * x * (1 if self.step < 5 else (self.step % 3 - 0.7) ** 2)
        spikes = (v >= 1).float()
        self.v = v * (1 - spikes)
        return spikes


class Steps(nn.Module):
    def __init__(self):
        super().__init__()
        self.own = Own()

    def forward(self, x):
        self.own.clear()
        return torch.stack([self.own(step) for step in x.unbind(1)], 1)


def test_another_order_with_the_layout_in_use_is_not_proposed(monkeypatch) -> None:
    """The 4 steps of the exchanged example would show no difference."""
    monkeypatch.setattr("snnc.conversion.neurons.CONVERTERS", dict(CONVERTERS))
    told = {"keep_u": 0.0, "keep_v": 0.9, "threshold": 1.0, "fires": "at", "reset": "zero"}
    snnc.converter(Own)(lambda module, name: Cell(name, told, gain=0.6, clear=module.clear))
    example = (torch.rand(4, 40, 3, generator=torch.Generator().manual_seed(1)) < 0.6).float()
    with pytest.raises(InputError, match="module and network differ in") as error:
        snnc.from_torch(Steps(), example, dt=1e-3, layout="NTC", verbose=False)
    assert "permute" not in str(error.value)
