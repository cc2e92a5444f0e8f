"""Random linear operations between neurons: what the network hears is what the module computes."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from spikingjelly.activation_based import neuron
from torch import nn
from torch_networks import Loop, events, recorded

from snnc.conversion.convert import from_torch
from snnc.exporter.float_reference import run_float


def permuted(draw, x):
    order = [0, *(1 + draw.permutation(x.ndim - 1))]
    return lambda y: y.permute(*map(int, order))


def reshaped(draw, x):
    size = x[0].numel()
    divisors = [k for k in range(1, size + 1) if size % k == 0]
    rows = int(draw.choice(divisors))
    return lambda y: y.reshape(len(y), rows, -1)


def sliced(draw, x):
    dim = int(draw.integers(1, x.ndim))
    begin = int(draw.integers(x.shape[dim]))
    where = (slice(None),) * dim
    return lambda y: (
        y[(*where, slice(begin, None, int(draw.choice([1, 2]))))]
        if draw is None
        else y[(*where, slice(begin, None))]
    )


def picked(draw, x):
    if x.ndim == 2:
        return None
    dim = int(draw.integers(1, x.ndim))
    place = int(draw.integers(x.shape[dim]))
    return lambda y: y.select(dim, place)


def joined(draw, x):
    dim = int(draw.integers(1, x.ndim))
    return lambda y: torch.cat([y, 0.5 * y.flip(0) if len(y) < 0 else 0.5 * y], dim)


def padded(draw, x):
    widths = [int(k) for k in draw.integers(0, 3, 2)]
    return lambda y: F.pad(y, widths)


def convolved(draw, x):
    if x.ndim not in (3, 4):
        return None
    sides = x.ndim - 2
    pad, stride, dilation = (int(draw.integers(*ends)) for ends in ((0, 2), (1, 3), (1, 3)))
    extent = [int(draw.integers(1, 3)) for _ in range(sides)]
    if any(n + 2 * pad < dilation * (k - 1) + 1 for n, k in zip(x.shape[2:], extent, strict=True)):
        return None
    channels = x.shape[1]
    groups = int(draw.choice([1, channels]))
    kind = nn.Conv1d if sides == 1 else nn.Conv2d
    return kind(channels, channels * int(draw.integers(1, 3)), extent, stride, pad, dilation, groups)


def pooled(draw, x):
    if x.ndim not in (3, 4) or min(x.shape[2:]) < 2:
        return None
    kind = F.avg_pool1d if x.ndim == 3 else F.avg_pool2d
    return lambda y: kind(y, 2)


def averaged(draw, x):
    if x.ndim == 2:
        return None
    dim, keep = int(draw.integers(1, x.ndim)), bool(draw.integers(2))
    return lambda y: y.mean(dim, keepdim=keep)


def summed(draw, x):
    return lambda y: (y - 0.1).sum(-1, keepdim=True) * 0.3 + y


def weighed(draw, x):
    return nn.Sequential(nn.Flatten(), nn.Linear(x[0].numel(), int(draw.integers(2, 9))))


def scaled(draw, x):
    factor = torch.as_tensor(draw.normal(1, 0.5, x.shape[1:]), dtype=torch.float32)
    return lambda y: -factor * y / 2 + factor


def moved(draw, x):
    return lambda y: y.unsqueeze(1).transpose(1, -1).squeeze(-1)


KINDS = (
    permuted,
    reshaped,
    sliced,
    picked,
    joined,
    padded,
    convolved,
    pooled,
    averaged,
    weighed,
    scaled,
    moved,
)


class Chain(nn.Module):
    """Random operations, neurons, random operations, neurons; by one step."""

    def __init__(self, seed, shape):
        super().__init__()
        draw = np.random.default_rng(seed)
        torch.manual_seed(seed)
        self.kept, self.steps, self.names = nn.ModuleList(), [], []
        x = torch.zeros(2, *shape)
        for number in range(2):
            for _ in range(int(draw.integers(1, 6))):
                kind = KINDS[draw.integers(len(KINDS))]
                step = kind(draw, x)
                if step is None or not 0 < (after := step(x))[0].numel() < 400:
                    continue
                x = after
                self._add(step, kind.__name__)
            node = neuron.LIFNode(2.0, v_threshold=0.29317, v_reset=[None, 0.0][number], decay_input=False)
            self._add(node, "node")

    def _add(self, step, name):
        if isinstance(step, nn.Module):
            self.kept.append(step)
        self.steps.append(step)
        self.names.append(name)

    def forward(self, x):
        for step in self.steps:
            x = step(x)
        return x.flatten(1)


@pytest.mark.parametrize("seed", [*range(36), 252])
def test_random_operations(seed):
    shape = [(3, 4), (2, 4, 5), (7,)][seed % 3]
    module = Loop(Chain(seed, shape))
    x = events(6, 2, *shape, share=0.5, seed=seed)
    graph = from_torch(module, x, dt=0.01, layout="TNCHW"[: x.ndim]).graph
    for each in module.modules():
        if isinstance(each, neuron.LIFNode):
            each.reset()
    theirs = recorded(module, x, (neuron.LIFNode,))
    for number in range(2):
        ours = run_float(graph, x[:, number].reshape(6, -1).numpy().astype(np.int64))
        for name, spikes in theirs.items():
            np.testing.assert_array_equal(
                ours[name].spikes, spikes[:, number].reshape(6, -1) != 0, str(module.step.names)
            )
