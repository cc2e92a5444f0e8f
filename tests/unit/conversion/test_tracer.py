"""Modules that cannot be traced are named, and every module is left as it was."""

from __future__ import annotations

import pytest
import torch
from spikingjelly.activation_based import neuron
from torch import nn
from torch_networks import Loop, events

from snnc.conversion.convert import from_torch
from snnc.errors import InputError


def test_a_refused_module_is_left_as_it_was():
    module = Loop(nn.Sequential(nn.Linear(4, 3), neuron.IFNode(), neuron.QIFNode()))
    with pytest.raises(InputError, match=r"step\.2 \(QIFNode\)"):
        from_torch(module, events(5, 2, 4), dt=0.01)
    assert module.training
    assert not any(each._forward_hooks or each._forward_pre_hooks for each in module.modules())


class Compiled(nn.Module):
    """What `torch.compile` makes keeps the module here; to import what makes it takes seconds."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self._orig_mod = module


@pytest.mark.parametrize("made", [Compiled, torch.jit.script])
def test_modules_that_hide_what_they_do_are_named(made):
    module = Loop(nn.Sequential(made(nn.Linear(4, 3)), neuron.IFNode()))
    with pytest.raises(InputError, match=r"^step\.0: is a \w+ module.*\nGive the module that it was made of"):
        from_torch(module, events(5, 2, 4), dt=0.01)


def test_a_module_of_one_step_is_told_to_be_called_in_a_loop():
    neurons = neuron.IFNode()
    step = nn.Sequential(nn.Conv2d(1, 2, 3), neurons)
    images = events(5, 2, 16).reshape(5, 2, 1, 4, 4)
    with pytest.raises(InputError, match=r"^the module fails .*conv2d.*\nIt takes one step a call"):
        from_torch(step, images, dt=0.01, layout="TNCHW")
    assert neurons.v == 0
    with pytest.raises(InputError, match=r"^the module fails on the example.*(?<!stacks what it gives)$"):
        from_torch(step, images.repeat(1, 1, 3, 1, 1), dt=0.01, layout="TNCHW")
    from_torch(Loop(step), images, dt=0.01, layout="TNCHW")


def test_a_class_is_decoded_by_the_network():
    class Class(Loop):
        def forward(self, x):
            return super().forward(x).sum(0).argmax(1)

    with pytest.raises(InputError, match=r"argmax is no linear operation .*\nReturn the scores"):
        from_torch(Class(nn.Sequential(nn.Linear(4, 3), neuron.IFNode())), events(5, 2, 4), dt=0.01)
