"""Causes of a few places, which are no certain ones, and of neurons that are others with gradients."""

from __future__ import annotations

import re

import pytest
import torch
from slips_of_cells import TOLD, Neurons, seeded
from torch import nn
from torch_networks import Loop, events

from snnc.conversion.convert import from_torch
from snnc.conversion.neurons import Cell, converter
from snnc.errors import InputError


def error_of(neurons, example, told=TOLD):
    converter(type(neurons))(lambda module, name: Cell(name, told, clear=module.clear))
    with pytest.raises(InputError) as error:
        from_torch(Loop(nn.Sequential(seeded(0.0), neurons)), example, dt=0.01, least_agreement=1)
    return error.value.args


def test_a_few_places_name_what_explains_them_and_how_few_they_are():
    first, what, _ = error_of(Neurons(threshold=1.004), events(30, 4, 6).double(), TOLD | {"reset_by": 1.004})
    found = re.search(
        r": with the example and other events, (\d+) of (\d+) places are too few to be sure, but "
        r"(?:each of these|this) gives every spike: (.*)$",
        first,
    )
    assert int(found[2]) == (4 + 3 * 8 + 1) * 30 * 5  # recordings of the example, of three kinds, one is full
    assert 0 < int(found[1]) < 30
    low, high = re.search(
        r"its threshold is about \S+, not 1 \(in the converter's Cell; (\S+) \.\. (\S+) give", found[3]
    ).groups()
    assert 1 < float(low) <= 1.004 <= float(high)
    assert what.startswith("Compare its Cell with the code of the module")


class Trained(Neurons):
    """Another leak where gradients are computed."""

    def forward(self, x):
        self.keep = 0.8 if torch.is_grad_enabled() else 0.7
        return super().forward(x)


def test_neurons_that_are_what_their_cell_says_with_gradients_alone():
    first, *_ = error_of(Trained(), events(30, 4, 6).double())
    assert (
        ": within torch.enable_grad() it is what its Cell says, and within torch.no_grad(), of which" in first
    )
    assert "keep_v" not in first


def test_neurons_that_are_others_with_gradients_and_what_their_cell_does_not_say():
    first, *_ = error_of(Trained(), events(30, 4, 6).double(), TOLD | {"keep_v": 0.9})
    assert "its keep_v is about 0.7, not 0.9" in first


class Kept(Neurons):
    """Its state begins anew only where the number of recordings is another."""

    def forward(self, x):
        if self.v.shape != x.shape:
            self.clear()
            self.v = torch.zeros_like(x)
        return super().forward(x)


def test_a_state_that_is_left_over_is_not_laid_on_gradients():
    converter(Kept)(lambda module, name: Cell(name, TOLD))
    with pytest.raises(InputError) as error:
        from_torch(Loop(nn.Sequential(seeded(0.0), Kept())), events(30, 4, 6).double(), dt=0.01)
    assert "enable_grad" not in str(error.value)
    assert "so a state of that is left over (give the Cell clear=" in str(error.value)


class Begins(Neurons):
    """v begins at a half in all neurons, which a threshold of each step would make up for."""

    def clear(self):
        super().clear()
        self.v = torch.full((1,), 0.5).double()


def test_one_number_is_told_before_one_for_each_step():
    first, *_ = error_of(Begins(), events(12, 12, 6).double())
    assert "its v begins at about 0.5, and in the contract at 0" in first
    assert "its threshold is another in each step" not in first
