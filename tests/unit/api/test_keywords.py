"""Slips in a call of `from_torch` are told with what was meant, and how to write it."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import torch
from torch import nn
from torch_networks import Loop

import snnc
from snnc.errors import InputError

SNNTORCH = pytest.importorskip("snntorch")
X = torch.ones(5, 2, 3)


def module():
    torch.manual_seed(1)
    return Loop(nn.Sequential(nn.Linear(3, 4), SNNTORCH.Leaky(0.9, init_hidden=True)))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            {"layouts": "TNC"},
            r"^from_torch: has no argument 'layouts' \(did you mean 'layout'\?\), only module",
        ),
        ({"batch_first": True}, r"^from_torch: has no argument 'batch_first', only .*\nPass layout='NTC'"),
        ({"time_steps": 5}, r"\nThe example decides how many steps the network has"),
        ({"name": 3}, r"^name: is 3; give a text$"),
        ({"verbose": "no"}, r"^verbose: is 'no'; give True or False$"),
        ({"module": 1}, r"^from_torch: module is given twice"),
        ({"dt": "1e-3"}, r"^dt is '1e-3', expected seconds a step, above 0\nGive it as a number: dt=1e-3$"),
    ],
)
def test_arguments_by_name(given, said):
    with pytest.raises(InputError, match=said):
        snnc.from_torch(module(), X, **{"dt": 1e-3, **given})


def test_arguments_by_their_place():
    with pytest.raises(
        InputError, match=r"^from_torch: 3 arguments have no name, it takes module and example"
    ):
        snnc.from_torch(module(), X, 1e-3)
    with pytest.raises(InputError, match=r"^from_torch: dt is missing\nGive the seconds a step, as dt=1e-3$"):
        snnc.from_torch(module(), X)
    with pytest.raises(InputError, match=r"^from_torch: module, example, dt are missing\nGive the module"):
        snnc.from_torch()


@pytest.mark.parametrize(
    ("example", "said"),
    [
        (list(X), r"\nMake one tensor of them: torch\.stack\(list\)"),
        ([X, X[:3]], r"\nMake one tensor of them"),
        ([X.numpy(), X[:3].numpy()], r"\nMake one tensor of them"),
        ((X, torch.ones(2)), r"\nGive the tensor of events alone, without labels"),
        ({"x": X}, r"\nGive the tensor of events alone"),
        ([(X, 1)], r"\nGive the tensor of events alone"),
        ("x.npy", r"\nA path is no example: load the file"),
        ((5, 2, 3), r"\nIt looks like a shape: give events, as \(torch\.rand\(5, 2, 3\) < 0\.3\)\.float\(\)"),
    ],
)
def test_examples_that_are_no_tensor(example, said):
    with pytest.raises(InputError, match=r"^the example is .*, expected a tensor.*" + said):
        snnc.from_torch(module(), example, dt=1e-3)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([module(), module()], r"^module is a list, .*\nMake one module of them: nn\.Sequential"),
        (module().forward, r"^module is a method, .*\nMake it the forward of a torch\.nn\.Module"),
        (X, r"^module is a Tensor, .*\nThe module comes first, then the example"),
    ],
)
def test_what_is_no_module(given, said):
    with pytest.raises(InputError, match=said):
        snnc.from_torch(given, X, dt=1e-3)


def test_lists_of_arrays_and_numbers_of_numpy_are_taken():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = snnc.from_torch(module(), list(X.numpy()), dt=np.float32(1e-3), verbose=False)
    assert found.model.time_steps == 5
    assert np.isclose(found.model.bin_s, 1e-3)
