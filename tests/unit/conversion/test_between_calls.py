"""Modules that keep a state from one call to the next: the contract begins each recording anew."""

from __future__ import annotations

import pytest
import snntorch
import torch
from changed_networks import check
from spikingjelly.activation_based import layer, neuron
from torch import nn
from torch_networks import events

from snnc.conversion.convert import from_torch
from snnc.errors import InputError

X = events(15, 3, 8)


class Carried(nn.Module):
    """Hears each step, and that of the step before: in the first, what `begins` says; then `ends` is told."""

    def __init__(self, begins, ends):
        super().__init__()
        torch.manual_seed(3)
        self.begins, self.ends = begins, ends
        self.fc, self.lif = nn.Linear(8, 12), snntorch.Leaky(0.9)
        nn.init.uniform_(self.fc.weight, 0, 0.8)
        self.register_buffer("last", torch.zeros(3, 8))
        self.first, self.kept, self.seen = None, {"steps": []}, []

    def forward(self, x):
        mem, found = self.lif.init_leaky(), []
        before = self.begins(self, x)
        for step in x:
            spikes, mem = self.lif(self.fc(step + before), mem)
            before = step
            found.append(spikes)
        self.ends(self, before)
        return torch.stack(found)


def nothing(module, x):
    return torch.zeros_like(x[0])


@pytest.mark.parametrize(
    ("begins", "ends", "name"),
    [
        (lambda m, x: m.last, lambda m, last: setattr(m, "last", last), "last"),
        (lambda m, x: m.last, lambda m, last: m.last.copy_(last), "last"),
        (
            lambda m, x: nothing(m, x) if m.first is None else m.first,
            lambda m, last: setattr(m, "first", last),
            "first",
        ),
        (
            lambda m, x: m.kept["steps"][-1] if m.kept["steps"] else nothing(m, x),
            lambda m, last: m.kept["steps"].append(last),
            "kept",
        ),
    ],
)
@pytest.mark.parametrize("inside", [False, True])
def test_what_a_second_call_hears_of_the_first(begins, ends, name, inside):
    module = Carried(begins, ends)
    path = f"0.{name}" if inside else name
    whole = nn.Sequential(module) if inside else module
    with pytest.raises(InputError) as error:
        from_torch(whole, X, dt=1e-3)
    assert error.value.args == (
        f"{type(whole).__name__} keeps a state from one call to the next ({path}), and gives something "
        "else of the same events after another call; the contract's networks begin each recording anew",
        "Set it in forward, before the first step, to what it is at the start of a recording",
    )
    assert not module.last.any()  # it is left as it was
    assert (module.first, module.kept) == (None, {"steps": []})


def test_what_is_kept_and_not_heard():
    """A log of what came, a count of calls, and a buffer that is set anew before it is read."""

    def ends(module, last):
        module.seen.append(last)
        module.first = last
        module.last = last

    def begins(module, x):
        module.last = torch.zeros_like(x[0])
        return module.last

    assert not from_torch(Carried(begins, ends), X, dt=1e-3).notes


def test_what_a_package_resets():
    """Users of SpikingJelly reset its layers between two recordings: `functional.reset_net`."""
    torch.manual_seed(3)
    weights = nn.Linear(8, 12)
    nn.init.uniform_(weights.weight, 0, 0.8)
    delays = layer.Delay(2, step_mode="m")
    check(nn.Sequential(delays, weights, neuron.IFNode(step_mode="m")))
