"""Neurons of one's own that adapt otherwise than their Cell says, and those whose Cell does not say so."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from adapting_neurons import (
    Alif,
    Coupled,
    Tired,
    alif,
    behind_weights,
    coupled,
    gives,
    of_alif,
    spread,
    tired,
)
from torch_networks import events

from snnc.conversion.convert import from_torch
from snnc.conversion.neurons import Cell, converter
from snnc.errors import InputError

X = events(80, 4, 6).double()


def test_a_state_that_clear_leaves_is_told():
    @converter(Alif)
    def _(module, name):
        def clear():
            module.v = module.s = torch.zeros(1).double()  # a stays

        return Cell(name, of_alif(module), gain=module.gain, gives=gives, clear=clear)

    with pytest.raises(
        InputError, match="`clear` of the Cell does not set all states of the module to those"
    ):
        from_torch(behind_weights(Alif(rho=0.999)), X, dt=1e-3)


@pytest.mark.parametrize(
    ("told", "cause"),
    [
        ({"kb": 0.05}, r"its kb is about 0\.035, not 0\.05 "),
        ({"keep_w": 0.8}, r"its keep_w is about 0\.97, not 0\.8 "),
        ({"reset_by": 1 / 0.9}, r"its reset_by is about 1\.66\d*, not 1\.11111 "),
        ({"order": "new"}, r"its order is 'old', not 'new' \(in the converter's Cell\)"),
    ],
)
def test_the_parameter_that_is_wrong(told, cause):
    converter(Alif)(lambda module, name: alif(module, name, **told))
    with pytest.raises(InputError, match=cause):
        from_torch(behind_weights(Alif()), X, dt=1e-3, least_agreement=1)


def test_what_w_takes_from_spikes_where_it_follows_v_as_well():
    converter(Coupled)(lambda module, name: coupled(module, name, kb=0.3))
    with pytest.raises(InputError, match=r"its kb is about 0\.2, not 0\.3 "):
        from_torch(behind_weights(Coupled(), 6), X, dt=1e-3, least_agreement=1)


@pytest.mark.parametrize(("order", "v"), [("old", "1.05469"), ("new", "1.01758")])
def test_what_the_network_holds_at_the_first_place(order, v):
    """2 arrives in each step: by hand, the module spikes at steps 0, 1 and 2, and stays below 1 at step 3.

    With kb = 1/32, v of the steps 0 .. 2 is 2, 3/2, 39/32 with order "old", 2, 47/32, 151/128 with "new".
    """
    converter(Alif)(lambda module, name: alif(module, name, kb=1 / 32, order=order))
    module = behind_weights(Alif(0.5, 0.75, gain=1.0))
    module.step[0] = torch.nn.Linear(1, 1, bias=False).double()
    torch.nn.init.constant_(module.step[0].weight, 2)
    with pytest.raises(
        InputError, match=r"first in recording 0, step 3, neuron 0 \(the network spikes, the"
    ) as error:
        from_torch(module, torch.ones(12, 1, 1).double(), dt=1e-3)
    assert f": v of the network is {v} before a reset, its threshold 1)" in error.value.args[0]


def test_an_euler_step_in_the_place_of_an_exact_one():
    """keep_v and gain are told by 1/tau = 1/4; kb is right, in units of v."""
    converter(Tired)(lambda module, name: tired(module, name, 1 - 1 / 4))
    with pytest.raises(
        InputError, match=r"keep_v = exp\(-1/tau\) instead of 1 - 1/tau, and gain = 1 - keep_v"
    ):
        from_torch(behind_weights(Tired(np.exp(-1 / 4)), 6), X, dt=1e-3, least_agreement=1)


def test_a_gain_and_a_reset_that_are_wrong():
    """In units of what arrives, threshold and kb are wrong by the same factor."""

    @converter(Tired)
    def _(module, name):
        return replace(cell := tired(module, name), gain=1.0, parameters={**cell.parameters, "reset": "none"})

    said = r"a spike resets v to zero and its input counts the leak of a step times as much"
    with pytest.raises(InputError, match=said):
        from_torch(behind_weights(Tired(), 6), X, dt=1e-3, least_agreement=1)


def test_two_that_are_wrong_are_told_where_to_look():
    converter(Coupled)(lambda module, name: coupled(module, name, ka=0.0, keep_w=0.3, reset_by=0.1))
    with pytest.raises(
        InputError, match=r"none of the known causes.*\n.*\(keep_w, ka, kb, order with model 'adlif'\)"
    ):
        from_torch(behind_weights(Coupled(), 6), X, dt=1e-3, least_agreement=1)


def test_a_cell_that_adapts_already_is_not_told_to():
    """What a spike would add to the threshold of neurons without w is not what is wrong here."""
    converter(Alif)(lambda module, name: alif(module, name, kb=0.0, reset_by=module.vth / module.alpha))
    with pytest.raises(InputError, match=r"none of the known causes explains it\n"):
        from_torch(behind_weights(Alif(rho=0.8), 2.5), X, dt=1e-3)


@pytest.mark.parametrize(
    ("reset", "alpha", "said", "more"),
    [
        (
            "subtract",
            0.9,
            "order 'old', ka 0, keep_w 0.8, kb = 0.5 (keep_w - keep_v) and reset_by 0.5 / keep_v more",
            {"order": "old", "kb": 0.5 * (0.8 - 0.9), "reset_by": 1 / 0.9 + 0.5 / 0.9},
        ),
        (
            "none",
            0.9,
            "order 'old', ka 0, keep_w 0.8, kb = 0.5 (keep_w - keep_v) and reset 'subtract' by 0.5 / keep_v",
            {"order": "old", "kb": 0.5 * (0.8 - 0.9), "reset": "subtract", "reset_by": 0.5 / 0.9},
        ),
        (
            "none",
            spread(0, 0.8),
            "order 'new', ka 0, keep_w 0.8, kb = 0.5 (1 - keep_v / keep_w) and reset 'subtract' by 0.5 / "
            "keep_w",
            {
                "order": "new",
                "kb": 0.5 * (1 - spread(0, 0.8) / 0.8),
                "reset": "subtract",
                "reset_by": 0.5 / 0.8,
            },
        ),
    ],
)  # fmt: skip
def test_a_threshold_that_rises_is_told_with_the_cell_that_says_so(reset, alpha, said, more):
    """Followed with the module's own numbers, what the error says gives each spike."""
    told = {"keep_u": 0.0, "keep_v": alpha, "threshold": 1.0, "reset": reset}
    told |= {"reset_by": 1 / 0.9} if reset == "subtract" else {}

    def told_as(told):
        converter(Alif)(lambda of, name: Cell(name, told, gain=0.4, gives=gives, clear=of.clear))
        return from_torch(behind_weights(Alif(alpha, 0.8, reset=reset), 2.5), X, dt=1e-3, least_agreement=1)

    with pytest.raises(InputError) as error:
        told_as(told)
    first = error.value.args[0]
    assert (
        "its threshold rises by about 0.5 after each spike, and what it rose by decays by the factor 0.8 "
        in first
    )
    assert f"(give the Cell model 'adlif', {said}: docs/from_torch.md, 'Neurons that adapt')" in first
    (found,) = told_as(told | {"model": "adlif", "ka": 0, "keep_w": 0.8} | more).agreement
    assert found.different == 0


def test_a_threshold_that_rises_where_v_is_set_to_zero_is_refused():
    told = {"keep_u": 0.0, "keep_v": 0.9, "threshold": 1.0, "reset": "zero"}
    converter(Alif)(lambda of, name: Cell(name, told, gain=0.4, gives=gives, clear=of.clear))
    with pytest.raises(
        InputError, match=r"rises by about 0\.5\d+ .*\(with reset 'zero' the contract has none: train"
    ):
        from_torch(behind_weights(Alif(reset="zero")), X, dt=1e-3)
