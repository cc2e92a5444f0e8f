"""Each field of a Cell is refused by the name of the neurons, its own, its value, and what it takes."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import torch
from torch import nn

from snnc.conversion.axes import BATCH, TIME
from snnc.conversion.cell_fields import FIELDS
from snnc.conversion.convert import from_torch
from snnc.conversion.neurons import CONVERTERS, Cell, Gives, full_name
from snnc.errors import InputError

PARAMETERS = {"keep_u": 0.0, "keep_v": 0.9, "threshold": 1.0, "reset": "zero"}
LINES, HIDDEN = 6, 4


class Leaky(nn.Module):
    """All steps of [steps, samples, lines] a call."""

    def forward(self, x):
        v, spikes = torch.zeros_like(x[0]), []
        for step in x:
            v = 0.9 * v + step
            spikes.append((v >= 1).float())
            v = v * (1 - spikes[-1])
        return torch.stack(spikes)


@pytest.fixture
def converted(monkeypatch):
    """The graph of a network whose neurons have a Cell with these fields."""
    torch.manual_seed(0)
    net, x = nn.Sequential(nn.Linear(LINES, HIDDEN), Leaky()), (torch.rand(20, 5, LINES) < 0.3).float()

    def of(**fields):
        given = {"parameters": PARAMETERS, "time_dim": 0} | fields
        monkeypatch.setitem(
            CONVERTERS, full_name(Leaky), lambda module, name: Cell(**({"name": name} | given))
        )
        return from_torch(net, x, dt=1e-3).graph

    return of


EYE, OBJECT = torch.eye(HIDDEN), object()
WRONG = {
    "name": ("", None, 3),
    "parameters": (None, 3, "x", [], [("keep_v", 0.9)]),
    "time_dim": ("1", [], 1.0, True, torch.tensor(1), OBJECT),
    "time_within": (3, (), "time", ("x",), ([],), None),
    "gain": (
        *(0, None, True, "1", ["1"] * HIDDEN, float("nan"), float("inf"), {}, 1j, [1, [2]], OBJECT),
        *([True] * HIDDEN, torch.tensor([1.0, 0, 1, 1]), EYE[0].bool(), [0.5, None, 1, 1]),
    ),
    "lag": ("1", True, 1.0, None, -1, []),
    "gives": (None, 3, "x"),
    "clear": (3, "x", ()),
    "membrane_ends": ("x", 0, 1, []),
    "weighed": (
        *(3, (), "ab", True, EYE, (EYE,), (None, None), (EYE[0], None), (EYE, torch.ones(3)), (EYE, "x")),
        (EYE * float("nan"), None),
    ),
    "recurrent": (
        *(3, [], "ab", True, EYE, (EYE,), (None, None), (EYE[:3], None), (EYE, torch.ones(3)), (EYE, "x")),
        (0.1, torch.ones(HIDDEN)),
    ),
    "recordings": ("x", 0, -1, True, 5.0, []),
    "notes": ("abc", 3, None, (3,)),
}


def test_each_field_is_looked_at() -> None:
    assert list(FIELDS) == list(Cell.__dataclass_fields__) == list(WRONG)


@pytest.mark.parametrize(
    ("field", "value"), [(field, value) for field, values in WRONG.items() for value in values]
)
def test_a_value_of_another_kind_is_told_by_neurons_and_field(converted, field, value) -> None:
    with pytest.raises(InputError) as found:
        converted(**{field: value})
    cause = str(found.value)
    assert cause.startswith(f"1: the converter of Leaky: {field}: is ")
    assert "; give " in cause
    assert "the module fails" not in cause
    assert "\n" not in cause
    with pytest.raises(InputError, match=rf"^{field}: is "):
        Cell(**({"name": "a", "parameters": PARAMETERS} | {field: value}))


@pytest.mark.parametrize(
    "fields",
    [
        {"time_dim": np.int64(0), "lag": np.int8(0), "recordings": np.int32(5), "membrane_ends": np.True_},
        {"time_dim": -3, "notes": ["a"], "time_within": [TIME]},
        *({"gain": one} for one in (1, np.float32(1), Fraction(1), [1.0] * HIDDEN, torch.ones(HIDDEN))),
        {"gain": [torch.ones((), requires_grad=True)] * HIDDEN},
        {"gain": torch.ones(HIDDEN, requires_grad=True, dtype=torch.bfloat16)},
        *({"weighed": one} for one in ((EYE, None), [EYE.numpy(), [0.0] * HIDDEN], None)),
        *({"recurrent": (one, None)} for one in (0.0, torch.zeros(HIDDEN), torch.zeros(HIDDEN, HIDDEN))),
    ],
)
def test_all_that_it_takes_is_taken(converted, fields) -> None:
    assert converted(**fields).population("1").neurons == HIDDEN


@pytest.mark.parametrize(
    ("gain", "odd"), [([1.0, 2.0, 0.0, 1.0], "0 for neuron 2"), ([1.0, np.nan], "nan for neuron 1")]
)
def test_a_gain_of_one_neuron_is_named(gain, odd) -> None:
    with pytest.raises(InputError, match=f"^gain: is {odd}; give a finite number other than 0"):
        Cell("a", PARAMETERS, gain=gain)


def test_recordings_and_steps_may_be_one_dimension() -> None:
    assert Cell("a", PARAMETERS, 0, (BATCH, TIME)).time_within == (BATCH, TIME)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"gain": -1}, r"1: the converter of Leaky gives gain = -1, expected numbers above 0 of .*\nWeigh"),
        ({"lag": 20}, "1: its Cell gives lag = 20, expected less than the 20 steps of a run"),
        (
            {"recurrent": (torch.eye(3), None)},
            r"1: its Cell gives recurrent with a weight of the shape \[3, 3\], expected \[4, 4\], or one num",
        ),
        ({"recurrent": (torch.ones(3), None)}, r"1: its Cell gives recurrent .* the shape \[3\], expected"),
        (
            {"name": "x"},
            "1: the converter of Leaky returns a Cell of the name 'x', expected '1', the name th",
        ),
        ({"time_dim": -5}, "1: its Cell takes time along dimension -5, its forward along dimension 0\nSet"),
        *(
            ({"parameters": PARAMETERS | {"keep_v": value}}, "1: the converter of Leaky gives keep_v = ")
            for value in (True, ["0.9"] * HIDDEN, EYE[0].bool(), OBJECT)
        ),
        *(
            (
                {"gives": lambda args, kwargs, output, value=value: Gives(value, output)},
                rf"1: current of a call is {said}, expected a tensor\nSay in the Cell",
            )
            for value, said in ((None, "None"), ("x", "a str"))
        ),
        *(
            (
                {"gives": lambda args, kwargs, output, value=value: Gives(args[0], output, steps=value)},
                f"1: steps of a call {said}, expected a list with a tensor a step",
            )
            for value, said in ((3, "is an int"), ([None], "holds None"))
        ),
    ],
)
def test_a_value_that_fits_no_network_is_told_as_such(converted, fields, said) -> None:
    with pytest.raises(InputError, match=f"^{said}"):
        converted(**fields)
