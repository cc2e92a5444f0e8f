"""Modules of Rockpool: only where it can be imported can these rows be made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch_networks import events

from kinds.row import BATCH, STEPS, Case, Row, compared


def modules() -> Any:
    import rockpool.nn.modules

    return rockpool.nn.modules


class Net(nn.Module):
    def __init__(self, into: nn.Module, neurons: nn.Module) -> None:
        super().__init__()
        self.into, self.neurons = into, neurons

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.into(x)
        return self.neurons(x[0] if isinstance(x, tuple) else x)[0]


def reset(module: nn.Module) -> None:
    for each in module.modules():
        if hasattr(each, "reset_state"):
            each.reset_state()


def neurons(make: Callable[[], nn.Module], linear: bool = False) -> Callable[[], str]:
    def case() -> Case:
        into = modules().LinearTorch((8, 12)) if linear else nn.Linear(8, 12)
        with torch.no_grad():
            into.weight.mul_(3)
        example = events(BATCH, STEPS, 8, share=0.4)
        return Case(Net(into, make()), example, (modules().LIFTorch,), "NTC", reset)

    return compared(case)


def lif(**own: Any) -> nn.Module:
    return modules().LIFTorch(
        12, **{"max_spikes_per_dt": 1, "dt": 1e-3, "tau_mem": 0.01, "tau_syn": 0.005, **own}
    )


def _row(kind: str, made: Callable[[], str]) -> Row:
    return Row("Rockpool", kind, made)


ROWS = (
    _row("`LIFTorch`", neurons(lif)),
    _row("`LIFTorch`, `has_rec=True`", neurons(lambda: lif(has_rec=True))),
    _row("`LIFTorch` behind `LinearTorch`", neurons(lif, linear=True)),
    _row("`LIFTorch`, several spikes a step", neurons(lambda: lif(max_spikes_per_dt=64))),
    _row(
        "`LIFTorch`, two synapses a neuron",
        neurons(lambda: modules().LIFTorch((24, 12), max_spikes_per_dt=1)),
    ),
    _row("`LIFTorch`, `noise_std`", neurons(lambda: lif(noise_std=0.1))),
    _row("`LIFBitshiftTorch`", neurons(lambda: modules().LIFBitshiftTorch(12))),
    _row("`LIFNeuronTorch`", neurons(lambda: modules().LIFNeuronTorch(12))),
    _row("`aLIFTorch`", neurons(lambda: modules().aLIFTorch(12))),
    _row("`ExpSynTorch`", neurons(lambda: modules().ExpSynTorch(12))),
    _row("`RateTorch`", neurons(lambda: modules().RateTorch(12))),
)
