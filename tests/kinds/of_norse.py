"""Modules of Norse."""

from __future__ import annotations

from collections.abc import Callable

import norse.torch as norse
import torch
from norse.torch.functional.reset import reset_subtract
from norse.torch.module.snn import SNN, SNNCell, SNNRecurrent, SNNRecurrentCell
from torch import nn
from torch_networks import events

from kinds.of_spikingjelly import linear
from kinds.row import BATCH, STEPS, Case, Row, compared

SPIKING = (SNN, SNNCell, SNNRecurrent, SNNRecurrentCell)
P = norse.LIFParameters(v_th=torch.tensor(0.6))
PER_NEURON = P._replace(tau_mem_inv=torch.linspace(80, 400, 12), v_th=torch.linspace(0.3, 0.9, 12))
BOX = norse.LIFBoxParameters(v_th=torch.tensor(0.6))


class Over(nn.Module):
    """Cells in a loop over time; the outputs of the last one."""

    def __init__(self, *parts: nn.Module) -> None:
        super().__init__()
        self.net = norse.SequentialState(*parts)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        state, found = None, []
        for each in x:
            given, state = self.net(each, state)
            found.append(given)
        return torch.stack(found)


class First(nn.Module):
    """Modules that take all steps at once, without the states that they give."""

    def __init__(self, *parts: nn.Module) -> None:
        super().__init__()
        self.net = norse.SequentialState(*parts)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.net(x)[0]


def _case(module: nn.Module, spikes: bool = True, lines: tuple[int, ...] = (8,)) -> Case:
    example = events(STEPS, BATCH, *lines, share=0.4)
    return Case(module, example, SPIKING if spikes else (), "TNCHW"[: example.ndim])


def cell(make: Callable[[], nn.Module], spikes: bool = True, factor: float = 20.0) -> Callable[[], str]:
    return compared(lambda: _case(Over(linear(8, 12, factor), make()), spikes))


def bare(*make: Callable[[], nn.Module]) -> Callable[[], str]:
    """Cells with weights of their own."""
    return compared(lambda: _case(Over(*(each() for each in make))))


def whole(*make: Callable[[], nn.Module], lines: tuple[int, ...] = (8,)) -> Callable[[], str]:
    return compared(lambda: _case(First(*(each() for each in make)), lines=lines))


def stronger(module: nn.Module) -> nn.Module:
    with torch.no_grad():
        module.input_weights.mul_(12)
    return module


def _row(kind: str, made: Callable[[], str]) -> Row:
    return Row("Norse", kind, made)


def strong_conv() -> nn.Module:
    made = nn.Conv2d(2, 4, 3)
    with torch.no_grad():
        made.weight.mul_(20)
    return made


ROWS = (
    _row("`LIFCell`", cell(lambda: norse.LIFCell(P))),
    _row("`LIFCell`, times and thresholds of each neuron", cell(lambda: norse.LIFCell(PER_NEURON))),
    _row(
        "`LIFCell`, `v_reset` other than `v_leak`",
        cell(lambda: norse.LIFCell(P._replace(v_reset=torch.tensor(0.1)))),
    ),
    _row("`LIF`", whole(lambda: linear(8, 12, 20.0), lambda: norse.LIF(P))),
    _row("`LIFRecurrentCell`", bare(lambda: stronger(norse.LIFRecurrentCell(8, 12, P)))),
    _row("`LIFRecurrent`", whole(lambda: stronger(norse.LIFRecurrent(8, 12, P)))),
    _row("`LIFBoxCell`", cell(lambda: norse.LIFBoxCell(BOX))),
    _row(
        "`LIFBoxCell`, `reset_method=reset_subtract`",
        cell(lambda: norse.LIFBoxCell(BOX._replace(reset_method=reset_subtract))),
    ),
    _row("`IAFCell`", cell(lambda: norse.IAFCell(norse.IAFParameters(v_th=torch.tensor(6.0))))),
    _row("`LICell`", cell(lambda: norse.LICell(), spikes=False)),
    _row("`LIBoxCell`", cell(lambda: norse.LIBoxCell(), spikes=False)),
    _row("`LILinearCell`", compared(lambda: _case(Over(norse.LILinearCell(8, 5)), False))),
    _row("`LI`", compared(lambda: _case(First(linear(8, 5), norse.LI()), False))),
    _row(
        "`Lift(Conv2d)`, `LIF`",
        whole(lambda: norse.Lift(strong_conv()), lambda: norse.LIF(P), lines=(2, 5, 5)),
    ),
    _row("`LIFRefracCell`", cell(norse.LIFRefracCell)),
    _row("`LSNNCell`", cell(norse.LSNNCell)),
    _row("`LIFAdExCell`", cell(norse.LIFAdExCell)),
    _row("`LIFExCell`", cell(norse.LIFExCell)),
    _row("`IzhikevichCell`", cell(lambda: norse.IzhikevichCell(norse.tonic_spiking))),
    _row("`CobaLIFCell`", bare(lambda: norse.CobaLIFCell(8, 12))),
    _row("`LIFMCRecurrentCell`", bare(lambda: norse.LIFMCRecurrentCell(8, 12))),
)
