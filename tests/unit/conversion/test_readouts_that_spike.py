"""Readouts that are neurons whose threshold is reached, and is not to be: the remedies convert."""

from __future__ import annotations

import pytest
import snntorch
import torch
from changed_networks import X, drawn
from spikingjelly.activation_based import functional, neuron
from torch import nn

from snnc.conversion.convert import from_torch
from snnc.errors import InputError

REACHED = r"in the network, which has reached the threshold of the module\)"
FIRES = REACHED + (
    r": v reaches the threshold of 1e\+06, which is to be too high to be reached, so that the module "
    r"spikes and resets v \(give it a higher threshold, or none of its resets"
)


class Read(nn.Module):
    """The membranes of all steps, of currents of `size`."""

    def __init__(self, lif, size):
        super().__init__()
        torch.manual_seed(3)
        self.fc, self.lif = drawn(8, 12, size), lif

    def forward(self, x):
        mem, found = self.lif.reset_mem(), []
        for step in x:
            _, mem = self.lif(self.fc(step), mem)
            found.append(mem)
        return torch.stack(found).amax(0)


class Charged(Read):
    """v that SpikingJelly keeps in the module."""

    def forward(self, x):
        functional.reset_net(self)
        found = []
        for step in x:
            self.lif(self.fc(step))
            found.append(self.lif.v)
        return torch.stack(found).amax(0)


@pytest.mark.parametrize("reset", ["subtract", "zero"])
def test_a_readout_of_snntorch_that_reaches_its_threshold(reset):
    def read(threshold=1e6, reset=reset, size=3e6):
        return Read(snntorch.Leaky(0.8, threshold=threshold, reset_mechanism=reset), size)

    with pytest.raises(InputError, match=FIRES):
        from_torch(read(), X, dt=1e-3)
    for module in (read(threshold=1e9), read(reset="none"), read(size=3.0)):
        (only,) = from_torch(module, X, dt=1e-3).agreement
        assert only.different == only.through == 0


@pytest.mark.parametrize("v_reset", [0.0, None])
def test_a_readout_of_spikingjelly_that_reaches_its_threshold(v_reset):
    def read(v_threshold):
        return Charged(neuron.IFNode(v_threshold=v_threshold, v_reset=v_reset), 3e6)

    with pytest.raises(InputError, match=FIRES):
        from_torch(read(1e6), X, dt=1e-3)
    (only,) = from_torch(read(1e12), X, dt=1e-3).agreement
    assert only.different == only.through == 0


def test_a_readout_that_reaches_it_on_other_events_alone():
    """8 lines of events in each step; the example has none in most."""
    few = X * 0
    few[3, 0, 0] = 1
    with pytest.raises(InputError, match=r"on other events, .*" + REACHED):
        from_torch(Read(snntorch.Leaky(0.99, threshold=1e6), 1.2e6), few, dt=1e-3)


def test_another_cause_is_not_taken_for_it():
    """v never reaches the threshold: the hook alone makes it another."""
    module = Read(snntorch.Leaky(0.8, threshold=1e6), 3.0)
    module.lif.register_forward_hook(lambda module, args, out: (out[0], out[1] + 1))
    with pytest.raises(InputError) as told:
        from_torch(module, X, dt=1e-3)
    assert "reaches the threshold" not in str(told.value)
