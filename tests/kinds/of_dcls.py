"""Convolutions with learned positions, in which each position in time is a delay."""

from __future__ import annotations

from collections.abc import Callable

import torch
from DCLS.construct import modules as dcls
from spikingjelly.activation_based import functional
from torch import nn
from torch.nn import functional as F
from torch_networks import events

from kinds.of_torch import GRID, SPIKING, all_steps, alone, lif
from kinds.row import BATCH, STEPS, Case, Row, compared

TAPS = 7


class OverTime(nn.Module):
    """[T, N, C, ...]: neurons of all steps behind synapses that take time at the dimension `at`."""

    def __init__(self, synapses: nn.Module, at: int = -1) -> None:
        super().__init__()
        self.synapses, self.node, self.at = synapses, lif(0.3), at
        self.node.step_mode = "m"

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x.movedim(0, self.at)
        widths = [0, 0] * (x.ndim - 1 - self.at % x.ndim) + [TAPS - 1, 0]
        return self.node(self.synapses(F.pad(x, widths)).movedim(self.at, 0))


def over_time(
    make: Callable[[], nn.Module], lines: tuple[int, ...] = (8,), at: int = -1
) -> Callable[[], str]:
    def case() -> Case:
        synapses = make()
        with torch.no_grad():
            synapses.weight.normal_(0, 0.7)
            synapses.P.uniform_(-2, 2)
        example = events(STEPS, BATCH, *lines, share=0.4)
        return Case(OverTime(synapses, at), example, SPIKING, "TNCHW"[: example.ndim], functional.reset_net)

    return compared(case)


def one(version: str, count: int = 1, **own: object) -> Callable[[], str]:
    return over_time(lambda: dcls.Dcls1d(8, 12, count, dilated_kernel_size=TAPS, version=version, **own))


def _row(kind: str, made: Callable[[], str]) -> Row:
    return Row("DCLS", kind, made)


ROWS = (
    _row("`Dcls1d`, `version='max'`", one("max")),
    _row("`Dcls1d`, `version='gauss'`: each position is a bell of delays", one("gauss")),
    _row("`Dcls1d`, `version='v1'`: between two steps", one("v1")),
    _row("`Dcls1d`, `version='v0'`", one("v0")),
    _row("`Dcls1d`, `kernel_count=3`: several delays a synapse", one("max", 3)),
    _row("`Dcls1d`, `groups=2`, no bias", one("max", groups=2, bias=False)),
    _row(
        "`Dcls2d` over places",
        alone(lambda: dcls.Dcls2d(2, 4, 3, padding=2, dilated_kernel_size=5), GRID),
    ),
    _row(
        "`Dcls2dK1d`, time and places",
        over_time(lambda: dcls.Dcls2dK1d(3, 5, 1, dilated_kernel_size=(TAPS,)), (3, 6), at=2),
    ),
    _row(
        "`Dcls3_1d`, time and a grid",
        over_time(
            lambda: dcls.Dcls3_1d(
                2, 4, 1, padding=(0, 1, 1), dense_kernel_size=3, dilated_kernel_size=TAPS, version="max"
            ),
            (2, 5, 5),
            at=2,
        ),
    ),
    _row(
        "`Dcls3d`, learned in time and both places",
        over_time(lambda: dcls.Dcls3d(2, 4, 3, dilated_kernel_size=(TAPS, 3, 3)), (2, 5, 5), at=2),
    ),
    _row(
        "PyTorch's `Conv2d` over rows and time, the form of a kernel over one dimension",
        all_steps(lambda: OverTime(nn.Conv2d(3, 5, (3, TAPS), stride=(2, 1), padding=(1, 0))), (3, 6)),
    ),
)
