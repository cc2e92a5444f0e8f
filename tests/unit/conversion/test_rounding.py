"""Modules whose numbers round: v falls on the other side of the threshold, and nothing else is wrong."""

from __future__ import annotations

import pytest
import torch
from changed_networks import drawn
from spikingjelly.activation_based import neuron
from torch import nn
from torch_networks import events

from snnc.conversion.convert import from_torch
from snnc.errors import InputError


def of_16_bits(last):
    torch.manual_seed(3)
    module = nn.Sequential(drawn(8, 12), neuron.IFNode(), drawn(12, 4), last).half()
    for each in (module[1], last):
        each.step_mode = "m"
    return module


@pytest.mark.parametrize("last", [neuron.IFNode, neuron.NonSpikingLIFNode])
def test_numbers_of_16_bits(last):
    network = from_torch(of_16_bits(last()), events(150, 3, 8).half(), dt=1e-3)
    assert all(each.share > 0.999 for each in network.agreement)


def test_sums_of_tenths_that_meet_the_threshold():
    """Ten times 0.1 is above 1 in 32 bits: 0.100000001 in binary."""
    node = neuron.IFNode(step_mode="m")
    module = nn.Sequential(nn.Linear(8, 12, bias=False), node)
    torch.manual_seed(3)
    with torch.no_grad():
        module[0].weight.copy_(torch.randn(12, 8).sign() * 0.1)
    with pytest.raises(InputError, match=r"differ in \d+ of .*: v all but meets the threshold where"):
        from_torch(module, events(300, 3, 8), dt=1e-3, least_agreement=1)
