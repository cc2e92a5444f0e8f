"""Examples and modules of other kinds of numbers: 64 bits, 16 bits, none; and letters of layouts."""

from __future__ import annotations

import pytest
import snntorch
import torch
from spikingjelly.activation_based import neuron
from torch import nn
from torch_networks import Loop, events

from snnc.conversion.convert import from_torch
from snnc.errors import InputError

X = events(40, 6, 8)


def net(step=None):
    torch.manual_seed(2)
    return Loop(nn.Sequential(step or nn.Linear(8, 20), snntorch.Leaky(0.9, init_hidden=True)))


class Cast(nn.Linear):
    """Computed in 16 bits."""

    def __init__(self, kind):
        super().__init__(8, 20)
        self.kind = kind

    def forward(self, x):
        with torch.autocast("cpu", dtype=self.kind):
            return super().forward(x)


@pytest.mark.parametrize(
    ("module", "example", "wanted"),
    [(net(), X.double(), "float32"), (net().double(), X, "float64"), (net().half(), X, "float16")],
)
def test_an_example_of_another_type_names_the_cast(module, example, wanted):
    with pytest.raises(InputError, match=r"the module fails on the example") as told:
        from_torch(module, example, dt=1e-3)
    assert told.value.args[1].endswith(f"give example.to(torch.{wanted})")
    assert len(told.value.args) == 2


def test_a_module_on_meta_is_refused():
    with pytest.raises(
        InputError, match=r"^the module's step\.0\.weight has no numbers \(device meta\)\nMake"
    ):
        from_torch(net().to("meta"), X, dt=1e-3)


def test_autocast_is_told_where_it_makes_a_difference():
    module = net(Cast(torch.bfloat16))
    with pytest.raises(InputError, match="module and network differ") as told:
        from_torch(module, X, dt=1e-3, least_agreement=1)
    assert told.value.args[1].startswith("In 'step.0', Cast.forward (line ")
    assert "linear computes in torch.bfloat16 (torch.autocast), 16 bits" in told.value.args[1]
    assert "leave torch.autocast out of forward" in told.value.args[1]


def test_autocast_is_told_where_it_makes_none():
    found = from_torch(net(Cast(torch.float16)), X[:12, :1], dt=1e-3, least_agreement=0.5)
    assert any("linear computes in torch.float16 (torch.autocast)" in note for note in found.notes)


def test_a_module_of_16_bits_is_told_so():
    with pytest.raises(InputError, match="module and network differ") as told:
        from_torch(net().bfloat16(), X.bfloat16(), dt=1e-3, least_agreement=1)
    assert told.value.args[1].startswith("The module computes in torch.bfloat16, 16 bits")


def in_16_bits(network):
    """What the notes say of 16 bits."""
    return [note for note in network.notes if "16 bits" in note]


class Inside(nn.Module):
    """`inner` between two casts."""

    def __init__(self, inner, kind):
        super().__init__()
        self.inner, self.kind = inner, kind

    def forward(self, x):
        return self.inner(x.to(self.kind)).float()


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16])
def test_modules_of_16_bits_are_told_where_it_makes_no_difference(kind):
    few = X[:12, :1]
    whole = from_torch(net().to(kind), few.to(kind), dt=1e-3, least_agreement=0.5)
    told = f"the module computes in {kind}, 16 bits; the network is of real numbers"
    assert in_16_bits(whole) == [told]
    part = net(Inside(nn.Linear(8, 20).to(kind), kind))
    told = f"the module's step.0.inner.weight is of {kind}, 16 bits; the network is of real numbers"
    assert in_16_bits(from_torch(part, few, dt=1e-3, least_agreement=0.5)) == [told]
    part = Loop(nn.Sequential(nn.Linear(8, 20), Inside(neuron.IFNode(), kind)))
    told = f"the neurons step.1.inner compute in {kind}, 16 bits; the network is of real numbers"
    assert in_16_bits(from_torch(part, few, dt=1e-3, least_agreement=0.5)) == [told]
    for module in (net(), net().double()):
        example = few.to(next(module.parameters()).dtype)
        assert not in_16_bits(from_torch(module, example, dt=1e-3))


def test_an_inner_module_of_16_bits_is_told_where_it_makes_a_difference():
    kind = torch.bfloat16
    inside = Inside(nn.Linear(8, 20).to(kind), kind)
    with pytest.raises(InputError, match="module and network differ") as told:
        from_torch(net(inside), X, dt=1e-3, least_agreement=1)
    assert told.value.args[1] == (
        "The module's step.0.inner.weight is of torch.bfloat16, 16 bits, which round more than the network: "
        "give module.float(), and leave such casts out of forward, or pass a smaller least_agreement"
    )
    inside.kind = torch.float32
    from_torch(net(inside).float(), X, dt=1e-3)


@pytest.mark.parametrize(("layout", "meant"), [("TBC", "TNC"), ("btc", "NTC")])
def test_recordings_are_n(layout, meant):
    said = rf"^layout '{layout}' has no letter N, .*; did you mean '{meant}'\?$"
    with pytest.raises(InputError, match=said):
        from_torch(net(), X, dt=1e-3, layout=layout)


@pytest.mark.parametrize("layout", ["T-C", "TCC", "TTN", "T C"])
def test_layouts_are_of_letters(layout):
    with pytest.raises(InputError, match=rf"^layout '{layout}' does not fit an example"):
        from_torch(net(), X, dt=1e-3, layout=layout)
