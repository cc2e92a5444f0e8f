"""Readouts of the time of a first spike: what the error says to do instead gives it."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch
from changed_networks import Changed
from torch import nn
from torch_networks import events

import snnc
from snnc.errors import InputError

X = events(15, 3, 8)
STEPS = torch.arange(15.0)[:, None, None]


class First(nn.Module):
    def forward(self, spikes):
        return torch.where(spikes > 0, STEPS, torch.tensor(15.0)).amin(0)


class Read(nn.Module):
    """`read` of the spikes of all steps."""

    def __init__(self, read):
        super().__init__()
        self.net, self.read = Changed(lambda c: c), read

    def forward(self, x):
        return self.read(self.net(x))


@pytest.mark.parametrize(
    "read",
    [
        First(),
        lambda spikes: First.forward(None, spikes),
        lambda spikes: spikes.argmax(0),
        lambda spikes: spikes.max(0).indices,
        lambda spikes: (spikes * (15 - STEPS)).amax(0),
        lambda spikes: spikes.cummax(0).values.sum(0),
    ],
)
def test_the_time_of_a_first_spike_is_decoded_outside(read, tmp_path):
    with pytest.raises(InputError) as error:
        snnc.from_torch(Read(read), X, dt=1e-3)
    said = re.search(
        r"(exported\.run\(x\)\[\S+\]\.spikes\.argmax\(1\)) is the step .*\((exported\S+any\(1\))\)",
        str(error.value),
    )
    module = Read(nn.Identity())
    exported = snnc.from_torch(module, X, dt=1e-3, verbose=False).export("c", tmp_path / "net.c")
    names = {"exported": exported, "x": X}
    first, there = (eval(each, names) for each in said.groups())
    module.net.lif.reset_hidden()
    spikes = exported.run(X)["net.lif"].spikes
    assert there.any()
    assert not there.all()
    for sample, neuron in np.argwhere(there):
        assert spikes[sample, first[sample, neuron], neuron]
        assert not spikes[sample, : first[sample, neuron], neuron].any()


def test_of_the_input_it_is_no_remedy():
    with pytest.raises(InputError) as error:
        snnc.from_torch(Changed(lambda c: c, lambda x: x * (x.argmax(0) > 0)), X, dt=1e-3)
    assert "time of a first spike" not in str(error.value)
