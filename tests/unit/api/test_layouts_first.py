"""Where another layout fits, errors of from_torch say that, and no remedy of another cause before it."""

from __future__ import annotations

import pytest
import torch
from torch import nn

import snnc
from snnc.conversion.neurons import CONVERTERS, Cell
from snnc.errors import InputError

NEURONS = {"keep_u": 0.0, "keep_v": 0.0, "threshold": 0.5, "reset": "zero"}
SAMPLES, STEPS, LINES, HIDDEN = 4, 7, 5, 3
NTC, TNC, NCT = ((SAMPLES, STEPS, LINES), (STEPS, SAMPLES, LINES), (SAMPLES, LINES, STEPS))
ARRIVES = f"l: takes time along dimension 1, but [time, batch, {HIDDEN}] arrives"
OF_CELL = "If its forward takes time along dimension 0, set time_dim=0 in its Cell"
IN_A_LOOP = "It takes one step a call"


class Forgetful(nn.Module):
    """Spikes where more than half arrives; it forgets everything, so any number of steps may be a call."""

    def forward(self, x):
        return (x > 0.5).float()


class AllSteps(Forgetful):
    """Takes [samples, steps, lines]."""


class Layers(nn.Module):
    """A Linear and neurons of [samples, steps, lines], all steps a call or in a loop; perhaps a window."""

    def __init__(self, loop=False, window=False):
        super().__init__()
        self.f, self.l = nn.Linear(LINES, HIDDEN), Forgetful() if loop else AllSteps()
        self.g, self.loop = nn.Linear(HIDDEN * STEPS, 2) if window else None, loop

    def forward(self, x):
        if self.loop:
            spikes = torch.stack([self.l(self.f(x[:, step])) for step in range(x.shape[1])], 1)
        else:
            spikes = self.l(self.f(x))
        return spikes if self.g is None else self.g(spikes.flatten(1))


class OneStep(nn.Module):
    """A Linear and neurons of one step, given [samples, lines]."""

    def __init__(self):
        super().__init__()
        self.f, self.l = nn.Linear(LINES, HIDDEN), Forgetful()

    def forward(self, x):
        return self.l(self.f(x))


@pytest.fixture(autouse=True)
def converters():
    torch.manual_seed(0)
    before = dict(CONVERTERS)
    snnc.converter(Forgetful)(lambda module, name: Cell(name, NEURONS))
    snnc.converter(AllSteps)(lambda module, name: Cell(name, NEURONS, time_dim=1))
    yield
    CONVERTERS.clear()
    CONVERTERS.update(before)


def said_of(module, shape, layout=None, example=None):
    example = torch.ones(shape) if example is None else example
    with pytest.raises(InputError) as found:
        snnc.from_torch(module, example, dt=1e-3, layout=layout, decoder="sum", verbose=False)
    return str(found.value).splitlines()


@pytest.mark.parametrize("shape", [NTC, TNC])
def test_more_is_followed_behind_neurons_that_take_all_steps(shape) -> None:
    cause, layout, cell = said_of(Layers(window=True), shape)
    assert (cause, cell) == (ARRIVES, OF_CELL)
    assert layout.startswith(f"example {[*shape]} read as T = {shape[0]} steps, N = {shape[1]} samples")
    assert layout.endswith(
        "; if dimension 1 of the example is time, pass layout='NTC', with which more of the module is "
        "followed; if dimension 0 is time, pass that with example.permute(1, 0, 2)"
    )


def test_what_is_proposed_of_a_window_leads_to_its_cause() -> None:
    for example in (torch.ones(NTC), torch.ones(TNC).permute(1, 0, 2)):
        said = said_of(Layers(window=True), NTC, "NTC", example)
        assert f"in 'g', linear is not followed: it weighs each of {STEPS} steps" in said[0]


@pytest.mark.parametrize("shape", [NTC, TNC])
def test_a_layout_that_converts_is_the_only_remedy(shape) -> None:
    cause, layout = said_of(Layers(), shape)
    assert cause == ARRIVES
    assert "; with layout='NTC' the module can be read: pass that with the example as it is if" in layout
    assert layout.endswith("; with example.permute(1, 0, 2) if dimension 0 is time")
    for example in (torch.ones(shape), torch.ones(shape).permute(1, 0, 2)):
        snnc.from_torch(Layers(), example, dt=1e-3, layout="NTC", decoder="sum", verbose=False)


def test_a_loop_over_the_steps_is_not_told_to_loop() -> None:
    fails, layout = said_of(Layers(loop=True), NCT)
    assert fails.startswith("the module fails on the example")
    assert "; with layout='NTC' the module can be read: pass that with example.permute(0, 2, 1) if" in layout


def test_nor_is_one_that_no_layout_makes_a_network() -> None:
    fails, layout = said_of(Layers(loop=True, window=True), NCT)
    assert fails.startswith("the module fails on the example")
    assert layout.endswith("; the module's own code runs on example.permute(0, 2, 1)")


def test_a_module_of_one_step_is_told_to_loop() -> None:
    _, remedy, layout = said_of(OneStep(), NCT, "NCT")
    assert remedy.startswith(IN_A_LOOP)
    assert "; the module's own code runs on example.permute(0, 2, 1)" in layout


def test_a_cell_of_the_wrong_dimension_is_told_so_where_no_layout_helps() -> None:
    snnc.converter(AllSteps)(lambda module, name: Cell(name, NEURONS, time_dim=2))
    cause, *remedies = said_of(Layers(), NTC, "NTC")
    assert cause == "l: takes time along dimension 2, but [batch, time, 3] arrives"
    assert remedies[-1] == "If its forward takes time along dimension 1, set time_dim=1 in its Cell"


class Leaky(nn.Module):
    """Takes [samples, steps, lines], all steps a call, and remembers."""

    def forward(self, x):
        v, spikes = torch.zeros_like(x[:, 0]), []
        for step in x.unbind(1):
            v = 0.9 * v + step
            spikes.append((v >= 1).float())
            v = v * (1 - spikes[-1])
        return torch.stack(spikes, 1)


REMEMBERS = {"keep_u": 0.0, "keep_v": 0.9, "threshold": 1.0, "reset": "zero"}


@pytest.mark.parametrize("layout", [None, "TNC", "NTC"])
def test_neurons_without_a_time_dim_are_told_that_of_their_forward(layout) -> None:
    snnc.converter(Leaky)(lambda module, name: Cell(name, REMEMBERS))
    net, x = nn.Sequential(nn.Linear(LINES, HIDDEN), Leaky()), (torch.rand(NTC) < 0.4).float()
    assert said_of(net, NTC, layout, x) == [
        "1: its Cell has no time_dim, as of one step a call, and its forward takes all steps along "
        "dimension 1",
        "Set time_dim=1 in its Cell",
    ]
    snnc.converter(Leaky)(lambda module, name: Cell(name, REMEMBERS, time_dim=1))
    if layout != "NTC":
        assert (
            "; with layout='NTC' the module can be read: pass that with the example"
            in said_of(net, NTC, layout, x)[-1]
        )
    snnc.from_torch(net, x, dt=1e-3, layout="NTC", verbose=False)


def test_neurons_without_a_time_dim_that_remember_nothing_show_none() -> None:
    snnc.converter(AllSteps)(lambda module, name: Cell(name, NEURONS))
    assert said_of(Layers(), NTC) == [
        f"l: computes one step a call, but all steps arrive at once as [time, batch, {HIDDEN}]; call it in a "
        "loop over time, or set time_dim in its Cell",
        OF_CELL,
    ]


class OfSixteen(Layers):
    """Takes 16 samples alone, all steps a call."""

    def __init__(self):
        super().__init__()
        self.register_buffer("of_each", torch.zeros(16, STEPS, LINES))

    def forward(self, x):
        return super().forward(x + self.of_each)


@pytest.mark.parametrize("layout", [None, "NTC"])
def test_a_module_that_takes_all_steps_is_not_told_to_loop(layout) -> None:
    fails, *rest = said_of(OfSixteen(), (12, STEPS, LINES), layout)
    assert fails.startswith(
        "the module fails on the example, [12, 7, 5]: RuntimeError: The size of tensor a (12)"
    )
    count, read = rest
    assert count.startswith("the module's own code runs on 16 s")
    assert read.startswith("example [12, 7, 5] read as ")
