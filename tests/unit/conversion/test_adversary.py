"""Modules that look as if they could be followed: each is right, or refused with the reason."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
import snntorch
import torch
import torch.nn.functional as F
from changed_networks import Changed, Decoded, Membrane, X, check, drawn, whole
from spikingjelly.activation_based import functional, neuron
from torch import nn
from torch_networks import Loop, same_spikes

from snnc.conversion.convert import from_torch
from snnc.errors import InputError
from snnc.exporter.float_reference import run_float

KINDS = (snntorch.Leaky, neuron.BaseNode)


def half(change):
    """A change in place of a tensor, by way of another of the same memory."""

    def changed(current):
        change(current)
        return current

    return changed


@pytest.mark.parametrize(
    "change",
    [
        half(lambda c: c.mul_(2).add_(0.1).sub_(0.05).div_(1.2)),
        half(lambda c: c.data.mul_(3)),
        lambda c: torch.add(c, 0.1, out=torch.zeros_like(c)),
        lambda c: torch.zeros(3, 12).copy_(c),
        lambda c: (c.T * 2).T,
    ],
)
def test_changes_in_place_that_are_followed(change):
    module = Changed(change)
    graph = check(module).graph
    module.lif.reset_mem()
    same_spikes(module, X, graph, KINDS)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (half(lambda c: c.clamp_(min=0)), "clamp_ is no linear operation"),
        (half(lambda c: F.relu(c, inplace=True)), "relu is no linear operation"),
        (half(lambda c: c.view(-1).mul_(2)), "mul_ changes it in place, by another view of its memory"),
        (half(lambda c: c[:, :6].zero_()), "zero_ changes it in place, by another view"),
        (lambda c: torch.zeros(3, 12).copy_(c).relu_(), "relu_ is no linear operation"),
        (lambda c: torch.from_numpy(np.maximum(c.numpy(), 0)), "does not depend on the input"),
        (lambda c: F.dropout(c, 0.5), "drops at random"),
        (
            lambda c: c * (2.0 if c[0, 0] > 0 else 1.0),
            r"connections do not change\nin .*, __bool__ takes numbers .*: let no .*\nCompute the same",
        ),
    ],
)
def test_changes_that_are_refused(change, said):
    with pytest.raises(InputError, match=said):
        check(Changed(change))


def test_a_view_of_a_constant_that_is_written_later():
    class Late(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc, self.lif = drawn(8, 12), snntorch.Leaky(0.9, init_hidden=True)

        def forward(self, x):
            held = torch.zeros(3, 12)
            row = held[0:3]
            found = []
            for step in x:
                held.copy_(self.fc(step))
                found.append(self.lif(row))
            return torch.stack(found)

    with pytest.raises(InputError, match="copy_ changes it in place"):
        check(Late())


@pytest.mark.parametrize(
    ("before", "said"),
    [
        (lambda x: x * x.sum().item() / 50, "item takes numbers out"),
        (lambda x: x * float(x.mean()) * 3, "__float__ takes numbers out"),
        (lambda x: x * (2 if bool(x.any()) else 1), "__bool__ takes numbers out"),
    ],
)
def test_numbers_that_are_others_for_other_events(before, said):
    with pytest.raises(InputError, match=rf"{said}.*on silent events Changed computes another network"):
        check(Changed(lambda c: c, before))


def test_numbers_that_are_only_looked_at():
    seen = []

    def look(x):
        seen.append(float(x.mean()))
        assert x.min().item() >= 0
        torch.rand(3)
        return x

    check(Changed(lambda c: c, look))
    # the example, silence, 16 draws, three calls in a row, six batches of other events, one with gradients,
    # two of other numbers of steps, and one of more than twice as many for delays beyond the example
    assert len(seen) == 31


@dataclass
class Output:
    spikes: torch.Tensor


@pytest.mark.parametrize(
    ("decode", "decoder"),
    [
        (lambda y: {"spikes": y, "count": y.sum(0)}, "count"),
        (lambda y: (y, y.mean(0)), "count"),
        (Output, "count"),
        (list, "count"),
        (lambda y: y.sum(0).softmax(-1), "count"),
        (lambda y: y[-1], "last"),
        (lambda y: y[-1] + 0.5 * y[-2], "last"),
        (tuple, "count"),
        (lambda y: 1 - y, "sum"),
        (lambda y: y.amax(0)[:, 2:7] * torch.arange(5.0), "max"),
    ],
)
def test_outputs(decode, decoder):
    module = Decoded(decode)
    network = check(module)
    (readout,) = network.graph.readouts
    assert readout.decoder == decoder
    functional.reset_net(module)
    with torch.no_grad():
        theirs = module(X)
    if decoder == "last":
        for number in range(3):
            run = run_float(network.graph, X[:, number].numpy().astype(np.int64))
            np.testing.assert_allclose(run[readout.population].v[-1], theirs[number].numpy(), atol=1e-6)


OF_STEPS = r"{} over time is none of the contract's decoders\nOf all steps the contract decodes the sum \(so"


@pytest.mark.parametrize(
    ("module", "said"),
    [
        (Decoded(lambda y: y[-5:].amax(0)), r"is of steps 10 \.\. 14 of the 15 of net\.1"),
        (Decoded(lambda y: 0 * y), "is the same whatever arrives\nGive spikes"),
        (Decoded(lambda y: 0 * y + 1), "is the same whatever arrives"),
        (Decoded(lambda y: y.sum(0).argmax(1)), "argmax is no linear operation"),
        (Decoded(lambda y: y.sum(1)), "takes the sum over batch"),
        (Decoded(lambda y: None), "gives no tensor"),
        (Membrane(lambda v: v[3]), "is step 3 of read alone"),
        (Membrane(lambda v: v[:5].max(0)[0]), r"is of steps 0 \.\. 4 of the 15 of read"),
        (Membrane(lambda v: v.softmax(0).sum(0)), "softmax is not followed: it is taken over time"),
        (Membrane(lambda v: v.sum(0).softmax(0)), "it is taken over batch, not over classes alone"),
        (Membrane(lambda v: v.softmax(-1).max(0)[0]), "takes the max of softmax over time"),
        (Membrane(lambda v: v.logsumexp(0)), OF_STEPS.format("logsumexp")),
        (Membrane(lambda v: v.topk(3, 0).values.mean(0)), OF_STEPS.format("topk")),
        (Membrane(lambda v: v.permute(1, 2, 0).sort()[0][..., 0]), OF_STEPS.format("sort")),
        (Membrane(lambda v: torch.amin(v, dim=0)), OF_STEPS.format("amin")),
        (
            Membrane(lambda v: v.topk(3).values),
            r"topk is no linear operation .*\nAs an output: return the scores",
        ),
        (
            Membrane(lambda v: -v.max(0)[0]),
            r"neg is not followed: it weighs the largest .*\nThe contract has",
        ),
        (Membrane(lambda v: -v.sum(0)), r"is the membrane of read times -1; .*\nPut the factor"),
        (Membrane(lambda v: v.sum(0) * torch.tensor([1.0, 2.0, 0.0, 1.0])), "read times 0; "),
        (Membrane(lambda v: v + torch.arange(4.0)), r"is a membrane and a constant .*\nLeave the constant"),
        (
            Membrane(lambda v: torch.from_numpy(v.numpy() + 0)),
            r"does not depend on the input, as far as .*\nIf the input waits .*\nWrite",
        ),
        (Decoded(lambda y: torch.stack(list(y)[:10]).amax(0)), r"is of steps 0 \.\. 9 of the 15"),
    ],
)
def test_outputs_that_the_contract_does_not_decode(module, said):
    with pytest.raises(InputError, match=said):
        check(module)


def test_the_input_as_an_output():
    network = check(Decoded(lambda y: {"spikes": y, "input": X}))
    assert [each.population for each in network.graph.readouts] == ["net.1"]
    (readout,) = from_torch(nn.Identity(), X, dt=1e-3).graph.readouts
    assert (readout.population, readout.decoder) == ("readout", "sum")


def test_classes_that_are_others_although_all_neurons_agree(monkeypatch):
    from snnc.conversion.functions import HANDLERS

    monkeypatch.setitem(HANDLERS, "flip", lambda call: call.first)  # a rule that is wrong
    with pytest.raises(InputError, match="output 0: tells another class than the network in 3 of 3"):
        check(Membrane(lambda v: v.sum(0).flip(1).softmax(1)))


@pytest.mark.parametrize(
    ("x", "said"),
    [
        ("spikes", "the example is 'spikes', expected a tensor"),
        (None, "the example is None"),
        (X.to_sparse(), "is torch.sparse_coo, expected a dense tensor"),
        (X.to(torch.complex64), "complex64"),
        (X.to("meta"), r"has no numbers \(meta\), expected a dense tensor"),
        (X[:, :0], r"of the shape \[15, 0, 8\], expected a tensor of real numbers"),
    ],
)
def test_examples_that_are_none(x, said):
    with pytest.raises(InputError, match=said):
        from_torch(whole(), x, dt=1e-3)


@pytest.mark.parametrize("kind", [torch.float64, torch.bfloat16, torch.float16])
def test_modules_of_other_kinds_of_numbers(kind):
    check(whole().to(kind), X.to(kind))
    check(whole().to(kind), X.to(torch.uint8))


@pytest.mark.parametrize("shape", [(15, 1, 8), (1, 3, 8), (1, 1, 8)])
def test_one_recording_or_one_step(shape):
    assert check(whole(), torch.ones(shape)).graph.time_steps == shape[0]


def test_modules_in_wrappers():
    wanted = check(whole()).graph.projections[0].synapses
    assert check(nn.DataParallel(whole())).graph.projections[0].synapses == wanted
    with pytest.raises(InputError, match="0: is a compiled module"):
        check(nn.Sequential(torch.compile(whole())))
    with pytest.raises(InputError, match="0: is a scripted module"):
        check(nn.Sequential(torch.jit.trace(drawn(8, 12), X), neuron.IFNode(step_mode="m")))


def test_the_module_and_the_example_are_left_as_they_were():
    class Counts(nn.Module):
        def __init__(self):
            super().__init__()
            self.net = whole()
            self.register_buffer("calls", torch.zeros(()))

        def forward(self, x):
            self.calls += 1
            return self.net(x.mul_(2))

    module, x = Counts(), X.clone()
    check(module, x)
    assert module.calls == 0
    assert module.training
    assert x.equal(X)


def test_a_hook_that_changes_spikes():
    module = whole()
    module[1].register_forward_hook(lambda module, args, out: 0.5 * out)
    with pytest.raises(InputError, match=r"1: gives 0\.5 where the contract's neurons give 0 or 1"):
        check(module)


def test_neurons_that_are_shared():
    shared = snntorch.Leaky(0.9, init_hidden=True)
    twice = r"step\.1: is called 2 times in each of 15 steps; .*\nWhere several layers share it, use a module"
    with pytest.raises(InputError, match=twice):
        check(Loop(nn.Sequential(drawn(8, 12), shared, drawn(12, 12), shared)))
    lines = drawn(8, 8)
    leaky = [snntorch.Leaky(beta, init_hidden=True) for beta in (0.9, 0.8)]
    module = Loop(nn.Sequential(lines, leaky[0], lines, leaky[1]))
    assert len({each.name for each in check(module).graph.populations}) == 3


def test_options_are_checked_and_silence_is_told():
    with pytest.raises(InputError, match="least_agreement is 2, expected a share"):
        from_torch(whole(), X, dt=1e-3, least_agreement=2)
    with pytest.raises(InputError, match=r"decoder is 'median', expected one of softmax, sum, max, last$"):
        from_torch(whole(), X, dt=1e-3, decoder="median")
    silent = whole()
    nn.init.zeros_(silent[0].bias)
    notes = from_torch(silent, 0 * X, dt=1e-3, decoder="last").notes
    assert any("1: never spikes on the example" in note for note in notes)
    assert any("decoder 'last' is not used" in note for note in notes)
