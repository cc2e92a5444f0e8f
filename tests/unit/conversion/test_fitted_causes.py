"""A converter that tells one parameter wrongly: the error names it, its value, and what both hold first."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch
from slips_of_cells import CELL, KEEPS, TOLD, Neurons, error_of, seeded
from torch import nn
from torch_networks import Loop, events

from snnc.conversion.convert import from_torch
from snnc.conversion.fits import linear
from snnc.conversion.fits.driven import Driven
from snnc.conversion.fits.numbers import shortest
from snnc.conversion.neurons import Cell, Gives, converter
from snnc.errors import InputError
from snnc.stages import FloatPopulation


@pytest.mark.parametrize(
    ("told", "habits", "cause"),
    [
        ({"threshold": 1.05}, {}, f"its threshold is about 1, not 1.05 {CELL}; "),
        ({"reset_by": 0.5}, {}, f"a spike subtracts the threshold {CELL}, reset_by 1 instead of 0.5)"),
        ({"reset_by": 1.7}, {"threshold": 1.0}, f"{CELL}, reset_by 1 instead of 1.7)"),
        ({"threshold": 1.2, "reset_by": 1.2}, {}, f"its threshold, and reset_by, is about 1, not 1.2 {CELL}"),
        ({"keep_v": 0.9}, {}, f"its keep_v is about 0.8, not 0.9 {CELL}; "),
        ({"keep_v": KEEPS * 0.98}, {"keep": KEEPS}, "its factor on keep_v is about 1.02"),
        ({}, {"taken": 0.2}, f"its gain is about 1 - keep_v = 0.2, not 1 {CELL}; "),
        ({}, {"taken": 1.5}, f"its gain is about 1.5, not 1 {CELL}; "),
        ({}, {"keep_i": 0.5}, f"its keep_u is about 0.5, not 0 {CELL}; "),
        ({"keep_u": 0.5}, {}, f"its keep_u is about 0, not 0.5 {CELL}; "),
        ({"bias": 0.1}, {}, f"its bias is about 0, not 0.1 {CELL}; "),
        ({}, {"silent": 2}, "it has a refractory period, 2 steps after each spike (snnc has none"),
        ({}, {"silent": 1}, "it has a refractory period, a step after each spike (snnc has none"),
        ({}, {"rise": 0.4}, "by about 0.4 after each spike, and what it rose by decays by the factor 0.9"),
    ],
)  # fmt: skip
def test_the_parameter_that_is_wrong(told, habits, cause):
    first, *_ = error_of(told, **habits)
    assert cause in first
    assert "none of the known causes" not in first


def test_one_for_each_neuron():
    first, *_ = error_of({"keep_v": 0.8}, keep=KEEPS)
    each = r"its keep_v is one for each neuron, about (\S+) \.\. (\S+) for 4 of 5, not 0\.8 "
    least, most = map(float, re.search(each, first).groups())
    assert abs(most - 0.95) < 0.001
    assert 0.5 <= least < 0.7  # the near end of what the module's 0.5 may be


def test_a_threshold_for_each_neuron_of_which_one_never_spikes():
    """Any threshold above its v is right for that one, so it keeps what the Cell says."""

    @converter(Neurons)
    def _(module, name):
        return Cell(name, TOLD, clear=module.clear)

    weights = seeded(0.0)
    with torch.no_grad():
        weights.weight[4] = -1
    thresholds = torch.tensor([0.8, 0.9, 1.1, 1.2, 1.0]).double()
    module = Loop(nn.Sequential(weights, Neurons(threshold=thresholds)))
    said = (
        r"its threshold, and reset_by, is one for each neuron, about 0\.(79[5-9]|80[0-4])\d* \.\. "
        r"1\.(19[5-9]|20[0-4])\d* for 4 of 5, not 1 "
    )
    with pytest.raises(InputError, match=said):
        from_torch(module, events(80, 4, 6).double(), dt=0.01, least_agreement=1)


class Cut(Neurons):
    """v = 0.5 v + x, of which more than 2 is cut off; fires above 3, and is set to 0 then."""

    def forward(self, x):
        v = 0.5 * self.v + x.clamp(max=2)
        spikes = (v > 3).double()
        self.v = v * (1 - spikes)
        return spikes


@pytest.mark.parametrize(("unit", "larger", "recordings", "few"), [(8, 17, 2, False), (64, 129, 20, True)])
def test_chance_is_no_cause(unit, larger, recordings, few):
    """A threshold of up to 3.5 makes up for what is cut off, in two places, or with 0.3 % in 20 places.

    Of 17/8, other events show that it is no threshold: there is no cause. Of 129/64, 5 places show no more.

    x is 1 up to step 7, where v is 2 - 1/128, and then 17/8 or 129/64, of which 2 are taken. In the other
    recordings x is all that halves up to 2 make in three steps, so v is in eighths there, up to 3.5.
    """

    @converter(Cut)
    def _(module, name):
        told = {"keep_u": 0.0, "keep_v": 0.5, "threshold": 3.0, "fires": "above", "reset": "zero"}
        return Cell(name, told, clear=module.clear)

    weights = nn.Linear(1, 1, bias=False).double()
    nn.init.constant_(weights.weight, 1 / unit)
    halves = torch.cartesian_prod(*[torch.arange(5) * unit / 2] * 3).T
    x = torch.zeros(9, recordings + 125, 1).double()
    x[:8, :recordings], x[8, :recordings], x[:3, recordings:, 0] = unit, larger, halves
    found = from_torch(Loop(nn.Sequential(weights, Cut())), x, dt=0.01, least_agreement=0)
    (agreement,) = found.agreement
    assert (agreement.different, agreement.spikes) == (recordings, 6)
    assert len(agreement.causes) == few
    places = f"{recordings + 5} of {9 * (len(x[0]) + 3 * 8 + 1)} places"
    said = f"with the example and other events, {places} are too few to be sure, but each of these gives"
    assert all(each.startswith(said) for each in agreement.causes)
    told = agreement.causes[0] if few else "none of the known causes explains it"
    assert any(told in each for each in found.notes)


def test_a_bias_of_the_weights_is_taken_up_with_what_arrives():
    first, *_ = error_of(taken=0.2, bias=0.3)
    assert "its gain is about 1 - keep_v = 0.2, not 1" in first


def test_numbers_are_those_of_the_cell():
    """Of the network they are divided by `gain`."""
    first, *_ = error_of({"threshold": 1.3}, taken=0.2, gain=0.2)
    assert "its threshold is about 1, not 1.3" in first
    assert ", its threshold 1.3)" in first


def test_the_rise_of_a_threshold_is_that_of_the_cell():
    first, *_ = error_of(taken=2.0, gain=2.0, rise=0.4)
    assert "by about 0.4 after each spike, and what it rose by decays by the factor 0.9" in first
    assert "(give the Cell model 'adlif', order 'old', ka 0, keep_w 0.9" in first


def test_two_slips_are_no_known_cause():
    first, what, close = error_of({"threshold": 1.3, "keep_v": 0.6, "reset_by": 0.4})
    assert first.endswith(": none of the known causes explains it")
    assert what.startswith(
        "Compare its Cell with the code of the module: keep_u, keep_v, gain, threshold, fires"
    )
    assert close == "If that is close enough, pass a smaller least_agreement (1 now)"


def test_what_both_hold_at_the_first_place():
    """One line of weight 0.7: v is 0.7, 1.26, whose spike leaves 0.26, and so on."""

    @converter(Neurons)
    def _(module, name):
        def gives(args, kwargs, output):
            return Gives(args[0], output, membrane=module.v)

        return Cell(name, TOLD | {"threshold": 1.3}, clear=module.clear, gives=gives)

    weights = nn.Linear(1, 1, bias=False).double()
    with torch.no_grad():
        weights.weight.fill_(0.7)
    with pytest.raises(InputError) as error:
        from_torch(Loop(nn.Sequential(weights, Neurons())), torch.ones(12, 1, 1).double(), dt=0.01)
    assert (
        "first in recording 0, step 1, neuron 0 (the module spikes, the network does not: v of the network "
        "is 1.26 before a reset, its threshold 1.3; the module gives 0.26 as its membrane): "
        in error.value.args[0]
    )


@pytest.mark.parametrize(
    ("told", "cause"),
    [
        ({"threshold": 1.05}, f"its threshold is about 1, not 1.05 {CELL}; "),
        ({"reset": "zero"}, "a spike subtracts the threshold (in the converter's Cell, reset 'subtract')"),
    ],
)
def test_an_example_that_does_not_show_it(told, cause):
    """The module is right, so it is not told to compute something else."""
    silent = torch.zeros(80, 4, 6).double()
    told = {
        key: value for key, value in (TOLD | told).items() if told.get("reset") != "zero" or key != "reset_by"
    }
    first, *others = error_of(told, silent)
    assert first.startswith("step.1: on other events, ")
    assert cause in first
    assert others == ["If that is close enough, pass a smaller least_agreement (1 now)"]


def test_what_least_agreement_allows_on_other_events_has_its_cause_in_the_note():
    """And in what the manifest says of the module: the example, which is silent, does not show it."""

    @converter(Neurons)
    def _(module, name):
        return Cell(name, TOLD | {"threshold": 1.05}, clear=module.clear)

    module = Loop(nn.Sequential(seeded(0), Neurons()))
    found = from_torch(module, torch.zeros(80, 4, 6).double(), dt=0.01, least_agreement=0.5)
    told = tuple(each for each in found.notes if each.startswith("step.1: on other events, "))
    assert all(f": its threshold is about 1, not 1.05 {CELL}; " in each for each in told)
    assert all(" before a reset, its threshold 1.05)" in each for each in told)
    # 25 spikes of 5 neurons are too few by themselves: those of the bursts before tell the threshold.
    assert "differ in 25 of 400 places" in told[1]
    assert found.held.others == told != found.notes  # the other one says that nothing spikes on the example


def test_a_state_that_is_left_over():
    first, *others = error_of(clear=False)
    assert first.startswith("step.1: on other events, ")
    assert first.endswith(
        "): after another run it makes something else of the same events, so a state of that is left over "
        "(give the Cell clear=, a function that sets the states of the module to those of the start)"
    )
    assert others == ["If that is close enough, pass a smaller least_agreement (1 now)"]


def test_a_state_that_was_left_over_before_the_first_run():
    @converter(Neurons)
    def _(module, name):
        def clear():
            module.v = torch.zeros(1).double()

        return Cell(name, TOLD, clear=clear)

    neurons = Neurons(silent=6)  # which lasts beyond the end of a run
    neurons.left = neurons.left + 5
    linear = nn.Linear(6, 5, bias=False).double()
    torch.nn.init.constant_(linear.weight, 0.6)
    with pytest.raises(
        InputError, match=r"`clear` of the Cell does not set all states of the module to those"
    ):
        from_torch(Loop(nn.Sequential(linear, neurons)), events(40, 3, 6).double(), dt=0.01)


def test_values_by_hand():
    """v of two neurons without memory, over a threshold of 1: a spike at 1.5 and 3, none at 1.2 and 0.5."""
    of = FloatPopulation(
        "n", "lif", 2, keep_u=0, keep_v=0, threshold=1, reset="zero"
    )  # v is what arrives  # fmt: skip
    v = np.array([[[1.5, 3.0], [1.2, 0.5]]])
    driven = Driven(of, v, np.array([[[True, True], [False, False]]]), 0.0)
    low, high = linear.values(driven, -np.ones_like(v), v)
    np.testing.assert_allclose(low, [1.2, 0.5])
    np.testing.assert_allclose(high, [1.5, 3.0])
    found = linear.found(driven, -np.ones_like(v), v, np.ones(2))
    assert (found.low, found.high) == (1.2, 1.5)
    low, high = linear.values(driven, v, np.full_like(v, -1.0))  # v times x
    np.testing.assert_allclose(low, [1 / 1.5, 1 / 3])
    np.testing.assert_allclose(high, [1 / 1.2, 1 / 0.5])


@pytest.mark.parametrize(
    ("low", "high", "number"),
    [(0.9991, 1.0004, 1), (1.2, 1.5, 1.4), (-0.1, 0.3, 0), (0.79996, 0.80001, 0.8), (123.4, 123.6, 123.5)],
)
def test_the_shortest_number(low, high, number):
    assert shortest(low, high) == number


def test_of_neurons_that_never_spike_the_least_threshold_is_told():
    """And no gain below 0, which a Cell refuses, although it would explain their silence."""

    @converter(Neurons)
    def _(module, name):
        return Cell(name, TOLD | {"threshold": 0.3, "reset_by": 0.3}, clear=module.clear)

    thresholds = torch.tensor([0.4, 0.5, 50, 0.35, 60]).double()
    module = Loop(nn.Sequential(seeded(0.0), Neurons(threshold=thresholds)))
    with pytest.raises(InputError) as found:
        from_torch(module, events(80, 4, 6).double(), dt=0.01, least_agreement=1)
    said = str(found.value)
    told = re.search(
        r"its threshold.* is one for each neuron, about (\S+) \.\. (\S+) for 3 of 5, at least ", said
    )
    assert told is not None, said
    assert 0.34 < float(told[1]) < 0.36
    assert 0.49 < float(told[2]) < 0.51
    assert not re.search(r"its gain [^(]*-", said)
