"""A number of a readout without spikes that its Cell tells wrongly is named, and no other one for certain."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch
from torch import nn
from torch_networks import Loop

from snnc.conversion.convert import from_torch
from snnc.conversion.fits.parameters import BEGINS
from snnc.conversion.fits.potentials import Potentials, other_numbers
from snnc.conversion.neurons import Cell, Gives, converter
from snnc.errors import InputError

NAMES = ("keep_v", "gain", "bias", "keep_u")
NAMED = ("is about", "is one for each neuron", "begins at")
CELL = "(in the converter's Cell; v is then the module's)"


class Integrator(nn.Module):
    """i = keep_u i + x, v = keep_v v + gain i + bias; more than `most` of x is cut off."""

    def __init__(self, keep_v=0.8, gain=1.0, bias=0.0, keep_u=0.0, most=1e9):
        super().__init__()
        self.keep_v, self.gain, self.bias, self.keep_u, self.most = keep_v, gain, bias, keep_u, most
        self.clear()

    def clear(self):
        self.v = self.i = torch.zeros(1)

    def forward(self, x):
        self.i = self.keep_u * self.i + x.clamp(max=self.most)
        self.v = self.keep_v * self.v + self.gain * self.i + self.bias
        return self.v


class Ends(Integrator):
    """Takes all steps at once, and gives the `how` of v alone."""

    def __init__(self, how, **numbers):
        super().__init__(**numbers)
        self.how = how

    def forward(self, x):
        self.clear()
        v = torch.stack([super(Ends, self).forward(step) for step in x])
        return {"last": v[-1], "max": v.amax(0), "mean": v.mean(0)}[self.how]


def error_of_scores(how, told, **numbers):
    @converter(Ends)
    def _(module, name):
        def gives(args, kwargs, output):
            given = {"last": output} if how == "last" else {"decoded": (output, how)}
            return Gives(current=args[0], spikes=None, **given)

        usual = {"keep_u": 0.0, "keep_v": 0.8, "bias": 0.0} | told
        gain = usual.pop("gain", 1.0)
        return Cell(name, usual, time_dim=0, gain=gain, clear=module.clear, gives=gives)

    draw = torch.Generator().manual_seed(2)
    weights = nn.Linear(6, 3, bias=False)
    with torch.no_grad():
        weights.weight.copy_(torch.rand(3, 6, generator=draw) - 0.3)
    x = (torch.rand(25, 6, 6, generator=draw) < 0.3).float()
    with pytest.raises(InputError) as error:
        from_torch(nn.Sequential(weights, Ends(how, **numbers)), x, dt=0.01, in_batches=False)
    return error.value.args[0]


def error_of(told, neurons=3, seed=0, kind=torch.float64, steps=25, recordings=4, **habits):
    """The first line of what is said if the Cell tells `told` of an integrator with `habits`."""
    usual = {"keep_u": 0.0, "keep_v": 0.8, "bias": 0.0}
    gain = told.pop("gain", 1.0)

    @converter(Integrator)
    def _(module, name):
        def gives(args, kwargs, output):
            return Gives(current=args[0], spikes=None, membrane=output)

        return Cell(name, usual | told, gain=gain, clear=module.clear, gives=gives)

    draw = torch.Generator().manual_seed(seed)
    weights = nn.Linear(6, neurons, bias=False).to(kind)
    with torch.no_grad():
        weights.weight.copy_(torch.rand(neurons, 6, generator=draw) - 0.3)
    module = Loop(nn.Sequential(weights, Integrator(**habits)))
    x = (torch.rand(steps, recordings, 6, generator=draw) < 0.3).to(kind)
    with pytest.raises(InputError) as error:
        from_torch(module, x, dt=0.01, least_agreement=1, in_batches=False)
    return error.value.args[0]


def causes(said):
    return said.partition(")): ")[2] or said.partition("): ")[2]


@pytest.mark.parametrize(
    ("told", "habits", "cause"),
    [
        ({"keep_v": 0.9}, {}, "its keep_v is about 0.8, not 0.9"),
        ({"keep_v": 0.3}, {"keep_v": 0.995}, "its keep_v is about 0.995, not 0.3"),
        ({"gain": 0.97}, {}, "its gain is about 1, not 0.97"),
        ({}, {"gain": -2.0}, "its gain is about -2, not 1"),
        ({"bias": 0.25}, {}, "its bias is about 0, not 0.25"),
        ({"keep_u": 0.5}, {"keep_u": 0.45}, "its keep_u is about 0.45, not 0.5"),
        (
            {"gain": 0.2},
            {"keep_v": 0.9, "gain": 0.1},
            "its keep_v, with gain = 1 - keep_v, is about 0.9, not 0.8",
        ),
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", [torch.float32, torch.float64])
def test_a_number_of_all_neurons(told, habits, cause, kind):
    assert causes(error_of(dict(told), kind=kind, **habits)) == f"{cause} {CELL}"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("neurons", "which", "change"), [(2, 0, 0.01), (5, 3, -0.05)])
def test_a_number_of_one_neuron(name, neurons, which, change):
    usual = {"keep_v": 0.8, "gain": 1.0, "bias": 0.1, "keep_u": 0.4}
    right = torch.full((neurons,), usual[name]).double()
    right[which] += change
    said = causes(error_of(dict(usual), neurons, seed=which, **usual | {name: right}))
    number = float(right[which])
    told = f"of neuron {which}, its {name} is about {number:.6g}, not {usual[name]:.6g} {CELL}"
    assert told in said.split("; or ")
    assert all(each.startswith(f"of neuron {which}, ") for each in said.split("; or "))


def test_numbers_of_each_neuron_and_a_factor_on_them():
    keeps = torch.tensor([0.95, 0.9, 0.7]).double()
    assert causes(error_of({}, keep_v=keeps)) == (
        f"its keep_v is one for each neuron, about 0.7 .. 0.95, not 0.8 {CELL}"
    )
    said = causes(error_of({"keep_v": keeps * 0.98}, keep_v=keeps))
    assert re.fullmatch(rf"its factor on keep_v is about 1\.0204\d*, not 1 {re.escape(CELL)}", said)


def test_of_the_two_of_five_that_differ():
    biases = torch.tensor([0.0, 0.2, 0.0, 0.3, 0.0]).double()
    assert causes(error_of({}, 5, bias=biases)) == (
        f"of neurons 1, 3, its bias is one for each neuron, about 0.2 .. 0.3, not 0 {CELL}"
    )


@pytest.mark.parametrize(
    "habits",
    [{"most": 0.5}, {"keep_v": 0.9, "gain": 0.9}, {"bias": 0.1, "gain": 1.1}, {"keep_u": 0.2, "keep_v": 0.7}],
)
@pytest.mark.parametrize("seed", [0, 1])
def test_what_no_one_number_explains_has_no_cause(habits, seed):
    assert not any(each in error_of({}, seed=seed, **habits) for each in NAMED)


@pytest.mark.parametrize("how", ["last", "max", "mean"])
def test_where_the_module_gives_scores_alone(how):
    said = error_of_scores(how, {"keep_v": 0.9})
    assert f": its keep_v is about 0.8, not 0.9 {CELL}" in said
    said = error_of_scores(how, {"gain": 0.5}, gain=torch.tensor([0.5, 0.5, 0.6]))
    assert f": of neuron 2, its gain is about 0.6, not 0.5 {CELL}" in said
    said = error_of_scores(how, {}, bias=0.1, keep_v=0.7)
    assert "although what arrives is the same; the Cell of" in said


def test_a_place_that_any_number_explains_has_no_cause():
    """A single step: gain, bias and where v begins are all the same."""
    said = error_of({}, 1, steps=1, recordings=2, gain=1.5)
    assert "differ in" in said
    assert not any(each in said for each in NAMED)


def test_what_is_named_is_right_by_hand():
    """v of x = 1, 0, 0, ... halves in the module: 1, 0.5, 0.25, and in the Cell it stays."""
    x = np.zeros((1, 5, 1))
    x[0, 0] = 1
    theirs = np.array([1, 0.5, 0.25, 0.125, 0.0625]).reshape(1, 5, 1)
    told = {key: np.full(1, value) for key, value in {"keep_v": 1.0, "gain": 1.0}.items()}
    told |= {key: np.zeros(1) for key in ("bias", "keep_u", BEGINS)}
    assert other_numbers(Potentials(told, x, theirs, 1e-4)) == (f"its keep_v is about 0.5, not 1 {CELL}",)
