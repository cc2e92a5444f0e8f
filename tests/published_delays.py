"""A network as SNN-delays builds it (github.com/Thvnvtos/SNN-delays), and a short training of it."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from DCLS.construct.modules import Dcls1d
from spikingjelly.activation_based import functional, layer, neuron, surrogate
from torch import nn

TAU = 1.005


class Published(nn.Module):
    """Its modules and the names of their tensors are those of `SnnDelays`.

    Each layer pads `taps` - 1 steps before its input, and half as many behind.
    """

    def __init__(
        self,
        sizes: Sequence[int] = (10, 16, 12, 4),
        taps: int = 9,
        *,
        version: str = "max",
        tau: float = TAU,
        plif: bool = False,
        decay_input: bool = False,
        norm: bool = True,
        kernels: int = 1,
        bias: bool = False,
        loss: str = "sum",
        mask: float | None = None,
    ) -> None:
        super().__init__()
        self.norm, self.loss, self.taps = norm, loss, taps
        self.layers: list[list[nn.Module]] = []
        modules = []
        for number, (inputs, outputs) in enumerate(itertools.pairwise(sizes)):
            last = number == len(sizes) - 2
            kind: dict[str, Any] = {"bias": bias, "version": version}
            synapses = Dcls1d(inputs, outputs, kernels, dilated_kernel_size=taps, **kind)
            with torch.no_grad():
                synapses.P.uniform_(-(taps // 2), taps // 2)
                synapses.weight.normal_(0, 0.8)
                synapses.SIG.fill_(1.3)
                if mask:
                    synapses.weight[torch.rand_like(synapses.weight) < mask] = 0
            synapses.SIG.requires_grad = False
            high = 1.2 if loss == "spike_count" else 1e9
            cell: dict[str, Any] = {
                "v_threshold": high if last else 1.0,
                "step_mode": "m",
                "store_v_seq": True,
                "decay_input": decay_input,
                "detach_reset": True,
                "surrogate_function": surrogate.ATan(5.0),
            }
            lif = neuron.ParametricLIFNode(2.0 + number, **cell) if plif else neuron.LIFNode(tau, **cell)
            block = [synapses, lif]
            if not last:
                block += [layer.Dropout(0.4, step_mode="m")]
                block[1:1] = [layer.BatchNorm1d(outputs, step_mode="m")] if norm else []
            self.layers.append(block)
            modules += block
        self.model = nn.Sequential(*modules)

    def whole(self) -> Published:
        """As the work evaluates it: whole positions, kernels of one tap."""
        for synapses, *_ in self.layers:
            with torch.no_grad():
                synapses.SIG.zero_()
                synapses.P.round_()
                synapses.clamp_parameters()
            synapses.version = synapses.DCK.version = "max"
        return self

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for number, (synapses, *others) in enumerate(self.layers):
            x = F.pad(x.permute(1, 2, 0), (self.taps - 1, (self.taps - 1) // 2), "constant", 0)
            x = synapses(x).permute(2, 0, 1)
            if number < len(self.layers) - 1:
                for each in others:
                    is_norm = isinstance(each, layer.BatchNorm1d)
                    x = each(x.unsqueeze(3)).squeeze() if is_norm else each(x)
            else:
                x = others[0](x)
        if self.loss == "spike_count":
            return x.sum(0)
        if self.loss == "sum":
            return torch.softmax(others[0].v_seq, 2).sum(0)
        return others[0].v_seq.max(0)[0] if self.loss == "max" else others[0].v_seq


def patterns(
    samples: int, steps: int, lines: int, classes: int, seed: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """Events [steps, samples, lines] and classes: each line is busy around a time that the class decides."""
    draw = torch.Generator().manual_seed(seed)
    peaks = torch.rand((classes, lines), generator=torch.Generator().manual_seed(1)) * steps
    labels = torch.randint(classes, (samples,), generator=draw)
    near = (torch.arange(steps)[:, None, None] - peaks[labels]).abs() < steps / 10
    share = torch.where(near, 0.6, 0.03)
    return (torch.rand(share.shape, generator=draw) < share).float(), labels


def trained(module: Published, x: torch.Tensor, labels: torch.Tensor, rounds: int) -> Published:
    """`rounds` of Adam on all of `x`, with Gaussian kernels that become narrower, as in the work."""
    synapses = [block[0] for block in module.layers]
    places = [each.P for each in synapses]
    others = [each for name, each in module.named_parameters() if not name.endswith((".P", ".SIG"))]
    steps = torch.optim.Adam([{"params": others, "lr": 1e-2}, {"params": places, "lr": 0.3}])
    first, final = module.taps // 2, 0.23
    module.train()
    for number in range(rounds):
        for each in synapses:
            each.SIG.data.fill_(first * (final / first) ** (number / max(rounds - 1, 1)))
        functional.reset_net(module)
        F.cross_entropy(module(x), labels).backward()
        steps.step()
        steps.zero_grad()
        for each in synapses:
            each.clamp_parameters()
    functional.reset_net(module)
    return module.eval()
