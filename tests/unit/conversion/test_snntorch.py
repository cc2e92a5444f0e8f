"""Modules with neurons of snnTorch, beyond those of `test_convert.py`, give every one of their spikes."""

from __future__ import annotations

import numpy as np
import pytest
import snntorch
import torch
from snntorch._neurons.neurons import SpikingNeuron
from torch import nn
from torch_networks import Loop, events, same_spikes

from snnc.conversion.convert import from_torch
from snnc.errors import InputError


class Recurrent(nn.Module):
    """A loop in which the spikes and states of recurrent neurons are passed by hand."""

    def __init__(self, lif, factor=2.0):
        super().__init__()
        self.fc, self.lif = nn.Linear(8, 12), lif
        with torch.no_grad():
            self.fc.weight.mul_(factor)

    def forward(self, x):
        states, found = self.lif.reset_mem(), []
        for each in x:
            states = self.lif(self.fc(each), *states)
            found.append(states[0])
        return torch.stack(found)


VECTOR = torch.linspace(-0.6, 0.9, 12)
NEURONS = {
    "RLeaky": lambda: snntorch.RLeaky(0.8, linear_features=12),
    "RLeaky, one to one": lambda: snntorch.RLeaky(torch.linspace(0.3, 0.9, 12), all_to_all=False, V=VECTOR),
    "RLeaky, one weight for all": lambda: snntorch.RLeaky(0.8, all_to_all=False, V=0.4),
    "RLeaky to zero": lambda: snntorch.RLeaky(
        0.8, linear_features=12, reset_mechanism="zero", reset_delay=False
    ),
    "RSynaptic": lambda: snntorch.RSynaptic(0.6, 0.8, linear_features=12, threshold=1.5),
    "RSynaptic that never resets": lambda: snntorch.RSynaptic(
        0.4, 0.7, all_to_all=False, V=VECTOR, reset_mechanism="none", threshold=1.5
    ),
}


@pytest.mark.parametrize("neurons", NEURONS)
def test_recurrent_neurons(neurons):
    torch.manual_seed(7)
    module, x = Recurrent(NEURONS[neurons]()), events(25, 3, 8)
    network = from_torch(module, x, dt=1e-3)
    same_spikes(module, x, network.graph, (SpikingNeuron,))
    assert all(each.different == each.through == 0 for each in network.agreement)
    own = next(each for each in network.graph.projections if each.source == each.destination)
    found = own.synapses.as_list()
    assert set(found.delay.tolist()) == {1}
    weight = module.lif.recurrent.weight if hasattr(module.lif.recurrent, "weight") else module.lif.V
    weight = weight.detach().numpy()
    weight = weight if weight.ndim == 2 else np.diag(np.broadcast_to(weight, 12))
    np.testing.assert_array_equal(found.weight, weight[found.post, found.pre])
    assert len(found.weight) == np.count_nonzero(weight)


@pytest.mark.parametrize(
    "given",
    [
        {"R": 2.0, "C": 4.0, "time_step": 0.5},
        {"R": 1.5, "C": 3.0},
        {"beta": 0.8},
        {"beta": 0.7, "C": 2.0, "time_step": 0.3, "reset_mechanism": "none"},
    ],
)
def test_lapicque(given):
    torch.manual_seed(8)
    fc = nn.Linear(8, 12)
    with torch.no_grad():
        fc.weight.mul_(8)
    lif = snntorch.Lapicque(threshold=0.8, init_hidden=True, **given)
    module, x = Loop(nn.Sequential(fc, lif)), events(25, 3, 8)
    network = from_torch(module, x, dt=1e-3)
    lif.reset_mem()
    same_spikes(module, x, network.graph, (SpikingNeuron,))
    assert all(each.different == each.through == 0 for each in network.agreement)


@pytest.mark.parametrize(
    ("lif", "said"),
    [
        (snntorch.RLeaky(0.8, linear_features=12, reset_mechanism="zero"), r"lif \(RLeaky\): .*drops what"),
        (snntorch.RLeaky(0.8, conv2d_channels=1, kernel_size=3), r"its connections are Conv2d"),
        (snntorch.RSynaptic(0.8, 0.8, linear_features=12, reset_delay=False), "Use reset_delay=True"),
        (
            snntorch.Lapicque(R=2.0, C=4.0, reset_mechanism="zero"),
            r"Lapicque.*\nTrain with reset_mechanism='sub",
        ),
        (snntorch.Alpha(0.9, 0.8), r"lif \(Alpha\): its equation is none of the contract's\nUse Leaky,"),
    ],
)
def test_neurons_that_the_contract_lacks(lif, said):
    with pytest.raises(InputError, match=said):
        from_torch(Recurrent(lif), events(5, 2, 8), dt=0.01)


class Heard(nn.Module):
    """Neurons that hear a membrane."""

    def __init__(self):
        super().__init__()
        self.a, self.b = snntorch.Leaky(0.9), snntorch.Leaky(0.8, init_hidden=True)

    def forward(self, x):
        mem, found = self.a.reset_mem(), []
        for each in x:
            _, mem = self.a(each, mem)
            found.append(self.b(mem))
        return torch.stack(found)


def test_a_membrane_is_not_heard():
    with pytest.raises(InputError, match="b: hears the membrane of a; in the contract only spikes go"):
        from_torch(Heard(), events(5, 2, 4), dt=0.01)


def currents(lif):
    """One neuron that hears a tenth of each event."""

    class Once(nn.Module):
        def __init__(self):
            super().__init__()
            self.lif = lif

        def forward(self, x):
            mem, found = self.lif.init_leaky(), []
            for step in x:
                spk, mem = self.lif(0.1 * step, mem)
                found.append(spk)
            return torch.stack(found)

    return Once()


@pytest.mark.parametrize(("second", "fires"), [(5, False), (8, True)])
def test_what_is_said_of_a_reset_without_delay(second, fires):
    """v is 2.4, and 1.4 after the reset; then 0.9 * 1.4 + 0.5 = 1.76 is below two thresholds, 2.06 not."""
    x = torch.tensor([24.0, second, 0]).reshape(3, 1, 1)
    module = currents(snntorch.Leaky(0.9, reset_delay=False))
    with torch.no_grad():
        assert module(x).reshape(-1).tolist()[:2] == [1, fires]
    if fires:
        notes = from_torch(module, x, dt=1e-3).notes
    else:
        with pytest.raises(InputError) as told:
            from_torch(module, x, dt=1e-3)
        notes = told.value.args
    assert any(
        each.startswith("lif: with reset_delay=False snnTorch fires above twice the threshold")
        and each.endswith("or with reset_mechanism='zero', which the contract has")
        for each in notes
    )
    for other in (
        snntorch.Leaky(0.9, reset_delay=True),
        snntorch.Leaky(0.9, reset_delay=False, reset_mechanism="zero"),
    ):
        found = from_torch(currents(other), x, dt=1e-3)
        assert [each.different + each.through for each in found.agreement] == [0]
        assert not any("twice" in each for each in found.notes)


def test_what_is_known_of_neurons_is_their_cause():
    torch.manual_seed(1)
    fc = nn.Linear(8, 12)
    with torch.no_grad():
        fc.weight.mul_(6)
    module = Loop(nn.Sequential(fc, snntorch.Leaky(0.9, init_hidden=True, reset_delay=False)))
    with pytest.raises(InputError) as told:
        from_torch(module, events(25, 3, 8), dt=1e-3)
    assert told.value.args[0].endswith("as its membrane)") or told.value.args[0].endswith("threshold 1)")
    assert told.value.args[1].startswith("step.1: with reset_delay=False snnTorch fires")
