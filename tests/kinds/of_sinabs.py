"""Modules of sinabs: only where it can be imported can these rows be made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch
from torch import nn
from torch_networks import events

from kinds.row import BATCH, STEPS, Case, Row, compared


def layers() -> Any:
    import sinabs.layers

    return sinabs.layers


def single(**own: Any) -> dict[str, Any]:
    """One spike a step, as the contract has it."""
    from sinabs import activation

    return {"spike_fn": activation.SingleSpike, **own}


def zero(**own: Any) -> dict[str, Any]:
    from sinabs import activation

    return single(reset_fn=activation.MembraneReset(), **own)


def threshold(value: float) -> dict[str, torch.Tensor]:
    return {"spike_threshold": torch.tensor(value)}


def reset(module: nn.Module) -> None:
    for each in module.modules():
        if hasattr(each, "reset_states"):
            each.reset_states()


def _case(*parts: nn.Module, lines: tuple[int, ...] = (8,), spikes: bool = True) -> Case:
    example = events(BATCH, STEPS, *lines, share=0.4)
    kinds = (layers().StatefulLayer,) if spikes else ()
    return Case(nn.Sequential(*parts), example, kinds, "NTCHW"[: example.ndim], reset)


def neurons(make: Callable[[], nn.Module]) -> Callable[[], str]:
    def case() -> Case:
        fc = nn.Linear(8, 12)
        with torch.no_grad():
            fc.weight.mul_(3)
        return _case(fc, make())

    return compared(case)


def grid(make: Callable[[], nn.Module]) -> Callable[[], str]:
    """A module between neurons of a grid, recordings and steps in one dimension."""

    def case() -> Case:
        first, second = (layers().IAFSqueeze(**single(batch_size=BATCH, **threshold(k))) for k in (0.3, 0.37))
        parts = nn.Conv2d(2, 4, 3), first, make(), second
        ends = layers().FlattenTime(), layers().UnflattenTime(BATCH)
        return replace(_case(ends[0], *parts, ends[1], lines=(2, 6, 6)), merged=True)

    return compared(case)


def recurrent() -> nn.Module:
    inside = nn.Linear(12, 12, bias=False)
    return layers().LIFRecurrent(tau_mem=10.0, rec_connect=inside, norm_input=False, **single())


class Both(nn.Module):
    """Two ways, merged."""

    def __init__(self) -> None:
        super().__init__()
        self.merge, self.pool = layers().Merge(), nn.Identity()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.merge(x, 0.5 * self.pool(x))


def _row(kind: str, made: Callable[[], str]) -> Row:
    return Row("sinabs", kind, made)


ROWS = (
    _row("`IAF`", neurons(lambda: layers().IAF(**single()))),
    _row("`IAF`, `MembraneReset()`", neurons(lambda: layers().IAF(**zero()))),
    _row("`IAFSqueeze`", grid(nn.Identity)),
    _row("`LIF`", neurons(lambda: layers().LIF(tau_mem=10.0, **single(**threshold(0.1))))),
    _row(
        "`LIF`, `tau_syn`, `norm_input=False`",
        neurons(lambda: layers().LIF(tau_mem=10.0, tau_syn=4.0, norm_input=False, **single())),
    ),
    _row("`LIFRecurrent`", neurons(recurrent)),
    _row("`ExpLeak`", compared(lambda: _case(nn.Linear(8, 5), layers().ExpLeak(tau_mem=10.0), spikes=False))),
    _row("`SumPool2d`", grid(lambda: layers().SumPool2d(2))),
    _row("`Merge`", grid(Both)),
    _row("`Cropping2dLayer`", grid(lambda: layers().Cropping2dLayer(((1, 0), (0, 1))))),
    _row("`ChannelShift`", grid(lambda: layers().ChannelShift(2))),
    _row("`SpikingMaxPooling2dLayer`", grid(lambda: layers().SpikingMaxPooling2dLayer(2))),
    _row("`NeuromorphicReLU`", grid(lambda: layers().NeuromorphicReLU())),
    _row("`LIF`, several spikes a step", neurons(lambda: layers().LIF(tau_mem=10.0))),
    _row("`IAF`, `min_v_mem=-1`", neurons(lambda: layers().IAF(min_v_mem=-1.0, **single()))),
    _row("`ALIF`", neurons(lambda: layers().ALIF(tau_mem=10.0, tau_adapt=10.0))),
)
