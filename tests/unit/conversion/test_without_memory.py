"""Tensors whose numbers lie in no one memory: sparse ones, and those within `torch.func`."""

from __future__ import annotations

import pytest
import snntorch
import torch
from torch import nn
from torch_networks import events

from snnc.conversion.convert import from_torch
from snnc.conversion.neurons import CONVERTERS, Cell, Gives, full_name
from snnc.conversion.tensors import equal, has_memory, memory
from snnc.errors import InputError

EYE = torch.eye(3)
WITHOUT = {
    "by coordinates": EYE.to_sparse(),
    "csr": EYE.to_sparse_csr(),
    "csc": EYE.to_sparse_csc(),
    "jagged": torch.nested.nested_tensor([torch.ones(2), torch.ones(3)], layout=torch.jagged),
}


@pytest.mark.parametrize("tensor", WITHOUT.values(), ids=WITHOUT)
def test_their_memory_is_their_own(tensor) -> None:
    assert not has_memory(tensor)
    assert memory(tensor) == id(tensor)


def test_views_share_a_memory_and_no_error_is_caught() -> None:
    class Broken(torch.Tensor):
        def untyped_storage(self):
            raise RuntimeError("of another cause")

    assert memory(EYE[1]) == memory(EYE)
    assert equal(EYE.to_sparse(), EYE)
    assert not equal(EYE.to_sparse(), 2 * EYE)
    with pytest.raises(RuntimeError, match="of another cause"):
        memory(EYE.as_subclass(Broken))


def test_within_torch_func_there_is_none() -> None:
    seen = []
    torch.vmap(lambda each: seen.append((has_memory(each), memory(each) == id(each))) or each)(EYE)
    torch.func.functionalize(lambda each: seen.append((has_memory(each), memory(each) == id(each))) or each)(
        EYE
    )
    assert seen == [(False, True)] * 2


class Net(nn.Module):
    def __init__(self, change):
        super().__init__()
        self.change, self.fc, self.lif = change, nn.Linear(3, 4), snntorch.Leaky(0.9, threshold=0.5)

    def forward(self, x):
        mem, spikes = self.lif.init_leaky(), []
        for step in self.change(x):
            spk, mem = self.lif(self.fc(step), mem)
            spikes.append(spk)
        return torch.stack(spikes)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda x: x.reshape(-1, 3).to_sparse_csr().to_dense().reshape(x.shape),
            "to_sparse_csr is no linear operation",
        ),
        (
            lambda x: torch.func.jvp(lambda each: each * 2, (x,), (x,))[0],
            "as far as functions of PyTorch tell",
        ),
    ],
)
def test_a_module_that_makes_them_is_not_said_to_fail(change, said) -> None:
    with pytest.raises(InputError, match=said) as found:
        from_torch(Net(change), events(12, 3, 3), dt=1e-3)
    assert "fails on the example" not in str(found.value)


class Mixing(nn.Module):
    """Neurons whose sparse weights are made anew in each call."""

    def __init__(self):
        super().__init__()
        self.v, self.mixes = 0.0, EYE.to_sparse()

    def forward(self, x):
        self.v = 0.9 * self.v + torch.sparse.mm(self.mixes, x.T).T
        spikes = (self.v > 0.5).to(x)
        self.v, self.mixes = self.v * (1 - spikes), EYE.to_sparse()
        return spikes


def mixing(module, name):
    def clear():
        module.v = 0.0

    parameters = {"keep_u": 0.0, "keep_v": 0.9, "threshold": 0.5, "reset": "zero"}
    return Cell(
        name, parameters, gives=lambda args, kwargs, output: Gives(args[0], spikes=output), clear=clear
    )


def test_neurons_may_hold_them(monkeypatch) -> None:
    monkeypatch.setitem(CONVERTERS, full_name(Mixing), mixing)

    class Loop(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc, self.neurons = nn.Linear(3, 3), Mixing()

        def forward(self, x):
            return torch.stack([self.neurons(self.fc(step)) for step in x])

    found = from_torch(Loop(), events(12, 3, 3), dt=1e-3)
    assert [each.different + each.through for each in found.agreement] == [0]


def test_sparse_weights_are_weights() -> None:
    weight = torch.tensor([[0.0, 2, 0], [1, 0, 0], [0, 0, 3]])
    found = from_torch(Net(lambda x: [step @ weight.to_sparse() for step in x]), events(12, 3, 3), dt=1e-3)
    dense = from_torch(Net(lambda x: [step @ weight for step in x]), events(12, 3, 3), dt=1e-3)
    assert len(found.graph.projections) == len(dense.graph.projections) == 1
    assert [each.different + each.through for each in found.agreement] == [0]
