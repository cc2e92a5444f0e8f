"""Places of tensors that are changed, at once or later."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from changed_networks import Changed, Membrane, Placed, check, each_step
from spikingjelly.activation_based import functional

from snnc.errors import InputError


@pytest.mark.parametrize(
    "decode",
    [
        lambda v: v.sum(0).relu_(),
        lambda v: F.relu(v.sum(0), inplace=True),
        lambda v: (s := v.sum(0), s.view(-1).relu_())[0],
        lambda v: (s := v.sum(0), s.view(-1).mul_(0))[0],
        lambda v: (s := v.sum(0).mul_(0), F.hardtanh(s.view(-1), -1, 1, True))[0],
    ],
)
def test_changes_of_tensors_of_inference(decode):
    class Inferred(Membrane):
        @torch.inference_mode()
        def forward(self, x):
            return super().forward(x)

    with pytest.raises(InputError, match="no output of the module is one"):
        check(Inferred(decode))
    check(Inferred(lambda v: v.sum(0).mul_(2)))


def zero(x):
    return torch.zeros(x.shape)


def test_a_change_of_all_places_counts():
    def twice(x):
        o = each_step(zero(x), x)
        o.mul_(0.5)
        return torch.stack([o[t] for t in range(len(x))])

    module = Placed(twice)
    network = check(module)
    functional.reset_net(module)
    half = Placed(lambda x: 0.5 * x)
    assert network.graph.projections[0].synapses == check(half).graph.projections[0].synapses


def zeroed(x):
    o = each_step(zero(x), x)
    o.zero_()
    o[1] = x[1]
    return o


def one_of_five(x):
    o = each_step(zero(x), x)
    o[2].mul_(5)
    o[0] = x[0]
    return o


def by_a_view(x):
    o = each_step(zero(x), x)
    o.view(-1)[:20] = 0
    return torch.stack([o[t] for t in range(len(x))])


def by_an_alias(x):
    o = each_step(zero(x), x)
    other = o[:]
    other[1] = 5 * x[1]
    return torch.stack([o[t] for t in range(len(x))])


def a_constant(x):
    o = each_step(zero(x), x)
    o[1] = 0
    return torch.stack([o[t] for t in range(len(x))])


def two_dimensions(x):
    o = zero(x)
    o[0] = x[0]
    for k in range(x.shape[1]):
        o[:, k] = x[:, k]
    return o


@pytest.mark.parametrize("place", [zeroed, one_of_five, by_a_view, by_an_alias, a_constant, two_dimensions])
def test_places_that_are_changed_later(place):
    with pytest.raises(InputError, match=r"^neurons: what arrives cannot be followed"):
        check(Placed(place))


def test_data_that_are_set():
    def doubled(c):
        c.data = 2 * c.data
        c.requires_grad = False
        return c

    def other(c):
        found = torch.empty_like(c)
        found.data = c
        return found

    for change in (doubled, other):
        with pytest.raises(
            InputError,
            match=r"^lif: .* cannot be followed: in Changed\.forward \(line \d+ of .*\), the data of a",
        ):
            check(Changed(change))
