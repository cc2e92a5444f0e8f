"""Orders of dimensions that errors of from_torch propose: each on a condition, and each converts."""

from __future__ import annotations

import re

import numpy as np
import pytest
import snntorch
import torch
from torch import nn
from torch_networks import Loop

import snnc
from snnc.errors import InputError

WAYS = re.compile(r"with (the example as it is|\S+\(.*?\)) if dimension (\d)(?: of the example)? is time")


class ChannelsFirst(nn.Module):
    """Neurons of [samples, channels, steps] behind a convolution of one tap."""

    def __init__(self):
        super().__init__()
        self.conv, self.lif = nn.Conv1d(5, 4, 1), snntorch.Leaky(0.9)

    def forward(self, x):
        mem, spikes = self.lif.init_leaky(), []
        for step in self.conv(x).unbind(2):
            spk, mem = self.lif(step, mem)
            spikes.append(spk)
        return torch.stack(spikes, 2)


class Moved(nn.Module):
    def __init__(self, *order):
        super().__init__()
        self.order = order

    def forward(self, x):
        return x.permute(self.order)


def module(takes):
    """One of 5 lines that takes dimensions in this order."""
    if takes == "TNC":
        return Loop(nn.Sequential(nn.Linear(5, 4), snntorch.Leaky(0.9, init_hidden=True)))
    if takes == "NTC":
        return nn.Sequential(Moved(0, 2, 1), ChannelsFirst())
    return ChannelsFirst()


def said_of(given, example, layout):
    with pytest.raises(InputError) as found:
        snnc.from_torch(given, example, dt=1e-3, layout=layout)
    return str(found.value)


@pytest.mark.parametrize(
    ("takes", "shape", "layout", "times"),
    [
        ("NCT", (4, 8, 5), None, [0, 1]),
        ("NCT", (4, 8, 5), "NTC", [1, 0]),
        ("NCT", (4, 5, 8), None, [2, 0]),
        ("NCT", (4, 5, 8), "NTC", [2, 0]),
        ("NTC", (4, 5, 8), None, [0, 2]),
        ("NTC", (4, 5, 5), None, [1, 0, 2]),
        ("NTC", (4, 5, 8), "NCT", [2, 0]),
        ("NTC", (4, 8, 5), "NCT", [1, 0]),
        ("NTC", (5, 4, 8), None, [1, 2]),
        ("TNC", (4, 8, 5), "NTC", [0, 1]),
        ("TNC", (4, 5, 8), None, [0, 2]),
        ("TNC", (4, 5, 8), "NTC", [2, 0]),
    ],
)
def test_each_dimension_that_may_be_time_is_told_and_converts(takes, shape, layout, times) -> None:
    example = torch.ones(shape)
    said = said_of(module(takes), example, layout)
    assert f"example {list(shape)} read as " in said
    assert f"; with layout={takes!r} the module can be read: pass that with " in said
    ways = WAYS.findall(said)
    assert sorted(int(time) for _, time in ways) == sorted(times)
    for how, time in ways:
        moved = example if how == "the example as it is" else eval(how, {"example": example})
        network = snnc.from_torch(module(takes), moved, dt=1e-3, layout=takes, verbose=False)
        assert network.model.time_steps == shape[int(time)]


def test_one_that_needs_no_order_comes_first_then_that_of_the_layout() -> None:
    assert [time for _, time in WAYS.findall(said_of(module("NTC"), torch.ones(4, 5, 5), None))] == [*"102"]
    assert [time for _, time in WAYS.findall(said_of(module("NCT"), torch.ones(4, 8, 5), "NTC"))] == [*"10"]


def test_samples_are_told_where_there_are_as_many_lines() -> None:
    said = said_of(module("NTC"), torch.ones(4, 5, 5), None)
    assert "with example.permute(1, 0, 2) if dimension 0 is time and 1 is samples; " in said
    assert said.endswith("with example.permute(0, 2, 1) if dimension 2 is time")


def test_an_array_is_transposed() -> None:
    example = np.ones((4, 8, 5), np.float32)
    said = said_of(module("NCT"), example, None)
    assert "with numpy.transpose(example, (1, 2, 0)) if dimension 0 of the example is time; " in said
    assert said.endswith("with numpy.transpose(example, (0, 2, 1)) if dimension 1 is time")


@pytest.mark.parametrize("given", [nn.Sequential(Moved(1, 2, 0), ChannelsFirst()), ChannelsFirst()])
def test_none_is_proposed_that_does_not_help(given) -> None:
    said = said_of(given, torch.ones(3, 6, 7), None)  # 5 channels are needed
    assert said.endswith("\nexample [3, 6, 7] read as T = 3 steps, N = 6 samples, C = 7 (layout TNC)")


class WholeWindow(nn.Module):
    """Weighs all steps of [samples, 8 steps, 5 lines] at once, which no network does."""

    def __init__(self):
        super().__init__()
        self.linear, self.lif = nn.Linear(40, 4), snntorch.Leaky(0.9)

    def forward(self, x):
        mem, spikes, current = self.lif.init_leaky(), [], self.linear(x.flatten(1))
        for _ in range(8):
            spk, mem = self.lif(current, mem)
            spikes.append(spk)
        return torch.stack(spikes, 1)


@pytest.mark.parametrize(
    ("layout", "read"),
    [
        ("NTC", "N = 8 samples, T = 4 steps, C = 5 (layout NTC)"),
        (None, "T = 8 steps, N = 4 samples, C = 5 (layout TNC)"),
    ],
)
def test_how_it_was_read_is_told_where_the_module_fails_and_cannot_be_read(layout, read) -> None:
    example = torch.ones(8, 4, 5)
    said = said_of(WholeWindow(), example, layout)
    assert "the module fails on the example, [8, 4, 5]: RuntimeError: " in said
    ran = "the module's own code runs on example.permute(1, 0, 2) and on example.permute(1, 2, 0)"
    assert said.endswith(f"\nexample [8, 4, 5] read as {read}; {ran}")
    for order in ((1, 0, 2), (1, 2, 0)):
        WholeWindow()(example.permute(order))
