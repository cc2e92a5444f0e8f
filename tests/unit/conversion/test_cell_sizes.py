"""Fields of a Cell that are of another size than what the module is given are refused by name."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import nn

import snnc
from snnc.conversion.neurons import CONVERTERS, Cell, Gives, full_name
from snnc.errors import InputError


class Leaky(nn.Module):
    """Takes all steps [T, N, lines]; spikes subtract the threshold."""

    def forward(self, x):
        v, out = torch.zeros_like(x[0]), []
        for current in x:
            v = 0.8 * v + current
            spike = (v >= 1).float()
            v = v - spike
            out.append(spike)
        return torch.stack(out)


def converted(monkeypatch: pytest.MonkeyPatch, **fields: object) -> snnc.Network:
    parameters = {"keep_u": 0.0, "keep_v": 0.8, "threshold": 1.0, "fires": "at", "reset": "subtract"}
    cell = Cell(
        "leaky",
        parameters | {"reset_by": 1.0},
        time_dim=0,
        gives=lambda args, kwargs, output: Gives(current=args[0], spikes=output),
    )

    def of_own(module: nn.Module, name: str) -> Cell:
        return replace(cell, name=name, **fields)

    monkeypatch.setitem(CONVERTERS, full_name(Leaky), of_own)
    torch.manual_seed(2)
    net = nn.Sequential(nn.Linear(6, 5), Leaky())
    return snnc.from_torch(net, (torch.rand(12, 3, 6) < 0.4).float(), dt=1e-3, layout="TNC", verbose=False)


@pytest.mark.parametrize("shape", [(5, 4), (4, 4), (5, 6)])
def test_weights_inside_have_a_column_for_each_line(shape, monkeypatch):
    said = rf"^1: weighed: its weight is \[{shape[0]}, {shape[1]}\], \[neurons, lines\], and 5 lines arrive"
    with pytest.raises(InputError, match=said):
        converted(monkeypatch, weighed=(torch.ones(shape), None))


def test_recordings_are_those_of_the_example(monkeypatch):
    assert converted(monkeypatch, recordings=3).populations
    with pytest.raises(
        InputError, match=r"^1: recordings of its Cell is 7, and the example has 3\nGive an ex"
    ):
        converted(monkeypatch, recordings=7)


def test_weights_inside_have_a_row_for_each_neuron(monkeypatch):
    with pytest.raises(InputError, match=r"\nGive weighed of its Cell a row for each of its 5 neurons, if"):
        converted(monkeypatch, weighed=(torch.ones(4, 5), None))
