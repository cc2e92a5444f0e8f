"""Population: the contract's table of parameters, row by row."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snnc.errors import StageError
from snnc.stages import Population

GIVEN = {
    "input": {},
    "li": {"decay_u": 4096, "decay_v": 100},
    "lif": {"decay_u": 4096, "decay_v": 100, "threshold": 70, "reset": "zero"},
    "adlif": {
        **{"decay_u": 4096, "decay_v": 100, "threshold": 70, "reset": "zero"},
        **{"decay_w": 50, "ka": -3, "kb": 900, "order": "new"},
    },
}
"""What each model needs."""
STATE, SPIKING, ALL = ("lif", "adlif", "li"), ("lif", "adlif"), ("input", "lif", "adlif", "li")
TABLE = {
    "payload_max": (("input",), 1, 255),
    "input_bias_mant": (STATE, -4096, 4095),
    "input_bias_exp": (STATE, 0, 7),
    "decay_u": (STATE, 0, 4096),
    "decay_v": (STATE, 0, 4096),
    "bias_mant": (STATE, -4096, 4095),
    "bias_exp": (STATE, 0, 7),
    "decay_w": (("adlif",), 0, 4096),
    "ka": (("adlif",), -4096, 4096),
    "kb": (("adlif",), -(2**20), 2**20 - 1),
    "threshold": (SPIKING, 0, 2**17 - 1),
    "reset_by": (SPIKING, 0, 2**17 - 1),
}
"""docs/semantics.md, "Populations"."""
SINGLE = {"payload_max", "input_bias_exp", "bias_exp"}


def make(model: str, neurons: int = 3, **others: object) -> Population:
    return Population("pop", model, neurons, **{**GIVEN[model], **others})


@pytest.mark.parametrize("model", ALL)
@pytest.mark.parametrize("field", TABLE)
def test_a_parameter_is_held_within_its_bounds_by_the_models_that_have_it(model, field):
    models, low, high = TABLE[field]
    extra = {"reset": "subtract"} if field == "reset_by" and model in SPIKING else {}
    if model not in models:
        with pytest.raises(StageError, match=f"pop: {field} is given, but the model {model} has none; leave"):
            make(model, **{field: low})
        assert getattr(make(model), field) is None
        return
    for value in (low, high):
        found = getattr(make(model, **{field: value}, **extra), field)
        if field in SINGLE:
            assert found == value
        else:
            assert found.tolist() == [value] * 3
            assert found.dtype == np.int32
            assert not found.flags.writeable
    for value in (low - 1, high + 1):
        with pytest.raises(StageError, match=rf"{field} is {value}, expected {low}\.\.{high}; give a number"):
            make(model, **{field: value}, **extra)


@pytest.mark.parametrize("field", sorted(set(TABLE) - SINGLE))
def test_a_neuron_has_a_value_of_its_own(field):
    value = np.array([0, 5, 9])
    others = {"reset": "subtract", "reset_by": 1, field: value}
    assert getattr(make("adlif", **others), field).tolist() == [0, 5, 9]
    with pytest.raises(StageError, match=f"neuron 1: {field} is 9999999, expected"):
        make("adlif", **others | {field: [0, 9999999, 9]})
    with pytest.raises(StageError, match=rf"{field} has shape \(2,\), .* one for each of its 3 neurons"):
        make("adlif", **others | {field: [1, 2]})
    with pytest.raises(StageError, match=f"{field}: values do not fit int32 exactly"):
        make("adlif", **others | {field: 0.5})


@pytest.mark.parametrize(
    ("model", "field"), [(model, field) for model, needed in GIVEN.items() for field in needed]
)
def test_what_has_no_default_must_be_given(model, field):
    with pytest.raises(StageError, match=f"pop: {field} is missing, the model {model} needs it; give one"):
        make(model, **{field: None})


def test_defaults_are_those_of_the_table():
    assert make("input").payload_max == 1
    found = make("lif")
    assert (found.bias_exp, found.input_bias_exp, found.end) == (0, 0, None)
    assert not found.bias_mant.any()
    assert not found.input_bias_mant.any()


def test_a_subtraction_needs_how_much_and_other_resets_have_none():
    with pytest.raises(StageError, match="reset_by is missing, reset subtract needs it"):
        make("lif", reset="subtract")
    for reset in ("zero", "none"):
        with pytest.raises(StageError, match=f"reset_by is given, but reset {reset} has none"):
            make("lif", reset=reset, reset_by=3)


@pytest.mark.parametrize(("field", "known"), [("reset", "zero or subtract or none"), ("order", "new or old")])
def test_words_are_those_of_the_contract(field, known):
    with pytest.raises(StageError, match=f"{field} is 'soft', expected {known}"):
        make("adlif", **{field: "soft"})


@pytest.mark.parametrize(
    ("others", "words"),
    [
        ({"model": "alif"}, "model is 'alif', the contract has input, lif, li, adlif; choose one of these"),
        ({"neurons": 0}, r"neurons is 0, expected 1\.\.4194304; split the population"),
        ({"neurons": 2**23}, r"neurons is 8388608, expected 1\.\.4194304; split the population"),
        ({"neurons": 1.5}, "neurons is 1.5, expected a whole number"),
        ({"end": 0}, r"end is 0, expected 1\.\."),
        ({"bias_exp": "2"}, r"bias_exp is '2', expected a whole number 0\.\.7"),
        ({"name": "a\nb"}, "no control characters"),
    ],
)
def test_what_is_refused(others, words):
    with pytest.raises(StageError, match=words):
        Population(**{"name": "pop", "model": "li", "neurons": 3, **GIVEN["li"], **others})


def test_what_spikes():
    assert [model for model in ALL if make(model).spikes] == ["lif", "adlif"]


@given(st.lists(st.integers(-4096, 4095), min_size=2, max_size=2), st.integers(0, 7))
def test_biases_are_shifted(mantissa, exponent):
    found = make("li", 2, bias_mant=mantissa, bias_exp=exponent)
    assert found.bias.tolist() == [each * 2**exponent for each in mantissa]
    found = make("li", 2, input_bias_mant=mantissa, input_bias_exp=exponent)
    assert found.input_bias.tolist() == [each * 2**exponent for each in mantissa]
    assert make("input").bias.tolist() == make("input").input_bias.tolist() == [0, 0, 0]


def test_two_are_equal_if_all_parameters_are():
    one = make("adlif", reset="subtract", reset_by=4)
    assert one == make("adlif", reset="subtract", reset_by=[4, 4, 4])
    changes = {"name": "b", "neurons": 4, "order": "old", "reset": "none", "end": 3}
    changes |= {field: 2 for field, (models, *_) in TABLE.items() if "adlif" in models}
    known = {each.name for each in fields(one)} - {"model", "payload_max"}
    assert not known - set(changes), "a parameter has its row in TABLE, as in docs/semantics.md"
    assert set(changes) == known
    for field, value in changes.items():
        others = {"reset_by": None} if field == "reset" else {}
        if field == "neurons":
            other = make("adlif", 4, reset="subtract", reset_by=4)
        else:
            other = replace(one, **{field: value}, **others)
        assert one != other
    assert one != "pop"
