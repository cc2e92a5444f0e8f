"""Convolutions over time and places, paddings and sums: the synapses that they become, by hand."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from spikingjelly.activation_based import neuron
from torch import nn
from torch_networks import Loop, events

from snnc.conversion.convert import from_torch
from snnc.errors import InputError
from snnc.stages import FloatConvolution


class OverTime(nn.Module):
    """[T, N, C, L]: a convolution over time and places, in this order."""

    def __init__(self, synapses: nn.Module, left: int) -> None:
        super().__init__()
        self.synapses, self.left = synapses, left
        self.node = neuron.IFNode(step_mode="m")

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = F.pad(x.permute(1, 2, 0, 3), (0, 0, self.left, 0))
        return self.node(self.synapses(x).permute(2, 0, 1, 3))


def test_a_tap_in_time_is_a_convolution_with_a_delay():
    synapses = nn.Conv2d(2, 3, (4, 3), padding=(0, 1), dilation=(2, 1))
    with torch.no_grad():
        synapses.weight[:, :, 1] = 0
    network = from_torch(OverTime(synapses, left=6), events(9, 2, 2, 5), dt=0.01, layout="TNCL")
    found = {each.synapses.delay.max(): each.synapses for each in network.graph.projections}
    assert sorted(found) == [0, 2, 6]  # taps 3, 2 and 0, two steps apart
    weight = synapses.weight.detach().numpy().astype(float)
    for tap, delay in ((0, 6), (2, 2), (3, 0)):
        assert isinstance(found[delay], FloatConvolution)
        np.testing.assert_array_equal(found[delay].kernel[:, :, 0], weight[:, :, tap])
    bias = synapses.bias.detach().numpy().astype(float)
    np.testing.assert_array_equal(network.graph.population("node").bias, bias.repeat(5))


@pytest.mark.parametrize(("kernel", "padding"), [((4, 3), "valid"), ((3, 2), "same"), ((1, 3), "same")])
def test_padding_by_a_word(kernel, padding):
    around = {"valid": 0, "same": kernel[0] // 2}[padding]
    left = kernel[0] - 1 - around
    module, x = OverTime(nn.Conv2d(2, 3, kernel, padding=padding), left), events(9, 2, 2, 5, share=0.6)
    network = from_torch(module, x, dt=0.01, layout="TNCL")
    found = {int(each.synapses.as_list().delay.max()) for each in network.graph.projections}
    assert found == set(range(kernel[0]))
    assert all(each.different == each.through == 0 for each in network.agreement)


def test_what_is_not_padded_on_the_left_would_look_ahead():
    said = r"hears input 3 steps before it spikes\nPad input with zeros on the left, before it is convolved"
    with pytest.raises(InputError, match=said):
        from_torch(OverTime(nn.Conv2d(2, 3, (4, 3)), 0), events(9, 2, 2, 5), dt=0.01, layout="TNCL")
    with pytest.raises(InputError, match="hears input 1 step before it spikes\n"):
        from_torch(OverTime(nn.Conv2d(2, 3, (2, 3)), 0), events(9, 2, 2, 5), dt=0.01, layout="TNCL")


@pytest.mark.parametrize(("taps", "stride"), [(4, 2), (5, 2), (3, 3), (1, 2), (7, 3)])
def test_a_stride_in_time_is_steps_side_by_side(taps, stride):
    """The rewrite that the error names, written out as it says, is the same function."""
    conv = nn.Conv1d(2, 3, taps, stride=stride)
    net = nn.Sequential(nn.Identity(), conv)
    x = torch.rand(2, 12, 2)  # [recordings, time, lines]
    with pytest.raises(InputError) as error:
        from_torch(net, torch.zeros(2, 2, 12), dt=0.01, layout="NCT")
    said = str(error.value).replace("\n", " ")
    assert f"give {stride} steps side by side as {stride} C lines" in said
    found = re.search(r"(x\.reshape\(.*?\)) of \[N, T, C\], and convolve with \d taps: (.*\))$", said)
    places = {"x": x, "w": conv.weight.detach(), "N": 2, "T": 12, "C": 2, "O": 3, "F": F}
    *before, last = re.split(r"(?<=\)\)), ", found[2])
    for each in before:
        exec(each, places)
    lines = eval(found[1], places).transpose(1, 2)
    side_by_side = F.conv1d(lines, eval(last, places), conv.bias)
    theirs = conv(x.transpose(1, 2))
    torch.testing.assert_close(side_by_side[..., : theirs.shape[2]], theirs[..., : side_by_side.shape[2]])


class ZerosInFront(nn.Module):
    """A convolution of two taps over time, and a step of zeros in front of what it gives."""

    def __init__(self, loop):
        super().__init__()
        self.conv, self.loop = nn.Conv1d(3, 4, 2, bias=False), loop
        self.node = neuron.IFNode(step_mode="s" if loop else "m")

    def forward(self, x):  # [time, recordings, lines]
        current = F.pad(self.conv(x.permute(1, 2, 0)), (1, 0)).permute(2, 0, 1)
        return torch.stack([self.node(step) for step in current]) if self.loop else self.node(current)


@pytest.mark.parametrize(
    ("loop", "said"),
    [
        (
            False,
            r"node: zeros stand in the place of what the first step of input would give; .*\nPad ",
        ),
        (True, r"node: what arrives in step 0 is not .*\nIf zeros were put in front of what a convolution"),
    ],
)
def test_zeros_in_front_of_what_a_convolution_gives(loop, said):
    """The tap of the newest step would give something there: the example need not show it."""
    with pytest.raises(InputError, match=said):
        from_torch(ZerosInFront(loop), torch.zeros(6, 2, 3), dt=0.01)


@pytest.mark.parametrize(
    ("mode", "places"),
    [("circular", [3, 0, 1, 2, 3, 0]), ("reflect", [1, 0, 1, 2, 3, 2]), ("replicate", [0, 0, 1, 2, 3, 3])],
)
def test_places_that_padding_repeats(mode, places):
    synapses = nn.Conv1d(1, 1, 1, padding=1, padding_mode=mode, bias=False)
    graph = from_torch(
        Loop(nn.Sequential(synapses, neuron.IFNode())), events(5, 2, 1, 4), dt=0.01, layout="TNCL"
    ).graph
    found = graph.projections[0].synapses.as_list()
    assert found.pre[np.argsort(found.post)].tolist() == places


def test_time_is_not_repeated():
    class Repeats(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.synapses = nn.Conv1d(3, 2, 3, padding=1, padding_mode="circular")
            self.node = neuron.IFNode(step_mode="m")

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.node(self.synapses(x.permute(1, 2, 0)).permute(2, 0, 1))

    with pytest.raises(InputError, match=r"repeats steps \(padding circular\)\nPad time with zeros"):
        from_torch(Repeats(), events(5, 2, 3), dt=0.01)


@pytest.mark.parametrize(
    ("pool", "weight"),
    [
        (nn.AvgPool1d(2), 0.5),
        (nn.LPPool1d(1, 2), 1.0),
        (nn.Sequential(nn.Unflatten(1, (1, 1)), nn.AvgPool2d((1, 2), divisor_override=1)), 1.0),
        (nn.Sequential(nn.Unflatten(1, (1, 1)), nn.AvgPool2d((1, 2), divisor_override=4)), 0.25),
        (nn.AvgPool1d(2, ceil_mode=True), 0.5),
    ],
)
def test_sums_and_averages(pool, weight):
    graph = from_torch(
        Loop(nn.Sequential(pool, neuron.IFNode())), events(9, 2, 1, 4, share=0.6), dt=0.01, layout="TNCL"
    ).graph
    found = graph.projections[0].synapses.as_list()
    order = np.lexsort((found.pre, found.post))
    assert found.pre[order].tolist() == [0, 1, 2, 3]
    assert found.post[order].tolist() == [0, 0, 1, 1]
    assert set(found.weight.tolist()) == {weight}
