"""Weighted sums and encodings in ways that are not followed: the remedy is one that works."""

from __future__ import annotations

import numpy as np
import pytest
import snntorch
import torch
import torch.nn.functional as F
from snntorch import spikegen
from torch import nn
from torch_networks import Loop, events

from snnc.conversion.convert import from_torch
from snnc.conversion.functions.nearest import NAMED
from snnc.errors import InputError

X = events(10, 3, 4)
LINEAR = (
    "Write a sum that weights make as nn.functional.linear(x, W) or x @ W.T, W dense and of two dimensions, "
    "features of x flattened"
)
OUTSIDE = (
    "If it makes whole events, 0 .. 255, compute it outside of the module, and give the module these; else "
    "leave it out, or use a constant factor in its place, and train again"
)


class Weighted(nn.Module):
    """`weigh` of what arrives and of weights [5, 4]."""

    def __init__(self, weigh):
        super().__init__()
        self.weigh, self.weight = weigh, nn.Parameter(torch.randn(5, 4))

    def forward(self, x):
        return self.weigh(x, self.weight)


def read(*parts):
    torch.manual_seed(0)
    return from_torch(Loop(nn.Sequential(*parts)), X, dt=1e-3)


@pytest.mark.parametrize(
    ("weigh", "said"),
    [
        (lambda x, w: torch.bmm(x.unsqueeze(1), w.t().expand(len(x), -1, -1))[:, 0], "bmm is not followed"),
        (lambda x, w: torch.tensordot(x, w, ([1], [1])), "tensordot is not followed"),
        (lambda x, w: torch.sparse.mm(w.to_sparse(), x.t()).t(), "_sparse_mm is not followed"),
        (lambda x, w: (w @ x.unsqueeze(-1)).squeeze(-1), "its first factor is a constant"),
        (lambda x, w: torch.matmul(x.unsqueeze(1), w.t().unsqueeze(0))[:, 0], "weights have 3 dimensions"),
    ],
)
def test_sums_that_weights_make_are_told_how_they_are_followed(weigh, said) -> None:
    with pytest.raises(InputError) as told:
        read(Weighted(weigh), snntorch.Leaky(0.9, init_hidden=True))
    assert f"{said}\n{LINEAR}" in "\n".join(told.value.args)
    assert len(told.value.args) == 2


@pytest.mark.parametrize(
    ("weigh", "said"),
    [
        (
            lambda x, w: torch.einsum("...i,oi->...o", x, w),
            f"it names no dimension by a letter, or not those of its result\n{NAMED}",
        ),
        (
            lambda x, w: torch.einsum("bi,bi->bi", x, w[:3]),
            "einsum is not followed: its weights differ by step or recording\n",
        ),
    ],
)
def test_other_einsums_are_told_why(weigh, said) -> None:
    with pytest.raises(InputError) as told:
        read(Weighted(weigh), snntorch.Leaky(0.9, init_hidden=True))
    assert said in "\n".join(told.value.args)


@pytest.mark.parametrize(
    "weigh",
    [
        F.linear,
        lambda x, w: x @ w.T,
        lambda x, w: (x.unsqueeze(1) * w).sum(-1),
        lambda x, w: torch.einsum("bi,oi->bo", x, w),
        lambda x, w: torch.einsum("io, bi -> ob", w.T, x).T,
        lambda x, w: torch.einsum("bij,oij->bo", [x.unflatten(1, (2, 2)), w.unflatten(1, (2, 2))]),
        lambda x, w: torch.einsum("bi,oi,o->bo", x, w, torch.ones(5)),
        lambda x, w: (w.T * x[:, :, None]).sum(1),
        lambda x, w: (x * w.unsqueeze(1)).sum(-1).T,
        lambda x, w: (x.unsqueeze(1) / (1 / w)).sum(2),
    ],
)
def test_the_remedy_is_followed(weigh) -> None:
    module = Weighted(weigh)
    found = read(module, snntorch.Leaky(0.9, init_hidden=True))
    assert [each.different + each.through for each in found.agreement] == [0]
    (synapses,) = (each.synapses for each in found.graph.projections)
    expected = module.weight.detach().double().numpy()
    np.testing.assert_allclose(synapses.weight, expected, rtol=1e-6)  # divided by its inverse in 32 bits


def test_a_constant_makes_no_recordings() -> None:
    module = Loop(
        nn.Sequential(Weighted(lambda x, w: x * torch.ones(3, 1)), snntorch.Leaky(0.9, init_hidden=True))
    )
    with pytest.raises(InputError, match="it repeats steps or recordings"):
        from_torch(module, events(10, 1, 4), dt=1e-3)


def test_spikes_that_weigh_spikes_are_told_so() -> None:
    with pytest.raises(InputError, match=r"einsum is not followed: it multiplies .*\nSpikes weigh no spikes"):
        read(Weighted(lambda x, w: torch.einsum("bi,bi->bi", x, x)), snntorch.Leaky(0.9, init_hidden=True))


class Encoded(nn.Module):
    def __init__(self, encode):
        super().__init__()
        self.encode = encode
        self.step = Loop(nn.Sequential(nn.Linear(4, 5), snntorch.Leaky(0.9, init_hidden=True)))

    def forward(self, x):
        return self.step(self.encode(x))


@pytest.mark.parametrize(
    "encode",
    [
        lambda x: spikegen.rate(x[0], num_steps=len(x)),
        lambda x: x[:1].repeat(len(x), 1, 1),
        lambda x: x / (x.sum(-1, keepdim=True) + 1),
        lambda x: x / x.amax(),
        lambda x: torch.stack([step / (step.sum(-1, keepdim=True) + 1) for step in x]),
    ],
)
def test_what_encodes_the_input_is_to_be_done_outside(encode) -> None:
    with pytest.raises(InputError, match="cannot be followed: ") as told:
        from_torch(Encoded(encode), X, dt=1e-3)
    assert told.value.args[1:] == (OUTSIDE,)


def test_products_behind_weights_are_no_encoding() -> None:
    class Gated(nn.Module):
        def __init__(self):
            super().__init__()
            self.one, self.other = nn.Linear(4, 4), nn.Linear(4, 4)

        def forward(self, x):
            return self.one(x) * self.other(x)

    with pytest.raises(InputError, match="both depend on the input") as told:
        from_torch(Encoded(Gated()), X, dt=1e-3)
    assert OUTSIDE not in told.value.args


class Clamped(nn.Module):
    """Neurons without a converter whose v has a least value."""

    def __init__(self):
        super().__init__()
        self.v = 0.0

    def forward(self, x):
        self.v = torch.clamp(0.9 * self.v + x, min=-1)
        spikes = (self.v > 1).float()
        self.v = self.v - spikes
        return spikes


def test_what_neurons_of_ones_own_clamp_is_told_to_register_them() -> None:
    with pytest.raises(InputError, match=r"in 'step\.1', Clamped.*, clamp is no linear") as told:
        read(nn.Linear(4, 5), Clamped(), nn.Linear(5, 2), snntorch.Leaky(0.9, init_hidden=True))
    assert told.value.args[1:] == (
        "Put neurons that spike in its place, and train with them; if 'step.1' computes neurons itself, "
        "register it: snnc.converter (docs/from_torch.md)",
    )


class Soft(nn.Module):
    """Neurons without a converter that spike by a sigmoid, with a recurrent layer in them or without."""

    def __init__(self, *parts):
        super().__init__()
        self.parts = nn.Sequential(*parts)

    def forward(self, x):
        return torch.sigmoid(self.parts(x) - 1)


class Alone(nn.Module):
    """As `Soft`, without a part."""

    def forward(self, x):
        return torch.sigmoid(x - 1)


@pytest.mark.parametrize("neurons", [Alone(), Soft(nn.Linear(5, 5))])
def test_neurons_of_ones_own_that_spike_by_a_sigmoid_are_told_to_be_registered(neurons: nn.Module) -> None:
    with pytest.raises(InputError, match="sigmoid is no linear") as told:
        read(nn.Linear(4, 5), neurons, nn.Linear(5, 2), snntorch.Leaky(0.9, init_hidden=True))
    (remedy,) = told.value.args[1:]
    assert "if 'step.1' computes neurons itself, register it: snnc.converter" in remedy
    assert remedy.startswith("Put neurons") or "Elsewhere put neurons" in remedy


def test_activations_of_pytorch_are_no_neurons() -> None:
    with pytest.raises(InputError, match=r"relu is no linear .*\nPut neurons .*, and train with them$"):
        read(nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 2), snntorch.Leaky(0.9, init_hidden=True))


EVENTS = (
    "Leave it out if it changes none of your events, which are whole numbers from 0 up; if it makes others "
    "of them, 0 .. 255, compute it outside of the module, and give the module these; else train without it"
)


@pytest.mark.parametrize("encode", [lambda x: x.clamp(0, 1), torch.relu, lambda x: x.flip(-1).abs()])
def test_what_changes_no_event_is_to_be_left_out(encode) -> None:
    with pytest.raises(InputError, match="is no linear operation that snnc follows") as told:
        from_torch(Encoded(encode), X, dt=1e-3)
    assert told.value.args[1:] == (EVENTS,)
    assert torch.equal(encode(X), X) or torch.equal(encode(X), X.flip(-1))


@pytest.mark.parametrize(
    "change", [lambda x: (x - 0.5).abs(), lambda x: (2 * x).clamp(0, 1), lambda x: (x + x.flip(-1)).sqrt()]
)
def test_what_changes_sums_of_events_is_not(change) -> None:
    with pytest.raises(InputError, match="is no linear operation that snnc follows") as told:
        from_torch(Encoded(change), X, dt=1e-3)
    assert told.value.args[1:] == ("Put neurons that spike in its place, and train with them",)
