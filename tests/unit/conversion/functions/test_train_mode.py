"""A batch norm that cannot be followed is told why it normalises by the batch, and what mends that."""

from __future__ import annotations

import pytest
import snntorch
import torch
import torch.nn.functional as F
from torch import nn
from torch_networks import events

from snnc.conversion.convert import from_torch
from snnc.errors import InputError

TRAIN_MODE = "batch_norm is not followed: it normalises by the batch, as train mode is set in forward"
LEAVE_OUT = "It has running statistics: leave out .train(), or training=True, there"
NO_STATISTICS = "batch_norm is not followed: it normalises by the batch, as it has no running statistics"


class Normed(nn.Module):
    """`norm` gives what a step of weights becomes."""

    def __init__(self, norm, **given):
        super().__init__()
        torch.manual_seed(1)
        self.fc, self.bn, self.lif = nn.Linear(4, 6), nn.BatchNorm1d(6, **given), snntorch.Leaky(0.9)
        self.norm = norm

    def forward(self, x):
        mem, spikes = self.lif.init_leaky(), []
        for step in x:
            spk, mem = self.lif(self.norm(self, self.fc(step)), mem)
            spikes.append(spk)
        return torch.stack(spikes)


def by_module(module, x):
    return module.bn(x)


def in_train_mode(module, x):
    module.bn.train()
    return module.bn(x)


def all_in_train_mode(module, x):
    module.train()
    return module.bn(x)


def by_function(module, x):
    return F.batch_norm(x, module.bn.running_mean, module.bn.running_var, training=True)


def of_nothing(module, x):
    return F.batch_norm(x, None, None, training=True)


def convert(norm, **given):
    module = Normed(norm, **given)
    return from_torch(module, events(12, 5, 4, share=0.4), dt=1e-3)


@pytest.mark.parametrize(
    ("norm", "given"),
    [
        (in_train_mode, {}),
        (all_in_train_mode, {}),
        (by_function, {}),
        (in_train_mode, {"momentum": None}),
    ],
)
def test_train_mode_that_forward_sets_is_the_cause(norm, given):
    with pytest.raises(InputError) as refused:
        convert(norm, **given)
    assert TRAIN_MODE in str(refused.value)
    assert LEAVE_OUT in str(refused.value)
    assert "track_running_stats" not in str(refused.value)


@pytest.mark.parametrize(("norm", "given"), [(by_module, {"track_running_stats": False}), (of_nothing, {})])
def test_no_running_statistics_are_the_cause(norm, given):
    with pytest.raises(InputError) as refused:
        convert(norm, **given)
    assert NO_STATISTICS in str(refused.value)
    assert "(track_running_stats=True, with F.batch_norm running_mean and running_var)" in str(refused.value)
    assert ".train()" not in str(refused.value)


@pytest.mark.parametrize("given", [{}, {"momentum": None}])
def test_what_the_remedies_leave_is_followed(given):
    """A module in train mode, as it was left: `from_torch` runs it in evaluation mode."""
    assert convert(by_module, **given).graph.stateful
