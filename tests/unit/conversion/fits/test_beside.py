"""Whether a second number makes up for another value of the one that is told, and what is told then."""

from __future__ import annotations

import numpy as np
import pytest
from driven_neurons import TOLD, driven_of

from snnc.conversion.fits.beside import alone, number_of
from snnc.conversion.fits.differing import differing
from snnc.conversion.fits.driven import Driven
from snnc.conversion.fits.numbers import Found
from snnc.conversion.fits.telling import fitted, giving


def by_hand(v, threshold):
    """Neurons without memory, which spike where `v` [neurons, places] is above the `threshold`."""
    v = np.array(v).T[None]
    driven, cell = driven_of({}, 1, neurons=v.shape[2], told={"keep_u": 0.0, "keep_v": 0.0})
    return Driven(driven.of, v, v > threshold, 0.0), cell


def one(low, high):
    return Found(np.asarray(low), np.asarray(high))


def test_without_memory_a_bias_is_as_good_as_a_threshold():
    """Of a threshold of 1.3 as well as of 1.37, or 1.23, with a bias of 0.07, or -0.07."""
    driven, cell = by_hand([[1.29, 1.31, -5.0]], 1.3)
    assert not alone(driven, cell, "threshold", "threshold", one(1.29, 1.31), {"threshold", "gain"})


def test_what_does_the_same_is_a_second_number_only_if_it_is_not_told():
    """A gain of 1.05 makes up for a threshold of 1.365, and is told as one of 1 / 1.3 beside one of 1.3."""
    driven, cell = driven_of({"threshold": 1.3}, 12)
    found = one(1.2999, 1.3001)
    assert alone(driven, cell, "threshold", "threshold", found, {"threshold", "gain"})
    assert not alone(driven, cell, "threshold", "threshold", found, {"threshold"})


@pytest.mark.parametrize(
    ("fault", "value"), [("keep_v", 0.72), ("keep_u", 0.4), ("bias", 0.1), ("threshold", 1.2)]
)
@pytest.mark.parametrize("recordings", [1, 12])
def test_many_spikes_leave_no_second_number(fault, value, recordings):
    driven, cell = driven_of({fault: value}, recordings)
    found = one(value - 1e-4, value + 1e-4)
    assert alone(driven, cell, fault, fault, found, {fault, "gain"}) == (recordings > 1)


@pytest.mark.parametrize("recordings", [1, 12])
def test_numbers_are_in_the_units_of_the_cell(recordings):
    """Twice the gain and the threshold are the same network; its threshold is then 2.4 for 1.2."""
    for gain in (1.0, 2.0):
        told = {"gain": gain, "threshold": gain}
        driven, cell = driven_of({"threshold": 1.2 * gain}, recordings, told=told)
        found = one((1.2 - 1e-4) * gain, (1.2 + 1e-4) * gain)
        assert alone(driven, cell, "threshold", "threshold", found, {"threshold", "gain"}) == (recordings > 1)


@pytest.mark.parametrize("recordings", [1, 24])
def test_of_numbers_of_each_neuron_some_neuron_needs_to_leave_no_second_one(recordings):
    value = np.array([1.1, 0.92, 1.15])
    driven, cell = driven_of({"threshold": value}, recordings, neurons=3)
    found = Found(value - 1e-4, value + 1e-4)
    assert alone(driven, cell, "threshold", "threshold", found, {"threshold", "gain"}) == (recordings > 1)


def test_neurons_that_are_as_told_do_not_tell_that_there_is_no_second_number():
    """Neuron 1 is as its Cell says, whatever a second number of neuron 0 is, of which a bias makes up."""
    driven, cell = by_hand([[1.29, 1.31], [0.99, 1.01]], np.array([1.3, 1.0]))
    found = Found(np.array([1.29, 1.0]), np.array([1.31, 1.0]), np.array([True, False]))
    assert not alone(driven, cell, "threshold", "threshold", found, {"threshold", "gain"})


@pytest.mark.parametrize(
    ("key", "name", "number"),
    [
        ("keep_v", "keep_v, with gain = 1 - keep_v,", "keep_v"),
        ("factor", "factor on threshold, and reset_by,", "threshold"),
        ("factor", "factor on keep_u", "keep_u"),
    ],
)
def test_the_number_of_a_name(key, name, number):
    assert number_of(key, name) == number


@pytest.mark.parametrize(
    ("faults", "reset", "neurons", "recordings", "seed"),
    [
        ({"bias": 0.1, "threshold": 1.1}, "subtract", 3, 2, 1),
        ({"bias": 0.1, "threshold": 1.1}, "subtract", 5, 2, 0),
        ({"bias": -0.05, "threshold": 0.95}, "subtract", 5, 6, 1),
        ({"keep_v": 0.76, "threshold": 1.05}, "zero", 3, 2, 0),
        ({"keep_v": 0.76, "threshold": 1.05}, "subtract", 3, 2, 0),
        ({"keep_v": 0.76, "threshold": 1.05}, "zero", 5, 2, 1),
    ],
)
def test_two_faults_of_a_population_are_no_number_of_each_neuron(faults, reset, neurons, recordings, seed):
    """One number for each neuron made up for both, and was told as certain."""
    assert fitted(differing(*driven_of(faults, recordings, reset, neurons, seed=seed))) == ()


@pytest.mark.parametrize("key", ["threshold", "bias", "gain", "keep_v", "keep_u"])
@pytest.mark.parametrize("reset", ["zero", "subtract"])
def test_a_number_of_each_neuron_is_told(key, reset):
    off = np.array([0.1, -0.08, 0.15, 0.05, -0.12]) * (0.6 if key in ("bias", "keep_v", "keep_u") else 1)
    told = fitted(differing(*driven_of({key: TOLD[key] + off}, 24, reset, neurons=5)))
    assert any(f"its {key} is one for each neuron" in each for each in told)


RATIO = "; spikes show only the ratio of gain and threshold)"
RATIOS = "; spikes show only the ratios of gain, threshold and reset_by)"


@pytest.mark.parametrize(
    ("faults", "reset", "told", "said"),
    [
        ({"gain": 1.08, "threshold": 0.9}, "zero", {}, RATIO),  # as a gain of 1.2
        ({"threshold": 1.3}, "zero", {}, RATIO),
        ({"gain": 1.05, "threshold": 1.05}, "subtract", {}, RATIOS),  # as a reset_by of 1 / 1.05
        ({"gain": 1.2}, "zero", {"bias": 0.05}, "; spikes show only the ratios of gain, bias and threshold)"),
        ({"bias": 0.1}, "zero", {}, "; spikes show only the ratios of gain, bias and threshold)"),
        ({"keep_v": 0.7}, "zero", {}, None),  # of which all times a factor change nothing
    ],
)
def test_numbers_that_spikes_tell_up_to_a_factor_are_told_so(faults, reset, told, said):
    first, *others = fitted(differing(*driven_of(faults, 24, reset, told=told)))
    assert first.endswith(said or "give every spike)")
    assert all(each.endswith("give every spike)") for each in others)  # once for all


def test_one_cause_is_not_several():
    assert giving(("a",)) == "this gives every spike: a"
    assert giving(("a", "b")) == "each of these gives every spike: a; or b"
