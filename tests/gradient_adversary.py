"""Input trains that drive neurons behind hidden layers far up or down, by gradients through the network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn.functional import conv1d, pad

from snnc import formats
from snnc.hwsim.event_driven import simulate
from snnc.stages import QuantizedGraph, QuantizedLayer

ONE = formats.DECAY_ONE


class Heaviside(torch.autograd.Function):
    """1 above 0, with the derivative of a fast sigmoid (Zenke and Ganguli 2018) of width 1/2."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        ctx.save_for_backward(x)
        return (x > 0).float()

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        (x,) = ctx.saved_tensors
        return gradients[0] / (1 + 2 * x.abs()) ** 2


def extreme_v(
    graph: QuantizedGraph, index: int, neurons: Sequence[int], sign: int, rounds: int
) -> npt.NDArray[np.int64]:
    """The highest (`sign` 1) or lowest (-1) v, before the reset, that gradients lead to; int64 [neurons].

    It ascends the v of the last step of `neurons` of layer `index`, in floating point without rounding; what
    counts, and is returned, is what the simulator computes from the trains it found. `decay_u` must be 4096.
    """
    layers = graph.layers[: index + 1]
    assert all(layer.decay_u == ONE for layer in layers)
    kernels = [_kernel(layer) for layer in layers]
    which = torch.arange(len(neurons)), torch.tensor(neurons)

    def last_v(trains: Tensor, spike: bool) -> Tensor:
        for layer, kernel in zip(layers, kernels, strict=True):
            a = conv1d(pad(trains, (kernel.shape[2] - 1, 0)), kernel)
            trains, v = _run(layer, a) if spike or layer is layers[-1] else (a, a)
        return v[*which, -1]

    silent = torch.zeros(len(neurons), graph.inputs, graph.time_steps, requires_grad=True)
    (worth,) = torch.autograd.grad(sign * last_v(silent, spike=False).sum(), silent)
    wish = (0.2 * worth / worth.std()).requires_grad_()  # an input spikes where it is above 0
    ascent = torch.optim.Adam([wish], lr=0.1)
    found = torch.full((len(neurons),), -torch.inf)
    best = torch.zeros_like(wish, dtype=torch.bool)
    for _ in range(rounds):
        v = sign * last_v(Heaviside.apply(wish), spike=True)
        better = v > found
        found, best[better] = torch.maximum(found, v.detach()), wish[better] > 0
        ascent.zero_grad()
        (-v.sum() / 6400).backward()
        ascent.step()
    reached = _v_of_last_step(graph, index, best.numpy().transpose(0, 2, 1))
    return reached[np.arange(len(neurons)), list(neurons)]


def _v_of_last_step(
    graph: QuantizedGraph, index: int, trains: npt.NDArray[np.bool_]
) -> npt.NDArray[np.int64]:
    """v before the reset; int64 [samples, neurons]."""
    layer, state = graph.layers[index], simulate(graph, trains).layers[index]
    before = state.v[:, -2].astype(np.int64)
    kept = np.sign(before) * (np.abs(before) * (ONE - layer.decay_v) // ONE)
    return kept + state.u[:, -1] + layer.bias


def _kernel(layer: QuantizedLayer) -> Tensor:
    """The layer's synapses as a convolution in time, in units of v: float32 [neurons, inputs, delays]."""
    kernel = torch.zeros(layer.neurons, layer.inputs, layer.max_delay + 1)
    target, source = np.indices(layer.weight.shape)
    weight = torch.tensor(np.asarray(layer.weight, np.float32))
    kernel[target, source, layer.max_delay - layer.delay] = weight * (1 << formats.STATE_FRACTION_BITS)
    return kernel


def _run(layer: QuantizedLayer, a: Tensor) -> tuple[Tensor, Tensor]:
    """Spikes (of a readout: none) and v before the reset, float32 [batch, neurons, T], from a times 64."""
    bias = torch.tensor(np.asarray(layer.bias, np.float32))
    top = None if layer.threshold is None else layer.threshold << formats.STATE_FRACTION_BITS
    v, spikes, rows = torch.zeros(a.shape[:2]), [], []
    for t in range(a.shape[2]):
        v = v * (1 - layer.decay_v / ONE) + a[:, :, t] + bias
        rows.append(v)
        spikes.append(torch.zeros_like(v) if top is None else Heaviside.apply(v / top - 1))
        v = v * (spikes[-1] == 0)
    return torch.stack(spikes, 2), torch.stack(rows, 2)
