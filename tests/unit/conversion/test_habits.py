"""Neurons that do what no Cell says, and causes that would only seem to be true."""

from __future__ import annotations

import re

import numpy as np
import pytest
from slips_of_cells import TOLD, Neurons, error_of, seeded
from torch import nn
from torch.nn.modules.module import register_module_forward_hook
from torch_networks import Loop, events

from snnc.conversion.convert import from_torch
from snnc.conversion.neurons import CONVERTERS, Cell, converter, full_name
from snnc.errors import InputError


@pytest.fixture(autouse=True)
def right_cell(monkeypatch):
    """Of `Neurons`, and classes below it: nothing in it is wrong."""
    monkeypatch.setitem(
        CONVERTERS, full_name(Neurons), lambda module, name: Cell(name, TOLD, clear=module.clear)
    )


@pytest.mark.parametrize(("floor", "told"), [(-0.2, "-0.2"), (0.0, "0")])
def test_a_v_that_never_falls_below_a_number(floor, told):
    first, *_ = error_of(bias=-0.3, floor=floor)
    assert f": its v never falls below about {told} (snnc has none: leave it out and train again)" in first


@pytest.mark.parametrize(
    ("bias", "bounds", "told"),
    [
        (0.2, {"ceiling": 1.2}, "never rises above about 1.2"),
        (-0.3, {"ceiling": 1.1, "floor": -0.4}, "never leaves about -0.4 .. 1.1"),
        (-0.2, {"ceiling": 1.2, "floor": -0.3}, "never leaves about -0.3 .. 1.2"),
        (-0.2, {"ceiling": 1.4, "floor": -0.2}, "never leaves about -0.2 .. 1.4"),
        (-0.5, {"after": 0.2, "behind": -0.6}, "never leaves, behind a reset, about -0.6 .. 0.2"),
        (0.2, {"after": 0.3}, "is, behind a reset, never above about 0.3"),
        (-0.4, {"after": 0.3, "behind": -0.3}, "never leaves, behind a reset, about -0.3 .. 0.3"),
    ],
)
def test_a_v_that_never_passes_a_number(bias, bounds, told):
    first, *_ = error_of(bias=bias, **bounds)
    assert f": its v {told} (snnc has none: leave it out and train again)" in first


def test_a_threshold_that_changes_from_step_to_step():
    first, *_ = error_of(ramp=0.01)
    found = re.search(
        r": its threshold is another in each step: that of the Cell (\S+) \.\. (\S+) times in step (\d+), "
        r"(\S+) \.\. (\S+) times in step (\d+) \(snnc has none: leave it out and train again\)$",
        first,
    )
    (least, most, step), (later_least, later_most, later) = np.array(found.groups(), float).reshape(2, 3)
    digits = 0.005  # three are told
    assert least - digits < 1 + 0.01 * step < most + digits
    assert most < later_least
    assert later_least - digits < 1 + 0.01 * later < later_most + digits
    assert step < later


class Shifted(Neurons):
    def forward(self, x):
        return super().forward(x + 0.1)


def test_a_bias_and_a_threshold_are_no_threshold_of_each_step(monkeypatch):
    """Where a reset subtracts, a bias raises v in a step by as much in all recordings."""
    monkeypatch.setitem(
        CONVERTERS,
        full_name(Shifted),
        lambda module, name: Cell(name, TOLD | {"threshold": 1.1}, clear=module.clear),
    )
    with pytest.raises(InputError) as error:
        from_torch(
            Loop(nn.Sequential(seeded(0), Shifted())), events(60, 12, 6).double(), dt=1e-3, least_agreement=1
        )
    assert "in each step" not in error.value.args[0]


class Bounded(nn.Module):
    """As `Loop`, of no more events than the example has: of others it hears nothing."""

    def __init__(self, most):
        super().__init__()
        self.most, self.loop = most, Loop(nn.Sequential(seeded(0), Neurons()))

    def forward(self, x):
        return self.loop(x * float(x.sum() <= self.most))


def test_a_cause_of_other_events_holds_on_the_example_too():
    """There, it would be a gain of 0; the example shows that it is 1."""

    x = events(80, 4, 6).double()
    with pytest.raises(InputError) as error:
        from_torch(Bounded(x.sum()), x, dt=0.01)
    first, doubt, what, _ = error.value.args
    assert first.startswith("loop.step.1: on other events, ")
    assert "takes numbers out of what depends on the input" in doubt
    assert first.endswith(": none of the known causes explains it")
    assert what.startswith("Compare its Cell with the code of the module")


def test_no_cause_is_fitted_to_neurons_with_hooks():
    module = Loop(nn.Sequential(seeded(0), Neurons()))
    module.step[1].register_forward_hook(lambda m, given, spikes: 0 * spikes)
    with pytest.raises(InputError) as error:
        from_torch(module, events(80, 4, 6).double(), dt=0.01)
    first, hooks, *_ = error.value.args
    assert first.endswith(": none of the known causes explains it")
    assert hooks.startswith("It has hooks (register_forward_hook")


def test_hooks_of_all_modules_count():
    handle = register_module_forward_hook(lambda m, given, out: 0 * out if isinstance(m, Neurons) else None)
    try:
        with pytest.raises(InputError) as error:
            from_torch(Loop(nn.Sequential(seeded(0), Neurons())), events(80, 4, 6).double(), dt=0.01)
    finally:
        handle.remove()
    first, hooks, *_ = error.value.args
    assert first.endswith(": none of the known causes explains it")
    assert hooks.startswith("It has hooks (")
    assert "those of all modules: register_module_forward_hook, register_module_forward_pre_hook" in hooks


def test_a_threshold_of_each_step_is_no_bound():
    """With reset to zero, v that ends at the threshold would fire or not, as one likes."""

    class ToZero(Neurons):
        def forward(self, x):
            spikes = super().forward(x)
            self.v = self.v * (1 - spikes)
            return spikes

    @converter(ToZero)
    def _(module, name):
        told = {key: value for key, value in TOLD.items() if key != "reset_by"}
        return Cell(name, told | {"reset": "zero"}, clear=module.clear)

    with pytest.raises(InputError) as error:
        from_torch(Loop(nn.Sequential(seeded(0), ToZero(ramp=0.03))), events(80, 4, 6).double(), dt=0.01)
    assert ": its threshold is another in each step: " in error.value.args[0]


def test_causes_of_silence_are_not_the_only_ones():
    """Weights of a thousandth make neurons silent, and so do others."""
    first, *_ = error_of(taken=1e-3)
    said = r": its gain is at most \S+, not 1 \(.*; or something else, as the module never spikes there"
    assert re.search(said, first)


def test_a_threshold_that_rises_and_never_decays():
    class Rising(Neurons):
        def forward(self, x):
            higher = self.higher
            spikes = super().forward(x)
            self.higher = higher + 0.1 * spikes
            return spikes

    with pytest.raises(InputError) as error:
        from_torch(Loop(nn.Sequential(seeded(0), Rising())), events(80, 4, 6).double(), dt=0.01)
    assert "by about 0.1 after each spike, and what it rose by decays by the factor 1 " in error.value.args[0]


def test_a_branch_is_told_where_no_cause_is_known():
    class Branch(Bounded):
        def forward(self, x):
            return self.loop(x if x.sum() <= self.most else 0 * x)

    x = events(80, 4, 6).double()
    with pytest.raises(InputError) as error:
        from_torch(Branch(x.sum()), x, dt=0.01)
    _, doubt, *_ = error.value.args
    assert doubt.startswith("in Branch.forward (line ")
    assert doubt.endswith("takes numbers out of what depends on the input, which may be why")
