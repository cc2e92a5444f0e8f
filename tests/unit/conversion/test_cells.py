"""A slip in a converter is told as the converter's, and says what is expected."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from snnc.conversion.convert import from_torch
from snnc.conversion.neurons import Cell, Gives, converter
from snnc.errors import InputError


class Soft(nn.Module):
    """A call takes the input and v, and gives the spikes and v."""

    def forward(self, x, v):
        v = 0.5 * v + x
        spikes = (v > 1).float()
        return spikes, v - spikes


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear, self.soft = nn.Linear(4, 3), Soft()

    def forward(self, x):
        v, found = torch.zeros(x.shape[1], 3), []
        for step in x:
            spikes, v = self.soft(self.linear(step), v)
            found.append(spikes)
        return torch.stack(found)


X = (torch.arange(6 * 2 * 4).reshape(6, 2, 4) % 3 == 0).float()
RIGHT = {"keep_u": 0.0, "keep_v": 0.5, "threshold": 1.0, "reset": "subtract", "reset_by": 1.0}


def told(args, kwargs, output):
    return Gives(args[0], spikes=output[0], membrane=output[1], state=args[1])


def without(key):
    return {name: value for name, value in RIGHT.items() if name != key}


@pytest.mark.parametrize(
    ("convert", "said"),
    [
        (
            lambda module, name: Cell(name, RIGHT),
            r"soft: spikes of a call is a tuple, expected a tensor\nSay in",
        ),
        (lambda module, name: RIGHT, "soft: the converter of Soft returns .*, expected a Cell"),
        (
            lambda module: None,
            "soft: the converter of Soft fails: TypeError: .*\\nIt is called with the module",
        ),
        (
            lambda module, name: Cell(name, {**RIGHT, "keepv": 0.5}, gives=told),
            r"soft: .* parameter 'keepv' \(did you mean 'keep_v'\?\); there are keep_u, keep_v, bias",
        ),
        (
            lambda module, name: Cell(name, {**RIGHT, "tau_w": 0.5}, gives=told),
            r"soft: .* 'tau_w'.*, and with model 'adlif' keep_w, ka, kb, order\n.*, is that of neurons that",
        ),
        (
            lambda module, name: Cell(name, without("reset"), gives=told),
            "a threshold and no reset; give 'zero'",
        ),
        (
            lambda module, name: Cell(name, {**RIGHT, "threshold": "1"}, gives=told),
            "gives threshold = '1', expected a number",
        ),
        (
            lambda module, name: Cell(name, RIGHT, gives=lambda args, kwargs, output: args[7]),
            "soft: gives of its Cell fails: IndexError",
        ),
        (
            lambda module, name: Cell(name, RIGHT, gives=lambda args, kwargs, output: output),
            r"soft: gives of its Cell returns .*, expected Gives\(\.\.\.\)",
        ),
        (
            lambda module, name: Cell(
                name,
                {"keep_u": 0.0, "keep_v": 0.5},
                gives=lambda args, kwargs, output: Gives(args[0], spikes=output[1]),
            ),
            r"soft: its Cell names no threshold, and gives of it spikes; .*\nGive its membrane: gives=lambda",
        ),
    ],
)
def test_slips_in_a_converter_are_told(convert, said) -> None:
    converter(Soft)(convert)
    with pytest.raises(InputError, match=said):
        from_torch(Net(), X, dt=1e-3)


ADAPTS = {"model": "adlif", "keep_w": 0.9, "ka": 0.1, "kb": 0.2, "order": "new"}


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        (
            {"keep_w": 0.5},
            r"gives keep_w = 0\.5, which the model 'lif' does not have\n.*, with keep_w, ka, kb and order",
        ),
        (ADAPTS | {"model": "lif"}, "gives keep_w = 0.9, which the model 'lif' does not have\n"),
        (
            {"model": "adlif", "keep_w": 0.5, "ka": 0.0},
            "gives model = 'adlif' and no kb, order; it takes keep_w, ka, kb, order\nGive ka 0.0 where",
        ),
        (
            ADAPTS | {"order": "news"},
            r"gives order = 'news' \(did you mean 'new'\?\), expected 'new' or 'old'",
        ),
        (ADAPTS | {"order": 1}, "gives order = 1, expected 'new' or 'old'"),
        (ADAPTS | {"model": "alif"}, r"gives model = 'alif' \(did you mean 'lif' or 'adlif'\?\), ex"),
        ({"model": "li"}, "gives model = 'li' and a threshold, expected 'lif' or 'adlif'"),
        (
            {"reset": "sub"},
            r"gives reset = 'sub' \(did you mean 'subtract'\?\), expected 'zero' or 'subtract' or 'none'",
        ),
        (ADAPTS | {"kb": "0.2"}, "gives kb = '0.2', expected a number, or one a neuron"),
        (
            ADAPTS | {"kb": torch.ones(4)},
            r"soft: its Cell gives kb of shape \(4,\), expected one number, or one for each of its 3 neurons",
        ),
        (
            ADAPTS | {"kb": {}},
            r"soft: the converter of Soft gives kb = \{\}, expected a number, or one a neuron",
        ),
        (
            {"threshold": torch.ones(2)},
            r"soft: its Cell gives threshold of shape \(2,\), expected one number, or one for each of its 3",
        ),
        (
            ADAPTS | {"keep_w": torch.tensor([0.5, 1.5, 0.5])},
            r"soft, neuron 1: keep_w is 1\.5, expected 0\.\.1; give a number of this range",
        ),
        (ADAPTS | {"ka": float("nan")}, "soft: ka: holds NaN or infinity"),
    ],
)
def test_slips_in_the_adaptation_are_told(parameters, said) -> None:
    converter(Soft)(lambda module, name: Cell(name, RIGHT | parameters, gives=told))
    with pytest.raises(InputError, match=said):
        from_torch(Net(), X, dt=1e-3)


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        (
            ADAPTS,
            "gives model = 'adlif' and no threshold; .*\nName its threshold, or leave model, keep_w, ka",
        ),
        ({"kb": 0.1}, "gives kb = 0.1, which the model 'li' does not have"),
        ({"model": "lif"}, "gives model = 'lif' and no threshold, expected 'li'"),
    ],
)
def test_a_readout_does_not_adapt(parameters, said) -> None:
    cell = {"keep_u": 0.0, "keep_v": 0.5, **parameters}
    converter(Soft)(lambda module, name: Cell(name, cell, gives=told))
    with pytest.raises(InputError, match=said):
        from_torch(Net(), X, dt=1e-3)


def test_a_gain_of_other_neurons_is_told() -> None:
    converter(Soft)(lambda module, name: Cell(name, RIGHT, gain=torch.ones(2), gives=told))
    with pytest.raises(
        InputError, match=r"soft: its Cell gives gain of shape \(2,\), expected one number, or one"
    ):
        from_torch(Net(), X, dt=1e-3)


def test_a_model_that_says_what_is_known_already() -> None:
    converter(Soft)(lambda module, name: Cell(name, RIGHT | {"model": "lif"}, gives=told))
    assert from_torch(Net(), X, dt=1e-3).graph.population("soft").model == "lif"


def test_what_the_error_shows_is_followed() -> None:
    converter(Soft)(lambda module, name: Cell(name, RIGHT, gives=told))
    torch.manual_seed(3)
    (found,) = from_torch(Net(), X, dt=1e-3).agreement
    assert (found.population, found.different) == ("soft", 0)


def test_an_instance_is_no_class() -> None:
    with pytest.raises(InputError, match=r"converter: Soft\(\) is no class; give the class of the neurons"):
        converter(Soft())


def test_neurons_whose_membrane_two_layers_share() -> None:
    class Twice(Net):
        def forward(self, x):
            first, second, found = torch.zeros(x.shape[1], 3), torch.zeros(x.shape[1], 3), []
            for step in x:
                spikes, first = self.soft(self.linear(step), first)
                spikes, second = self.soft(spikes, second)
                found.append(spikes)
            return torch.stack(found)

    converter(Soft)(lambda module, name: Cell(name, RIGHT, gives=told))
    with pytest.raises(InputError, match=r"soft: its membrane is given in step 2, .*\nWhere several layers"):
        from_torch(Twice(), X, dt=1e-3)


class Stateless(nn.Module):
    """Each step by itself, or all steps at once."""

    def forward(self, x):
        return (x > 0.3).float()


class Whole(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear, self.neurons = nn.Linear(4, 3), Stateless()

    def forward(self, x):
        return self.neurons(self.linear(x))


OF_NOTHING = {"keep_u": 0.0, "keep_v": 0.0, "threshold": 0.3, "fires": "above", "reset": "none"}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (
            {"clear": 3},
            "neurons: the converter of Stateless: clear: is 3; give a function without arguments, or None if",
        ),
        (
            {"gives": None},
            "gives: is None; give a function, as lambda args, kwargs, output: Gives(args[0], spikes=output)",
        ),
        (
            {"clear": lambda: 1 / 0},
            "neurons: clear of its Cell fails: ZeroDivisionError: division by zero\nIt is",
        ),
        (
            {"time_dim": 1},
            "takes time along dimension 1, but [time, batch, 3] arrives\nIf its forward takes time along "
            "dimension 0, set time_dim=0 in its Cell",
        ),
        (
            {"time_dim": None},
            "call it in a loop over time, or set time_dim in its Cell\nIf its forward takes time along "
            "dimension 0, set time_dim=0 in its Cell",
        ),
    ],
)
def test_fields_of_a_cell(fields, said):
    converter(Stateless)(lambda module, name: Cell(name, OF_NOTHING, **({"time_dim": 0} | fields)))
    with pytest.raises(InputError) as told:
        from_torch(Whole(), X, dt=1e-3)
    assert said in str(told.value)


class EachStep(nn.Module):
    def __init__(self):
        super().__init__()
        self.neurons = Stateless()

    def forward(self, x):
        return torch.stack([self.neurons(step) for step in x])


def test_a_module_that_is_called_for_each_step_has_no_time_dim():
    converter(Stateless)(lambda module, name: Cell(name, OF_NOTHING, time_dim=0))
    with pytest.raises(InputError) as told:
        from_torch(EachStep(), X, dt=1e-3)
    assert ", or leave time_dim out of its Cell if it is called for each step" in str(told.value)


def test_no_clear_is_no_state():
    converter(Stateless)(lambda module, name: Cell(name, OF_NOTHING, time_dim=0, clear=None))
    (found,) = from_torch(Whole(), X, dt=1e-3).agreement
    assert found.different == 0
