"""Modules whose states begin at another number than 0, or are reset to one: the cause is told with it."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch_networks import Loop, events

from snnc.conversion.convert import from_torch
from snnc.conversion.neurons import CONVERTERS, Cell, Gives, converter
from snnc.errors import InputError


class Neurons(nn.Module):
    """v = 0.8 v + x from `start` on; fires above 1, and is set to `low` then."""

    def __init__(self, start=0.0, low=0.0):
        super().__init__()
        self.start, self.low = start, low
        self.clear()

    def clear(self):
        self.v = torch.as_tensor(self.start)

    def forward(self, x):
        v = 0.8 * self.v + x
        spikes = (v > 1).double()
        self.v = v * (1 - spikes) + self.low * spikes
        return spikes


class Integrator(nn.Module):
    """v = keep v + x from `start` on; the Cell says 0.8."""

    def __init__(self, start, keep=0.8):
        super().__init__()
        self.start, self.keep = start, keep
        self.clear()

    def clear(self):
        self.v = self.start

    def forward(self, x):
        self.v = self.keep * self.v + x
        return self.v


@pytest.fixture(autouse=True)
def _converters(monkeypatch):
    monkeypatch.setattr("snnc.conversion.neurons.CONVERTERS", dict(CONVERTERS))
    told = {"keep_u": 0.0, "keep_v": 0.8, "threshold": 1.0, "fires": "above", "reset": "zero"}
    converter(Neurons)(lambda module, name: Cell(name, told, clear=module.clear))

    def gives(args, kwargs, output):
        return Gives(current=args[0], spikes=None, membrane=output)

    told_of_readout = {"keep_u": 0.0, "keep_v": 0.8}
    converter(Integrator)(lambda module, name: Cell(name, told_of_readout, clear=module.clear, gives=gives))


def weights(*shape, seed=3):
    torch.manual_seed(seed)
    found = nn.Linear(*shape).double()
    with torch.no_grad():
        found.weight.mul_(0.9).add_(0.2)
    return found


def error_of(module):
    with pytest.raises(InputError) as error:
        from_torch(module, events(40, 60, 6).double(), dt=0.01, least_agreement=1)
    return str(error.value)


def test_v_begins_at_a_number():
    said = error_of(Loop(nn.Sequential(weights(6, 5), Neurons(start=0.7))))
    assert ": its v begins at about 0.7, and in the contract at 0 (let it begin at 0, and train" in said
    assert "Compare its Cell" not in said


def test_v_begins_at_a_number_of_each_neuron():
    start = torch.tensor([0.9, 0.0, -2.0, 0.8, 0.5]).double()
    said = error_of(Loop(nn.Sequential(weights(6, 5), Neurons(start))))
    assert "its v begins at about -" in said
    assert "Compare its Cell" not in said


def test_a_spike_sets_v_to_a_number():
    said = error_of(Loop(nn.Sequential(weights(6, 5), Neurons(low=0.2))))
    assert ": a spike sets v to about 0.2, and in the contract to 0 (reset to 0, and train with it)" in said
    assert "Compare its Cell" not in said


def test_v_of_a_readout_begins_at_a_number_of_each_neuron():
    start = torch.tensor([0.0, 3.0, -2.5]).double()
    module = Loop(nn.Sequential(weights(6, 5), Neurons(), weights(5, 3), Integrator(start)))
    said = error_of(module)
    assert "): its v begins at about -2.5 .. 3, and in the contract at 0 (let it begin at 0" in said
    assert "Compare its Cell" not in said


def test_a_readout_that_decays_otherwise_begins_nowhere_else():
    readout = Integrator(torch.zeros(3), keep=0.7)
    said = error_of(Loop(nn.Sequential(weights(6, 5), Neurons(), weights(5, 3), readout)))
    assert "begins at" not in said
    assert "): its keep_v is about 0.7, not 0.8 (in the converter's Cell; v is then the module's)" in said


def test_another_readout_has_no_known_cause():
    readout = Integrator(torch.full((3,), 0.5), keep=0.7)
    said = error_of(Loop(nn.Sequential(weights(6, 5), Neurons(), weights(5, 3), readout)))
    assert "begins at" not in said
    assert "Compare its Cell" in said


class Recurrent(nn.Module):
    """Spikes come back, `before` in the first step; a delay of 2 steps begins with `held`."""

    def __init__(self, before, held):
        super().__init__()
        self.fc, self.back, self.lif = weights(6, 5), weights(5, 5, seed=4), Neurons()
        self.before, self.held = before, held

    def forward(self, x):
        spikes, found = self.before.expand(x.shape[1], -1), []
        ring = [self.held.expand(x.shape[1], -1)] * 2
        for t, step in enumerate(x):
            late, ring[t % 2] = ring[t % 2], step
            spikes = self.lif(self.fc(late) + self.back(spikes))
            found.append(spikes)
        return torch.stack(found)


@pytest.mark.parametrize(
    ("before", "held"),
    [(torch.full((5,), 0.5), torch.zeros(6)), (torch.zeros(5), torch.ones(6))],
)
def test_what_is_heard_before_the_first_step(before, held):
    said = error_of(Recurrent(before.double(), held.double()))
    assert "lif: the bias that arrives in step 0 is not that of step 39" in said
    assert "\nBefore the first step nothing has spiked in the contract: let what the loop keeps" in said
