"""Weights of a whole window of steps, as of a Linear behind `flatten`: what is said, and that it helps."""

import pytest
import snntorch
import torch
import torch.nn.functional as F
from spikingjelly.activation_based.neuron import LIFNode
from torch import nn
from torch_networks import events

from snnc.conversion.convert import from_torch
from snnc.errors import InputError

STEPS, SAMPLES, LINES, CLASSES = 9, 5, 4, 3
torch.manual_seed(2)
W, B = torch.randn(CLASSES, STEPS * LINES), torch.randn(CLASSES)
ALL = W.view(CLASSES, STEPS, LINES).transpose(1, 2)  # [classes, lines, steps]


class Read(nn.Module):
    """What `read` makes of spikes [samples, steps, lines]."""

    def __init__(self, read):
        super().__init__()
        torch.manual_seed(1)
        self.fc, self.lif, self.read = nn.Linear(6, LINES), snntorch.Leaky(0.9, threshold=0.2), read

    def forward(self, x):
        mem, spikes = self.lif.init_leaky(), []
        for step in x.unbind(1):
            spk, mem = self.lif(self.fc(step), mem)
            spikes.append(spk)
        return self.read(torch.stack(spikes, 1))


def converted(read):
    example = events(STEPS, SAMPLES, 6, share=0.4).transpose(0, 1)
    return from_torch(Read(read), example, dt=1e-3, layout="NTC"), Read(read).eval()(example)


@pytest.mark.parametrize(
    "read",
    [
        lambda y: F.linear(y.flatten(1), W, B),
        lambda y: F.linear(y.reshape(len(y), -1), W, B),
        lambda y: F.linear(y.transpose(1, 2).flatten(1), W, B),
        lambda y: y.flatten(1) @ W.T + B,
        lambda y: F.linear(y.transpose(1, 2), W[:, :STEPS]).flatten(1),
        lambda y: F.linear(y.transpose(1, 2), W[:1, :STEPS]).squeeze(-1),
    ],
)
def test_weights_of_each_step_are_told(read):
    with pytest.raises(InputError) as found:
        converted(read)
    said, remedy = found.value.args
    assert f"it weighs each of {STEPS} steps of [batch, " in said
    assert said.endswith("] by weights of its own")
    assert remedy.startswith(
        "Give all steps the same weights, and train with them: an output is fc(y).mean(1)"
    )
    assert "F.conv1d(F.pad(y.transpose(1, 2), (steps - 1, 0)), w)[..., -1]" in remedy


def test_a_window_before_neurons_is_told():
    with pytest.raises(InputError) as found:
        heard(lambda fc, x: fc(x.flatten(1))[:, None].expand(-1, STEPS, -1), STEPS * 6)
    said, remedy = found.value.args
    assert said.startswith("lif: what arrives ")
    assert "it weighs each of 9 steps of [batch, time x 6]" in said
    assert remedy.startswith("Neurons take their input step by step: give all steps the same weights, fc(x)")
    assert "F.conv1d(F.pad(x.transpose(1, 2), (K - 1, 0)), w).transpose(1, 2)" in remedy
    assert "output" not in remedy


@pytest.mark.parametrize(
    "made",
    [
        lambda fc, x: fc(x),
        lambda _, x: F.conv1d(F.pad(x.transpose(1, 2), (4 - 1, 0)), torch.ones(LINES, 6, 4)).transpose(1, 2),
    ],
)
def test_what_is_named_before_neurons_is_followed(made):
    assert heard(made, 6).graph.readouts


@pytest.mark.parametrize(("made", "what"), [("mean", "a sum"), ("amax", "a max")])
def test_what_is_decoded_before_neurons_is_told(made, what):
    with pytest.raises(InputError, match=f"^lif: {what} over time arrives; .*\nLeave it to the end"):
        heard(lambda fc, x: getattr(fc(x), made)(1)[:, None].expand(-1, STEPS, -1), 6)


def test_it_is_told_of_neurons_of_all_steps():
    neurons = nn.Sequential(nn.Linear(6, LINES), Mean(), LIFNode(step_mode="m"))
    with pytest.raises(InputError, match=r"^2: a sum over time arrives; .*\nLeave it to the end"):
        from_torch(neurons, events(STEPS, SAMPLES, 6, share=0.4), dt=1e-3, layout="TNC")


class Mean(nn.Module):
    def forward(self, x):
        return x.mean(0)[None]


class Ahead(Read):
    """Neurons hear what is `made` of a Linear and the events, [samples, steps, lines]."""

    def __init__(self, made, width):
        super().__init__(made)
        self.fc = nn.Linear(width, LINES)

    def forward(self, x):
        mem, spikes = self.lif.init_leaky(), []
        for current in self.read(self.fc, x).unbind(1):
            spk, mem = self.lif(current, mem)
            spikes.append(spk)
        return torch.stack(spikes, 1)


def heard(made, width):
    example = events(STEPS, SAMPLES, 6, share=0.4).transpose(0, 1)
    return from_torch(Ahead(made, width), example, dt=1e-3, layout="NTC")


def test_the_convolution_that_is_named_does_the_same():
    found, given = converted(lambda y: F.conv1d(F.pad(y.transpose(1, 2), (STEPS - 1, 0)), ALL, B)[..., -1])
    flat = Read(lambda y: F.linear(y.flatten(1), W, B)).eval()(
        events(STEPS, SAMPLES, 6, share=0.4).transpose(0, 1)
    )
    assert torch.allclose(given, flat, atol=1e-5)
    assert given.std() > 0.1
    assert [each.decoder for each in found.graph.readouts] == ["last"]
    delays = {
        *next(e for e in found.graph.projections if e.destination == "readout")
        .synapses.as_list()
        .delay.tolist()
    }
    assert delays == {*range(STEPS)}


@pytest.mark.parametrize("decode", ["mean", "sum", "amax"])
def test_the_decoders_that_are_named_are_followed(decode):
    found, _ = converted(lambda y: getattr(F.linear(y, W[:, :LINES], B), decode)(1))
    assert [each.decoder for each in found.graph.readouts] == ["max" if decode == "amax" else "sum"]


def test_weights_of_recordings_are_told():
    with pytest.raises(
        InputError, match=r"it weighs recordings, in \[time, batch x 4\]; flatten the feature"
    ):
        converted(lambda y: F.linear(y.transpose(0, 1).flatten(1), torch.ones(3, SAMPLES * LINES)))
