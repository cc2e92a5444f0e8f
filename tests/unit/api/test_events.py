"""Arrays of a user as input: any layout that says where time is; errors name the sample and both numbers."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch
from spike_counters import spike_counter

from snnc.api.events import as_events
from snnc.api.example import Origin
from snnc.errors import InputError

GRAPH = spike_counter(lines=6, steps=4)
X = (np.arange(2 * 4 * 6).reshape(2, 4, 6) % 5 == 0).astype(np.uint8)
"""[samples, steps, lines]"""


@pytest.mark.parametrize(
    ("given", "layout"),
    [
        (X, "NTC"),
        (X.astype(np.float64), "ntc"),
        (torch.from_numpy(X).float().requires_grad_(), "NTC"),
        (list(X), "NTC"),
        ([each.tolist() for each in X], "NTC"),
        (X.swapaxes(0, 1), "TNC"),
        (np.moveaxis(X, 2, 0), "CNT"),
        (X.reshape(2, 4, 2, 3), "NTHW"),
        (X.reshape(2, 4, 2, 3), "NTC"),
        (X.reshape(2, 4, 1, 2, 3).swapaxes(0, 1), "TNC"),
    ],
)
def test_each_layout_gives_samples_steps_and_lines(given, layout) -> None:
    found = as_events(given, GRAPH, layout)
    assert found.dtype == np.uint8
    assert np.array_equal(found, X)


@pytest.mark.parametrize(("given", "layout"), [(X[1], "NTC"), (X[1], "TC"), (X[1].T, "CT"), (X[1], "TNC")])
def test_one_sample_needs_no_axis(given, layout) -> None:
    assert np.array_equal(as_events(given, GRAPH, layout), X[1:])


@pytest.mark.parametrize(
    ("given", "layout", "said"),
    [
        (X[:, :3], "NTC", "x: sample 0 has 3 steps, the network takes 4; add silent steps at the end"),
        (np.repeat(X, 2, 1), "NTC", "x: sample 0 has 8 steps, the network takes 4; cut the steps at the end"),
        (X[:, :, :5], "NTC", "x: sample 0 has 5 lines a step, the network takes 6; read as 'NTC'"),
        (
            X.swapaxes(0, 1),
            "NTC",
            "0 has 2 steps, the network takes 4; with time before samples, pass layout='TNC'",
        ),
        (X.swapaxes(1, 2), "NTC", "takes 4; with lines before time, pass layout='NCT'"),
        (X, "TNC", "0 has 2 steps, the network takes 4; with samples before time, pass layout='NTC'"),
        (X.reshape(2, 4, 2, 3), "TNHW", "; with samples before time, pass layout='NTHW'"),
        (np.moveaxis(X, 2, 0), "TNC", "; with lines before time, pass layout='CNT'"),
        ([X[0], X[1, :3]], "NTC", "x: sample 1 has the shape [3, 6], sample 0 has [4, 6]"),
        (X[:0], "NTC", "x: holds no sample"),
        (
            [],
            "NTC",
            "x: is [], which holds no samples; give an array or a tensor of numbers, [samples, T, li",
        ),
        ([None], "NTC", "x: is [None], which holds no numbers; give an array or a tensor"),
        (
            "spikes.npz",
            "NTC",
            "x: is 'spikes.npz', no array or tensor [samples, T, lines]; of a file of one, give numpy.load(",
        ),
        (X, "NCC", "layout 'NCC': give T for time once"),
        (X, "NT", "x: has the shape [2, 4, 6], the layout 'NT' has 2 dimensions"),
        (
            X * 2,
            "NTC",
            "x: sample 0, step 0, line 0 holds 2, this network takes 0 and 1; encode it as events, or",
        ),
        (X, "TBC", "layout 'TBC' has no letter N, which stands for samples; did you mean 'TNC'?"),
        (np.where(X == 1, np.nan, 0), "NTC", "x: sample 0, step 0, line 0 holds nan"),
        (-X.astype(np.int8), "NTC", "x: sample 0, step 0, line 0 holds -1"),
        (X.astype(complex), "NTC", "x: holds values of the type complex128"),
    ],
)
def test_what_does_not_fit_is_said(given, layout, said) -> None:
    with pytest.raises(InputError, match=re.escape(said)):
        as_events(given, GRAPH, layout)


OF_FROM_TORCH = Origin("NTC", 4)
"""What is known of an example of `from_torch`."""


@pytest.mark.parametrize("origin", [Origin(), OF_FROM_TORCH])
@pytest.mark.parametrize(
    ("given", "held", "remedy"),
    [
        (X * 0.5, r"0\.5 \(a fraction\)", "encode it as events"),
        (-X.astype(np.int8), r"-1 \(negative\)", "correct it, or leave the sample out"),
        (X * 256.0, r"256 \(an event carries 255 at most\)", "correct it, or leave the sample out"),
        (np.where(X == 1, np.nan, 0), r"nan \(no number\)", "correct it, or leave the sample out"),
        (np.where(X == 1, -np.inf, 0), r"-inf \(not finite\)", "correct it, or leave the sample out"),
    ],
)
def test_a_larger_payload_is_advised_only_where_it_helps(given, held, remedy, origin) -> None:
    """Nor an example of larger ones: none holds such values."""
    with pytest.raises(InputError, match=rf"line 0 holds {held}, this network takes 0 and 1; {remedy}$"):
        as_events(given, GRAPH, "NTC", origin=origin)


def test_the_first_place_of_a_value_that_no_input_takes_is_named() -> None:
    """Before one that is only too large, which a larger payload or example would help."""
    given = X * 2.0
    given[1, 2, 3] = np.nan
    with pytest.raises(InputError, match=r"^x: sample 1, step 2, line 3 holds nan \(no number\)"):
        as_events(given, GRAPH, origin=OF_FROM_TORCH)


def test_payloads_fit_if_the_input_has_them() -> None:
    graph = spike_counter(6, 4, payload_max=3)
    assert np.array_equal(as_events(X * 3, graph), X * 3)
    with pytest.raises(InputError, match=r"line 0 holds 4, this network takes whole numbers 0 \.\. 3"):
        as_events(X * 4, graph)


def test_the_argument_is_named() -> None:
    with pytest.raises(InputError, match=r"^recordings: sample 0 has 3 steps"):
        as_events(X[:, :3], GRAPH, argument="recordings")
