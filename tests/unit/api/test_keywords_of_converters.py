"""Slips in what makes a Cell or a Gives are told as those in a call of a public function."""

from __future__ import annotations

import copy
import dataclasses

import pytest
import torch
from torch import nn

import snnc
from snnc.conversion.neurons import CONVERTERS, Cell, Gives, full_name
from snnc.errors import CallError

PARAMETERS = {"keep_u": 0.0, "keep_v": 0.0, "threshold": 0.5, "reset": "zero"}


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (
            lambda: Cell("a", PARAMETERS, timedim=0),
            r"^Cell: has no argument 'timedim' \(did you mean 'time_dim'\?\), only name, parameters, ",
        ),
        (
            lambda: Cell("a", PARAMETERS, threshold=1.0),
            r"^Cell: has no argument 'threshold', only .*\nIt is one of the parameters: Cell\(name, \{",
        ),
        (
            lambda: Cell("a"),
            r"^Cell: parameters is missing\nGive those of the neurons, as \{'keep_u",
        ),
        (lambda: Cell("a", PARAMETERS, name="b"), r"^Cell: name is given twice"),
        (
            lambda: Gives(1, spike=2),
            r"^Gives: has no argument 'spike' \(did you mean 'spikes'\?\), only current, spikes, membrane,",
        ),
        (lambda: Gives(1), r"^Gives: spikes is missing\nGive the tensor of spikes .* or None$"),
    ],
)
def test_an_argument_is_named_with_what_was_meant(make, said) -> None:
    with pytest.raises(CallError, match=said):
        make()


def test_what_is_made_is_the_same() -> None:
    cell = Cell("a", PARAMETERS, time_dim=0)
    assert dataclasses.replace(cell, name="b") == Cell("b", PARAMETERS, 0)
    assert copy.copy(cell) == cell
    assert Gives(1, None, state=2) == Gives(1, None, None, None, 2)


class Half(nn.Module):
    def forward(self, x):
        return (x > 0.5).float()


@pytest.mark.parametrize(
    ("convert", "said"),
    [
        (
            lambda module, name: Cell(name, PARAMETERS, timedim=0),
            r"^1: the converter of Half: Cell: has no argument 'timedim' \(did you mean",
        ),
        (
            lambda module, name: Cell(
                name, PARAMETERS, 0, gives=lambda args, *out: Gives(args[0], spike=out)
            ),
            r"^1: gives of its Cell: Gives: has no argument 'spike' \(did you mean",
        ),
    ],
)
def test_from_torch_names_the_neurons(monkeypatch, convert, said) -> None:
    monkeypatch.setitem(CONVERTERS, full_name(Half), convert)
    with pytest.raises(CallError, match=said):
        snnc.from_torch(nn.Sequential(nn.Linear(3, 3), Half()), torch.ones(9, 4, 3), dt=1e-3)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "devices",
            r" \(did you mean 'device'\?\), only data, .* device, verbose and fields of the [a-z]*$",
        ),
        ("quiet", r" \(did you mean 'verbose'\?\), only data, "),
        ("checkpoints", r" \(did you mean 'checkpoint'\?\), only data, "),
        ("zzz", r", only data, .* device, verbose and fields of the configuration: neuron, .* lr_weights, "),
        ("layout", r", only data, .* of the configuration\nfrom_torch, from_arrays .* take a layout$"),
    ],
)
def test_train_names_its_arguments_beside_fields(name, said) -> None:
    with pytest.raises(CallError, match=rf"^train: has no argument '{name}'{said}"):
        snnc.train("digits", **{name: 1})
