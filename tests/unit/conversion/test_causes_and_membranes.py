"""Where the module gives its membrane, a cause that explains the spikes alone is none."""

from __future__ import annotations

import re

import pytest
import torch
from slips_of_cells import CELL, TOLD, Neurons
from torch import nn
from torch_networks import Loop

from snnc.conversion.convert import from_torch
from snnc.conversion.neurons import Cell, Gives, converter
from snnc.errors import InputError

HABITS = {"keep_v": "keep", "threshold": "threshold", "gain": "taken"}
RIGHT = {"keep_v": 0.8, "threshold": 1.0, "gain": 1.0}
NEURONS = 8


class Zero(Neurons):
    """Set to 0 by a spike."""

    def forward(self, x):
        v = self.keep * self.v + self.taken * x
        spikes = (v > self.threshold).double()
        self.v = v * (1 - spikes)
        return spikes


def error_of(module, gain=1.0, membrane_ends=None, shown=lambda v: v):
    """The lines of the error where a converter says `RIGHT`, and that `shown` of v is the membrane."""

    @converter(type(module))
    def _(module, name):
        told = {key: value for key, value in TOLD.items() if key != "reset_by"} | {"reset": "zero"}

        def gives(args, kwargs, output):
            return Gives(args[0], output, membrane=shown(module.v))

        return Cell(name, told, gain=gain, gives=gives, clear=module.clear, membrane_ends=membrane_ends)

    draw = torch.Generator().manual_seed(2)
    weights = nn.Linear(6, NEURONS, bias=False).double()
    with torch.no_grad():
        weights.weight.copy_((0.7 * torch.rand(NEURONS, 6, generator=draw).double() - 0.1) / gain)
    x = (torch.rand(50, 4, 6, generator=draw) < 0.3).double()
    with pytest.raises(InputError) as error:
        from_torch(Loop(nn.Sequential(weights, module)), x, dt=0.01, least_agreement=1)
    return error.value.args


def with_factor(name, factor, which, gain=1.0):
    numbers = torch.full((NEURONS,), RIGHT[name] * (gain if name == "gain" else 1)).double()
    numbers[which] *= factor
    return Zero(**({"taken": gain} | {HABITS[name]: numbers}))


@pytest.mark.parametrize("gain", [1.0, 0.2])
@pytest.mark.parametrize("which", [[3], [1, 4], slice(None)])
@pytest.mark.parametrize(("name", "factor"), [("keep_v", 0.8), ("threshold", 1.05), ("gain", 0.95)])
def test_what_contradicts_v_is_not_named(name, factor, which, gain):
    """Of a threshold that resets to 0, a gain is as good for all spikes, and for no v."""
    first, *_ = error_of(with_factor(name, factor, which, gain), gain)
    found = re.findall(rf"its (\S+) is about (\S+), not \S+ {re.escape(CELL)}; (\S+) \.\. (\S+) give", first)
    assert [each[0] for each in found] == [name]
    right = factor * RIGHT[name] * (gain if name == "gain" else 1)
    low, high = map(float, found[0][2:])
    assert low <= right <= high
    if name != "threshold":  # of which v says nothing
        assert float(found[0][1]) == pytest.approx(right, rel=1e-6)
        assert high - low < 1e-3 * right
        assert "too few" not in first
    assert "; or " not in first
    assert "give every spike, and v)" in first


def test_a_membrane_that_is_not_v_is_left_out_if_the_cell_says_so():
    slip = with_factor("threshold", 1.05, slice(None))
    first, *others = error_of(slip, shown=lambda v: v - 1)
    assert first.endswith("none of the known causes explains it")
    assert any("pass membrane_ends=False to its Cell if it is another" in each for each in others)
    first, *others = error_of(slip, membrane_ends=False, shown=lambda v: v - 1)
    assert "its threshold is about 1.05, not 1" in first
    assert "its gain is about 0.95" in first  # with spikes alone, the one is as good as the other
    assert not any("membrane_ends" in each for each in others)


def test_one_number_of_each_neuron_where_spikes_alone_allow_one_of_all():
    keeps = torch.linspace(0.7, 0.72, NEURONS).double()
    first, *_ = error_of(Zero(keep=keeps))
    assert f"its keep_v is one for each neuron, about 0.7 .. 0.72, not 0.8 {CELL})" in first
    assert "; or " not in first
