"""Modules of neurons that adapt, their converters, and the same neurons by hand, in float64."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn
from torch_networks import Loop

from snnc.conversion.neurons import Cell, Gives

LINES, NEURONS = 6, 5


def spread(low, high):
    """A number for each neuron."""
    return torch.linspace(low, high, NEURONS).double()


def gives(args, kwargs, output):
    return Gives(current=args[0], spikes=output)


class Alif(nn.Module):
    """Its threshold rises by `beta` with each spike; what it rose by decays by the factor `rho`.

    A spike subtracts `vth` after v decayed; with `reset` "zero" v is 0, with "none" it stays.
    """

    def __init__(self, alpha=0.9, rho=0.97, beta=0.5, vth=1.0, gain=0.4, reset="subtract"):
        super().__init__()
        self.alpha, self.rho, self.beta, self.vth, self.gain = alpha, rho, beta, vth, gain
        self.reset = reset
        self.clear()

    def clear(self):
        self.v = self.a = self.s = torch.zeros(1).double()

    def forward(self, x):
        self.a = self.rho * self.a + self.s
        left = self.v * (1 - self.s) if self.reset == "zero" else self.v
        self.v = self.alpha * left + self.gain * x - self.s * self.vth * (self.reset == "subtract")
        self.s = (self.v - self.vth - self.beta * self.a > 0).double()
        return self.s

    def by_hand(self, arriving):
        """Spikes [T, ...] where `arriving` [T, ...] does, and how near v ever was to the threshold.

        Of the reset "subtract".
        """
        alpha, rho, beta, vth, gain = map(np.asarray, (self.alpha, self.rho, self.beta, self.vth, self.gain))
        v = a = s = np.zeros(arriving.shape[1:])
        spikes, nearest = [], np.inf
        for x in arriving:
            a = rho * a + s
            v = alpha * v + gain * x - s * vth
            over = v - (vth + beta * a)
            s = (over > 0).astype(float)
            spikes.append(s)
            nearest = min(nearest, np.abs(over).min())
        return np.stack(spikes), nearest


def of_alif(module, **told):
    alpha, rho, beta = module.alpha, module.rho, module.beta
    return {
        "model": "adlif",
        "keep_u": 0.0,
        "keep_v": alpha,
        "threshold": module.vth,
        "fires": "above",
        "reset": "subtract",
        "reset_by": (module.vth + beta) / alpha,
        "keep_w": rho,
        "ka": 0.0,
        "kb": beta * (rho - alpha),
        "order": "old",
    } | told


def alif(module, name, **told):
    return Cell(name, of_alif(module, **told), gain=module.gain, gives=gives, clear=module.clear)


class Coupled(Alif):
    """w takes from v, and follows v and the spikes: adLIF, as Bittar and Garner (2022) write it."""

    def __init__(self, alpha=0.8, beta=0.9, a=0.4, b=0.6):
        super().__init__(alpha)
        self.beta, self.of_v, self.of_s = beta, a, b

    def clear(self):
        self.v = self.w = self.s = torch.zeros(1).double()

    def forward(self, x):
        self.w = self.beta * self.w + self.of_v * self.v + self.of_s * self.s
        self.v = self.alpha * (self.v - self.s) + (1 - self.alpha) * (x - self.w)
        self.s = (self.v > 1).double()
        return self.s

    def by_hand(self, arriving):
        alpha, beta, of_v, of_s = map(np.asarray, (self.alpha, self.beta, self.of_v, self.of_s))
        v = w = s = np.zeros(arriving.shape[1:])
        spikes, nearest = [], np.inf
        for x in arriving:
            w = beta * w + of_v * v + of_s * s
            v = alpha * (v - s) + (1 - alpha) * (x - w)
            s = (v > 1).astype(float)
            spikes.append(s)
            nearest = min(nearest, np.abs(v - 1).min())
        return np.stack(spikes), nearest


def coupled(module, name, **told):
    rest = 1 - module.alpha
    parameters = {
        "model": "adlif",
        "keep_u": 0.0,
        "keep_v": module.alpha,
        "threshold": 1.0,
        "reset": "subtract",
        "reset_by": 1.0,
        "keep_w": module.beta,
        "ka": rest * module.of_v,
        "kb": rest * (module.of_v + module.of_s),
        "order": "new",
    }
    return Cell(name, parameters | told, gain=rest, gives=gives, clear=module.clear)


class Tired(Alif):
    """A spike sets v to zero, and adds `beta` to w, which is subtracted from v a step later."""

    def __init__(self, alpha=0.8, rho=0.9, beta=0.2):
        super().__init__(alpha, rho, beta)

    def clear(self):
        self.v = self.w = self.s = torch.zeros(1).double()

    def forward(self, x):
        self.v = self.alpha * self.v * (1 - self.s) + (1 - self.alpha) * x - self.w
        self.w = self.rho * self.w + self.beta * self.s
        self.s = (self.v > self.vth).double()
        return self.s

    def by_hand(self, arriving):
        alpha, rho, beta = map(np.asarray, (self.alpha, self.rho, self.beta))
        v = w = s = np.zeros(arriving.shape[1:])
        spikes, nearest = [], np.inf
        for x in arriving:
            v = alpha * np.where(s, 0, v) + (1 - alpha) * x - w
            w = rho * w + beta * s
            s = (v > self.vth).astype(float)
            spikes.append(s)
            nearest = min(nearest, np.abs(v - self.vth).min())
        return np.stack(spikes), nearest


def tired(module, name, keep_v=None):
    keep_v = module.alpha if keep_v is None else keep_v
    parameters = {
        "model": "adlif",
        "keep_u": 0.0,
        "keep_v": keep_v,
        "threshold": module.vth,
        "reset": "zero",
        "keep_w": module.rho,
        "ka": 0.0,
        "kb": module.beta,
        "order": "old",
    }
    return Cell(name, parameters, gain=1 - keep_v, gives=gives, clear=module.clear)


def behind_weights(neurons, size=2.0, seed=3):
    """`neurons` behind random weights, in a loop over time."""
    draw = torch.Generator().manual_seed(seed)
    weights = nn.Linear(LINES, NEURONS).double()
    with torch.no_grad():
        weights.weight.copy_(size * (torch.rand(NEURONS, LINES, generator=draw).double() - 0.2))
        weights.bias.copy_(0.3 * torch.rand(NEURONS, generator=draw).double())
    return Loop(nn.Sequential(weights, neurons))


def spikes_by_hand(module, events):
    """[T, N, neurons] of a module of `behind_weights`, and how near v ever was to the threshold."""
    weights, neurons = module.step
    weight, bias = weights.weight.detach().numpy(), weights.bias.detach().numpy()
    return neurons.by_hand(events.numpy() @ weight.T + bias)
