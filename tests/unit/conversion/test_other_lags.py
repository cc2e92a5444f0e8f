"""Neurons whose input acts other steps late than their Cell says: the error names the lag."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch_networks import Loop, events

from snnc.conversion.convert import from_torch
from snnc.conversion.neurons import CONVERTERS, Cell, Gives, converter
from snnc.errors import InputError

LAG = "its lag is {}, not {} (in the converter's Cell)"


class Late(nn.Module):
    """v = 0.8 v + x, `steps` late; fires above 1, and is set to 0 then. `spikes`: else it gives v."""

    def __init__(self, steps: int, spikes: bool = True):
        super().__init__()
        self.steps, self.spikes = steps, spikes
        self.clear()

    def clear(self):
        self.v, self.heard = torch.zeros(1).double(), []

    def forward(self, x):
        self.heard.append(x)
        now = self.heard[-1 - self.steps] if len(self.heard) > self.steps else torch.zeros_like(x)
        self.v = 0.8 * self.v + now
        if not self.spikes:
            return self.v
        spikes = (self.v > 1).double()
        self.v = self.v * (1 - spikes)
        return spikes


@pytest.fixture(autouse=True)
def _converters(monkeypatch):
    monkeypatch.setattr("snnc.conversion.neurons.CONVERTERS", dict(CONVERTERS))


def _gives(args, kwargs, output):
    return Gives(args[0], None, output)


def _convert(steps: int, told: int, spikes: bool = True, example=None, keep: float = 0.8, **more):
    @converter(Late)
    def _(module, name):
        if not module.spikes:
            return Cell(name, {"keep_u": 0.0, "keep_v": keep}, lag=told, clear=module.clear, gives=_gives)
        numbers = {"keep_u": 0.0, "keep_v": keep, "threshold": 1.0, "fires": "above", "reset": "zero"}
        return Cell(name, numbers | more, lag=told, clear=module.clear)

    torch.manual_seed(3)
    weights = nn.Linear(6, 5, bias=False).double()
    with torch.no_grad():
        weights.weight.copy_(0.9 * weights.weight + 0.25)
    module = Loop(nn.Sequential(weights, Late(steps, spikes)))
    x = events(60, 4, 6).double() if example is None else example
    return from_torch(module, x, dt=0.01, least_agreement=1)


@pytest.mark.parametrize(("steps", "told"), [(3, 0), (1, 0), (3, 2), (3, 5), (0, 3), (0, 1), (12, 4)])
@pytest.mark.parametrize("spikes", [True, False])
def test_the_lag_is_named(steps: int, told: int, spikes: bool) -> None:
    with pytest.raises(InputError) as error:
        _convert(steps, told, spikes)
    assert str(error.value.args[0]).endswith(f": {LAG.format(steps, told)}")
    _convert(steps, steps, spikes)


def test_of_neurons_that_are_otherwise_wrong_no_lag_is_named() -> None:
    for more in ({"keep": 0.5}, {"threshold": 1.3}):
        with pytest.raises(InputError) as error:
            _convert(3, 3, **more)
        assert "its lag is" not in str(error.value)
        with pytest.raises(InputError) as error:  # two that are wrong are no one cause
            _convert(3, 1, **more)
        assert "its lag is" not in str(error.value)


def test_neurons_that_never_spike_show_no_lag() -> None:
    few = torch.zeros(20, 2, 6).double()
    few[5, 0, 0] = 1
    with pytest.raises(InputError) as error:
        _convert(2, 0, example=few, threshold=0.1)
    assert "its lag is" not in str(error.value)


class Heard(nn.Module):
    """Neurons that hear their own spikes, which come a step late."""

    def __init__(self):
        super().__init__()
        self.clear()

    def clear(self):
        self.v, self.late = torch.zeros(1).double(), None

    def forward(self, x):
        self.v = 0.8 * self.v + x
        spikes, given = (self.v > 1).double(), self.late
        self.v, self.late = self.v * (1 - spikes), spikes
        return torch.zeros_like(spikes) if given is None else given


class Recurrent(nn.Module):
    def __init__(self):
        super().__init__()
        self.weights, self.own, self.heard = nn.Linear(6, 5).double(), nn.Linear(5, 5).double(), Heard()

    def forward(self, x):
        self.heard.clear()
        spikes, found = torch.zeros(x.shape[1], 5).double(), []
        for step in x:
            spikes = self.heard(self.weights(step) + self.own(spikes))
            found.append(spikes)
        return torch.stack(found)


def test_recurrent_neurons_are_told_of_their_cell():
    """No step of Delay is before a module: what may say it is the lag."""

    @converter(Heard)
    def _(module, name):
        numbers = {"keep_u": 0.0, "keep_v": 0.8, "threshold": 1.0, "fires": "above", "reset": "zero"}
        return Cell(name, numbers, clear=module.clear)

    torch.manual_seed(3)
    module = Recurrent()
    with torch.no_grad():
        module.weights.weight.copy_(0.9 * module.weights.weight + 0.25)
    with pytest.raises(InputError) as error:
        from_torch(module, events(60, 4, 6).double(), dt=0.01, least_agreement=1)
    assert "its spikes are one step later than the network's (another lag in the conv" in str(error.value)
