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
