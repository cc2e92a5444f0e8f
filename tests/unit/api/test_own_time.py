"""Neurons that remember show along which dimension they take time: errors say what follows, alone."""

from __future__ import annotations

import random
import threading
from collections import OrderedDict
from contextlib import contextmanager

import numpy as np
import pytest
import torch
from torch import nn

import snnc
from snnc.conversion.neurons import CONVERTERS, Cell, Gives
from snnc.conversion.own_time import check_own_time
from snnc.errors import InputError

SAMPLES, STEPS, LINES, HIDDEN = 4, 7, 5, 3
KINDS = ("", "buffer", "attribute", "membrane", "silent", "low", "locked", "left over")


class Leaky(nn.Module):
    """Takes all steps along the dimension `along`; its potential may stay behind, or be given, too."""

    def __init__(self, along, kind="", threshold=1.0):
        super().__init__()
        self.along, self.kind = along, kind
        self.threshold = {"silent": 1e3, "low": 0.0}.get(kind, threshold)
        self.register_buffer("kept", torch.zeros(()))
        self.v = torch.zeros(())
        if kind == "locked":  # nothing copies it
            self.lock = threading.Lock()
        if kind == "left over":  # as an earlier call leaves it, with its gradient
            self.v = torch.sigmoid(torch.ones((), requires_grad=True))

    def forward(self, x):
        v, spikes, membranes = (
            {"buffer": self.kept, "attribute": self.v, "left over": self.v}.get(self.kind, torch.zeros(())),
            [],
            [],
        )
        for current in x.unbind(self.along):
            v = 0.5 * v + current
            spike = (v > self.threshold).float()
            v = v * (1 - spike)
            spikes.append(spike)
            membranes.append(v)
        if self.kind == "buffer":
            self.kept = v
        if self.kind in ("attribute", "left over"):
            self.v = v
        spikes = torch.stack(spikes, self.along)
        return (spikes, torch.stack(membranes, self.along)) if self.kind == "membrane" else spikes


class Net(nn.Module):
    """A Linear, neurons, and a Linear; the mean over time, or all steps."""

    def __init__(self, along, kind="", mean=True):
        super().__init__()
        self.f, self.l, self.g = nn.Linear(LINES, HIDDEN), Leaky(along, kind), nn.Linear(HIDDEN, 2)
        self.mean = mean

    def forward(self, x):
        spikes = self.l(self.f(x))
        out = self.g(spikes[0] if self.l.kind == "membrane" else spikes)
        return out.mean(self.l.along) if self.mean else out


class Two(nn.Module):
    """Two layers, the second of another class of neurons."""

    def __init__(self):
        super().__init__()
        self.f, self.l, self.g, self.m = nn.Linear(LINES, HIDDEN), Leaky(1), nn.Linear(HIDDEN, 2), Other(1)

    def forward(self, x):
        return self.m(self.g(self.l(self.f(x)))).sum(1)


class Other(Leaky):
    pass


@contextmanager
def known(time_dim, of_other=1, clears=True):
    def cell(module, name):
        def clear():
            module.v = torch.zeros(())
            module.kept = torch.zeros(())

        values = {"keep_u": 0.0, "keep_v": 0.5, "threshold": module.threshold, "reset": "zero"}
        of = of_other if isinstance(module, Other) else time_dim
        gives = (lambda args, kwargs, output: Gives(args[0], *output)) if module.kind == "membrane" else None
        return Cell(
            name,
            values,
            time_dim=of,
            clear=clear if clears else None,
            **({} if gives is None else {"gives": gives}),
        )

    with pytest.MonkeyPatch.context() as monkeypatch:
        for each in (Leaky, Other):
            monkeypatch.setitem(CONVERTERS, f"{__name__}.{each.__name__}", cell)
        yield


def example(along):
    torch.manual_seed(0)
    return (torch.rand((STEPS, SAMPLES, LINES) if along == 0 else (SAMPLES, STEPS, LINES)) > 0.5).float()


def said_of(module, time_dim, layout=None, along=None, **named):
    given = example(module.l.along if along is None else along)
    with known(time_dim, **named), pytest.raises(InputError) as found:
        snnc.from_torch(module, given, dt=1e-3, layout=layout, verbose=False)
    return str(found.value).splitlines()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("mean", [True, False])
@pytest.mark.parametrize(("along", "layout"), [(0, None), (0, "TNC"), (1, "NTC"), (1, None), (0, "NTC")])
def test_a_cell_of_another_dimension_than_its_forward_is_wrong_whatever_the_layout(
    along, layout, mean, kind
) -> None:
    for wrong in (1 - along, 2):
        assert said_of(Net(along, kind, mean), wrong, layout) == [
            f"l: its Cell takes time along dimension {wrong}, its forward along dimension {along}",
            f"Set time_dim={along} in its Cell",
        ]


def test_of_two_layers_the_wrong_one_is_named() -> None:
    assert said_of(Two(), 0)[0] == "l: its Cell takes time along dimension 0, its forward along dimension 1"
    assert said_of(Two(), 1, of_other=0)[0].startswith("m: its Cell takes time along dimension 0")


def test_a_cell_of_the_dimension_of_its_forward_is_right_and_the_layout_wrong() -> None:
    cause, layout, *_ = said_of(Net(1), 1)
    assert cause == f"l: takes time along dimension 1, but [time, batch, {HIDDEN}] arrives"
    assert "; with layout='NTC' the module can be read: pass that with the example as it is if" in layout


@pytest.mark.parametrize("time_dim", [1, -2])
@pytest.mark.parametrize("kind", KINDS)
def test_it_is_followed(kind, time_dim) -> None:
    with known(time_dim):
        network = snnc.from_torch(Net(1, kind), example(1), dt=1e-3, layout="NTC", verbose=False)
    assert [name for name, _, _ in network.populations][1] == "l"


@pytest.mark.parametrize("kind", ["buffer", "attribute"])
@pytest.mark.parametrize("along", [0, 1])
def test_a_state_that_nothing_clears_is_no_other_dimension(along, kind) -> None:
    with known(along, clears=False):
        for _ in range(20):
            check_own_time(Net(along, kind), example(along))
    with (
        known(1 - along, clears=False),
        pytest.raises(InputError, match=f"its forward along dimension {along}"),
    ):
        check_own_time(Net(along, kind), example(along))


NOISE = {
    "torch": lambda like: torch.rand_like(like),
    "numpy": lambda like: torch.from_numpy(np.random.random(like.shape)).to(like),
    "python": lambda like: torch.full_like(like, random.random()),
    "a generator": lambda like: torch.rand(like.shape, generator=OWN),
}
OWN = torch.Generator()


class Noisy(Leaky):
    """Spikes at random."""

    def forward(self, x):
        v, spikes = torch.zeros(()), []
        for current in x.unbind(self.along):
            v = 0.8 * v + current
            spike = (NOISE[self.kind](v) < torch.sigmoid(4 * (v - 1))).float()
            v = v * (1 - spike)
            spikes.append(spike)
        return torch.stack(spikes, self.along)


@pytest.mark.parametrize("noise", NOISE)
@pytest.mark.parametrize("along", [0, 1])
def test_what_is_drawn_at_random_is_no_other_dimension(along, noise) -> None:
    OWN.manual_seed(0)
    module, values = Net(along, noise), {"keep_u": 0.0, "keep_v": 0.8, "threshold": 1.0, "reset": "zero"}
    module.l = Noisy(along, noise)
    with pytest.MonkeyPatch.context() as monkeypatch:
        cell = Cell("l", values, time_dim=along)
        monkeypatch.setitem(CONVERTERS, f"{__name__}.Noisy", lambda module, name: cell)
        for seed in range(30):
            torch.manual_seed(seed)
            before = torch.get_rng_state(), np.random.get_state()[1].tolist(), random.getstate()
            check_own_time(module, example(along))
            torch.manual_seed(seed)
            after = torch.get_rng_state(), np.random.get_state()[1].tolist(), random.getstate()
            assert torch.equal(before[0], after[0])
            assert before[1:] == after[1:]


class Drifting(Leaky):
    """Its threshold grows with every step that was ever computed, which no run sets back."""

    computed = 0

    def forward(self, x):
        v, spikes = torch.zeros(()), []
        for current in x.unbind(self.along):
            Drifting.computed += 1
            v = 0.8 * v + current
            spike = (v > 1 + 1e-3 * Drifting.computed).float()
            v = v * (1 - spike)
            spikes.append(spike)
        return torch.stack(spikes, self.along)


@pytest.mark.parametrize("along", [0, 1])
def test_what_drifts_from_run_to_run_is_no_other_dimension(along) -> None:
    """Few recordings and a high threshold, so that few spikes show the true dimension."""
    values = {"keep_u": 0.0, "keep_v": 0.8, "threshold": 1.0, "reset": "zero"}
    with pytest.MonkeyPatch.context() as monkeypatch:
        cell = Cell("l", values, time_dim=along)
        monkeypatch.setitem(CONVERTERS, f"{__name__}.Drifting", lambda module, name: cell)
        for computed in range(4000, 16_000, 1000):
            for seed in range(4):
                torch.manual_seed(seed)
                module = nn.Sequential(OrderedDict(f=nn.Linear(6, 8), l=Drifting(along)))
                with torch.no_grad():
                    module.f.weight *= 3
                Drifting.computed = computed
                shape = (14, 2, 6) if along == 0 else (2, 14, 6)
                check_own_time(module, (torch.rand(shape) < 0.4).float())


class Flat(Net):
    """Steps and recordings are one dimension of what the neurons are given."""

    def forward(self, x):
        return self.g(self.l(self.f(x).flatten(0, 1)).unflatten(0, x.shape[:2])).mean(0)


def test_of_recordings_and_steps_in_one_dimension_none_is_proposed() -> None:
    module = Flat(0)
    module.l.along = 0
    assert "forward along dimension" not in said_of(module, 1)[0]


def test_the_module_is_left_as_it_was() -> None:
    module = Net(0, "attribute")
    module.l.v = torch.ones(())
    said_of(module, 1)
    assert module.l.v.item() == 1
    assert not module.l._forward_pre_hooks


class Lateral(Leaky):
    """Neurons that hear each other: nothing of them but time is causal."""

    def forward(self, x):
        v, spikes = torch.zeros(()), torch.zeros_like(x.select(self.along, 0))
        out = []
        for current in x.unbind(self.along):
            v = 0.5 * v + current + spikes.flip(-1)
            spikes = (v > self.threshold).float()
            v = v * (1 - spikes)
            out.append(spikes)
        return torch.stack(out, self.along)


def test_neurons_that_hear_each_other_take_time_along_one_dimension() -> None:
    module = Net(0)
    module.l = Lateral(0)
    with pytest.MonkeyPatch.context() as monkeypatch:
        values = {"keep_u": 0.0, "keep_v": 0.5, "threshold": 1.0, "reset": "zero"}
        for said in (0, 1):
            cell = Cell("l", values, time_dim=said)
            monkeypatch.setitem(CONVERTERS, f"{__name__}.Lateral", lambda module, name, cell=cell: cell)
            if said == 0:
                check_own_time(module, example(0))
            else:
                with pytest.raises(InputError, match="its forward along dimension 0"):
                    check_own_time(module, example(0))
