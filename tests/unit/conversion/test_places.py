"""What is refused in a network's own code is told with the line of it."""

from __future__ import annotations

import inspect

import pytest
import snntorch
import torch
import torch.nn.functional as F
from torch import nn
from torch_networks import events

from snnc.conversion.convert import from_torch
from snnc.errors import InputError


class Net(nn.Module):
    def __init__(net, change):
        super().__init__()
        net.change, net.fc, net.lif = change, nn.Linear(4, 3), snntorch.Leaky(0.9)

    def forward(net, x):
        mem, spikes = net.lif.init_leaky(), []
        for step in net.change(x):  # the line that is told
            spk, mem = net.lif(net.fc(step), mem)
            spikes.append(spk)
        return torch.stack(spikes)


SOURCE, FIRST = inspect.getsourcelines(Net)
LINE = FIRST + next(number for number, line in enumerate(SOURCE) if "the line that is told" in line)


def shift_register(x):
    """Of as many places as steps, so that the tensor might be the steps of an output."""
    buffer, given = torch.zeros(len(x), *x.shape[1:]), []
    for step in x:
        buffer = torch.roll(buffer, 1, 0)
        buffer[0] = step
        given.append(buffer[3])
    return given


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (lambda x: x.roll(1, 0), "roll is not followed"),
        (lambda x: x.chunk(3, 1)[0], "chunk is not followed"),
        (lambda x: x[torch.arange(9, -1, -1)], "__getitem__ is not followed"),
        (shift_register, "only some steps of a tensor are set"),
        (lambda x: torch.relu(x - 1), "relu is no linear operation"),
        (lambda x: x.clamp(0, 1), "clamp is no linear operation"),
        (lambda x: F.one_hot(x.argmax(2), 4).float(), "argmax is no linear operation"),
        (lambda x: x.cumsum(2), "cumsum is not followed"),
        (lambda x: (x > 0.5).float(), r"gt in Net.forward \(line \d+ of test_places.py\) is a comparison"),
    ],
)
def test_the_line_is_told(change, name):
    with pytest.raises(InputError, match=name) as told:
        from_torch(Net(change), events(10, 3, 4), dt=1e-3)
    assert f"in Net.forward (line {LINE} of test_places.py)" in str(told.value)


def as_a_sum(pad, w, d, t):
    return sum(F.linear(pad[4 + t - k], w * (d == k)) for k in range(4))


class Synapses(nn.Module):
    """A delay for each synapse."""

    def __init__(self, current):
        super().__init__()
        self.current, self.lif = current, snntorch.Leaky(0.9, threshold=0.3)
        self.w, self.d = nn.Parameter(0.1 + torch.rand(3, 4)), torch.arange(12).reshape(3, 4) % 4

    def forward(self, x):
        pad, mem, spikes = F.pad(x, (0, 0, 0, 0, 4, 0)), self.lif.init_leaky(), []
        for t in range(len(x)):
            spk, mem = self.lif(self.current(pad, self.w, self.d, t), mem)
            spikes.append(spk)
        return torch.stack(spikes)


def test_delays_of_synapses_are_told_the_way_that_is_followed():
    with pytest.raises(InputError) as told:
        from_torch(Net(shift_register), events(10, 3, 4), dt=1e-3)
    said = "sum(F.linear(pad[D + t - k], w * (d == k)) for k in range(D + 1))"
    assert told.value.args[1].startswith(
        "If it is a ring buffer, give an example of more steps than it has places"
    )
    assert said in told.value.args[1]
    assert "'Delays of your own'" in told.value.args[1]


def test_the_way_is_followed():
    torch.manual_seed(0)
    module = Synapses(as_a_sum)
    found = from_torch(module, events(20, 3, 4), dt=1e-3)
    assert [each.different + each.through for each in found.agreement] == [0]
    synapses = found.graph.projections[0].synapses.as_list()
    delays = {
        (int(i), int(k)): int(s) for i, k, s in zip(synapses.post, synapses.pre, synapses.delay, strict=True)
    }
    assert delays == {(i, k): int(module.d[i, k]) for i in range(3) for k in range(4)}


class Past(nn.Module):
    """The same of spikes of a layer before it, kept in a list."""

    def __init__(self):
        super().__init__()
        self.fc, self.lif1 = nn.Linear(4, 5), snntorch.Leaky(0.9, threshold=0.2)
        self.w, self.d = nn.Parameter(0.1 + torch.rand(3, 5)), torch.arange(15).reshape(3, 5) % 4
        self.lif2 = snntorch.Leaky(0.8, threshold=0.4)

    def forward(self, x):
        one, two, past, spikes = self.lif1.init_leaky(), self.lif2.init_leaky(), [], []
        for t, step in enumerate(x):
            spk, one = self.lif1(self.fc(step), one)
            past.append(spk)
            current = sum(F.linear(past[t - k], self.w * (self.d == k)) for k in range(min(t + 1, 4)))
            spk, two = self.lif2(current, two)
            spikes.append(spk)
        return torch.stack(spikes)


def test_the_way_is_followed_of_past_spikes():
    torch.manual_seed(0)
    module = Past()
    found = from_torch(module, events(20, 3, 4), dt=1e-3)
    assert [each.different + each.through for each in found.agreement] == [0, 0]
    synapses = found.graph.projections[1].synapses.as_list()
    columns = (each.tolist() for each in (synapses.post, synapses.pre, synapses.delay))
    delays = {(post, pre): steps for post, pre, steps in zip(*columns, strict=True)}
    assert delays == {(i, k): int(module.d[i, k]) for i in range(3) for k in range(5)}
