"""Ring buffers of spikes in a module's own loop: what is followed, and what is said of the others."""

from __future__ import annotations

from collections import deque

import pytest
import snntorch
import torch
import torch.nn.functional as F
from torch import nn
from torch_networks import events

from snnc.conversion.convert import from_torch
from snnc.errors import InputError

D = 4
DELAY = torch.tensor([[0, 3, 1, 2], [1, 1, 3, 0], [2, 0, 0, 3]])


class Ring(nn.Module):
    """A delay for each synapse, by what `kept` gives for each step: a list of the last `D` steps, 0 first."""

    def __init__(self, kept):
        super().__init__()
        self.kept, self.fc, self.lif = kept, nn.Linear(4, 3, bias=False), snntorch.Leaky(0.9)

    def forward(self, x):
        mem, spikes = self.lif.init_leaky(), []
        for past in self.kept(x):
            current = sum(F.linear(past[k], self.fc.weight * (k == DELAY)) for k in range(D))
            spk, mem = self.lif(current, mem)
            spikes.append(spk)
        return torch.stack(spikes)


def steps_first(x):
    ring = torch.zeros(D, *x.shape[1:])
    for t in range(len(x)):
        ring[t % D] = x[t]
        yield [ring[(t - k) % D] for k in range(D)]


def recordings_first(x):
    ring = torch.zeros(x.shape[1], D, 4)
    for t in range(len(x)):
        ring[:, t % D] = x[t]
        yield [ring[:, (t - k) % D].view(-1, 4) for k in range(D)]


def cloned(x):
    ring = torch.zeros(D, *x.shape[1:])
    for t in range(len(x)):
        ring = ring.clone()
        ring[t % D] = x[t]
        yield [ring[(t - k) % D] for k in range(D)]


def history(x):
    steps = torch.zeros(len(x) + D, *x.shape[1:])
    for t in range(len(x)):
        steps[t + D] = x[t]
        yield [steps[t + D - k] for k in range(D)]


def by_list(x):
    ring = [torch.zeros(x.shape[1:])] * D
    for t in range(len(x)):
        ring[t % D] = x[t]
        yield [ring[(t - k) % D] for k in range(D)]


def by_deque(x):
    ring = deque([torch.zeros(x.shape[1:])] * D, maxlen=D)
    for step in x:
        ring.appendleft(step)
        yield list(ring)


@pytest.mark.parametrize("kept", [steps_first, recordings_first, cloned, history, by_list, by_deque])
def test_rings_of_steps_are_delays_of_synapses(kept) -> None:
    torch.manual_seed(1)
    module = Ring(kept)
    found = from_torch(module, events(12, 3, 4, share=0.6), dt=0.001)
    assert [each.different + each.through for each in found.agreement] == [0]
    own = found.graph.projections[0].synapses.as_list()
    given = {(i, o): (module.fc.weight[o, i].item(), int(DELAY[o, i])) for o in range(3) for i in range(4)}
    read = zip(own.pre.tolist(), own.post.tolist(), own.weight.tolist(), own.delay.tolist(), strict=True)
    assert {(i, o): (pytest.approx(weight, rel=1e-6), delay) for i, o, weight, delay in read} == given


def read_before_it_is_set(x):
    ring = torch.zeros(D, *x.shape[1:])
    for t in range(len(x)):
        oldest = ring[t % D]
        ring[t % D] = x[t]
        yield [oldest] * D


def of_constants(x):
    ring = torch.ones(D, *x.shape[1:])
    for t in range(len(x)):
        ring[t % D] = x[t]
        yield [ring[(t - k) % D] for k in range(D)]


def zeroed(x):
    ring = torch.zeros(D, *x.shape[1:])
    for t in range(len(x)):
        ring[t % D] = x[t]
        ring[(t - 1) % D].zero_()
        yield [ring[(t - k) % D] for k in range(D)]


def added(x):
    ring = torch.zeros(D, *x.shape[1:])
    for t in range(len(x)):
        for k in range(D):
            ring[(t + k) % D] += x[t]
        yield [ring[t % D].clone()] * D
        ring[t % D] = 0


@pytest.mark.parametrize("kept", [read_before_it_is_set, zeroed, added])
def test_what_is_changed_by_another_view_names_the_line_and_the_remedy(kept) -> None:
    with pytest.raises(InputError, match="changes it in place, by another view of its memory") as told:
        from_torch(Ring(kept), events(12, 3, 4, share=0.6), dt=0.001)
    assert "cannot be followed: in Ring.forward (line " in str(told.value)
    assert told.value.args[-1] == (
        "Make a new tensor (x = x + y), and keep steps in a list or a deque of Python, not in parts of one "
        "tensor"
    )


def test_a_ring_that_begins_with_constants_is_refused() -> None:
    with pytest.raises(InputError, match=r"cannot be followed: .*tensor"):
        from_torch(Ring(of_constants), events(12, 3, 4, share=0.6), dt=0.001)


def test_the_remedy_of_what_is_added_is_followed() -> None:
    def by_new_tensors(x):
        ring = [torch.zeros(x.shape[1:])] * D
        for t in range(len(x)):
            for k in range(D):
                ring[(t + k) % D] = ring[(t + k) % D] + x[t]
            yield [ring[t % D]] * D
            ring[t % D] = torch.zeros(x.shape[1:])

    found = from_torch(Ring(by_new_tensors), events(12, 3, 4, share=0.6), dt=0.001)
    assert [each.different + each.through for each in found.agreement] == [0]
    assert set(found.graph.projections[0].synapses.as_list().delay.tolist()) == set(range(D))
