"""Loops that pass states by hand: errors name the operation, not the state that it made unknown."""

from __future__ import annotations

import pytest
import snntorch
import torch
from changed_networks import check, drawn
from torch import nn

from snnc.errors import InputError


class ByHand(nn.Module):
    """`change` (module, step, spikes, events) of the spikes between two layers."""

    def __init__(self, change, bias=True):
        super().__init__()
        torch.manual_seed(3)
        self.change, self.queue = change, []
        self.one, self.two = drawn(8, 12), drawn(12, 5)
        if not bias:
            self.two.bias = None
        self.lif1, self.lif2 = snntorch.Leaky(0.9), snntorch.Leaky(0.8)

    def forward(self, x):
        one, two, found = self.lif1.init_leaky(), self.lif2.init_leaky(), []
        for step, events in enumerate(x):
            spikes, one = self.lif1(self.one(events), one)
            spikes, two = self.lif2(self.two(self.change(self, step, spikes, events)), two)
            found.append(spikes)
        return torch.stack(found)


def late(module, step, spikes, events):
    if step == 0:
        module.queue.clear()
    module.queue.append(spikes)
    return module.queue[step - 3] if step >= 3 else torch.zeros_like(spikes)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda m, t, s, x: s * (x.sum(-1, keepdim=True) > 0),
            r"lif2: what arrives cannot be followed: gt in ByHand\.forward \(line \d+ of \S+\) is a",
        ),
        (
            lambda m, t, s, x: s.clamp(0, 1),
            r"lif2: what arrives .*: in ByHand\.forward \(line \d+ of \S+\), clamp is .*\nLeave it out if",
        ),
        (
            lambda m, t, s, x: s.roll(1, 0),
            r"lif2: what arrives .*: in ByHand\.forward \(line \d+ of \S+\), roll is not followed",
        ),
    ],
)
def test_the_operation_is_named(change, said):
    with pytest.raises(InputError, match=f"^{said}"):
        check(ByHand(change))


@pytest.mark.parametrize("bias", [False, True])
def test_spikes_that_come_later_by_hand(bias):
    network = check(ByHand(late, bias=bias))
    between = next(each for each in network.graph.projections if each.destination == "lif2")
    assert set(between.synapses.as_list().delay.tolist()) == {3}
    assert [each.total for each in network.agreement] == [15 * 3 * 12, 15 * 3 * 5]
