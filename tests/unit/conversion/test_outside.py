"""What a run does to neurons and tensors where their own calls, and functions of PyTorch, do not tell."""

from __future__ import annotations

import ctypes

import numpy as np
import pytest
import snntorch
import torch
from spikingjelly.activation_based import neuron
from torch import nn
from torch_networks import events

from snnc.conversion.convert import from_torch
from snnc.errors import InputError

X = events(20, 3, 8)


class Steps(nn.Module):
    """A layer in a loop; `first` is done before it, `between` after each step, `current` to what arrives."""

    def __init__(self, lif, first=lambda net, x: None, between=lambda net: None, current=lambda c: c):
        super().__init__()
        torch.manual_seed(1)
        self.fc, self.lif = nn.Linear(8, 12), lif
        self.first, self.between, self.current = first, between, current

    def forward(self, x):
        if hasattr(self.lif, "reset_mem"):
            self.lif.reset_mem()
        self.first(self, x)
        spikes = []
        for step in x:
            spikes.append(self.lif(self.current(3 * self.fc(step))))
            self.between(self)
        return torch.stack(spikes)


def leaky():
    return snntorch.Leaky(0.9, init_hidden=True)


def said(net, x=X):
    with pytest.raises(InputError) as error:
        from_torch(net, x, dt=1e-3)
    return error.value.args


def far_below(net):
    net.lif.mem = net.lif.mem.clamp(min=-50.0)  # which no event of these reaches


def far_below_in_place(net):
    net.lif.mem.clamp_(min=-50.0)


def far_below_v(net):
    net.lif.v = net.lif.v.clamp(min=-50.0)


def far_below_by_data(net):
    net.lif.mem.data.clamp_(min=-50.0)


def far_below_as_data(net):
    net.lif.mem.data = net.lif.mem.clamp(min=-50.0)


def far_below_in_numpy(net):
    np.maximum(net.lif.mem.detach().numpy(), -50.0, out=net.lif.mem.detach().numpy())


def kept_in_numpy(net):
    net.seen = net.lif.mem.detach().numpy().copy()


def looked_at(net):
    assert net.lif.mem.max().item() < 1e6


@pytest.mark.parametrize("between", [far_below_in_numpy, kept_in_numpy, looked_at])
def test_a_state_that_is_read_is_noted_and_not_called_set(between):
    """NumPy may change what it reads, and nothing tells."""
    (note, *_) = from_torch(Steps(leaky(), between=between), X, dt=1e-3).notes
    assert "takes numbers out of what depends on the input" in note


@pytest.mark.parametrize("between", [far_below_in_place, far_below_by_data, far_below_as_data])
def test_a_state_whose_memory_is_changed(between):
    first, remedy = said(Steps(leaky(), between=between))
    assert first.startswith("lif: its mem is set outside of it, by ")
    assert remedy.startswith("Leave it to the module")


@pytest.mark.parametrize(
    ("lif", "between", "state"),
    [
        (leaky, far_below, "mem"),
        (neuron.IFNode, far_below_v, "v"),
    ],
)
def test_a_state_that_is_set_between_two_calls(lif, between, state):
    first, remedy = said(Steps(lif(), between=between))
    assert first.startswith("lif (")
    assert first.endswith(f": its {state} is set outside of it, between two calls")
    assert remedy.startswith("Leave it to the module")


def test_a_state_that_is_only_detached_is_as_it_was():
    def detached(net):
        net.lif.mem = net.lif.mem.detach()

    found = from_torch(Steps(leaky(), between=detached), X, dt=1e-3)
    assert [each.different for each in found.agreement] == [0]
    assert found.notes == ()


@pytest.mark.parametrize(
    ("lif", "what"), [(leaky, "threshold"), (leaky, "beta"), (neuron.IFNode, "v_threshold")]
)
def test_a_parameter_that_the_input_sets(lif, what):
    def set_to(net, x):
        setattr(net.lif, what, getattr(net.lif, what) + 0.5 * (x.mean() > 0.99))

    first, *_ = said(Steps(lif(), first=set_to))
    assert first.endswith(f": its {what} is set to what depends on the input")


def test_a_parameter_that_is_set_to_a_number_is_one():
    def set_to(net, x):
        net.lif.threshold = torch.tensor(0.7)

    found = from_torch(Steps(leaky(), first=set_to), X, dt=1e-3)
    assert float(found.graph.populations[1].threshold[0]) == pytest.approx(0.7)


def test_a_parameter_that_another_step_has_otherwise():
    def grows(net):
        net.lif.threshold = net.lif.threshold + 0.01

    first, *_ = said(Steps(leaky(), between=grows))
    assert first.endswith(": its threshold is another in a later call")


def clipped(c):
    """Of the example nothing is that large."""
    c[c > 50.0] = 50.0
    return c


def clipped_at(c):
    rows, lines = torch.where(c > 50.0)
    c[rows, lines] = 50.0
    return c


def silenced(c):
    c[(c > 50.0).any(1)] = 0
    return c


@pytest.mark.parametrize("current", [clipped, clipped_at, silenced])
def test_places_that_the_input_decides_though_the_example_has_none(current):
    first, *_ = said(Steps(leaky(), current=current))
    assert "gt in Steps.forward (line " in first or "where" in first


def in_python(c):
    c.apply_(lambda number: min(number, 50.0))
    return c


def by_another(c):
    c.map_(c, lambda number, other: min(number, 50.0))
    return c


@torch.jit.script
def scripted(c: torch.Tensor) -> torch.Tensor:
    c.clamp_(max=50.0)
    return c


def in_script(c):
    scripted(c)
    return c


def in_new_memory(c):
    c.set_(c.clamp(max=50.0))
    return c


@pytest.mark.parametrize("current", [in_python, by_another, in_script, in_new_memory])
def test_what_pytorch_does_not_tell_changes_a_tensor(current):
    first, *_ = said(Steps(leaky(), current=current))
    assert first.startswith("lif: what arrives cannot be followed: ")
    told = (
        "apply_",
        "map_",
        "scripted scripted is not followed",
        "changed in place where functions of PyTorch",
    )
    assert any(each in first for each in told)


def halved_if_any(c):
    return c * 0.5 if torch.where(c > 50.0)[0].numel() else c


def halved_if_told(c):
    return c * 0.5 if "50." in repr(c.max()) else c


def halved_if_kept(c):
    return c * 0.5 if (c > 50.0).to_sparse()._nnz() else c


def halved_if_at(c):
    numbers = (ctypes.c_float * c.numel()).from_address(c.data_ptr())
    return c * 0.5 if max(numbers) > 50.0 else c


def halved_if_found(c):
    return c * 0.5 if len(torch.ops.aten.nonzero(c > 50.0)) else c


@pytest.mark.parametrize(
    "current", [halved_if_any, halved_if_told, halved_if_kept, halved_if_at, halved_if_found]
)
def test_numbers_that_are_taken_out_are_noted(current):
    (note, *_) = from_torch(Steps(leaky(), current=current), X, dt=1e-3).notes
    assert "takes numbers out of what depends on the input" in note


def test_neurons_that_leak_with_events_alone():
    """An example in which no step is silent does not show it, nor do fuller events."""

    class WithEvents(snntorch.Leaky):
        def forward(self, current):
            before = self.mem if self.mem.numel() else torch.zeros_like(current)
            spikes = super().forward(current)
            silent = (current == 0).all(1, keepdim=True)
            self.mem = torch.where(silent, before, self.mem)
            return spikes

    net = Steps(WithEvents(0.8, init_hidden=True))
    nn.init.zeros_(net.fc.bias)
    first, *_ = said(net, events(20, 3, 8, share=0.8))
    assert "on other events, in few of the steps, module and network differ" in first
