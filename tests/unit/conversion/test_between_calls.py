"""Modules that keep a state from one call to the next: the contract begins each recording anew."""

from __future__ import annotations

import random

import pytest
import snntorch
import torch
from changed_networks import check
from spikingjelly.activation_based import layer, neuron
from torch import nn
from torch_networks import Loop, events

from snnc.conversion.convert import from_torch
from snnc.conversion.neurons import CONVERTERS, Cell, full_name
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


def test_random_numbers_do_not_hide_it():
    def begins(module, x):
        return module.last + 0 * float(torch.rand(1)) * torch.randn(8)

    with pytest.raises(InputError, match=r"^Carried keeps a state from one call to the next \(last\)"):
        from_torch(Carried(begins, lambda m, last: m.last.copy_(last)), X, dt=1e-3)


def test_random_numbers_that_seldom_matter():
    """The generator is of Python, and 16 calls are compared."""
    random.seed(3)

    class Seldom(Carried):
        def forward(self, x):
            return super().forward(x if random.random() < 0.8 else 0 * x)

    with pytest.raises(InputError, match=r"draws random numbers in evaluation, and call \d+ gives"):
        from_torch(Seldom(nothing, lambda m, last: None), X, dt=1e-3)


def test_random_numbers_that_make_a_call_fail():
    random.seed(3)

    class Fails(Carried):
        def forward(self, x):
            if random.random() > 0.8:
                raise RuntimeError("unlucky")
            return super().forward(x)

    with pytest.raises(InputError, match=r"call \d+ with the same events fails \(RuntimeError: unlucky\)"):
        from_torch(Fails(nothing, lambda m, last: None), X, dt=1e-3)


def test_a_reset_of_another_package_is_not_called(monkeypatch):
    """It may draw the weights anew."""

    made = {"__name__": "torch.nn.modules.linear"}
    exec(compile("def reset(self): self.weight.data.zero_()", torch.__file__, "exec"), made)
    monkeypatch.setattr(nn.Linear, "reset", made["reset"], raising=False)
    module = Carried(nothing, lambda m, last: setattr(m, "last", last))
    before = module.fc.weight.detach().clone()
    from_torch(module, X, dt=1e-3)
    assert torch.equal(module.fc.weight, before)


def test_what_is_kept_in_an_object():
    class Kept:
        last = torch.zeros(3, 8)

    kept, quiet = Kept(), X.clone()
    quiet[8:] = 0  # so that neither the example nor silence leaves anything to the next call
    with pytest.raises(InputError, match="in something else than its attributes and buffers, and"):
        from_torch(
            Carried(lambda m, x: kept.last, lambda m, last: setattr(kept, "last", last)), quiet, dt=1e-3
        )


def test_a_threshold_that_each_call_changes():
    def ends(module, last):
        module.lif.threshold += 0.3

    with pytest.raises(InputError, match=r"^Carried keeps a state .* \(lif\.threshold\), and gives"):
        from_torch(Carried(nothing, ends), X, dt=1e-3)


def test_a_second_call_that_calls_its_neurons_less_often():
    module = Carried(lambda m, x: nothing(m, x), lambda m, last: setattr(m, "first", last))
    plain = module.forward
    module.forward = lambda x: plain(x if module.first is None else x[:-1])
    with pytest.raises(InputError, match=r"\(first\), and computes .* \(lif is called 14 times, not 15\)"):
        from_torch(module, X, dt=1e-3)


def test_a_second_call_that_fails():
    def begins(module, x):
        if module.first is not None:
            raise RuntimeError("reset it first")
        return nothing(module, x)

    (note,) = from_torch(Carried(begins, lambda m, last: setattr(m, "first", last)), X, dt=1e-3).notes
    assert note == (
        "not compared from call to call: the module fails when it is called again "
        "(RuntimeError: reset it first)"
    )


class Integrates(nn.Module):
    """v = 0.8 v + x; fires above 1, and sets v to 0. v is a buffer, which nobody clears."""

    def __init__(self):
        super().__init__()
        self.register_buffer("v", torch.zeros(3, 12))

    def forward(self, x):
        self.v = 0.8 * self.v + x
        spikes = (self.v > 1).float()
        self.v = self.v * (1 - spikes)
        return spikes


def test_own_neurons_with_a_state_in_a_buffer(monkeypatch):
    def of(module, name):
        return Cell(name, {"keep_u": 0.0, "keep_v": 0.8, "threshold": 1.0, "fires": "above", "reset": "zero"})

    monkeypatch.setitem(CONVERTERS, full_name(Integrates), of)
    torch.manual_seed(3)
    with pytest.raises(InputError) as error:
        from_torch(Loop(nn.Sequential(nn.Linear(8, 12), Integrates())), X, dt=1e-3)
    assert error.value.args == (
        "step.1: after another run it makes something else of the same events, so a state of that is left "
        "over (give the Cell clear=, a function that sets the states of the module to those of the start)",
    )


def test_a_buffer_that_follows_the_number_of_recordings():
    """It is as it was afterwards, also if it was given another shape."""

    def begins(module, x):
        module.last.data = torch.zeros(x.shape[1], 8)
        return module.last

    module = Carried(begins, lambda m, last: None)
    module.last = torch.zeros(1, 8)
    assert not from_torch(module, X, dt=1e-3).notes
    assert module.last.shape == (1, 8)


def test_modules_whose_evaluation_mode_changes_weights():
    """As those of low rank that merge: `train` is called again, and undoes it."""

    class Merged(nn.Linear):
        merged = False

        def train(self, mode=True):
            super().train(mode)
            if mode == self.merged:
                self.merged = not mode
                with torch.no_grad():
                    self.weight += -1 if mode else 1
            return self

    module = Carried(nothing, lambda m, last: None)
    module.fc = Merged(8, 12)  # numbers whose sum with 1 has no rounding
    with torch.no_grad():
        module.fc.weight.copy_((16 * torch.rand(12, 8)).round() / 16)
    before = module.fc.weight.detach().clone()
    from_torch(module, X, dt=1e-3)
    assert torch.equal(module.fc.weight, before)
    assert module.training
    assert not module.fc.merged


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
