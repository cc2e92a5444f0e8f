"""Modules whose numbers round: v falls on the other side of the threshold, and nothing else is wrong."""

from __future__ import annotations

import pytest
import snntorch
import torch
from changed_networks import drawn
from spikingjelly.activation_based import neuron
from torch import nn
from torch_networks import events

from snnc.conversion.convert import from_torch
from snnc.conversion.functions.handlers import rounding
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


class OtherLater(nn.Module):
    """From step 40 on, a constant is larger by the share `more`, which brings v above the threshold."""

    def __init__(self, more, kind=torch.float32, divides=False):
        super().__init__()
        self.fc = nn.Linear(3, 4).to(kind)
        self.divides = divides
        self.constant = torch.ones(80, 1, 4, dtype=kind)
        self.constant[40:] += -more if divides else more
        self.lif = snntorch.Leaky(0.5, threshold=2 + more, reset_mechanism="none")

    def forward(self, x):
        current = 0 * self.fc(x.to(self.constant.dtype)) + 1
        current = current / self.constant if self.divides else current * self.constant
        mem, spikes = self.lif.init_leaky(), []
        for step in current:
            spk, mem = self.lif(step, mem)
            spikes.append(spk)
        return torch.stack(spikes)


@pytest.mark.parametrize("divides", [False, True])
@pytest.mark.parametrize("more", [1e-6, 5e-6, 7e-6])
def test_constants_that_truly_differ_by_as_little_as_rounding_are_noticed(more, divides):
    """They count as one; the comparison with the module shows that they are not."""
    with pytest.raises(InputError, match=r"module and network differ in \d+ of 960 places .*step 4\d"):
        from_torch(OtherLater(more, divides=divides), events(80, 3, 3), dt=1e-3)


@pytest.mark.parametrize("divides", [False, True])
@pytest.mark.parametrize("more", [1e-9, 5e-6])
def test_in_64_bits_so_much_is_no_rounding(more, divides):
    with pytest.raises(InputError, match="a constant differs by step or recording"):
        from_torch(OtherLater(more, torch.float64, divides), events(80, 3, 3), dt=1e-3)


@pytest.mark.parametrize("terms", [64, 4096])
def test_the_orders_of_a_sum_differ_by_less_than_counts_as_rounding(terms):
    """Sums in other orders, also in the order that gathers the most, which is one after another."""
    generator = torch.Generator().manual_seed(6)
    for _ in range(20):
        parts = torch.rand(terms, generator=generator)
        sums = [parts[torch.randperm(terms, generator=generator)].cumsum(0)[-1] for _ in range(20)]
        sums = [float(each) for each in (*sums, parts.sum())]
        assert max(sums) - min(sums) <= rounding(parts) * max(sums)
