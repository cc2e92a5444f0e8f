"""What a module does beside its functions: numbers taken out, states, what has no shape yet."""

from __future__ import annotations

import random
import re

import numpy as np
import pytest
import torch
from changed_networks import Changed, Decoded, X, check
from spikingjelly.activation_based import neuron
from torch import nn
from torch_networks import Loop, events

from snnc.conversion.convert import from_torch
from snnc.conversion.noticed import Noticed
from snnc.conversion.tensors import name_of
from snnc.errors import InputError

DRAWS = torch.Generator()
NUMPY = np.random.default_rng(1)


def ones(tensor):
    """As many as a tensor has rows."""
    return sum(1.0 for _ in tensor)


@pytest.mark.parametrize(
    "before",
    [
        lambda x: x * (2 if torch.equal(x, 0 * x) else 1),
        lambda x: x * (2 if torch.allclose(x, 0 * x) else 1),
        lambda x: x * float(len(x.nonzero())),
        lambda x: x * ones(x.nonzero()),
        lambda x: x * (2 if 1.0 in x else 1),
        lambda x: x * float(x[x > 0].numel()),
        lambda x: x * torch.ones_like(torch.masked_select(x, x > 0)).sum(),
        lambda x: x * float(f"{x.sum():.1f}"),
        lambda x: x * len(str(x.unique().shape)) + 0.1 * x.unique().shape[0],
        lambda x: x * NUMPY.random(),
    ],
)
def test_numbers_that_are_others_for_other_events_or_the_next_time(before):
    with pytest.raises(
        InputError, match=r"on silent events Changed (computes another network \(|cannot be read)"
    ):
        check(Changed(lambda c: c, before))


@pytest.mark.parametrize(
    ("before", "drawn"),
    [
        (lambda x: x * np.random.rand(), "the module"),
        (lambda x: x * random.random(), "the module"),
        (lambda x: x * torch.rand(8), "rand"),
        (lambda x: x * torch.rand(8, generator=DRAWS), "rand"),
        (lambda x: x * torch.empty(8).uniform_(), "uniform_"),
        (lambda x: x + 0.5 * torch.rand(1), "rand"),
    ],
)
def test_draws_are_named_before_what_they_are_used_for(before, drawn):
    where = "" if drawn == "the module" else r"in Changed\.forward \(line \d+ of \S+\), "
    said = f"^{where}{drawn} draws random numbers in evaluation, and call 2 gives something else"
    with pytest.raises(InputError, match=said):
        check(Changed(lambda c: c, before))


def test_a_draw_of_each_step_is_named_before_the_bias_that_it_makes():
    said = r"^in Changed\.forward \(line \d+ of \S+\), rand draws random numbers in evaluation, and call 2"
    with pytest.raises(InputError, match=said):
        check(Changed(lambda c: c + torch.rand(12)))


@pytest.mark.parametrize(
    ("before", "said"),
    [
        (lambda x: x * float(len(x.nonzero())), "nonzero takes numbers out"),
        (lambda x: x * (2 if 1.0 in x else 1), "__contains__ takes numbers out"),
        (lambda x: x * float(x[x > 0].numel()), "__getitem__ takes numbers out"),
    ],
)
def test_the_error_names_the_function(before, said):
    with pytest.raises(
        InputError, match=rf"^(in Changed\.forward \(line \d+ of \S+\), )?{said}.* on silent events"
    ):
        check(Changed(lambda c: c, before))


def test_readouts_that_are_others_for_other_events():
    module = Decoded(lambda o: o.sum(0) if o.sum().item() > 1 else o.amax(0))
    nn.init.zeros_(module.net[0].bias)
    with pytest.raises(InputError, match=r"item takes numbers out.* another network \(.*readouts"):
        check(module)


def test_states_of_other_modules_are_as_before():
    class Held(nn.Module):
        def __init__(self):
            super().__init__()
            self.net, self.queue, self.calls, self.held = Changed(lambda c: c), [], 0, torch.zeros(3)

        def forward(self, x):
            self.calls += 1
            self.held += 1
            self.queue.append(x)
            self.register_buffer("seen", x)
            return self.net(x)

    module = Held()
    check(module)
    assert (module.calls, module.queue, module.held.sum(), hasattr(module, "seen")) == (0, [], 0, False)


def test_modules_that_have_no_shapes_yet():
    for module in (
        nn.Sequential(nn.LazyLinear(3), neuron.IFNode(step_mode="m")),
        nn.Sequential(nn.LazyBatchNorm1d(affine=False), neuron.IFNode(step_mode="m")),
    ):
        with pytest.raises(
            InputError, match=r"0.* has no shape yet\nRun the module once, or load its weights"
        ):
            from_torch(module, X, dt=1e-3)


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (lambda c: 2 * c if torch.is_inference_mode_enabled() else c, "is_inference_mode_enabled"),
        (lambda c: c * torch.ones(12, dtype=torch.get_default_dtype()), "get_default_dtype"),
        (lambda c: c if torch.get_num_threads() < 99 else 2 * c, "get_num_threads"),
    ],
)
def test_settings_that_a_module_asks_for_are_noted(change, name):
    before = getattr(torch, name)
    (note,) = check(Changed(change)).notes
    where = r"^in Changed\.forward \(line \d+ of changed_networks\.py\), "
    assert re.search(rf"{where}torch\.{name}\(\) is asked, which gives {before()} here; the network is", note)
    assert getattr(torch, name) is before


def test_nobody_is_told_of_settings_that_pytorch_asks_for():
    assert not check(Changed(lambda c: c + torch.tensor([0.0]))).notes


class Held(nn.Module):
    """The last spikes stay from step 10 on."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(3)
        self.fc, self.lif = nn.Linear(8, 12), neuron.IFNode()

    def forward(self, x):
        found = [self.lif(self.fc(step)) for step in x[:10]]
        return torch.stack(found + [found[-1]] * (len(x) - 10))


def test_steps_that_are_read_as_classes_are_noted():
    module = Held()
    notes = from_torch(module, X, dt=1e-3).notes
    assert any(
        note.startswith("output 0: is read as 180 classes, 15 x 12; if 15 of these are the steps")
        for note in notes
    )


@pytest.mark.parametrize("dt", [10**400, float("nan"), float("inf"), 0])
def test_durations_of_a_step(dt):
    with pytest.raises(InputError, match=r"^dt is .*, expected seconds a step, above 0"):
        from_torch(Loop(nn.Sequential(nn.Linear(4, 3), neuron.IFNode())), events(5, 2, 4), dt=dt)


def test_what_the_conversion_looks_up_is_not_noticed(monkeypatch):
    """It took longer than the module itself."""
    names, notice = set(), Noticed.__torch_function__

    def noticed(self, func, *others):
        names.add(name_of(func))
        return notice(self, func, *others)

    monkeypatch.setattr(Noticed, "__torch_function__", noticed)
    from_torch(Loop(nn.Sequential(nn.Linear(4, 3), neuron.IFNode())), events(5, 2, 4), dt=0.01)
    assert "linear" in names
    assert names.isdisjoint({"is_inference", "_version", "untyped_storage", "layout", "clone", "any"})
