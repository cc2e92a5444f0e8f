"""Input trains that drive neurons behind hidden layers far up or down, by gradients through the network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from snnc import formats
from snnc.compiled import compiled
from snnc.hwsim.event_driven import simulate
from snnc.stages import QuantizedGraph, QuantizedLayer

ONE = formats.DECAY_ONE

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]


def surrogate(x: Tensor) -> Tensor:
    """The derivative of a fast sigmoid (Zenke and Ganguli 2018) of width 1/2; instead of that of a step."""
    return 1 / (1 + 2 * x.abs()) ** 2


class Heaviside(torch.autograd.Function):
    """1 above 0."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        ctx.save_for_backward(x)
        return (x > 0).float()

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        (x,) = ctx.saved_tensors
        return gradients[0] * surrogate(x)


@compiled
def deliver(weight: Floats, start: Ints, sent: Floats, into: Floats) -> None:
    """Add to `into` [neurons, T * batch] what arrives of `sent` [inputs, T * batch]."""
    size = sent.shape[1]
    for i in range(weight.shape[0]):
        for j in range(weight.shape[1]):
            w, first = weight[i, j], start[i, j]
            row, train = into[i, first:], sent[j, : size - first]
            for k in range(len(row)):
                row[k] += w * train[k]


@compiled
def deliver_back(weight: Floats, start: Ints, arrived: Floats, into: Floats) -> None:
    """`deliver` transposed: from [neurons, T * batch] to [inputs, T * batch]."""
    size = arrived.shape[1]
    for j in range(weight.shape[1]):
        for i in range(weight.shape[0]):
            w, first = weight[i, j], start[i, j]
            row, train = into[j, : size - first], arrived[i, first:]
            for k in range(len(row)):
                row[k] += w * train[k]


class Synapses(torch.autograd.Function):
    """a [neurons, T, batch] from trains [inputs, T, batch].

    As each synapse has one delay, a convolution over all delays would mostly add zeros.
    """

    @staticmethod
    def forward(ctx: Any, trains: Tensor, weight: Floats, delay: Ints) -> Tensor:
        ctx.synapses = weight, delay * trains.shape[2]
        a = torch.zeros(len(weight), *trains.shape[1:])
        deliver(*ctx.synapses, trains.detach().flatten(1).numpy(), a.flatten(1).numpy())
        return a

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        weight, start = ctx.synapses
        back = torch.zeros(weight.shape[1], *gradients[0].shape[1:])
        deliver_back(weight, start, gradients[0].contiguous().flatten(1).numpy(), back.flatten(1).numpy())
        return back, None, None


class Membrane(torch.autograd.Function):
    """Spikes and v before the reset from a, all [neurons, T, batch]. The reset is a mask, without derivative.

    All steps are one node of autograd's graph.
    """

    @staticmethod
    def forward(ctx: Any, a: Tensor, bias: Tensor, kept: float, top: float) -> tuple[Tensor, Tensor]:
        v = torch.zeros(a.shape[1], *a.shape[::2])
        for t, now in enumerate(a.unbind(1)):
            left = v[t - 1].where(v[t - 1] <= top, 0).mul_(kept) if t else v[t]
            torch.add(left.add_(now), bias, out=v[t])
        ctx.save_for_backward(v)
        ctx.kept, ctx.top = kept, top
        v = v.transpose(0, 1)
        return (v > top).float(), v.contiguous()

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None, None]:
        (v,) = ctx.saved_tensors
        of_spikes, back = (gradient.transpose(0, 1) for gradient in gradients)
        if ctx.top < np.inf:
            back = back + of_spikes * surrogate(v / ctx.top - 1) / ctx.top
        back, through = back.contiguous(), ctx.kept * (v <= ctx.top)
        for t in reversed(range(1, len(v))):
            back[t - 1].addcmul_(back[t], through[t - 1])
        return back.transpose(0, 1), None, None, None


def extreme_v(
    graph: QuantizedGraph, index: int, neurons: Sequence[int], sign: int, rounds: int
) -> npt.NDArray[np.int64]:
    """The highest (`sign` 1) or lowest (-1) v, before the reset, that gradients lead to; int64 [neurons].

    It ascends the v of the last step of `neurons` of layer `index`, in floating point without rounding; what
    counts, and is returned, is what the simulator computes from the trains it found. `decay_u` must be 4096.
    """
    layers = graph.layers[: index + 1]
    assert all(layer.decay_u == ONE for layer in layers)
    scale = 1 << formats.STATE_FRACTION_BITS
    synapses = [(np.float32(layer.weight * scale), np.array(layer.delay)) for layer in layers]
    which = torch.tensor(neurons), -1, torch.arange(len(neurons))

    def last_v(trains: Tensor, spike: bool) -> Tensor:
        for layer, those in zip(layers, synapses, strict=True):
            a = Synapses.apply(trains, *those)
            trains, v = _run(layer, a) if spike or layer is layers[-1] else (a, a)
        return v[*which]

    silent = torch.zeros(graph.inputs, graph.time_steps, len(neurons), requires_grad=True)
    (worth,) = torch.autograd.grad(sign * last_v(silent, spike=False).sum(), silent)
    wish = (0.2 * worth / worth.std()).requires_grad_()  # an input spikes where it is above 0
    ascent = torch.optim.Adam([wish], lr=0.1)
    found = torch.full((len(neurons),), -torch.inf)
    best = torch.zeros_like(wish, dtype=torch.bool)
    for _ in range(rounds):
        v = sign * last_v(Heaviside.apply(wish), spike=True)
        better = v > found
        found, best[..., better] = torch.maximum(found, v.detach()), wish[..., better] > 0
        ascent.zero_grad()
        (-v.sum() / 6400).backward()
        ascent.step()
    reached = _v_of_last_step(graph, index, best.numpy().T)
    return reached[np.arange(len(neurons)), list(neurons)]


def _v_of_last_step(
    graph: QuantizedGraph, index: int, trains: npt.NDArray[np.bool_]
) -> npt.NDArray[np.int64]:
    """v before the reset; int64 [samples, neurons]."""
    layer, state = graph.layers[index], simulate(graph, trains).layers[index]
    before = state.v[:, -2].astype(np.int64)
    kept = np.sign(before) * (np.abs(before) * (ONE - layer.decay_v) // ONE)
    return kept + state.u[:, -1] + layer.bias


def _run(layer: QuantizedLayer, a: Tensor) -> tuple[Tensor, Tensor]:
    """Spikes (of a readout: none) and v before the reset from a times 64, all [neurons, T, batch]."""
    bias = torch.tensor(np.array(layer.bias, np.float32))[:, None]
    top = np.inf if layer.threshold is None else float(layer.threshold << formats.STATE_FRACTION_BITS)
    return Membrane.apply(a, bias, 1 - layer.decay_v / ONE, top)
