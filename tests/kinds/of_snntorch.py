"""Modules of snnTorch, in a loop over time."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import snntorch
import torch
from snntorch._neurons.neurons import SpikingNeuron
from torch import nn
from torch_networks import events

from kinds.of_spikingjelly import linear
from kinds.row import BATCH, STEPS, Case, Row, compared


class Hidden(nn.Module):
    """Neurons that keep their states by themselves (`init_hidden=True`), or whose states a loop passes."""

    def __init__(self, lif: nn.Module, factor: float) -> None:
        super().__init__()
        self.fc, self.lif = linear(8, 12, factor), lif

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        hidden, found = self.lif.init_hidden, []
        states = () if hidden else self.lif.reset_mem()
        states = states if isinstance(states, tuple) else (states,)
        for each in x:
            given = self.lif(self.fc(each), *states)
            if not hidden:
                given, states = given[0], given[1:] if not self.recurrent else given
            found.append(given)
        return torch.stack(found)

    @property
    def recurrent(self) -> bool:
        return hasattr(self.lif, "recurrent")


def reset(module: nn.Module) -> None:
    for each in module.modules():
        if isinstance(each, SpikingNeuron) and each.init_hidden:
            each.reset_mem()


def neurons(make: Callable[[], nn.Module], factor: float = 4.0) -> Callable[[], str]:
    return compared(
        lambda: Case(
            Hidden(make(), factor), events(STEPS, BATCH, 8, share=0.4), (SpikingNeuron,), "TNC", reset
        )
    )


BETAS = torch.linspace(0.5, 0.95, 12)
Leaky, Synaptic, Lapicque = snntorch.Leaky, snntorch.Synaptic, snntorch.Lapicque
RLeaky = partial(snntorch.RLeaky, 0.8, linear_features=12)
RSynaptic = partial(snntorch.RSynaptic, 0.6, 0.8, linear_features=12)


def _row(kind: str, make: Callable[[], nn.Module]) -> Row:
    return Row("snnTorch", kind, neurons(make))


ROWS = (
    _row("`Leaky`", lambda: Leaky(0.9)),
    _row("`Leaky`, `init_hidden=True`", lambda: Leaky(0.9, init_hidden=True)),
    _row("`Leaky`, a beta and a threshold for each neuron", lambda: Leaky(BETAS, threshold=2 * BETAS)),
    _row("`Leaky`, `reset_mechanism='zero'`", lambda: Leaky(0.9, reset_mechanism="zero")),
    _row("`Leaky`, `reset_mechanism='none'`", lambda: Leaky(0.9, reset_mechanism="none")),
    _row(
        "`Leaky`, `reset_delay=False`, v below two thresholds",
        lambda: Leaky(0.9, threshold=3.2, reset_delay=False),
    ),
    _row("the same, above", lambda: Leaky(0.9, threshold=2.0, reset_delay=False)),
    _row(
        "`Leaky`, `reset_mechanism='zero'`, `reset_delay=False`",
        lambda: Leaky(0.9, reset_mechanism="zero", reset_delay=False),
    ),
    _row("`Leaky`, `beta=0`, subtracts late", lambda: Leaky(0.0)),
    _row("`Leaky`, `inhibition=True`", lambda: Leaky(0.9, inhibition=True)),
    _row("`Leaky`, `graded_spikes_factor=2`", lambda: Leaky(0.9, graded_spikes_factor=2.0)),
    _row("`Synaptic`", lambda: Synaptic(0.6, 0.9)),
    _row("`Synaptic`, `reset_mechanism='zero'`", lambda: Synaptic(0.6, 0.9, reset_mechanism="zero")),
    _row(
        "`Synaptic`, `reset_mechanism='zero'`, `reset_delay=False`",
        lambda: Synaptic(0.6, 0.9, reset_mechanism="zero", reset_delay=False),
    ),
    _row("`Lapicque`", lambda: Lapicque(R=2.0, C=4.0, time_step=0.5, threshold=0.3)),
    _row("`Lapicque`, `reset_mechanism='zero'`", lambda: Lapicque(R=2.0, C=4.0, reset_mechanism="zero")),
    _row("`RLeaky`", RLeaky),
    _row("`RLeaky`, `all_to_all=False`", lambda: snntorch.RLeaky(0.8, all_to_all=False, V=BETAS)),
    _row(
        "`RLeaky`, `reset_mechanism='zero'`, `reset_delay=False`",
        lambda: RLeaky(reset_mechanism="zero", reset_delay=False),
    ),
    _row("`RLeaky`, `reset_mechanism='zero'`", lambda: RLeaky(reset_mechanism="zero")),
    _row("`RLeaky`, `conv2d_channels`", lambda: snntorch.RLeaky(0.8, conv2d_channels=1, kernel_size=3)),
    _row("`RSynaptic`", RSynaptic),
    _row("`RSynaptic`, `reset_delay=False`", lambda: RSynaptic(reset_delay=False)),
    _row("`Alpha`", lambda: snntorch.Alpha(0.9, 0.8)),
    _row("`LeakyParallel`", lambda: snntorch.LeakyParallel(8, 12)),
    _row("`StateLeaky`", lambda: snntorch.StateLeaky(0.9, 12)),
    _row("`SLSTM`", lambda: snntorch.SLSTM(12, 12)),
    _row("`SConv2dLSTM`", lambda: snntorch.SConv2dLSTM(1, 1, 3)),
)
