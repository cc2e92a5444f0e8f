"""Arrays that can be read with samples or with steps first, where nobody says which, are told."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import snntorch
import torch
from torch import nn
from torch_networks import Loop

import snnc
from snnc.errors import InputError, UnlikelyWarning

SQUARE = np.random.default_rng(1).random((6, 6, 3)) < 0.4
LABELS = np.arange(6) % 2


def test_arrays_of_as_many_samples_as_steps():
    said = (
        r"^x: has as many samples as steps, 6, and is read as \[samples, steps, lines\]; pass layout='NTC' "
        r"if it is so, or layout='TNC' for \[steps, samples, lines\]$"
    )
    with pytest.warns(UnlikelyWarning, match=said):
        found = snnc.from_arrays(SQUARE, LABELS, dt=0.001)
    np.testing.assert_array_equal(found.frames([1], 0.001, 6)[0], SQUARE[1])


@pytest.mark.parametrize(
    ("x", "layout"),
    [
        (SQUARE, "NTC"),
        (SQUARE, "TNC"),
        (SQUARE[:, :5], None),
        (list(SQUARE), None),  # of samples
        (SQUARE | SQUARE.swapaxes(0, 1), None),  # the same in both
    ],
)
def test_nothing_is_said_where_one_reading_is_given_or_possible(x, layout):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        snnc.from_arrays(x, LABELS, dt=0.001, layout=layout)


@pytest.mark.parametrize(
    ("shape", "layout"), [((6, 4), "NT"), ((4, 6), "TN")], ids=["samples first", "steps first"]
)
def test_two_dimensions_with_a_label_for_each_of_one(shape, layout):
    x = np.ones(shape)
    with pytest.raises(InputError, match=f"; of samples with one line each, pass layout='{layout}'$"):
        snnc.from_arrays(x, LABELS, dt=0.001)
    found = snnc.from_arrays(x, LABELS, dt=0.001, layout=layout)
    assert (len(found), found.steps, found.unit_count) == (6, 4, 1)


def module():
    torch.manual_seed(1)
    return Loop(nn.Sequential(nn.Linear(3, 4), snntorch.Leaky(0.9, init_hidden=True)))


def test_an_example_of_as_many_samples_as_steps():
    example = torch.tensor(SQUARE).float()
    said = (
        r"^example \[6, 6, 3\] read as T = 6 steps, N = 6 samples, C = 3 \(layout TNC\), as no layout is "
        r"given; it has as many steps as samples: pass layout='TNC' if it is so; if dimension 1 is "
        r"time, pass layout='NTC', or "
    )
    with pytest.warns(UnlikelyWarning, match=said):
        snnc.from_torch(module(), example, dt=1e-3, verbose=False)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        snnc.from_torch(module(), example, dt=1e-3, layout="TNC", verbose=False)
        snnc.from_torch(module(), example[:, :5], dt=1e-3, verbose=False)


def test_an_example_of_two_dimensions_names_both_readings():
    said = "as 'TC' for \\[steps, lines\\], or 'TN' for \\[steps, recordings\\] of one line$"
    with pytest.raises(InputError, match=said):
        snnc.from_torch(module(), torch.ones(6, 3), dt=1e-3)


def test_samples_for_a_network_without_an_example(tmp_path):
    """A network that was trained takes samples first, and says so where steps may be first as well."""
    data = snnc.from_arrays(np.tile(SQUARE, (4, 1, 1)), np.arange(24) % 2, dt=0.001)
    trained = snnc.train(data, hidden=[4], epochs=1, verbose=False)
    made = trained.export("c", tmp_path / "net.c", verbose=False)
    said = r"^x: has the shape \[6, 6, 3\], .* is read in 'NTC', samples first: pass layout$"
    with pytest.warns(UnlikelyWarning, match=said):
        told = made.predict(SQUARE)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert told.tolist() == made.predict(SQUARE, layout="NTC").tolist()
        made.predict(list(SQUARE))
        made.predict(SQUARE[:5])
