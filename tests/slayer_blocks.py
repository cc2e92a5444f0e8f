"""Stand-ins for blocks of lava-dl's slayer: names and attributes of its classes, and its equations.

lava-dl asks for versions of Python and torch that this project does not run with.
"""

from __future__ import annotations

import torch
from torch import nn

HOME = "lava.lib.dl.slayer"


def named(path: str):
    """Let a class have the full name of one of slayer."""

    def rename(kind: type) -> type:
        kind.__module__, _, kind.__qualname__ = f"{HOME}.{path}".rpartition(".")
        return kind

    return rename


def towards_zero(value: torch.Tensor, decay: torch.Tensor) -> torch.Tensor:
    """Of whole numbers the share 1 - decay / 4096, without its fraction."""
    return (value * (4096 - decay) / 4096).trunc()


@named("neuron.cuba.Neuron")
class Neuron(nn.Module):
    """u and v are whole numbers of 1 / 4096; a spike sets v to 0."""

    def __init__(self, threshold=1.0, current_decay=0.25, voltage_decay=0.1, norm=None, **flags):
        super().__init__()
        self.threshold, self.s_scale, self.norm, self.shape = threshold, 4096, norm, None
        self.persistent_state, self.graded_spike = flags.get("persistent", False), flags.get("graded", False)
        for name, value in (("current_decay", current_decay), ("voltage_decay", voltage_decay)):
            given = torch.as_tensor(value, dtype=torch.float32).reshape(-1)
            setattr(self, name, nn.Parameter(4096 * given, requires_grad=False))

    def forward(self, x):
        self.shape = x.shape[1:-1]
        of_line = [each.round().double().reshape(-1, *[1] * (x.ndim - 3)) for each in self.parameters()][:2]
        u = v = torch.zeros(x.shape[:-1], dtype=torch.float64)
        spikes = []
        for step in x.double().unbind(-1):
            u = towards_zero(u, of_line[0]) + (step * 4096).trunc()
            current = u if self.norm is None else (self.norm((u / 4096).float()).double() * 4096).trunc()
            v = towards_zero(v, of_line[1]) + current
            spikes.append(v > self.threshold * 4096)
            v = v * ~spikes[-1]
        return torch.stack(spikes, -1).to(x.dtype)


class MeanOnlyBatchNorm(nn.Module):
    def __init__(self, features):
        super().__init__()
        self.register_buffer("running_mean", torch.linspace(-0.1, 0.3, features))

    def pre_hook_fx(self, weight):
        return (weight * 32).round() / 32

    def forward(self, x):
        return x - self.pre_hook_fx(self.running_mean).reshape(1, -1, *[1] * (x.ndim - 2))


@named("axon.delay.Delay")
class Delay(nn.Module):
    """Each channel of [N, channels, ..., T] its whole number of steps later."""

    def __init__(self, channels, sampling_time=1):
        super().__init__()
        self.sampling_time = sampling_time
        self.delay = nn.Parameter(9 * torch.rand(channels), requires_grad=False)

    def forward(self, x):
        later = torch.zeros_like(x)
        for channel, steps in enumerate((self.delay / self.sampling_time).floor().int().tolist()):
            later[:, channel, ..., steps:] = x[:, channel, ..., : x.shape[-1] - steps]
        return later


class Block(nn.Module):
    """Weights of 1 / 32 on [N, channels, rows, columns, T], neurons, one step, and delays of axons."""

    def __init__(
        self, inputs, outputs, kernel=(1, 1), delay=False, shift=True, scale=3.0, neuron=None, **conv
    ):
        super().__init__()
        self.synapse = nn.Conv3d(inputs, outputs, (*kernel, 1), bias=False, **conv)
        with torch.no_grad():
            self.synapse.weight.copy_((3 * self.synapse.weight * 32).round() / 32)
        self.neuron, self.shift = neuron or Neuron(), shift
        self.delay = Delay(outputs) if delay else None

    def forward(self, x):
        flat = x.ndim == 3
        z = self.synapse(x.reshape(x.shape[0], -1, 1, 1, x.shape[-1]) if flat else x)
        x = self.neuron(z.reshape(x.shape[0], -1, x.shape[-1]) if flat else z)
        if self.shift:
            later = torch.zeros_like(x)
            later[..., 1:] = x[..., :-1]
            x = later
        return x if self.delay is None else self.delay(x)


@named("neuron.sigma_delta.Neuron")
class SigmaDelta(nn.Module):
    def forward(self, x):
        return x


@named("block.cuba.Recurrent")
class Recurrent(nn.Module):
    def forward(self, x):
        return x
