"""What is said of functions that are not followed, before a layer and between two of them."""

from __future__ import annotations

import pytest
import snntorch
import torch
from torch import nn
from torch.nn.modules.module import register_module_forward_pre_hook
from torch_networks import Loop, events

from snnc.conversion.convert import from_torch
from snnc.conversion.neurons import Cell, converter
from snnc.errors import InputError

OUTSIDE = (
    "If it makes whole events, 0 .. 255, compute it outside of the module, and give the module these; else "
    "leave it out, or use a constant factor in its place, and train again"
)
LOGIC = "Put neurons in its place that keep nothing (keep_v 0) and hear both by weights of 1"
MASKS = "Spikes mask no spikes in the contract"
PRODUCT = "Spikes weigh no spikes in the contract"
CHOOSE = "As an output: return the scores"
FLOATS = "Cast to float before it: x.float()"
X = events(30, 3, 4)


def running_max(x):
    most, found = torch.zeros_like(x[0]), []
    for step in x:
        most = torch.maximum(most, step)
        found.append(most)
    return torch.stack(found)


class Net(nn.Module):
    """Two layers; `before` them, or `between` them, another function of all steps."""

    def __init__(self, before=lambda x: x, between=lambda x: x):
        super().__init__()
        torch.manual_seed(0)
        self.before, self.between = before, between
        self.one, self.two = (
            Loop(nn.Sequential(nn.Linear(n, 5), snntorch.Leaky(0.9, threshold=0.3, init_hidden=True)))
            for n in (4, 5)
        )

    def forward(self, x):
        return self.two(self.between(self.one(self.before(x))))


def said(**changes):
    with pytest.raises(InputError) as error:
        from_torch(Net(**changes), X, dt=1e-3)
    return error.value.args


@pytest.mark.parametrize(
    "before",
    [
        running_max,
        lambda x: x.cummax(0).values,
        lambda x: x.sort(0).values,
        lambda x: x.topk(2, 2).values.sum(2, keepdim=True).expand(-1, -1, 4),
        lambda x: x * torch.linspace(1, 2, len(x))[:, None, None],
        lambda x: x * x.roll(1, 2),
    ],
    ids=["running max", "cummax", "sort", "topk", "by step", "product"],
)
def test_what_the_input_alone_decides_is_computed_outside(before):
    assert OUTSIDE in said(before=before)


@pytest.mark.parametrize(
    ("between", "remedy"),
    [
        (lambda s: s * (s.sum(2, keepdim=True) < 3), MASKS),
        (lambda s: torch.where(s.sum(2, keepdim=True) < 3, s, 0 * s), MASKS),
        (lambda s: s * s.roll(1, 2), PRODUCT),
        (lambda s: torch.where(s.roll(1, 2).bool(), 0 * s, s), PRODUCT),
        (lambda s: torch.logical_or(s.bool(), s.roll(1, 2).bool()).float(), LOGIC),
        (lambda s: (s.bool() & s.roll(1, 2).bool()).float(), LOGIC),
        (lambda s: s.round(), "Leave it out if it changes no spike"),
        (lambda s: s * nn.functional.one_hot(s.argmax(2), 5), CHOOSE),
        (lambda s: torch.zeros_like(s).scatter(2, s.topk(2, 2).indices, 1.0), CHOOSE),
        (lambda s: s * (s == s.amax(2, keepdim=True)), CHOOSE),
        (lambda s: s * torch.linspace(1, 2, len(s))[:, None, None], "Use the same constant in each step"),
    ],
    ids=[
        "mask",
        "where",
        "product",
        "where spikes",
        "or",
        "and",
        "round",
        "argmax",
        "topk",
        "largest",
        "by step",
    ],
)
def test_what_spikes_decide_is_none_of_the_contract(between, remedy):
    _, *remedies = said(between=between)
    assert [each.startswith(remedy) for each in remedies] == [True]


@pytest.mark.parametrize(
    "before",
    [
        lambda x: (x.to(torch.uint8) * torch.tensor(200, dtype=torch.uint8)).float() / 200,
        lambda x: (x.to(torch.uint8) + x.to(torch.uint8)).float() / 2,
        lambda x: (x.to(torch.int8) * 100).float() / 100,
        lambda x: (x.to(torch.int16) + 7).float(),
    ],
    ids=["uint8 product", "uint8 sum", "int8", "int16"],
)
def test_integers_of_few_bits_are_not_followed_as_they_wrap(before):
    first, *remedies = said(before=before)
    assert "in Net.forward (line " in first
    assert "whose numbers wrap beyond" in first
    assert remedies == [FLOATS]


def test_integers_of_few_bits_that_only_move_are_followed():
    mask = torch.tensor([1, 0, 1, 1], dtype=torch.uint8)
    found = from_torch(Net(before=lambda x: (x.to(torch.uint8) * mask).float()), X, dt=1e-3)
    assert [each.different for each in found.agreement] == [0, 0]


def test_the_remedy_for_an_encoding_holds_for_both_kinds_of_it():
    """What makes whole events is computed outside; of another one, a constant factor stays in the module."""
    assert OUTSIDE in said(before=running_max)
    assert OUTSIDE in said(before=lambda x: x / (4 * x.max()))
    for net, x in ((Net(), running_max(X)), (Net(before=lambda x: x / 4), X)):
        assert [each.different for each in from_torch(net, x, dt=1e-3).agreement] == [0, 0]


@pytest.mark.parametrize("function", ["apply_", "map_"])
def test_code_of_python_for_each_number_is_to_be_written_in_functions(function):
    others = {
        "apply_": lambda s: s.apply_(lambda v: 0.5 * v),
        "map_": lambda s: s.map_(s, lambda v, w: 0.5 * w),
    }
    first, remedy = said(between=lambda s: others[function](s.clone()))
    assert f"{function} is no linear operation that snnc follows" in first
    assert remedy.startswith("It runs code of Python for each number: write it in functions of PyTorch")
    from_torch(Net(between=lambda s: 0.5 * s), X, dt=1e-3)


def test_outputs_that_add_up_chunks_of_time_are_decoded_once():
    class Chunks(nn.Module):
        def __init__(self, decode):
            super().__init__()
            self.net, self.decode = Net(), decode

        def forward(self, x):
            return self.decode(self.net(x))

    for decode in (lambda y: y.sum(0), lambda y: sum(each.sum(0) for each in y.split(10))):
        (readout,) = from_torch(Chunks(decode), X, dt=1e-3).graph.readouts
        assert readout.decoder == "count"


def test_hooks_of_all_modules_are_named_where_what_they_do_is_not_followed():
    def bounded(module, args):
        return (args[0].clamp(max=0.5),) if isinstance(module, snntorch.Leaky) else None

    assert not any("hooks" in each for each in said(between=lambda s: s.clamp(max=0.5)))
    handle = register_module_forward_pre_hook(bounded)
    try:
        first, _, hooks = said()
    finally:
        handle.remove()
    assert "clamp is no linear operation that snnc follows" in first
    assert hooks.startswith("It has hooks (register_forward_hook, ")
    assert "register_module_forward_pre_hook), which may change what it takes" in hooks


class Sparing(nn.Module):
    """Calls its weights only in steps in which something arrives, as `arrives` tells."""

    def __init__(self, arrives):
        super().__init__()
        torch.manual_seed(0)
        self.fc, self.lif = nn.Linear(4, 5), snntorch.Leaky(0.9, threshold=0.3)
        self.arrives = arrives

    def forward(self, x):
        mem, spikes = self.lif.init_leaky(), []
        for step in x:
            current = self.fc(step) if self.arrives(step) else self.fc.bias.expand(x.shape[1], -1)
            spk, mem = self.lif(current, mem)
            spikes.append(spk)
        return torch.stack(spikes)


@torch.jit.script
def scripted(x: torch.Tensor) -> bool:
    return bool(x.sum() > 0)


@pytest.mark.parametrize(
    "arrives",
    [lambda x: x.sum() > 0, lambda x: x.sum().item() > 0, lambda x: any(x.flatten().tolist()), scripted],
)
def test_a_branch_that_spares_work_is_taken_away(arrives):
    with pytest.raises(InputError) as error:
        from_torch(Sparing(arrives), X, dt=1e-3)
    assert error.value.args[1].startswith("Let no branch and no factor depend on what arrives: call the same")
    module = Sparing(lambda step: True)
    silence = torch.zeros_like(X[:, :1])
    with torch.no_grad():
        assert torch.equal(module(silence), Sparing(arrives)(silence))  # so the remedy changes nothing
    from_torch(module, X, dt=1e-3)


class Gate(nn.Module):
    """Fires above a threshold, of what arrives in the step alone."""

    def __init__(self, threshold):
        super().__init__()
        self.threshold = threshold

    def forward(self, x):
        return (x > self.threshold).float()


@pytest.mark.parametrize(("threshold", "logic"), [(0.5, torch.logical_or), (1.5, torch.logical_and)])
def test_neurons_that_keep_nothing_are_gates(threshold, logic):
    """As the remedy of `logical_or` and `logical_and` says."""

    @converter(Gate)
    def _(module, name):
        return Cell(name, {"keep_u": 0.0, "keep_v": 0.0, "threshold": module.threshold, "reset": "zero"})

    class Both(nn.Module):
        def __init__(self):
            super().__init__()
            self.gate = Gate(threshold)

        def forward(self, x):
            return torch.stack([self.gate(step[:, :2] + step[:, 2:]) for step in x])

    (agreement,) = from_torch(Both(), X, dt=1e-3).agreement
    said = logic(X[:, :, :2].bool(), X[:, :, 2:].bool())
    assert (agreement.different, agreement.spikes) == (0, int(said.sum()))
