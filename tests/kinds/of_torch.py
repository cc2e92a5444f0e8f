"""Modules of PyTorch between neurons of SpikingJelly, in a loop over time."""

from __future__ import annotations

from collections.abc import Callable

import torch
from spikingjelly.activation_based import functional, neuron
from torch import nn
from torch.nn import functional as F
from torch_networks import events, settled

from kinds.row import BATCH, STEPS, Case, Row, compared, in_loop

SPIKING = (neuron.BaseNode,)
LINE, GRID, ROW = (8,), (2, 6, 6), (3, 8)


def lif(threshold: float = 0.5) -> nn.Module:
    return neuron.LIFNode(2.0, decay_input=False, v_threshold=threshold)


def case(*parts: nn.Module, lines: tuple[int, ...] = LINE, neurons: tuple[type, ...] = SPIKING) -> Case:
    return in_loop(*parts, lines=lines, neurons=neurons, reset=functional.reset_net)


def between(made: Callable[[], nn.Module], lines: tuple[int, ...], before: bool = False) -> Callable[[], str]:
    """Weights, the module, neurons. `before`: neurons in front, so that the module takes spikes."""

    def make() -> Case:
        weights = {1: nn.Linear(8, 12), 2: nn.Conv1d(3, 4, 3), 3: nn.Conv2d(2, 4, 3)}[len(lines)]
        return case(weights, *([lif()] if before else []), made(), lif(0.3), lines=lines)

    return compared(make)


def alone(made: Callable[[], nn.Module], lines: tuple[int, ...]) -> Callable[[], str]:
    """The module hears the input."""
    return compared(lambda: case(made(), lif(0.3), lines=lines))


class Apply(nn.Module):
    """A function as a module."""

    def __init__(self, function: Callable[[torch.Tensor], torch.Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.function(x)


class Joined(nn.Module):
    """Two ways, put together by `how`."""

    def __init__(self, how: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]) -> None:
        super().__init__()
        self.a, self.b, self.how = nn.Linear(8, 12), nn.Sequential(nn.Linear(8, 12), lif()), how

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.how(self.a(x), self.b(x))


class OverTime(nn.Module):
    """A convolution over time, which is the last dimension there: each tap is a delay."""

    def __init__(self, synapses: nn.Module, pad: int = 4) -> None:
        super().__init__()
        self.synapses, self.node, self.pad = synapses, lif(0.2), pad
        self.node.step_mode = "m"

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.node(self.synapses(F.pad(x.permute(1, 2, 0), (self.pad, 0))).permute(2, 0, 1))


class Recurrent(nn.Module):
    """Spikes of the step before come back."""

    def __init__(self) -> None:
        super().__init__()
        self.into, self.back, self.node = nn.Linear(8, 12), nn.Linear(12, 12), lif()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        spikes, found = torch.zeros(x.shape[1], 12), []
        for each in x:
            spikes = self.node(self.into(each) + self.back(spikes))
            found.append(spikes)
        return torch.stack(found)


class Gated(nn.Module):
    """A network of torch with a memory of its own."""

    def __init__(self, kind: type) -> None:
        super().__init__()
        self.memory, self.fc, self.node = kind(8, 12), nn.Linear(12, 5), lif()
        self.node.step_mode = "m"

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.node(self.fc(self.memory(x)[0]))


class Attention(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(12, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.attention(x, x, x)[0]


def all_steps(make: Callable[[], nn.Module], lines: tuple[int, ...] = LINE) -> Callable[[], str]:
    return compared(
        lambda: Case(
            settled(make(), 3),
            events(STEPS, BATCH, *lines, share=0.4),
            SPIKING,
            "TNCHW"[: 2 + len(lines)],
            functional.reset_net,
        )
    )


def _row(kind: str, made: Callable[[], str]) -> Row:
    return Row("PyTorch", kind, made)


ROWS = (
    _row("`Linear`", alone(lambda: nn.Linear(8, 12), LINE)),
    _row("`Linear` without bias", alone(lambda: nn.Linear(8, 12, bias=False), LINE)),
    _row(
        "`Linear` with `weight_norm`",
        alone(lambda: nn.utils.parametrizations.weight_norm(nn.Linear(8, 12)), LINE),
    ),
    _row("`Conv1d` over places", alone(lambda: nn.Conv1d(3, 5, 3, padding=1), ROW)),
    _row("`Conv1d` over time", all_steps(lambda: OverTime(nn.Conv1d(8, 12, 5)))),
    _row("`Conv1d` over time, stride 2", all_steps(lambda: OverTime(nn.Conv1d(8, 12, 5, stride=2)))),
    _row("`Conv2d`", alone(lambda: nn.Conv2d(2, 4, 3, stride=2, padding=1), GRID)),
    _row("`Conv2d`, depthwise", alone(lambda: nn.Conv2d(2, 6, 3, groups=2), GRID)),
    _row(
        "`Conv2d`, dilated, `padding='same'`",
        alone(lambda: nn.Conv2d(2, 4, 2, dilation=2, padding="same"), GRID),
    ),
    _row(
        "`Conv2d`, `padding_mode='circular'`",
        alone(lambda: nn.Conv2d(2, 4, 3, padding=1, padding_mode="circular"), GRID),
    ),
    _row(
        "`Conv3d` over places",
        alone(lambda: nn.Sequential(nn.Unflatten(1, (1, 2)), nn.Conv3d(1, 4, 2)), GRID),
    ),
    _row("`ConvTranspose2d`", alone(lambda: nn.ConvTranspose2d(2, 4, 3), GRID)),
    _row("`BatchNorm1d` behind `Linear`", between(lambda: nn.BatchNorm1d(12), LINE)),
    _row(
        "`BatchNorm1d` before `Linear`",
        alone(lambda: nn.Sequential(nn.BatchNorm1d(8), nn.Linear(8, 12)), LINE),
    ),
    _row(
        "`BatchNorm1d` without running statistics",
        between(lambda: nn.BatchNorm1d(12, track_running_stats=False), LINE),
    ),
    _row("`BatchNorm2d` behind `Conv2d`", between(lambda: nn.BatchNorm2d(4), GRID)),
    _row(
        "`BatchNorm2d` before a padded `Conv2d`",
        alone(lambda: nn.Sequential(nn.BatchNorm2d(2), nn.Conv2d(2, 4, 3, padding=1)), GRID),
    ),
    _row("`LayerNorm`", between(lambda: nn.LayerNorm(12), LINE)),
    _row("`GroupNorm`", between(lambda: nn.GroupNorm(2, 4), GRID)),
    _row("`InstanceNorm2d`", between(lambda: nn.InstanceNorm2d(4), GRID)),
    _row("`Dropout`, `Dropout2d`", between(lambda: nn.Sequential(nn.Dropout(0.5), nn.Dropout2d(0.5)), GRID)),
    _row(
        "`Flatten`, `Unflatten`", between(lambda: nn.Sequential(nn.Flatten(), nn.Unflatten(1, (4, 16))), GRID)
    ),
    _row("`AvgPool1d`", between(lambda: nn.AvgPool1d(2), ROW, before=True)),
    _row("`AvgPool2d`", between(lambda: nn.AvgPool2d(2), GRID, before=True)),
    _row(
        "`AvgPool2d` as a sum, `divisor_override=1`",
        between(lambda: nn.AvgPool2d(2, divisor_override=1), GRID, before=True),
    ),
    _row(
        "`AvgPool2d`, `count_include_pad=False`",
        between(lambda: nn.AvgPool2d(2, padding=1, count_include_pad=False), GRID, before=True),
    ),
    _row(
        "`AvgPool2d`, `ceil_mode=True`", between(lambda: nn.AvgPool2d(3, ceil_mode=True), GRID, before=True)
    ),
    _row("`LPPool2d` with `norm_type=1`, a sum", between(lambda: nn.LPPool2d(1, 2), GRID, before=True)),
    _row("`LPPool2d` with `norm_type=2`", between(lambda: nn.LPPool2d(2, 2), GRID, before=True)),
    _row("`AdaptiveAvgPool2d`", between(lambda: nn.AdaptiveAvgPool2d(2), GRID, before=True)),
    _row("`MaxPool1d`", between(lambda: nn.MaxPool1d(2), ROW, before=True)),
    _row("`MaxPool2d`", between(lambda: nn.MaxPool2d(2), GRID, before=True)),
    _row("`AdaptiveMaxPool2d`", between(lambda: nn.AdaptiveMaxPool2d(2), GRID, before=True)),
    _row("`Upsample`", between(lambda: nn.Upsample(scale_factor=2), GRID, before=True)),
    _row("`ZeroPad2d`", between(lambda: nn.ZeroPad2d(1), GRID)),
    _row(
        "`Identity`, `Sequential`",
        between(lambda: nn.Sequential(nn.Identity(), nn.Sequential(nn.Identity())), LINE),
    ),
    _row("a sum of two ways (residual)", compared(lambda: case(Joined(lambda a, b: a + b), lif()))),
    _row("`cat` of two ways", compared(lambda: case(Joined(lambda a, b: torch.cat([a, b], 1)), lif()))),
    _row("a product of two ways", compared(lambda: case(Joined(lambda a, b: a * b), lif()))),
    _row("recurrence in a loop", all_steps(Recurrent)),
    _row("`ReLU`", between(nn.ReLU, LINE)),
    _row("`Sigmoid`", between(nn.Sigmoid, LINE)),
    _row("`GELU`", between(nn.GELU, LINE)),
    _row("`Softmax` before neurons", between(lambda: nn.Softmax(1), LINE)),
    _row(
        "`Embedding`", all_steps(lambda: nn.Sequential(Apply(lambda x: x.long()), nn.Embedding(2, 4), lif()))
    ),
    _row("`RNN`", all_steps(lambda: Gated(nn.RNN))),
    _row("`GRU`", all_steps(lambda: Gated(nn.GRU))),
    _row("`LSTM`", all_steps(lambda: Gated(nn.LSTM))),
    _row("`MultiheadAttention`", between(Attention, LINE)),
    _row("a scripted module (`torch.jit.script`)", alone(lambda: torch.jit.script(nn.Linear(8, 12)), LINE)),
)
